//! On the server, and what comes from it.

use super::Work;
use super::people::request;
use flywheel_core::belief::{Cell, Diff, Model, Site, Sums, Weights, decode, encode_full};
use flywheel_core::fold::fold;
use flywheel_core::rng::Rng;
use flywheel_core::signal::Signal;
use serde_json::json;
use std::hint::black_box;

/// A person's signal, folded into everybody's sums.
#[derive(Clone)]
pub struct Fold {
    model: Model,
    sums: Sums,
    site: Site,
    signals: Vec<Signal>,
}

impl Work for Fold {
    const NAME: &'static str = "fold";
    const STEPS: usize = 200;

    fn new() -> Self {
        let mut rng = Rng::new(3);
        let signal = |at: usize| {
            let request = request(&mut rng, 1);
            let thumb = if at.is_multiple_of(3) { "down" } else { "up" };
            let id = format!("01900000-0000-7000-8000-{at:012x}");
            let signal = json!({
                "id": id, "decision": id, "at": 1, "surface": "bench", "context": request.context,
                "shown": request.candidates[0], "feedback": { "thumb": thumb },
            });
            serde_json::from_value(signal).expect("a signal")
        };
        let signals: Vec<Signal> = (0..Self::STEPS).map(signal).collect();
        let model = Model::default();
        Self { model, sums: Sums::new(), site: Site::new(), signals }
    }

    fn step(&mut self, at: usize) {
        let signal = &self.signals[at % self.signals.len()];
        black_box(fold(&self.model, &mut self.sums, &mut self.site, &Diff::default(), signal));
    }
}

/// Weights in a quarter of 2^18 slots, read from their bytes.
#[derive(Clone)]
pub struct Decode {
    model: Model,
    none: Weights,
    bytes: Vec<u8>,
}

impl Work for Decode {
    const NAME: &'static str = "decode";
    const STEPS: usize = 1;

    fn new() -> Self {
        let (model, mut rng) = (Model::default(), Rng::new(4));
        let mut weights = Weights::new(&model);
        for slot in 0..model.space.slots() {
            if rng.unit() < 0.25 {
                let cell = Cell { precision: 1 + rng.below(60) as u8, mean: 0x3000 + rng.below(2_000) as u16 };
                weights.set(slot, cell).expect("a slot of the model");
            }
        }
        weights.set_head(1, 1);
        Self { model, none: Weights::new(&model), bytes: encode_full(&model, &weights) }
    }

    fn step(&mut self, _: usize) {
        black_box(decode(&self.model, &self.none, black_box(&self.bytes)).expect("weights"));
    }
}
