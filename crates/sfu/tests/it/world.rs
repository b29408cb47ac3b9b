//! The world of a story: one engine, its clients, the network between them, and one virtual clock.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sfu::{
    Arrival, ClientEvent, Closed, Command, Config, Datagram, Datagrams, Engine, Event, Flow, Metadata, Output, PeerId, PeerOptions,
    Permissions, RoomId, RoomOptions, ServerEvent, TrackId, TrackKind,
};
use str0m::bwe::Bitrate;
use str0m::crypto::dtls::SrtpProfile;

use crate::client::{self, Client};
use crate::network::{InFlight, Network, Weather};
use crate::rng::Rng;
use crate::tap::Tap;

/// How long a signalling message takes.
const SIGNALLING: Duration = Duration::from_millis(5);

pub(crate) const ROOM: &str = "room";

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Instant,
    pub(crate) rng: Rng,
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) facts: Vec<(Instant, Event)>,
    /// Datagrams that the engine sent to an address where nobody is.
    pub(crate) stray: usize,
    pub(crate) weather: Weather,
    pub(crate) arrivals: Vec<Arrival>,
    /// Clients speak H.264, too, and send it.
    pub(crate) h264: bool,
    /// Clients estimate how much fits through their network, and keep statistics.
    pub(crate) estimates: bool,
    /// Clients want what others send in one stream to come in one stream.
    pub(crate) grouped_streams: bool,
    /// The only SRTP profile that clients offer.
    pub(crate) profile: Option<SrtpProfile>,
    /// How often clients check their way at least.
    pub(crate) checks_every: Option<Duration>,
    /// What clients send meets fine weather; only what they get meets theirs.
    pub(crate) fine_uplinks: bool,
    /// Keeps what leaves the engine.
    pub(crate) tap: Option<Tap>,
    /// When the first Binding request came from an address.
    pub(crate) first_checks: BTreeMap<SocketAddr, Instant>,
    network: Network,
    to_clients: VecDeque<(Instant, PeerId, ServerEvent)>,
    to_server: VecDeque<(Instant, PeerId, ClientEvent)>,
    server: SocketAddr,
    next_port: u16,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let origin = Instant::now();
        let config = Config { worker: 3, seed, max_tracks_per_peer: 16, max_sdp_bytes: 1 << 20 };
        let mut world = Self {
            engine: Engine::new(config),
            now: origin,
            rng: Rng::new(seed ^ 0xabcd),
            clients: BTreeMap::new(),
            facts: Vec::new(),
            stray: 0,
            weather: Weather::FINE,
            arrivals: Vec::new(),
            h264: false,
            estimates: false,
            grouped_streams: false,
            profile: None,
            checks_every: None,
            fine_uplinks: false,
            tap: None,
            first_checks: BTreeMap::new(),
            network: Network::new(seed),
            to_clients: VecDeque::new(),
            to_server: VecDeque::new(),
            server: SocketAddr::from(([10, 0, 0, 1], 50_000)),
            next_port: 10_000,
        };
        world.make_room(ROOM, RoomOptions::default());
        world
    }

    pub(crate) fn make_room(&mut self, room: &str, options: RoomOptions) {
        self.command(Command::CreateRoom { room: RoomId::from(room), options });
    }

    // What people do.

    /// A client connects; it publishes nothing yet.
    pub(crate) fn join(&mut self, name: &str) {
        self.join_with(name, PeerOptions::default());
    }

    pub(crate) fn join_with(&mut self, name: &str, options: PeerOptions) {
        self.authenticate(name, options);
        let metadata = Metadata::from_json(&format!("{{\"name\":\"{name}\"}}"));
        self.say(name, ClientEvent::Connect { metadata, grouped_streams: self.grouped_streams });
    }

    /// A client authenticates and says nothing.
    pub(crate) fn authenticate(&mut self, name: &str, options: PeerOptions) {
        self.next_port += 1;
        let address = SocketAddr::from(([192, 0, 2, 7], self.next_port));
        let mut config = client::config(self.h264, self.profile);
        if let Some(interval) = self.checks_every {
            config.set_max_stun_rto(interval);
        }
        if self.estimates {
            config = config.enable_bwe(Some(Bitrate::kbps(300))).set_stats_interval(Some(Duration::from_secs(1)));
        }
        let mut client = Client::new(name, address, config, self.now);
        client.h264 = self.h264;
        client.grouped_streams = self.grouped_streams;
        client.weather = self.weather;
        self.clients.insert(name.to_owned(), client);
        let options = PeerOptions { candidates: vec![self.server], ..options };
        self.command(Command::AddPeer { room: RoomId::from(ROOM), peer: PeerId::from(name), options });
    }

    /// Joins, publishes microphone and camera; returns their ids.
    pub(crate) fn join_and_publish(&mut self, name: &str) -> (TrackId, TrackId) {
        self.join(name);
        (self.publish(name, TrackKind::Audio), self.publish(name, TrackKind::Video))
    }

    pub(crate) fn publish(&mut self, name: &str, kind: TrackKind) -> TrackId {
        let metadata = if kind == TrackKind::Audio { "{\"type\":\"microphone\"}" } else { "{\"type\":\"camera\"}" };
        let track = self.client_mut(name).publish(kind, metadata);
        self.collect(name);
        track
    }

    pub(crate) fn unpublish(&mut self, name: &str, track: &TrackId) {
        self.client_mut(name).unpublish(track);
        self.collect(name);
    }

    pub(crate) fn mute(&mut self, name: &str, track: &TrackId, muted: bool) {
        self.client_mut(name).mute(track, muted);
        self.collect(name);
    }

    /// The client's socket is gone.
    pub(crate) fn leave(&mut self, name: &str) -> Client {
        self.command(Command::RemovePeer { room: RoomId::from(ROOM), peer: PeerId::from(name) });
        let client = self.clients.remove(name).expect("a client");
        self.to_server.retain(|(_, peer, _)| *peer != client.id);
        self.to_clients.retain(|(_, peer, _)| *peer != client.id);
        client
    }

    pub(crate) fn permit(&mut self, name: &str, permissions: Permissions) {
        self.command(Command::SetPermissions { room: RoomId::from(ROOM), peer: PeerId::from(name), permissions });
    }

    /// A client says something its own logic would not.
    pub(crate) fn say(&mut self, name: &str, event: ClientEvent) {
        self.to_server.push_back((self.now + SIGNALLING, PeerId::from(name), event));
    }

    /// The client's address as others see it changes.
    pub(crate) fn rebind(&mut self, name: &str) {
        self.next_port += 1;
        let address = SocketAddr::from(([198, 51, 100, 9], self.next_port));
        self.client_mut(name).outer = address;
    }

    /// A raw datagram from any address.
    pub(crate) fn inject(&mut self, remote: SocketAddr, payload: &[u8]) -> Arrival {
        let flow = Flow::Udp { local: self.server, remote };
        let arrival = self.engine.handle_datagram(self.now, Datagram { flow, received_at: self.now, payload });
        self.drain();
        arrival
    }

    pub(crate) fn command(&mut self, command: Command) {
        let shown = format!("{command:?}");
        assert_is_plain(&command);
        self.engine.handle_command(self.now, command).unwrap_or_else(|error| panic!("{shown}: {error}"));
        self.drain();
    }

    /// Everybody stops sending; what is on its way arrives, and what was lost is repaired.
    pub(crate) fn settle(&mut self) {
        for client in self.clients.values_mut() {
            for track in &mut client.own {
                track.silence();
            }
        }
        self.run(1000);
    }

    // Time.

    pub(crate) fn run(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while let Some(at) = self.next_due().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.turn();
        }
        self.now = until;
    }

    /// Runs until something holds; fails with the reason when it does not within the limit. Returns how long it took.
    pub(crate) fn run_until(&mut self, what: &str, limit: u64, mut holds: impl FnMut(&mut Self) -> bool) -> u64 {
        let began = self.now;
        let until = began + Duration::from_millis(limit);
        loop {
            if holds(self) {
                return (self.now - began).as_millis() as u64;
            }
            match self.next_due().filter(|at| *at <= until) {
                Some(at) => {
                    self.now = at.max(self.now);
                    self.turn();
                }
                None => panic!("after {limit} ms still not: {what}"),
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let clients = self.clients.values().map(Client::next_due);
        let signalling = self.to_clients.front().map(|(at, ..)| *at).into_iter().chain(self.to_server.front().map(|(at, ..)| *at));
        clients.chain(signalling).chain(self.network.next_arrival()).chain(self.engine.poll_timeout()).min()
    }

    /// Everything that is due now.
    fn turn(&mut self) {
        while let Some((_, peer, event)) = pop_due(&mut self.to_server, self.now) {
            let command = Command::Client { room: RoomId::from(ROOM), peer, event };
            assert_is_plain(&command);
            // A client that was given up may still be talking.
            let _ = self.engine.handle_command(self.now, command);
            self.drain();
        }
        while let Some(datagram) = self.network.arrived(self.now) {
            self.deliver(&datagram);
        }
        self.drain();
        if self.engine.poll_timeout().is_some_and(|at| at <= self.now) {
            self.engine.handle_timeout(self.now);
            self.drain();
            let next = self.engine.poll_timeout();
            assert!(next.is_none_or(|next| next > self.now), "what was due is done");
        }
        while let Some((_, peer, event)) = pop_due(&mut self.to_clients, self.now) {
            let name = peer.as_str().to_owned();
            if let Some(client) = self.clients.get_mut(&name) {
                client.hear(self.now, event);
                client.drain(self.now);
                self.collect(&name);
            }
        }
        let due: Vec<String> =
            self.clients.iter().filter(|(_, client)| client.next_due() <= self.now).map(|(name, _)| name.clone()).collect();
        for name in due {
            let now = self.now;
            self.client_mut(&name).tick(now);
            self.collect(&name);
        }
    }

    fn deliver(&mut self, datagram: &InFlight) {
        if datagram.destination == self.server {
            let flow = Flow::Udp { local: self.server, remote: datagram.source };
            if datagram.payload.starts_with(&[0, 1]) {
                self.first_checks.entry(datagram.source).or_insert(self.now);
            }
            let arrival = self.engine.handle_datagram(self.now, Datagram { flow, received_at: self.now, payload: &datagram.payload });
            if arrival != Arrival::Taken {
                self.arrivals.push(arrival);
            }
            return;
        }
        let Some(name) = self.clients.iter().find(|(_, client)| client.outer == datagram.destination).map(|(name, _)| name.clone()) else {
            return;
        };
        let now = self.now;
        self.client_mut(&name).receive(now, datagram);
        self.collect(&name);
    }

    /// Sends what a client has said and written.
    fn collect(&mut self, name: &str) {
        let Some(client) = self.clients.get_mut(name) else { return };
        let weather = if self.fine_uplinks { Weather::FINE } else { client.weather };
        let (outer, peer) = (client.outer, client.id.clone());
        for event in client.take_said() {
            self.to_server.push_back((self.now + SIGNALLING, peer.clone(), event));
        }
        for datagram in client.take_sent() {
            // Whatever address it uses inside, this is what leaves.
            self.network.send(self.now, weather, InFlight { source: outer, ..datagram });
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output(self.now) {
            match output {
                Output::ToClient { room, peer, event } => {
                    assert_eq!(room.as_str(), ROOM);
                    self.to_clients.push_back((self.now + SIGNALLING, peer, event));
                }
                Output::Event { event, .. } => {
                    self.facts.push((self.now, event.clone()));
                    if let Event::PeerClosed { peer, .. } = event {
                        // Its socket is closed.
                        self.clients.remove(peer.as_str());
                    }
                }
            }
        }
        let mut datagrams = Datagrams::new();
        self.engine.take_datagrams(&mut datagrams);
        for (flow, payload) in datagrams.iter() {
            let Flow::Udp { local, remote } = flow;
            assert_eq!(local, self.server);
            match self.clients.values().find(|client| client.outer == remote) {
                Some(client) => {
                    if let Some(tap) = &mut self.tap {
                        tap.note(client.id.as_str(), payload);
                    }
                    let datagram = InFlight { source: local, destination: remote, payload: payload.to_vec() };
                    self.network.send(self.now, client.weather, datagram);
                }
                None => self.stray += 1,
            }
        }
    }

    /// Drains what a client is told that does not listen.
    pub(crate) fn discard_for(&mut self, name: &str) {
        self.drain();
        self.to_clients.retain(|(_, peer, event)| {
            peer.as_str() != name || matches!(event, ServerEvent::Connected { .. } | ServerEvent::EndpointAdded { .. })
        });
    }

    // What tests ask.

    pub(crate) fn client(&self, name: &str) -> &Client {
        self.clients.get(name).unwrap_or_else(|| panic!("{name} is there"))
    }

    pub(crate) fn client_mut(&mut self, name: &str) -> &mut Client {
        self.clients.get_mut(name).unwrap_or_else(|| panic!("{name} is there"))
    }

    /// Whether this client decodes this track now: a picture, or at least a packet of sound, in the last quarter of a second.
    pub(crate) fn gets(&self, name: &str, track: &TrackId) -> bool {
        self.client(name).stream(track).is_some_and(|(_, receiver)| {
            let begun = receiver.kind == TrackKind::Audio || receiver.first_frame_decoded.is_some();
            begun && receiver.last_packet + Duration::from_millis(250) >= self.now
        })
    }

    /// Runs until everybody gets every published track of everybody else.
    pub(crate) fn run_until_everyone_gets_everyone(&mut self, limit: u64) -> u64 {
        self.run_until("everyone gets everyone", limit, |world| {
            let names: Vec<&String> = world.clients.keys().collect();
            names.iter().all(|name| {
                let others = world.clients.iter().filter(|(other, _)| *other != *name);
                others.flat_map(|(_, other)| &other.own).all(|track| track.accepted && world.gets(name, &track.id))
            })
        })
    }

    pub(crate) fn closed(&self, name: &str) -> Option<Closed> {
        self.facts.iter().find_map(|(_, fact)| match fact {
            Event::PeerClosed { peer, reason } if peer.as_str() == name => Some(reason.clone()),
            _ => None,
        })
    }
}

/// Commands are plain values: another process could have sent them.
fn assert_is_plain(command: &Command) {
    let text = serde_json::to_string(command).expect("a command becomes text");
    let read: Command = serde_json::from_str(&text).expect("a command can be read");
    assert_eq!(*command, read, "and stays the same");
}

fn pop_due<T>(queue: &mut VecDeque<(Instant, PeerId, T)>, now: Instant) -> Option<(Instant, PeerId, T)> {
    if queue.front().is_some_and(|(at, ..)| *at <= now) { queue.pop_front() } else { None }
}
