//! Replays a target's corpus on any toolchain, then mutations of it: included by the tests of the crates.

use std::time::{Duration, Instant};

/// Seconds that a by-hand run goes on mutating; without it a test feeds only as many mutations as it asks for.
const SECONDS: &str = "FUZZ_SECONDS";

/// Feeds every file of the corpus, whole and cut short, then at least so many mutations of them. The same ones at every run.
pub(crate) fn replay(target: &str, mutations: usize, mut feed: impl FnMut(&[u8])) {
    let dir = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(dir).expect("the corpus is there").map(|entry| entry.expect("a file of the corpus").path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let corpus: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).expect("a file of the corpus")).collect();
    assert!(!corpus.is_empty(), "the corpus of {target} is empty");
    for bytes in &corpus {
        for cut in [bytes.len(), bytes.len() / 2, bytes.len() / 3, bytes.len().saturating_sub(1)] {
            feed(&bytes[..cut]);
        }
    }
    let until = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut fed = 0;
    while fed < mutations || until.is_some_and(|until| Instant::now() < until) {
        let (one, other) = (random.below(corpus.len()), random.below(corpus.len()));
        feed(&random.mutate(&corpus[one], &corpus[other]));
        fed += 1;
    }
}

/// A small generator of numbers (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Flips, sets, inserts, drops, doubles and swaps bytes and lines, and crosses with another input.
    fn mutate(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b':'];
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(6) {
            let (at, to) = (self.below(bytes.len()), self.below(bytes.len() + 1));
            let (from, to) = (at.min(to), at.max(to));
            match self.below(8) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = TELLING[self.below(TELLING.len())],
                2 => bytes.insert(at, self.next() as u8),
                3 => drop(bytes.drain(from..to)),
                4 => bytes.extend_from_within(from..to.min(from + 256)),
                5 => {
                    let cut = self.below(other.len() + 1);
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[cut..]);
                }
                6 => {
                    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                    let (one, two) = (self.below(lines.len()), self.below(lines.len()));
                    if !lines.is_empty() {
                        lines.swap(one, two);
                    }
                    bytes = lines.concat();
                }
                _ => bytes.truncate(to),
            }
        }
        bytes
    }
}
