//! The bytes of weights (docs/protocol.md, "Weights").
//!
//! Header: `FWW1`, bits (1 byte), then as LEB128: base version (0: from nothing), version, seq; the checksum of the
//! result (8 bytes, little-endian); the number of cells (LEB128) and the Rice parameter (1 byte). Then three columns,
//! because alike bytes compress best: gaps between slots (Golomb–Rice; Golomb 1966, Rice 1971), precisions (1 byte
//! each), means (2 bytes each, little-endian).

use super::site::{put, take};
use super::{Cell, Head, Model, Weights};
use crate::error::{Code, Error, Result};

const MAGIC: &[u8; 4] = b"FWW1";

/// All cells of `weights`, from nothing.
#[must_use]
pub fn encode_full(model: &Model, weights: &Weights) -> Vec<u8> {
    let cells: Vec<_> = weights.cells().collect();
    encode(model, 0, weights.head(), &cells)
}

/// The given cells (rising slots, each once; an empty cell clears its slot) as the step from version `base`.
#[must_use]
pub fn encode_delta(model: &Model, base: u64, head: Head, cells: &[(u32, Cell)]) -> Vec<u8> {
    encode(model, base, head, cells)
}

fn encode(model: &Model, base: u64, head: Head, cells: &[(u32, Cell)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(40 + cells.len() * 5);
    bytes.extend(MAGIC);
    bytes.push(model.space.bits);
    for number in [base, head.version, head.seq] {
        put(&mut bytes, number);
    }
    bytes.extend(head.hash.to_le_bytes());
    put(&mut bytes, cells.len() as u64);
    let gaps =
        || cells.iter().scan(None, |before, &(slot, _)| Some(slot - before.replace(slot).map_or(0, |b: u32| b + 1)));
    let rice = best_rice(model, cells.len());
    bytes.push(rice);
    let mut bits = BitWriter::default();
    for gap in gaps() {
        for _ in 0..gap >> rice {
            bits.push(true);
        }
        bits.push(false);
        for place in (0..rice).rev() {
            bits.push(gap >> place & 1 == 1);
        }
    }
    bytes.extend(bits.bytes);
    bytes.extend(cells.iter().map(|(_, cell)| cell.precision));
    bytes.extend(cells.iter().flat_map(|(_, cell)| cell.mean.to_le_bytes()));
    bytes
}

/// The parameter for slots that are spread evenly: the mean gap is 2^rice or a little more.
#[allow(clippy::cast_possible_truncation)] // at most 24
fn best_rice(model: &Model, count: usize) -> u8 {
    let mean = model.space.slots() as usize / count.max(1);
    mean.max(1).ilog2() as u8
}

/// Reads weights and applies them to `current`; nothing changes unless all of it is right.
///
/// # Errors
/// [`Code::InvalidWeights`] if the bytes do not follow the format, [`Code::UnsupportedModel`] for another number of
/// slots, [`Code::WeightsBaseMismatch`] for a delta from another version, [`Code::WeightsHashMismatch`] if the result
/// does not have the checksum that it claims.
pub fn decode(model: &Model, current: &Weights, bytes: &[u8]) -> Result<Weights> {
    let invalid = || Error::new(Code::InvalidWeights, "the weights do not follow the format");
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(invalid)?;
    let (&bits, tail) = rest.split_first().ok_or_else(invalid)?;
    if bits != model.space.bits {
        return Err(Error::new(Code::UnsupportedModel, "the weights have another number of slots"));
    }
    rest = tail;
    let mut number = || take(&mut rest).map_err(|_| invalid());
    let (base, version, seq) = (number()?, number()?, number()?);
    let (hash, tail) = rest.split_first_chunk::<8>().ok_or_else(invalid)?;
    rest = tail;
    let count = usize::try_from(take(&mut rest).map_err(|_| invalid())?).map_err(|_| invalid())?;
    let (&rice, tail) = rest.split_first().ok_or_else(invalid)?;
    // The columns of fixed size must be there before anything is made room for.
    if count > model.cells() as usize || rice > 24 || tail.len() < count * 3 {
        return Err(invalid());
    }
    let (gaps, columns) = tail.split_at(tail.len() - count * 3);
    let (precisions, means) = columns.split_at(count);

    let mut weights = if base == 0 {
        Weights::new(model)
    } else if base == current.head().version {
        current.clone()
    } else {
        return Err(Error::new(Code::WeightsBaseMismatch, "a step from another version"));
    };
    let mut bits = BitReader { bytes: gaps, at: 0 };
    let mut next = 0u32;
    for (&precision, mean) in precisions.iter().zip(means.as_chunks::<2>().0) {
        let gap = bits.rice(rice, model.cells()).ok_or_else(invalid)?;
        let slot = next.checked_add(gap).ok_or_else(invalid)?;
        weights.set(slot, Cell { precision, mean: u16::from_le_bytes(*mean) })?;
        next = slot + 1;
    }
    if bits.at.div_ceil(8) != gaps.len() {
        return Err(invalid());
    }
    let expected = u64::from_le_bytes(*hash);
    if weights.head().hash != expected {
        return Err(Error::new(Code::WeightsHashMismatch, "the weights have another checksum"));
    }
    weights.set_head(version, seq);
    Ok(weights)
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: u8,
}

impl BitWriter {
    fn push(&mut self, bit: bool) {
        if self.used == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (7 - self.used);
        }
        self.used = (self.used + 1) % 8;
    }
}

