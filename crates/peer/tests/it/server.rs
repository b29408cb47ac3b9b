//! A server for one client, scripted: welcomes it, runs negotiations, and after [`ScriptedServer::echo`] sends its video
//! back to it as the track of another endpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use protocol::proto::media_events::{Candidate, peer as from_peer, server as to_peer};
use protocol::proto::{Message as _, PeerMessage, peer_message};
use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Event, Input, Output, Rtc, RtcConfig};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use from_peer::media_event::Content as FromPeer;
use to_peer::media_event::Content as ToPeer;

pub(crate) const GOOD_TOKEN: &str = "good";
pub(crate) const ECHO: &str = "p2:echo";

/// What a test makes the server do.
pub(crate) enum Order {
    /// Announces another endpoint's video and sends the client's own video on it.
    Echo,
    /// Withdraws that video.
    EndEcho,
    /// Runs a negotiation for no reason.
    Negotiate,
    /// Keeps what the client offers and asks for until [`Order::GoOn`].
    Hold,
    /// Answers what was kept: first the offer, then a request for a negotiation.
    GoOn,
    /// Sends any event.
    Say(Box<ToPeer>),
    /// Closes the WebSocket.
    Close(u16, &'static str),
}

pub(crate) struct ScriptedServer {
    pub(crate) url: String,
    pub(crate) orders: mpsc::UnboundedSender<Order>,
    /// What the client said, in order.
    pub(crate) heard: mpsc::UnboundedReceiver<FromPeer>,
}

impl ScriptedServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (orders, inbox) = mpsc::unbounded_channel();
        let (hear, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let web_socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let rtc = RtcConfig::new().set_ice_lite(true).set_rtp_mode(true).build(Instant::now());
            let (echoing, totals) = (false, (0, 0));
            let script =
                Script { web_socket, udp, rtc, hear, echoing, totals, echo_mid: None, echoed: 0, heard_on: BTreeSet::new(), kept: None };
            Box::pin(script.run(inbox)).await;
        });
        Self { url, orders, heard }
    }

    pub(crate) fn order(&self, order: Order) {
        self.orders.send(order).ok().unwrap();
    }
}

struct Script {
    web_socket: WebSocketStream<TcpStream>,
    udp: UdpSocket,
    rtc: Rtc,
    hear: mpsc::UnboundedSender<FromPeer>,
    echoing: bool,
    totals: (i32, i32),
    echo_mid: Option<Mid>,
    echoed: u64,
    /// Lines that the client sends video on.
    heard_on: BTreeSet<Mid>,
    /// While it holds: what the client said, in order.
    kept: Option<Vec<FromPeer>>,
}

impl Script {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut buffer = vec![0; 2048];
        let local: SocketAddr = self.udp.local_addr().unwrap();
        loop {
            let due = self.drain().await;
            tokio::select! {
                frame = self.web_socket.next() => match frame {
                    Some(Ok(Message::Binary(bytes))) => self.hear(PeerMessage::decode(bytes).unwrap()).await,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                Some(order) = orders.recv() => self.obey(order).await,
                received = self.udp.recv_from(&mut buffer) => {
                    let (length, remote) = received.unwrap();
                    let receive = Receive::new(Protocol::Udp, remote, local, &buffer[..length]).unwrap();
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
                }
                () = tokio::time::sleep_until(due.into()) => self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap(),
            }
        }
    }

    async fn say(&mut self, content: ToPeer) {
        self.send(peer_message::Content::ServerMediaEvent(to_peer::MediaEvent { content: Some(content) })).await;
    }

    async fn send(&mut self, content: peer_message::Content) {
        let bytes = PeerMessage { content: Some(content) }.encode_to_vec();
        // The client may have left.
        let _ = self.web_socket.send(Message::Binary(bytes.into())).await;
    }

    async fn hear(&mut self, message: PeerMessage) {
        match message.content.unwrap() {
            peer_message::Content::AuthRequest(request) if request.token == GOOD_TOKEN => {
                self.send(peer_message::Content::Authenticated(peer_message::Authenticated::default())).await;
            }
            peer_message::Content::AuthRequest(_) => self.obey(Order::Close(1000, "invalid token")).await,
            peer_message::Content::PeerMediaEvent(event) => {
                let content = event.content.unwrap();
                let _ = self.hear.send(content.clone());
                self.react(content).await;
            }
            _ => {}
        }
    }

