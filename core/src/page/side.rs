//! On which side of the hold-out the person is: whether what was learned orders, or the app.
//!
//! It is settled once for as long as the page is open: when the storage has been read, or, where no endpoint has said
//! anything yet and the app neither, by the endpoint's first answer, which is also what brings the first weights.

use super::Page;
use crate::hold_out;
use crate::wire::Settings;

/// What is known about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    /// The share of people who are held out, by the app's own word, which holds over the endpoint's.
    share: Option<f64>,
    /// What the endpoint asked first, as far as this page has heard.
    asked: Option<Settings>,
    /// Where the person stands, if not where the device's secret says.
    place: Option<f64>,
    held_out: Option<bool>,
}

impl Side {
    pub(super) const fn new() -> Self {
        Self { share: None, asked: None, place: None, held_out: None }
    }

    pub(super) const fn is_held_out(&self) -> bool {
        matches!(self.held_out, Some(true))
    }

    /// The share of decisions that records are to be kept of.
    pub(super) fn recorded(&self) -> f64 {
        self.asked.unwrap_or_default().decisions
    }

    /// For somebody else, who is still to be placed.
    pub(super) const fn of_another(self) -> Self {
        Self { place: None, held_out: None, ..self }
    }
}

impl Page {
    /// The app's own word on which share of people is held out, 0 to 1. Without an endpoint nobody is.
    pub const fn hold_out(&mut self, share: f64) {
        self.side.share = Some(share);
    }

    /// What the endpoint asks of pages: of an earlier visit before the page is ready, or in an answer. The first word
    /// holds for as long as the page is open; a share that is none is no word.
    pub fn asked(&mut self, settings: Settings) {
        let shares = [settings.hold_out, settings.decisions];
        if self.side.asked.is_none() && shares.iter().all(|share| (0.0..=1.0).contains(share)) {
            self.side.asked = Some(settings);
            self.records.keep(settings.decisions);
            self.settle_side();
        }
    }

    /// The person stands here among those who may be held out, in [0, 1), whatever the device's secret says: so somebody
    /// keeps their side with another secret, and on all devices. It counts from the next time that the page is opened.
    pub const fn stand(&mut self, place: f64) {
        self.side.place = Some(place);
    }

    /// Where the person stands among those who may be held out, in [0, 1); 1 without an endpoint.
    #[must_use]
    pub fn place(&self) -> f64 {
        let by_secret = || self.sender.as_ref().map_or(1.0, |sender| hold_out::place(&sender.secret));
        self.side.place.unwrap_or_else(by_secret)
    }

    /// Whether the person is held out and gets the app's own order.
    #[must_use]
    pub const fn is_held_out(&self) -> bool {
        self.side.is_held_out()
    }

    pub(super) fn settle_side(&mut self) {
        let Side { share, asked, held_out: None, .. } = self.side else { return };
        if let Some(share) = share.or(asked.map(|asked| asked.hold_out))
            && self.ready
        {
            self.side.held_out = Some(self.place() < share);
        }
    }
}
