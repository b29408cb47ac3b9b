use std::collections::HashSet;
use std::net::{SocketAddr, UdpSocket as StdSocket};
use std::time::{Duration, Instant};

use net::poll::{Poller, Token};
use net::udp::{BindError, Flush, Offload, Receiver, SendQueue, UdpOptions, UdpSocket, bind};

const MODES: [Offload; 2] = [Offload::Auto, Offload::Plain];

/// One worker of one port.
struct Host {
    socket: UdpSocket,
    receiver: Receiver,
    queue: SendQueue,
    poller: Poller,
}

type Owned = (SocketAddr, SocketAddr, Vec<u8>);

impl Host {
    fn new(offload: Offload) -> Self {
        Self::of(bind(&UdpOptions::new(0).offload(offload)).unwrap().remove(0))
    }

    fn of(socket: UdpSocket) -> Self {
        let poller = Poller::new().unwrap();
        poller.add_udp(&socket, Token(0)).unwrap();
        Self { receiver: socket.receiver(), queue: socket.send_queue(), socket, poller }
    }

    fn at(&self, ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), self.socket.port())
    }

    fn flush(&mut self) {
        assert_eq!(self.queue.flush(&self.socket), Flush::Complete);
    }

    /// Waits for exactly `count` datagrams.
    fn collect(&mut self, count: usize) -> Vec<Owned> {
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut all = Vec::new();
        while all.len() < count {
            self.poller.wait(Some(Duration::from_millis(100))).unwrap();
            let batch = self.receiver.receive(&self.socket).unwrap();
            all.extend(batch.map(|datagram| (datagram.local, datagram.remote, datagram.payload.to_vec())));
            assert!(Instant::now() < deadline, "only {} of {count} datagrams came", all.len());
        }
        assert_eq!(all.len(), count);
        all
    }
}

fn has_ipv6() -> bool {
    StdSocket::bind("[::1]:0").is_ok()
}

#[test]
fn datagrams_keep_both_addresses_over_ipv4() {
    for mode in MODES {
        let (mut a, mut b) = (Host::new(mode), Host::new(mode));
        let (from, to) = (a.at("127.0.0.2"), b.at("127.0.0.3"));
        assert!(a.queue.push(from, to, b"hello"));
        a.flush();
        let got = b.collect(1).remove(0);
        assert_eq!(got, (to, from, b"hello".to_vec()), "{mode:?}");

        // The answer leaves from the address that was asked, though the system would choose another one.
        assert!(b.queue.push(got.0, got.1, b"back"));
        b.flush();
        assert_eq!(a.collect(1), [(from, to, b"back".to_vec())], "{mode:?}");
    }
}

#[test]
fn datagrams_keep_both_addresses_over_ipv6() {
    if !has_ipv6() {
        assert!(!Host::new(Offload::Auto).socket.has_ipv6(), "IPv4 alone must do on a machine without IPv6");
        return;
    }
    for mode in MODES {
        let (mut a, mut b) = (Host::new(mode), Host::new(mode));
        let (from, to) = (a.at("::1"), b.at("::1"));
        assert!(a.queue.push(from, to, b"hello"));
        a.flush();
        assert_eq!(b.collect(1), [(to, from, b"hello".to_vec())], "{mode:?}");
    }
}

#[test]
fn a_flood_over_one_family_does_not_hide_the_other() {
    if !has_ipv6() {
        return;
    }
    let mut host = Host::new(Offload::Auto);
    let (v4, v6) = (host.at("127.0.0.1"), host.at("::1"));
    let (flood, quiet) = (StdSocket::bind("127.0.0.1:0").unwrap(), StdSocket::bind("[::1]:0").unwrap());
    quiet.send_to(b"6", v6).unwrap();
    let calls = (1..=10).find(|_| {
        flood.send_to(b"4", v4).unwrap();
        host.receiver.receive(&host.socket).unwrap().any(|datagram| datagram.payload == b"6")
    });
    assert!(calls.is_some_and(|calls| calls <= 4), "seen in call {calls:?}");
    // And the other way round: silence on one side never hides the other.
    quiet.send_to(b"6", v6).unwrap();
    assert_eq!(host.collect(1)[0].2, b"6");
    flood.send_to(b"4", v4).unwrap();
    assert_eq!(host.collect(1)[0].2, b"4");
}

