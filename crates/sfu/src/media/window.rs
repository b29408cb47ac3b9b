//! Which of the newest numbers of a sequence have been seen.

/// A set of numbers, of which only the newest are remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    newest: Option<u64>,
    /// Bit `n % SIZE` belongs to number `n`.
    bits: [u64; Self::WORDS],
}

impl Window {
    const WORDS: usize = 16;
    /// Numbers remembered: more than a second of video at 10 Mbit/s, longer than any retransmission takes.
    pub(crate) const SIZE: u64 = Self::WORDS as u64 * 64;

    /// The highest number.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Whether a number has not been seen. A number that is too old to tell has.
    pub(crate) fn is_new(&self, number: u64) -> bool {
        match self.newest {
            Some(newest) if number <= newest => newest - number < Self::SIZE && !self.get(number),
            _ => true,
        }
    }

    /// Whether a number has been seen, and is remembered.
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.newest.is_some_and(|newest| number <= newest && newest - number < Self::SIZE && self.get(number))
    }

    /// Notes a number. `false`: it has been seen before, or nobody can tell any more.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        if !self.is_new(number) {
            return false;
        }
        let newest = *self.newest.get_or_insert(number);
        if number > newest {
            if number - newest >= Self::SIZE {
                self.bits = [0; Self::WORDS];
            } else {
                for passed in newest + 1..=number {
                    self.set(passed, false);
                }
            }
            self.newest = Some(number);
        }
        self.set(number, true);
        true
    }

    fn get(&self, number: u64) -> bool {
        let bit = number % Self::SIZE;
        self.bits[(bit / 64) as usize] & (1 << (bit % 64)) != 0
    }

    fn set(&mut self, number: u64, value: bool) {
        let bit = number % Self::SIZE;
        let word = &mut self.bits[(bit / 64) as usize];
        if value {
            *word |= 1 << (bit % 64);
        } else {
            *word &= !(1 << (bit % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_once_in_any_order_within_the_window() {
        let mut window = Window::default();
        let numbers = [5_000, 4_999, 5_000, 3_977, 3_976, 5_001, 3_977, 9_000, 5_001, 7_977, 7_976];
        let counted = numbers.map(|number| (window.is_new(number), window.insert(number)));
        assert!(counted.iter().all(|(is_new, inserted)| is_new == inserted));
        let expected = [true, true, false, true, false, true, false, true, false, true, false];
        assert_eq!(counted.map(|(_, inserted)| inserted), expected);
        assert!(window.contains(9_000) && !window.contains(8_999) && !window.contains(9_001) && !window.contains(1));
    }
}
