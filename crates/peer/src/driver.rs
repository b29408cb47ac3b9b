//! The thin loop around a session: WebSocket, UDP socket, clock, and the user's commands.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::SinkExt as _;
use protocol::proto::media_events::peer::media_event;
use protocol::proto::{PeerMessage, peer_message};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite::Message;

use crate::resume::Memory;
use crate::session::{Done, Session};
use crate::web_socket::{Way, WebSocket, closed, local_address, next_of, send};
use crate::{Event, PeerError, PeerOptions, PeerStats, TrackKind};

/// Datagrams taken in one turn at most.
const BATCH: usize = 64;
/// Size of the UDP receive buffer that is asked for, in bytes.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// Interval of the client's statistics reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// What the user asks for.
pub(crate) enum Command {
    Publish { kind: TrackKind, bitrate: u32, metadata: String, reply: oneshot::Sender<Result<String, PeerError>> },
    Unpublish { track_id: String, reply: oneshot::Sender<Result<(), PeerError>> },
    SetPaused { track_id: String, paused: bool, reply: oneshot::Sender<Result<(), PeerError>> },
    SetSpeaking { track_id: String, speaking: bool, reply: oneshot::Sender<Result<(), PeerError>> },
    UpdateTrackMetadata { track_id: String, metadata: String, reply: oneshot::Sender<Result<(), PeerError>> },
    UpdateMetadata { metadata: String, reply: oneshot::Sender<()> },
    RequestKeyframe { track_id: String, reply: oneshot::Sender<Result<(), PeerError>> },
    Rebind { reply: oneshot::Sender<Result<(), PeerError>> },
    LoseSocket { reply: oneshot::Sender<()> },
    Resume { reply: oneshot::Sender<Result<(), PeerError>> },
    SendRaw { frame: Vec<u8>, reply: oneshot::Sender<()> },
    SendDatagram { datagram: Vec<u8>, reply: oneshot::Sender<Result<(), PeerError>> },
    Stats { reply: oneshot::Sender<PeerStats> },
    Leave { reply: oneshot::Sender<()> },
}

/// Who waits for the end of a change of a local track.
enum Waiting {
    Published(oneshot::Sender<Result<String, PeerError>>),
    Unpublished(oneshot::Sender<Result<(), PeerError>>),
}

/// How a turn of the loop ended.
enum Turn {
    GoOn,
    /// The user leaves.
    Left(Option<oneshot::Sender<()>>),
}

/// A connected peer: its session and its sockets.
pub(crate) struct Driver {
    socket: UdpSocket,
    /// `None` while it is lost.
    web_socket: Option<WebSocket>,
    way: Way,
    memory: Memory,
    session: Session,
    /// Where media goes.
    server: Option<SocketAddr>,
    waiting: BTreeMap<String, Waiting>,
    next_report: Instant,
    buffer: Vec<u8>,
}

/// Opens the sockets, authenticates, and waits for the welcome.
pub(crate) async fn connect(url: String, token: String, options: PeerOptions) -> Result<Driver, PeerError> {
    let way = Way { url, token, sdk_version: options.sdk_version.clone(), resume: options.resume };
    let mut memory = Memory::default();
    let (web_socket, resumption) = way.open(&memory).await?;
    // Nothing was said yet, so nothing has to be said again.
    memory.resume(resumption);
    let ip = match options.media_address {
        Some(ip) => ip,
        None => local_address(&web_socket)?.ip(),
    };
    let socket = open_socket(ip)?;
    let now = Instant::now();
    let session = Session::new(options, socket.local_addr()?, now)?;
    let web_socket = Some(web_socket);
    let (waiting, next_report) = (BTreeMap::new(), now + REPORT_INTERVAL);
    let mut driver = Driver { socket, web_socket, way, memory, session, server: None, waiting, next_report, buffer: vec![0; 2048] };
    while driver.endpoint_id().is_empty() {
        driver.flush_messages().await?;
        let message = next_of(&mut driver.web_socket).await?;
        driver.hear(message);
    }
    Ok(driver)
}

/// A UDP socket with room for the bursts of many streams, as far as the system allows.
fn open_socket(ip: IpAddr) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(ip, 0);
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::DGRAM, None)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

impl Driver {
    pub(crate) fn endpoint_id(&self) -> &str {
        self.session.endpoint_id()
    }

