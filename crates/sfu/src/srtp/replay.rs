//! Replay protection of SRTCP (RFC 3711 section 3.3.2): one window per sender.

/// Senders remembered: a client has one per stream. Beyond it the one heard longest ago is forgotten.
const SENDERS: usize = 64;
/// Indices behind the newest that are told apart; older ones are refused.
const WIDTH: u32 = 64;

/// Which SRTCP indices have been seen.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// The one heard last comes last.
    senders: Vec<Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ssrc: u32,
    newest: u32,
    /// Bit n: `newest - n` has been seen.
    seen: u64,
}

impl Replay {
    /// Whether the index is new; it is not new a second time. Call it only for what is authentic.
    pub(crate) fn accept(&mut self, ssrc: u32, index: u32) -> bool {
        let Some(at) = self.senders.iter().position(|window| window.ssrc == ssrc) else {
            if self.senders.len() == SENDERS {
                self.senders.remove(0);
            }
            self.senders.push(Window { ssrc, newest: index, seen: 1 });
            return true;
        };
        self.senders[at..].rotate_left(1);
        self.senders.last_mut().is_some_and(|window| window.accept(index))
    }
}

impl Window {
    fn accept(&mut self, index: u32) -> bool {
        if index > self.newest {
            self.seen = self.seen.checked_shl(index - self.newest).unwrap_or(0) | 1;
            self.newest = index;
            return true;
        }
        let age = self.newest - index;
        let bit = 1_u64.checked_shl(age).filter(|_| age < WIDTH).unwrap_or(0);
        let is_new = bit != 0 && self.seen & bit == 0;
        self.seen |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_counts_once_in_any_order_within_the_window() {
        let mut replay = Replay::default();
        let accepted: Vec<bool> = [100, 99, 100, 99, 37, 36, 101, 37, 200, 136, 137, 137].map(|index| replay.accept(1, index)).into();
        assert_eq!(accepted, [true, true, false, false, true, false, true, false, true, false, true, false]);
    }

    #[test]
    fn senders_do_not_disturb_each_other_and_are_bounded() {
        let mut replay = Replay::default();
        for ssrc in 0..200 {
            assert!(replay.accept(ssrc, 5));
            assert!(!replay.accept(ssrc, 5));
        }
        assert_eq!(replay.senders.len(), SENDERS);
    }

    #[test]
    fn the_largest_indices_do_not_overflow() {
        let mut replay = Replay::default();
        assert!(replay.accept(1, 0) && replay.accept(1, u32::MAX) && !replay.accept(1, 0));
    }
}
