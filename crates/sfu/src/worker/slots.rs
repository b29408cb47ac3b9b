//! Small numbers for peers, encoded in their ICE ufrag so that nobody has to be searched.

/// Where an endpoint lives: keys of its room and of itself within the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) room: usize,
    pub(crate) endpoint: usize,
}

/// A peer's number. The generation tells the users of one slot apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PeerKey {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// The numbers given out.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    generation: u32,
    place: Option<Place>,
}

impl Slots {
    pub(crate) fn insert(&mut self, place: Place) -> PeerKey {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry { generation: 0, place: None });
            (self.entries.len() - 1) as u32
        });
        let entry = &mut self.entries[slot as usize];
        entry.place = Some(place);
        PeerKey { slot, generation: entry.generation }
    }

    pub(crate) fn get(&self, key: PeerKey) -> Option<Place> {
        self.entries.get(key.slot as usize).filter(|entry| entry.generation == key.generation)?.place
    }

    /// Numbers in use.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    pub(crate) fn remove(&mut self, key: PeerKey) {
        if self.get(key).is_some() {
            let entry = &mut self.entries[key.slot as usize];
            entry.place = None;
            entry.generation = entry.generation.wrapping_add(1);
            self.free.push(key.slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_reused_under_another_generation() {
        let mut slots = Slots::default();
        let place = |endpoint| Place { room: 7, endpoint };
        let first = slots.insert(place(1));
        assert_eq!(slots.get(first), Some(place(1)));
        slots.remove(first);
        slots.remove(first);
        let second = slots.insert(place(2));
        assert_eq!((second.slot, slots.get(first), slots.get(second)), (first.slot, None, Some(place(2))));
        assert_ne!(slots.insert(place(3)).slot, second.slot);
    }
}
