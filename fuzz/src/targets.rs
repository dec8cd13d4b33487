//! What must hold of any bytes. Each function panics when it does not.

use flywheel_core::belief::{Cell, Diff, Model, Site, Sums, Weights, decode, encode_delta, encode_full};
use flywheel_core::consent::{Consent, Outgoing};
use flywheel_core::error::Code;
use flywheel_core::fold::{erase, fold};
use flywheel_core::signal::Signal;
use flywheel_core::wire::{Batch, Decided, Erase, Under};
use flywheel_server::replay::log;
use flywheel_server::seed;
use serde_json::Value;

/// A batch, as JSON. What is taken may be sent again, holds no word without consent, folds to finite numbers, and is
/// taken out of the sums to the bit.
pub fn wire(bytes: &[u8]) {
    let _ = serde_json::from_slice::<Erase>(bytes);
    let Ok(batch) = serde_json::from_slice::<Batch<Value, Value>>(bytes) else { return };
    batch.decisions.into_iter().for_each(decided);
    let model = Model::default();
    let (mut sums, mut site, mut standing) = (Sums::new(), Site::new(), Diff::default());
    for signal in batch.signals {
        let Ok(signal) = serde_json::from_value::<Signal>(signal) else { continue };
        if signal.check().is_err() {
            continue;
        }
        let closed = Outgoing::new(signal.clone(), Consent { text: false, ..Consent::default() });
        assert_eq!(closed.signal().check(), Ok(()), "what may be handed in may be sent");
        assert_eq!(closed.under(Consent::default()), closed, "what was taken out stays out");
        for signal in [&signal, closed.signal()] {
            let text = serde_json::to_string(signal).expect("JSON");
            let read: Signal = serde_json::from_str(&text).expect("what was written is read");
            assert_eq!(read, *signal);
            for observation in signal.observations(model.space) {
                assert!(observation.verdict.is_finite() && observation.weight.is_finite());
                assert!(observation.vector.iter().all(|(slot, x)| *slot < model.space.slots() && x.is_finite()));
            }
        }
        let folded = fold(&model, &mut sums, &mut site, &standing, &signal);
        let taught = Diff::from_bytes(&folded.taught.to_bytes()).expect("what was taught reads back");
        assert_eq!(taught, folded.taught.clone().tidy());
        standing = standing.plus(&taught);
    }
    erase(&model, &mut sums, &mut site);
    assert_eq!(sums, Sums::new(), "who is taken out leaves nothing");
}

/// The record of a decision: what may be handed in may be kept, and is written as it is read.
fn decided(value: Value) {
    let Ok(decided) = serde_json::from_value::<Decided>(value) else { return };
    if decided.check().is_err() {
        return;
    }
    let text = serde_json::to_string(&decided).expect("JSON");
    assert_eq!(serde_json::from_str::<Decided>(&text).expect("what was written is read"), decided);
    let closed = decided.under(Consent { text: false, ..Consent::default() });
    assert_eq!(closed.check(), Ok(()), "what may be handed in may be kept");
}

/// Weights, and what a signal taught, as bytes.
pub fn weights(bytes: &[u8]) {
    let model = Model::default();
    if let Ok(diff) = Diff::from_bytes(bytes) {
        assert_eq!(Diff::from_bytes(&diff.clone().tidy().to_bytes()), Ok(diff.tidy()));
    }
    // As they come: an error, or weights that are written and read as what they are.
    let (base, change) = cells(&model, bytes);
    for current in [&Weights::new(&model), &base] {
        match decode(&model, current, bytes) {
            Ok(read) => assert_same(decode(&model, current, &encode_full(&model, &read)), &read),
            Err(error) => assert!(matches!(
                error.code,
                Code::InvalidWeights | Code::UnsupportedModel | Code::WeightsBaseMismatch | Code::WeightsHashMismatch
            )),
        }
    }
    // As the cells of a step: a checksum that fits is not found by chance.
    let mut next = base.clone();
    for (slot, cell) in &change {
        next.set(*slot, *cell).expect("inside");
    }
    next.set_head(base.head().version + 1, 1);
    let step = encode_delta(&model, base.head().version, next.head(), &change);
    assert_same(decode(&model, &base, &step), &next);
}

fn assert_same(read: flywheel_core::error::Result<Weights>, written: &Weights) {
    let read = read.expect("what was written is read");
    assert_eq!(read.head(), written.head());
    assert!(read.cells().eq(written.cells()));
}

/// Weights of version 1, and other cells for some of the same slots, slots rising.
fn cells(model: &Model, bytes: &[u8]) -> (Weights, Vec<(u32, Cell)>) {
    let mut base = Weights::new(model);
    let mut change = Vec::new();
    let mut slot = 0;
    for &[gap, wide, precision, low, high] in bytes.as_chunks::<5>().0 {
        slot += u32::from(gap) << (wide & 7);
        if slot >= model.cells() {
            break;
        }
        let cell = Cell { precision, mean: u16::from_le_bytes([low, high & 0x7B]) };
        if wide & 8 == 0 {
            base.set(slot, cell).expect("inside");
        }
        if wide & 16 == 0 {
            change.push((slot, if wide & 32 == 0 { cell } else { Cell::default() }));
        }
        slot += 1;
    }
    base.set_head(1, 0);
    (base, change)
}

/// A replay log. What is read may be written and read again, and becomes signals or an error with its line.
pub fn replay(bytes: &[u8]) {
    let Ok(rows) = log::parse(bytes) else { return };
    let mut text = Vec::new();
    for row in &rows {
        serde_json::to_writer(&mut text, row).expect("JSON");
        text.push(b'\n');
    }
    let again = log::parse(&text[..]).expect("what was written is read");
    assert_eq!(again.len(), rows.len());
    for (read, row) in again.iter().zip(&rows) {
        assert_eq!(log::Row { line: row.line, ..read.clone() }, *row);
    }
    if let Ok(people) = seed::signals(&rows, "fuzz", 1.0) {
        for signal in people.values().flatten() {
            assert_eq!(signal.check(), Ok(()));
        }
    }
}
