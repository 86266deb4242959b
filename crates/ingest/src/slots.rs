//! Numbers found by hash: one table of eight-byte slots, made to be asked about a part of a block at once.
//!
//! A load spends most of its time waiting for memory. Here a look-up is split: [`Slots::look_ahead`] first only reads
//! the slots, with no branch on what it finds, so that many such reads are under way together, and then guesses
//! which rows will be read; the look-up proper, a moment later, finds what it needs in the cache.

/// What a part of a block is about to ask for: where, and the row that will most likely answer.
#[derive(Default)]
pub(crate) struct Ahead {
    /// The index that the first question has in the block.
    first: usize,
    pub tags: Vec<u32>,
    pub rows: Vec<u32>,
}

/// One question of [`Ahead`].
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub tag: u32,
    /// A guess; `u32::MAX` for none.
    pub row: u32,
}

impl Ahead {
    /// Starts anew with these tags, of which the first has that index.
    pub fn ask(&mut self, first: usize, tags: impl Iterator<Item = u32>) {
        self.first = first;
        self.tags.clear();
        self.tags.extend(tags);
    }

    /// The question at this index.
    pub fn at(&self, index: usize) -> Place {
        let nth = index - self.first;
        Place { tag: self.tags[nth], row: self.rows[nth] }
    }
}

/// Open addressing with linear probing, at most three quarters full: an emptier table costs more memory than it saves
/// steps, which stay in a line or two of the cache.
#[derive(Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    number: u32,
}

/// Where a number goes that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacancy {
    at: usize,
    tag: u32,
    /// Whether no other number stands under the tag.
    pub alone: bool,
}

const EMPTY: Slot = Slot { tag: 0, number: u32::MAX };

const SLOTS_MIN: usize = 16;

impl Slots {
    /// Makes room for so many numbers, if there are none yet.
    pub fn make_room(&mut self, count: usize) {
        if self.used == 0 {
            self.slots = vec![EMPTY; count.saturating_mul(4).div_ceil(3).max(SLOTS_MIN)];
        }
    }

    /// Fills `ahead.rows` with the first number under each of `ahead.tags`, or `u32::MAX`: nearly always the one
    /// that [`Slots::find`] would accept.
    pub fn look_ahead(&self, ahead: &mut Ahead) {
        let slot = |tag: &u32| self.slots.get(self.start(*tag)).map_or(0, |slot| slot.number);
        std::hint::black_box(ahead.tags.iter().fold(0, |sum, tag| sum ^ slot(tag)));
        ahead.rows.clear();
        ahead.rows.extend(ahead.tags.iter().map(|tag| self.find(*tag, |_| true).unwrap_or(EMPTY.number)));
    }

    /// Every number stored under `tag`.
    pub fn all(&self, tag: u32) -> impl Iterator<Item = u32> {
        let mut at = self.start(tag);
        let next = move || {
            let slot = self.slots.get(at).filter(|slot| slot.number != EMPTY.number)?;
            at = self.after(at);
            Some(slot)
        };
        std::iter::from_fn(next).filter(move |slot| slot.tag == tag).map(|slot| slot.number)
    }

    /// The number stored under `tag` that `is_it` accepts.
    pub fn find(&self, tag: u32, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.seek(tag, is_it).ok()
    }

    /// The number stored under `tag` that `is_it` accepts, or where a new one would go.
    pub fn seek(&self, tag: u32, is_it: impl FnMut(u32) -> bool) -> Result<u32, Vacancy> {
        self.position(tag, is_it).map(|at| self.slots[at].number)
    }

    /// Adds a number below `u32::MAX` where [`Self::seek`] found room; nothing was added since.
    pub fn insert(&mut self, vacancy: Vacancy, number: u32) {
        assert!(number != EMPTY.number, "the largest number stands for an empty slot");
        let new = Slot { tag: vacancy.tag, number };
        self.used += 1;
        if self.used * 4 > self.slots.len() * 3 {
            self.grow();
            self.put(new);
        } else {
            self.slots[vacancy.at] = new;
        }
    }

    /// Puts `number` in the place of the one under `tag` that `is_it` accepts, or adds it.
    pub fn set(&mut self, tag: u32, is_it: impl FnMut(u32) -> bool, number: u32) {
        match self.position(tag, is_it) {
            Ok(at) => self.slots[at].number = number,
            Err(vacancy) => self.insert(vacancy, number),
        }
    }

    fn position(&self, tag: u32, mut is_it: impl FnMut(u32) -> bool) -> Result<usize, Vacancy> {
        let mut vacancy = Vacancy { at: self.start(tag), tag, alone: true };
        while let Some(slot) = self.slots.get(vacancy.at).filter(|slot| slot.number != EMPTY.number) {
            if slot.tag == tag {
                if is_it(slot.number) {
                    return Ok(vacancy.at);
                }
                vacancy.alone = false;
            }
            vacancy.at = self.after(vacancy.at);
        }
        Err(vacancy)
    }

    /// Slots in the order of their tags, scaled to the table's length.
    fn start(&self, tag: u32) -> usize {
        usize::try_from((u64::from(tag) * self.slots.len() as u64) >> 32).expect("below the table's length")
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn put(&mut self, new: Slot) {
        let mut at = self.start(new.tag);
        while self.slots[at].number != EMPTY.number {
            at = self.after(at);
        }
        self.slots[at] = new;
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(SLOTS_MIN);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; length]);
        old.into_iter().filter(|slot| slot.number != EMPTY.number).for_each(|slot| self.put(slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(slots: &mut Slots, tag: u32, number: u32) -> bool {
        let vacancy = slots.seek(tag, |_| false).expect_err("nothing is accepted");
        slots.insert(vacancy, number);
        vacancy.alone
    }

    #[test]
    fn numbers_of_one_tag_stay_apart_through_growth_and_around_the_end() {
        let mut slots = Slots::default();
        assert_eq!(slots.find(7, |_| true), None);
        let tag = |number: u32| if number.is_multiple_of(2) { u32::MAX } else { number.wrapping_mul(0x9E37_79B9) };
        for number in 0..1_000 {
            assert_eq!(add(&mut slots, tag(number), number), number % 2 == 1 || number == 0);
        }
        for number in 0..1_000 {
            assert_eq!(slots.find(tag(number), |found| found == number), Some(number));
        }
        assert_eq!(slots.find(u32::MAX, |found| found == 1), None);
        let even: Vec<u32> = slots.all(u32::MAX).collect();
        assert_eq!((even.len(), even.iter().all(|number| number % 2 == 0)), (500, true));
    }

    #[test]
    fn a_number_can_take_anothers_place() {
        let mut slots = Slots::default();
        slots.set(1, |found| found == 10, 10);
        slots.set(1, |found| found == 10, 11);
        slots.set(1, |found| found == 10, 12);
        assert_eq!(slots.all(1).collect::<Vec<_>>(), [11, 12]);
    }
}