/// Reads bits from the front, up to 57 at once.
struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitReader<'_> {
    /// The next bits, the first one on top; zeros behind the end.
    #[inline(always)]
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match rest.first_chunk::<8>() {
            Some(chunk) => u64::from_be_bytes(*chunk),
            None => rest.iter().rev().fold(0, |word, byte| (word >> 8) | (u64::from(*byte) << 56)),
        };
        word << (self.at % 8)
    }

    /// A count of ones that a zero ends, and `parameter` bits.
    #[inline(always)]
    fn rice(&mut self, parameter: u8, below: u32) -> Option<u32> {
        let mut ones = 0;
        loop {
            let run = (!self.peek()).leading_zeros().min(56);
            (ones, self.at) = (ones + run, self.at + run as usize);
            if ones.checked_shl(u32::from(parameter))? >> parameter != ones || ones << parameter >= below.max(1) {
                return None;
            }
            if run < 56 {
                break;
            }
        }
        let bits = self.peek() << 1;
        // A shift by all 64 bits is none.
        let rest = if parameter == 0 { 0 } else { bits >> (64 - u32::from(parameter)) };
        self.at += 1 + usize::from(parameter);
        #[allow(clippy::cast_possible_truncation)] // at most 24 bits
        (self.at <= self.bytes.len() * 8).then_some((ones << parameter) + rest as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn random_weights(rng: &mut Rng, count: usize) -> Weights {
        let mut weights = Weights::new(&Model::default());
        for _ in 0..count {
            let slot = rng.below(1 << 18) as u32;
            let cell = Cell { precision: rng.below(90) as u8, mean: 0x3000 + rng.below(2_000) as u16 };
            weights.set(slot, cell).expect("inside");
        }
        weights.set_head(7, 100);
        weights
    }

    #[test]
    fn weights_read_back_whatever_their_density() {
        let model = Model::default();
        let mut rng = Rng::new(4);
        for count in [0, 1, 2, 300, 20_000, 200_000] {
            let weights = random_weights(&mut rng, count);
            let bytes = encode_full(&model, &weights);
            let back = decode(&model, &Weights::new(&model), &bytes).expect("reads back");
            assert_eq!(back.head(), weights.head());
            assert!(back.cells().eq(weights.cells()));
        }
    }

    #[test]
    fn a_delta_moves_one_version_to_the_next_and_no_other() {
        let model = Model::default();
        let mut rng = Rng::new(5);
        let old = random_weights(&mut rng, 1_000);
        let mut new = old.clone();
        let mut cells: Vec<_> =
            old.cells().step_by(10).map(|(slot, _)| (slot, Cell { precision: 1, mean: 1 })).collect();
        cells[0].1 = Cell::default();
        for &(slot, cell) in &cells {
            new.set(slot, cell).expect("inside");
        }
        new.set_head(8, 120);
        let bytes = encode_delta(&model, 7, new.head(), &cells);
        let back = decode(&model, &old, &bytes).expect("applies");
        assert!(back.head() == new.head() && back.cells().eq(new.cells()));
        let code = |current: &Weights| decode(&model, current, &bytes).map(|_| ()).map_err(|error| error.code);
        assert_eq!(code(&new), Err(Code::WeightsBaseMismatch));
        let mut other = random_weights(&mut rng, 1_000);
        other.set_head(7, 100);
        assert_eq!(code(&other), Err(Code::WeightsHashMismatch));
    }

    #[test]
    fn cut_or_changed_bytes_are_refused_and_never_panic() {
        let model = Model::default();
        let mut rng = Rng::new(6);
        let nothing = Weights::new(&model);
        let bytes = encode_full(&model, &random_weights(&mut rng, 200));
        for cut in 0..bytes.len() {
            assert!(decode(&model, &nothing, &bytes[..cut]).is_err(), "cut at {cut}");
        }
        for _ in 0..3_000 {
            let mut changed = bytes.clone();
            // The first 8 bytes hold the magic, the bits and the version; what follows is covered by the checksum.
            let at = 9 + rng.below(bytes.len() - 9);
            changed[at] ^= 1 << rng.below(8);
            if let Ok(weights) = decode(&model, &nothing, &changed) {
                // Only padding bits of the gaps are free to change.
                assert!(weights.head().hash == random_hash(&bytes), "byte {at}");
            }
        }
    }

    fn random_hash(bytes: &[u8]) -> u64 {
        let model = Model::default();
        decode(&model, &Weights::new(&model), bytes).expect("reads").head().hash
    }

    #[test]
    fn a_quarter_full_model_and_a_delta_of_1024_slots_are_small() {
        let model = Model::default();
        let mut rng = Rng::new(8);
        let weights = random_weights(&mut rng, 1_024);
        let delta = encode_full(&model, &weights);
        // 3 bytes of content and about 9.6 bits of gap for each: what is left to gain is in the HTTP compression.
        assert!(delta.len() <= 4_400, "{}", delta.len());
        let quarter = encode_full(&model, &random_weights(&mut rng, 75_000));
        assert!(quarter.len() <= 65_600 * 7 / 2, "{}", quarter.len());
    }
}
