//! The real binary over real sockets.

mod connections;
mod documented;
mod operating;
mod process;
mod scripts;
#[cfg(feature = "otel")]
mod spans;
