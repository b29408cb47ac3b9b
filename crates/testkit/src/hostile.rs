//! Garbage for a server, and what others may notice of it.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::eventually;

/// Inputs of each kind.
pub const INPUTS: usize = 10_000;

/// What an attack may leave behind in its server: bytes of resident memory, and open descriptors.
const MEMORY: usize = 50 << 20;
const DESCRIPTORS: usize = 40;

/// Others' answers meanwhile: 99 of 100 are faster.
const PATIENCE: Duration = Duration::from_secs(1);

/// Fewer answers say nothing about one in a hundred.
const FEWEST_ANSWERS: usize = 100;

/// Between two questions of others.
const PAUSE: Duration = Duration::from_millis(10);

/// Numbers that are the same in every run (xorshift64*, Vigna 2016).
pub struct Dice(u64);

impl Dice {
    /// `seed` is not zero.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() >> 33) as usize % end.max(1)
    }

    /// Changes, removes, inserts, doubles and cuts bytes. At least one is left.
    pub fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.number() as u8,
                2 => bytes.insert(at, self.number() as u8),
                3 => bytes.extend_from_within(at..),
                4 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at + 1),
            }
        }
        bytes
    }
}

/// What a process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of resident memory (proc(5), `VmRSS`).
    pub memory: usize,
    /// Open descriptors.
    pub descriptors: usize,
}

impl Usage {
    /// Of the process with that id.
    ///
    /// # Panics
    /// When there is no such process.
    pub fn of(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the process has not ended");
        let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).expect("the process is ours").count();
        Self { memory: kibibytes * 1024, descriptors }
    }
}

/// Attacks the server in `process` while `others` ask it something again and again. `attack` returns how many inputs it has sent; it
/// does its work in tasks of its own, so that it holds up nobody in this one.
///
/// # Panics
/// When not all inputs were sent, when the others' answers were slow, or when the server keeps too much afterwards.
pub async fn endure(process: u32, mut others: impl AsyncFnMut(), attack: impl Future<Output = usize>) {
    others().await;
    let before = Usage::of(process);
    let mut times = Vec::new();
    let asking = async {
        loop {
            let asked = Instant::now();
            others().await;
            times.push(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
    };
    let sent = tokio::select! {
        sent = pin!(attack) => sent,
        () = asking => unreachable!("others ask until the attack is over"),
    };
    assert_eq!(sent, INPUTS, "all inputs are sent");
    while times.len() < FEWEST_ANSWERS {
        let asked = Instant::now();
        others().await;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    let slow = times[times.len() * 99 / 100];
    assert!(slow < PATIENCE, "one in a hundred of {} answers took {slow:?}", times.len());
    eventually("what the attack took is given back", async || match Usage::of(process) {
        now if now.memory < before.memory + MEMORY && now.descriptors < before.descriptors + DESCRIPTORS => Ok(()),
        now => Err(format!("{now:?} after {before:?}")),
    })
    .await;
}

/// Sends bytes over a connection of their own, and returns everything that is answered, as text.
///
/// # Panics
/// When the server does not end the connection within 10 s, or answers that something broke.
pub async fn throw(server: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server).await.expect("the server accepts connections");
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.take(1 << 20).read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of the answer to {:?}", String::from_utf8_lossy(bytes));
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(!text.starts_with("HTTP/1.1 500"), "{:?}: {text}", String::from_utf8_lossy(bytes));
    text
}
