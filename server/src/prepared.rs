//! A signal as the writer takes it: what depends on the signal alone is worked out before it gets there.

use crate::ingest::Refusal;
use flywheel_core::belief::Model;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::{Code, Error};
use flywheel_core::feature::Space;
use flywheel_core::id::Id;
use flywheel_core::learner::Observation;
use flywheel_core::signal::Feedback;
use std::borrow::Cow;

/// Most features of a signal, 16 bytes each, and most bytes of its JSON, that are worked out beforehand. What is larger is
/// worked out when its turn comes: what waits must not take much more memory than what was sent.
const FEATURES: usize = 256;
const BODY: usize = 8 << 10;

/// A signal that may be stored.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its idempotency key.
    pub(crate) id: Id,
    /// When it was said, by the client's clock: milliseconds since 1970.
    pub(crate) at: u64,
    /// What it is about.
    pub(crate) decision: Id,
    /// What it says.
    pub(crate) feedback: Feedback,
    /// The version of the weights that made the decision, and what it predicted.
    pub(crate) predicted: Option<(u64, f64)>,
    /// Whether experts judged it beforehand.
    pub(crate) is_seed: bool,
    /// It as the log keeps it.
    pub(crate) body: String,
    teaches: Teaches,
}

/// Apps of another model are folded again before anything is taken for them.
fn space() -> Space {
    Model::default().space
}

#[derive(Clone, Debug)]
enum Teaches {
    Ready(Vec<Observation>),
    Later(Box<Outgoing>),
}

impl Prepared {
    /// Works out what the writer needs.
    ///
    /// # Errors
    /// A refusal with [`Code::Internal`] for a signal that cannot be written as JSON.
    pub fn new(outgoing: Outgoing) -> Result<Self, Refusal> {
        let signal = outgoing.signal();
        let body = serde_json::to_string(&outgoing).map_err(|error| Refusal {
            id: signal.id.to_string(),
            error: Error::new(Code::Internal, format!("a signal cannot be written: {error}")),
        })?;
        let choice = signal.choice.as_ref();
        let observations = if body.len() <= BODY { signal.observations(space()) } else { Vec::new() };
        // Crosses and words of a text are many for what they take in the log.
        let features = observations.iter().map(|one| one.vector.len()).sum::<usize>();
        let is_small = body.len() <= BODY && features <= FEATURES;
        Ok(Self {
            id: signal.id,
            at: signal.at,
            decision: signal.decision,
            feedback: signal.feedback.clone(),
            predicted: choice.map(|choice| (choice.version, choice.prediction)),
            is_seed: signal.weight.is_some(),
            body,
            teaches: if is_small { Teaches::Ready(observations) } else { Teaches::Later(Box::new(outgoing)) },
        })
    }

    /// What it teaches.
    pub(crate) fn observations(&self) -> Cow<'_, [Observation]> {
        match &self.teaches {
            Teaches::Ready(observations) => Cow::Borrowed(observations),
            Teaches::Later(outgoing) => Cow::Owned(outgoing.signal().observations(space())),
        }
    }
}
