use std::time::{Duration, Instant};

use net::poll::{Event, Poller, Token};
use net::udp::{UdpOptions, bind};

const LONG: Option<Duration> = Some(Duration::from_secs(10));

#[test]
fn a_waker_ends_the_sleep_of_another_thread() {
    let mut poller = Poller::new().unwrap();
    let waker = poller.waker();
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| waker.wake());
        assert!(poller.wait(LONG).unwrap());
    });
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn wake_ups_before_the_sleep_count_once() {
    let mut poller = Poller::new().unwrap();
    let waker = poller.waker();
    for _ in 0..1000 {
        waker.clone().wake();
    }
    assert!(poller.wait(LONG).unwrap());
    assert!(!poller.wait(Some(Duration::ZERO)).unwrap());
}

#[test]
fn no_wake_up_is_lost_between_many_threads() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let mut poller = Poller::new().unwrap();
    let work = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let waker = poller.waker();
            let work = &work;
            scope.spawn(move || {
                for _ in 0..5000 {
                    work.fetch_add(1, Ordering::Relaxed);
                    waker.wake();
                }
            });
        }
        let mut seen = 0;
        while seen < 20_000 {
            let start = Instant::now();
            poller.wait(LONG).unwrap();
            assert!(start.elapsed() < Duration::from_secs(5), "slept through work, saw {seen}");
            seen = work.load(Ordering::Relaxed);
        }
    });
}

#[test]
fn timeouts_are_finer_than_a_millisecond() {
    let mut poller = Poller::new().unwrap();
    let start = Instant::now();
    for _ in 0..20 {
        assert!(!poller.wait(Some(Duration::from_micros(200))).unwrap());
    }
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(4), "{took:?}");
    // With whole milliseconds this would take 20 ms or more; on a busy machine the sleeps only grow.
    let best = (0..50)
        .map(|_| {
            let start = Instant::now();
            poller.wait(Some(Duration::from_micros(200))).unwrap();
            start.elapsed()
        })
        .min();
    assert!(best < Some(Duration::from_millis(1)), "{best:?}");
}

#[test]
fn ready_sockets_are_named_and_writability_is_reported_on_request() {
    let mut poller = Poller::new().unwrap();
    let socket = bind(&UdpOptions::new(0)).unwrap().remove(0);
    let token = Token(7);
    poller.add_udp(&socket, token).unwrap();
    assert!(!poller.wait(Some(Duration::ZERO)).unwrap());
    assert_eq!(poller.events().count(), 0);

    // Nothing waits to be sent, so there is nothing to wake up for.
    poller.want_write_udp(&socket, token, true).unwrap();
    assert!(!poller.wait(Some(Duration::ZERO)).unwrap());
    assert_eq!(poller.events().count(), 0);

    let fd = socket.fds().next().unwrap();
    poller.want_write(fd, token, true).unwrap();
    poller.wait(LONG).unwrap();
    assert_eq!(poller.events().collect::<Vec<_>>(), [Event { token, readable: false, writable: true }]);
    poller.want_write(fd, token, false).unwrap();

    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(b"x", ("127.0.0.1", socket.port())).unwrap();
    poller.wait(LONG).unwrap();
    assert_eq!(poller.events().collect::<Vec<_>>(), [Event { token, readable: true, writable: false }]);
}