#[test]
fn mapped_destinations_leave_over_ipv4() {
    let (mut a, mut b) = (Host::new(Offload::Auto), Host::new(Offload::Auto));
    let (from, to) = (a.at("::ffff:127.0.0.1"), b.at("::ffff:127.0.0.1"));
    assert!(a.queue.push(from, to, b"x"));
    a.flush();
    assert_eq!(b.collect(1), [(b.at("127.0.0.1"), a.at("127.0.0.1"), b"x".to_vec())]);
}

#[test]
fn trains_of_several_peers_arrive_whole_and_in_order() {
    for (sending, receiving) in [(MODES[0], MODES[0]), (MODES[0], MODES[1]), (MODES[1], MODES[0]), (MODES[1], MODES[1])] {
        let mut sender = Host::new(sending);
        let mut receivers: Vec<Host> = (0..3).map(|_| Host::new(receiving)).collect();
        let from = sender.at("127.0.0.1");
        // Equal sizes with a shorter end, a longer one after a short one, and a single one.
        let sizes = [1200, 1200, 1200, 300, 900, 900, 1];
        for (number, receiver) in receivers.iter().enumerate() {
            for (index, size) in sizes.iter().enumerate() {
                assert!(sender.queue.push(from, receiver.at("127.0.0.1"), &vec![(number * 10 + index) as u8; *size]));
            }
        }
        sender.flush();
        assert!(sender.queue.is_empty());
        for (number, receiver) in receivers.iter_mut().enumerate() {
            let got: Vec<_> = receiver.collect(sizes.len()).into_iter().map(|(_, _, payload)| payload).collect();
            let sent: Vec<_> = sizes.iter().enumerate().map(|(index, size)| vec![(number * 10 + index) as u8; *size]).collect();
            assert_eq!(got, sent, "{sending:?} to {receiving:?}");
        }
        let counters = sender.queue.counters();
        assert_eq!((counters.datagrams, counters.bytes, counters.failed), (21, 3 * 5701, 0));
        match sending {
            Offload::Auto => assert_eq!((counters.messages, counters.syscalls), (6, 1), "two trains for each of three peers in one call"),
            Offload::Plain => assert_eq!((counters.messages, counters.syscalls), (21, 21)),
        }
        if (sending, receiving) == (Offload::Auto, Offload::Auto) {
            let counters = receivers[0].receiver.counters();
            assert_eq!((counters.datagrams, counters.messages), (7, 2), "trains arrive as they left");
        }
    }
}

#[test]
fn more_than_one_call_takes_is_left_for_the_next() {
    for mode in MODES {
        let (mut a, mut b) = (Host::new(mode), Host::new(mode));
        let (from, to) = (a.at("127.0.0.1"), b.at("127.0.0.1"));
        for number in 0..1000_u32 {
            // Sizes that never form a train.
            assert!(a.queue.push(from, to, &number.to_be_bytes().repeat(1 + number as usize % 2 * 3)));
            if number % 100 == 99 {
                a.flush();
            }
        }
        let got = b.collect(1000);
        for (number, (_, _, payload)) in got.iter().enumerate() {
            assert_eq!(payload[..4], (number as u32).to_be_bytes(), "{mode:?}");
        }
    }
}

#[test]
fn a_datagram_the_kernel_refuses_costs_no_other() {
    for mode in MODES {
        let (mut a, mut b) = (Host::new(mode), Host::new(mode));
        let (from, to) = (a.at("127.0.0.1"), b.at("127.0.0.1"));
        // Nobody here has this source address (RFC 5737).
        let foreign = a.at("203.0.113.9");
        for (local, payload) in [(from, b"1"), (foreign, b"2"), (from, b"3"), (foreign, b"4"), (foreign, b"5"), (from, b"6")] {
            assert!(a.queue.push(local, to, payload));
        }
        a.flush();
        let got: Vec<_> = b.collect(3).into_iter().map(|(_, _, payload)| payload).collect();
        assert_eq!(got, [b"1", b"3", b"6"], "{mode:?}");
        assert_eq!((a.queue.counters().datagrams, a.queue.counters().failed), (3, 3), "{mode:?}");
    }
}