    async fn react(&mut self, content: FromPeer) {
        if let Some(kept) = &mut self.kept {
            kept.push(content);
            return;
        }
        match content {
            FromPeer::Connect(_) => {
                let own = to_peer::media_event::Endpoint { metadata_json: "{}".to_owned(), ..Default::default() };
                let endpoint_id_to_endpoint = BTreeMap::from([("p1".to_owned(), own)]);
                let connected =
                    to_peer::media_event::Connected { endpoint_id: "p1".to_owned(), endpoint_id_to_endpoint, ice_servers: vec![] };
                self.say(ToPeer::Connected(connected)).await;
            }
            FromPeer::RenegotiateTracks(_) => self.offer_data().await,
            FromPeer::SdpOffer(offer) => self.answer(offer).await,
            FromPeer::Candidate(candidate) => {
                self.rtc.add_remote_candidate(str0m::Candidate::from_sdp_string(&candidate.candidate).unwrap());
            }
            _ => {}
        }
    }

    async fn offer_data(&mut self) {
        let tracks_types = Some(to_peer::media_event::offer_data::TrackTypes { audio: self.totals.0, video: self.totals.1 });
        self.say(ToPeer::OfferData(to_peer::media_event::OfferData { tracks_types })).await;
    }

    async fn answer(&mut self, offer: from_peer::media_event::SdpOffer) {
        let mut receiving = Vec::new();
        for section in offer.sdp.split("m=").skip(1).filter(|section| section.contains("a=recvonly")) {
            receiving.extend(section.lines().find_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned));
        }
        let answer = self.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap()).unwrap();
        let mut mid_to_track_id = offer.mid_to_track_id;
        if let Some(mid) = receiving.first().filter(|_| self.echoing) {
            self.echo_mid = Some(Mid::from(mid.as_str()));
            mid_to_track_id.insert(mid.clone(), ECHO.to_owned());
        }
        self.say(ToPeer::SdpAnswer(to_peer::media_event::SdpAnswer { sdp: answer.to_sdp_string(), mid_to_track_id })).await;
        let candidate = str0m::Candidate::host(self.udp.local_addr().unwrap(), Protocol::Udp).unwrap();
        let candidate_text = candidate.to_sdp_string();
        self.rtc.add_local_candidate(candidate);
        self.say(ToPeer::Candidate(Candidate { candidate: candidate_text, ..Default::default() })).await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Echo => {
                self.echoing = true;
                self.totals = (0, 1);
                let added = to_peer::media_event::EndpointAdded { endpoint_id: "p2".to_owned(), metadata_json: "{}".to_owned() };
                self.say(ToPeer::EndpointAdded(added)).await;
                let track_id_to_track = BTreeMap::from([(ECHO.to_owned(), to_peer::media_event::Track::default())]);
                self.say(ToPeer::TracksAdded(to_peer::media_event::TracksAdded { endpoint_id: "p2".to_owned(), track_id_to_track })).await;
                self.offer_data().await;
            }
            Order::EndEcho => {
                (self.echoing, self.echo_mid) = (false, None);
                let removed = to_peer::media_event::TracksRemoved { endpoint_id: "p2".to_owned(), track_ids: vec![ECHO.to_owned()] };
                self.say(ToPeer::TracksRemoved(removed)).await;
            }
            Order::Negotiate => self.offer_data().await,
            Order::Hold => self.kept = Some(Vec::new()),
            Order::GoOn => {
                for content in self.kept.take().unwrap_or_default() {
                    Box::pin(self.react(content)).await;
                }
            }
            Order::Say(content) => self.say(*content).await,
            Order::Close(code, reason) => {
                let frame = CloseFrame { code: code.into(), reason: reason.into() };
                let _ = self.web_socket.close(Some(frame)).await;
            }
        }
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(due) => return due,
                Output::Transmit(transmit) => drop(self.udp.send_to(&transmit.contents, transmit.destination).await),
                Output::Event(Event::RtpPacket(packet)) => self.echo(&packet),
                Output::Event(Event::KeyframeRequest(_)) => {
                    for mid in self.heard_on.clone() {
                        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
                            stream.request_keyframe(KeyframeRequestKind::Pli);
                        }
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    fn echo(&mut self, packet: &str0m::rtp::RtpPacket) {
        let vp8 = self.rtc.codec_config().find(|params| params.spec().codec == Codec::Vp8).map(str0m::format::PayloadParams::pt);
        let from = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
        let (Some(mid), Some(pt), Some(from)) = (self.echo_mid, vp8, from) else { return };
        if packet.header.payload_type != pt {
            return;
        }
        self.heard_on.insert(from);
        let now = Instant::now();
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            let write = RtpWrite::new(pt, self.echoed.into(), packet.header.timestamp, now, packet.payload.clone());
            stream.write_rtp(write.marker(packet.header.marker).nackable(true));
            self.echoed += 1;
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }
}
