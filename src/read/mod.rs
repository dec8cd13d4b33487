//! From JavaScript values to what core works with: stored records, replies and options.
//!
//! Written out by hand: what serde derives for reading these costs a page three times the code of everything that
//! learns. Writing is serde's; `tests/web/records.rs` checks that what is written is what is read.

mod field;
mod record;
mod reply;

pub use field::{Field, bytes, records};
pub use record::{choice, decision, entry};
pub use reply::reply;
