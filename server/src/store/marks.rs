//! A set of slots: one bit each, so that noting one costs next to nothing.

/// Slots of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// Adds a slot.
    pub(super) fn insert(&mut self, slot: u32) {
        let (word, bit) = (slot as usize / 64, slot % 64);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Takes all of them out, in rising order.
    pub(super) fn take(&mut self) -> Vec<u32> {
        let mut slots = Vec::new();
        for (word, first) in self.words.iter_mut().zip((0u32..).step_by(64)) {
            let mut left = std::mem::take(word);
            while left != 0 {
                slots.push(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
        slots
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

impl Extend<u32> for Marks {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, slots: I) {
        slots.into_iter().for_each(|slot| self.insert(slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_comes_out_once_and_in_order() {
        let mut marks = Marks::default();
        assert!(marks.is_empty());
        marks.extend([64, 3, 262_150, 3, 0, 63]);
        assert_eq!(marks.take(), [0, 3, 63, 64, 262_150]);
        assert!(marks.is_empty() && marks.take().is_empty());
    }
}
