//! The real binary over real sockets.

mod connections;
mod operating;
mod process;
