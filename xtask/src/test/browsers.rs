//! In which browsers tests run.

use crate::fail::{Failure, Result};
use crate::setup::{firefox, webkit};

/// A browser, by its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Always: what is missing is installed.
    Chromium,
    /// Where it is installed.
    Firefox,
    /// Where it is installed.
    WebKit,
}

impl Browser {
    const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// As it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The one of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|browser| browser.name() == name);
        found.ok_or_else(|| Failure::new(format!("there is no browser named {name}; there are {known}")))
    }

    /// Whether tests can run in it without anything being installed, or will at any rate.
    pub fn is_there(self) -> bool {
        match self {
            Self::Chromium => true,
            Self::Firefox => firefox::find().is_some(),
            Self::WebKit => webkit::find().is_some(),
        }
    }
}