#[test]
fn refused_trains_from_a_foreign_address_do_not_end_trains() {
    let (mut a, mut b) = (Host::new(Offload::Auto), Host::new(Offload::Auto));
    let (from, to, foreign) = (a.at("127.0.0.1"), b.at("127.0.0.1"), a.at("203.0.113.9"));
    for _ in 0..20 {
        for _ in 0..3 {
            assert!(a.queue.push(foreign, to, &[0; 100]));
        }
        a.flush();
    }
    assert_eq!(a.queue.counters().failed, 60);
    for _ in 0..10 {
        assert!(a.queue.push(from, to, &[0; 100]));
    }
    a.flush();
    assert_eq!(b.collect(10).len(), 10);
    assert_eq!(a.queue.counters().messages, 1, "still one train");
}

#[test]
fn what_udp_cannot_carry_is_dropped_and_counted() {
    let mut host = Host::new(Offload::Auto);
    let (v4, v6) = (host.at("127.0.0.1"), host.at("::1"));
    assert!(!host.queue.push(v4, v4, &[]));
    assert!(!host.queue.push(v4, v4, &vec![0; 65_508]));
    assert!(!host.queue.push(v6, v4, b"families differ"));
    assert!(host.queue.push(v4, v4, &vec![0; 65_507]));
    let mut accepted = 1;
    while host.queue.push(v4, v4, &vec![0; 60_000]) {
        accepted += 1;
        assert!(accepted < 1000, "the queue has no bound");
    }
    assert_eq!(host.queue.counters().dropped, 4);
    assert!(host.queue.queued_bytes() <= 4 * 1024 * 1024);
}

#[test]
fn workers_share_the_port_and_the_senders() {
    let options = UdpOptions::new(0).workers(3);
    let mut workers: Vec<Host> = bind(&options).unwrap().into_iter().map(Host::of).collect();
    let ports: HashSet<u16> = workers.iter().map(|worker| worker.socket.port()).collect();
    assert_eq!(ports.len(), 1);
    let to = workers[0].at("127.0.0.1");
    let senders: Vec<StdSocket> = (0..64).map(|_| StdSocket::bind("127.0.0.1:0").unwrap()).collect();
    for sender in &senders {
        sender.send_to(b"x", to).unwrap();
    }
    let counts: Vec<usize> = workers.iter_mut().map(|worker| worker.receiver.receive(&worker.socket).unwrap().count()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 64);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    // Whoever answers uses the same port.
    workers[2].queue.push(to, senders[0].local_addr().unwrap(), b"y");
    workers[2].flush();
    senders[0].set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (_, from) = senders[0].recv_from(&mut [0; 8]).unwrap();
    assert_eq!(from, to);
}

#[test]
fn a_port_that_anybody_holds_is_refused() {
    let ours = bind(&UdpOptions::new(0).workers(2)).unwrap();
    let port = ours[0].port();
    let again = bind(&UdpOptions::new(port).workers(2));
    assert!(matches!(again, Err(BindError::PortInUse { port: named }) if named == port), "{again:?}");

    let other = StdSocket::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let taken = bind(&UdpOptions::new(port));
    assert!(matches!(taken, Err(BindError::PortInUse { .. })), "{taken:?}");
    assert_eq!(taken.unwrap_err().to_string(), format!("UDP port {port} is in use"));

    if has_ipv6() {
        let other = StdSocket::bind("[::1]:0").unwrap();
        let taken = bind(&UdpOptions::new(other.local_addr().unwrap().port()));
        assert!(matches!(taken, Err(BindError::PortInUse { .. })), "{taken:?}");
    }
}

#[test]
fn a_stream_in_steady_state_reuses_its_buffers() {
    let (mut a, mut b) = (Host::new(Offload::Auto), Host::new(Offload::Auto));
    let (from, to) = (a.at("127.0.0.1"), b.at("127.0.0.1"));
    for round in 0..100_u8 {
        for _ in 0..10 {
            assert!(a.queue.push(from, to, &[round; 1150]));
        }
        a.flush();
        assert!(b.collect(10).iter().all(|(_, _, payload)| *payload == [round; 1150]));
    }
    assert_eq!((a.queue.counters().messages, a.queue.counters().syscalls), (100, 100));
    assert_eq!(b.receiver.counters().datagrams, 1000);
}
