//! The endpoint's laws, each against the real router over a real database.

mod alone;
mod bad_input;
mod counting;
mod documented;
mod erase;
mod exports;
mod failing;
mod fixture;
mod gate;
mod guard;
mod http;
mod identity;
mod isolation;
mod keys;
mod malformed;
mod openapi;
mod publishing;
mod recording;
mod restart;
mod retention;
mod retrain;
mod stats;
mod words;
