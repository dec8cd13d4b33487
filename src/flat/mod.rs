//! How values cross between JavaScript and wasm: as one string and one list of numbers. A crossing for each name and
//! value would cost more than all the learning, and more code than the learner (js/flat.ts is the other side).
//!
//! The string is all strings of the value, end to end. The numbers are their lengths in UTF-16 units, in between
//! kinds, counts and values, in the order of reading. The first number of what comes in is 1 if the string is ASCII.

mod fields;
mod reader;
mod room;
mod tree;
mod writer;

pub use fields::Fields;
pub use reader::misshapen;
pub use room::{ID, decision_id, put_decision, put_id, take_id};
pub use tree::Tree;
pub use writer::Writer;

/// What stands before a value.
mod kind {
    pub const NOTHING: u8 = 0;
    pub const TEXT: u8 = 1;
    pub const NUMBER: u8 = 2;
    pub const YES: u8 = 3;
    pub const NO: u8 = 4;
    pub const LIST: u8 = 5;
    pub const ODD: u8 = 6;
    pub const OBJECT: u8 = 7;
    pub const ERROR: u8 = 8;
}
