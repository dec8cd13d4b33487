//! Safety against strangers: who asks, how often, and how much memory that takes.

mod address;
mod budget;
mod rate;

pub(crate) use address::Client;
pub(crate) use budget::{Budget, Share};
pub(crate) use rate::Rates;