    /// Runs until the session is over.
    pub(crate) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>, events: mpsc::UnboundedSender<Event>) {
        let (code, reason) = loop {
            match self.turn(&mut commands, &events).await {
                Ok(Turn::GoOn) => {}
                Ok(Turn::Left(reply)) => {
                    if let Some(web_socket) = &mut self.web_socket {
                        // The server may be gone already; leaving works all the same.
                        let _ = web_socket.close(None).await;
                    }
                    if let Some(reply) = reply {
                        let _ = reply.send(());
                    }
                    break (1005, String::new());
                }
                Err(PeerError::Closed { code, reason }) => break (code, reason),
                Err(error) => break (1006, error.to_string()),
            }
        };
        self.flush_events(&events);
        // The user may be gone.
        let _ = events.send(Event::Closed { code, reason });
    }

    async fn turn(
        &mut self,
        commands: &mut mpsc::UnboundedReceiver<Command>,
        events: &mpsc::UnboundedSender<Event>,
    ) -> Result<Turn, PeerError> {
        let now = Instant::now();
        self.session.handle_timeout(now)?;
        self.session.drain(now)?;
        self.flush_datagrams();
        self.flush_messages().await?;
        self.flush_events(events);
        let due = self.session.next_timeout().min(self.next_report);
        tokio::select! {
            command = commands.recv() => match command {
                Some(command) => return self.handle_command(command).await,
                None => return Ok(Turn::Left(None)),
            },
            message = next_of(&mut self.web_socket) => self.hear(message?),
            ready = self.socket.readable() => {
                ready?;
                self.receive()?;
            }
            () = sleep_until(due.into()) => self.report(),
        }
        Ok(Turn::GoOn)
    }

    fn receive(&mut self) -> Result<(), PeerError> {
        for _ in 0..BATCH {
            match self.socket.try_recv_from(&mut self.buffer) {
                Ok((length, remote)) => {
                    let now = Instant::now();
                    self.session.handle_datagram(remote, &self.buffer[..length], now)?;
                    self.session.drain(now)?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn flush_datagrams(&mut self) {
        for (remote, datagram) in self.session.outbox.datagrams.drain(..) {
            self.server = Some(remote);
            // What a full buffer or a missing route loses, the network could have lost too.
            let _ = self.socket.try_send_to(&datagram, remote);
        }
    }

    async fn flush_messages(&mut self) -> Result<(), PeerError> {
        while let Some(message) = self.session.outbox.messages.pop_front() {
            if self.way.resume {
                self.memory.said(&message);
            }
            if let Some(web_socket) = &mut self.web_socket {
                send(web_socket, message).await?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, message: PeerMessage) {
        self.memory.heard(&message);
        self.session.handle_message(message, Instant::now());
    }

    async fn resume(&mut self) -> Result<(), PeerError> {
        self.web_socket = None;
        let (mut web_socket, resumption) = self.way.open(&self.memory).await?;
        let missed = self.memory.resume(resumption).ok_or_else(|| closed(None))?;
        for message in missed {
            send(&mut web_socket, message).await?;
        }
        self.web_socket = Some(web_socket);
        Ok(())
    }

    fn flush_events(&mut self, events: &mpsc::UnboundedSender<Event>) {
        for event in self.session.outbox.events.drain(..) {
            // The user may be gone; the loop notices by the command channel.
            let _ = events.send(event);
        }
        for Done { track_id, result } in self.session.outbox.done.drain(..) {
            // Who asked may have given up.
            match self.waiting.remove(&track_id) {
                Some(Waiting::Published(reply)) => drop(reply.send(result.map(|()| track_id))),
                Some(Waiting::Unpublished(reply)) => drop(reply.send(result)),
                None => {}
            }
        }
    }

    fn report(&mut self) {
        let now = Instant::now();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            let report = peer_message::RtcStatsReport { data: "{}".to_owned() };
            self.session.outbox.messages.push_back(PeerMessage { content: Some(peer_message::Content::RtcStatsReport(report)) });
        }
    }

    async fn handle_command(&mut self, command: Command) -> Result<Turn, PeerError> {
        let now = Instant::now();
        let session = &mut self.session;
        // Whoever asked may have gone: replies into the void are fine.
        match command {
            Command::Publish { kind, bitrate, metadata, reply } => {
                let track_id = session.publish(kind, bitrate, metadata, now);
                self.waiting.insert(track_id, Waiting::Published(reply));
            }
            Command::Unpublish { track_id, reply } => match session.unpublish(&track_id) {
                Ok(()) => drop(self.waiting.insert(track_id, Waiting::Unpublished(reply))),
                Err(error) => drop(reply.send(Err(error))),
            },
            Command::SetPaused { track_id, paused, reply } => drop(reply.send(session.set_paused(&track_id, paused, now))),
            Command::SetSpeaking { track_id, speaking, reply } => drop(reply.send(session.set_speaking(&track_id, speaking))),
            Command::UpdateTrackMetadata { track_id, metadata, reply } => {
                drop(reply.send(session.update_track_metadata(&track_id, metadata)));
            }
            Command::UpdateMetadata { metadata, reply } => {
                session.say(media_event::Content::UpdateEndpointMetadata(media_event::UpdateEndpointMetadata { metadata_json: metadata }));
                let _ = reply.send(());
            }
            Command::RequestKeyframe { track_id, reply } => drop(reply.send(session.request_keyframe(&track_id))),
            Command::Rebind { reply } => drop(reply.send(self.rebind())),
            Command::LoseSocket { reply } => {
                self.web_socket = None;
                let _ = reply.send(());
            }
            Command::Resume { reply } => drop(reply.send(self.resume().await)),
            Command::SendRaw { frame, reply } => {
                if let Some(web_socket) = &mut self.web_socket {
                    web_socket.send(Message::Binary(frame.into())).await?;
                }
                let _ = reply.send(());
            }
            Command::SendDatagram { datagram, reply } => drop(reply.send(self.send_datagram(&datagram).await)),
            Command::Stats { reply } => drop(reply.send(session.stats())),
            Command::Leave { reply } => return Ok(Turn::Left(Some(reply))),
        }
        Ok(Turn::GoOn)
    }

    async fn send_datagram(&self, datagram: &[u8]) -> Result<(), PeerError> {
        let server = self.server.ok_or_else(|| PeerError::WebRtc("no media has left yet".to_owned()))?;
        self.socket.send_to(datagram, server).await?;
        Ok(())
    }

    /// Another port; the session goes on as if nothing had happened, as a client behind a NAT does.
    fn rebind(&mut self) -> Result<(), PeerError> {
        self.socket = open_socket(self.socket.local_addr()?.ip())?;
        Ok(())
    }
}
