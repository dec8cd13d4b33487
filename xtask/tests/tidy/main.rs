//! The repository's own rules, as tests: `cargo xtask test tidy`.

mod commands;
mod documents;
mod layers;
mod purity;
mod repo;
mod shape;
