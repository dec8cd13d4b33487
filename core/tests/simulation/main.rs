//! A seeded world: people, each with a browser and several tabs over one storage, crashes, clocks that jump, a network
//! that loses, repeats and reorders, and a server that restarts.
//!
//! **What counts as failure.** The oracle is one-hot: everything that is said is about a feature of its own, so any
//! total other than 1 is a loss or a double count. Once the network is good again:
//! - a signal that was saved, or whose tab lived on, and that may be sent is not counted exactly once by the server;
//! - any signal is counted more than once, whatever became of it here;
//! - a signal that was only ever said under a refusal reaches the server; a person who was erased, here by `forget()` or
//!   by refusing `learn`, has any total other than 0, a batch that comes late included;
//! - the evidence at a decision's own slot, in any tab or on the server, is not to the bit what the last word that is
//!   known there taught; two tabs of a browser differ;
//! - a tab's idea of its own part in the weights is not to the bit what the server counted;
//! - a signal that is given up is not counted in the status;
//! - the sums are not zero once everybody is erased.
//!
//! **What does not.** A signal said in the last unsaved moments before a crash may be lost here, and have reached the
//! server or not. A request that was under way when sharing was refused may arrive. A signal that the server rejects by
//! itself is set aside and counted. Two tabs that say something about the *same* decision before they have heard of each
//! other are not in this world, and consent and `forget()` reach all tabs at once (the browser tests look at that).
//!
//! **The storage.** Records are whole or absent, those of one write in the order in which they were made; a write that is
//! cut in two by a crash keeps the first part. (IndexedDB promises more: all of a transaction or nothing.) **The clocks** of
//! browsers jump, to 20 days off at most: a signal is taken for too old by the server at 45.
//!
//! **Nondeterminism:** none. A failure prints its seed; `FLYWHEEL_SEED=n cargo test -p flywheel-core --test simulation`
//! runs that one alone, `FLYWHEEL_SEEDS=n` that many.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

mod browser;
mod oracle;
mod server;
mod world;

/// Worlds in an ordinary run.
const SEEDS: u64 = 10_000;

#[test]
fn no_saved_signal_is_lost_and_none_counts_twice() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("FLYWHEEL_SEED") {
        Some(one) => one..one + 1,
        None => 0..number("FLYWHEEL_SEEDS").unwrap_or(SEEDS),
    };
    let mut signals = 0;
    for seed in seeds {
        match std::panic::catch_unwind(|| world::run(seed)) {
            Ok(said) => signals += said,
            Err(panic) => {
                eprintln!("the world of FLYWHEEL_SEED={seed} fails");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(signals > 0, "nobody said anything");
}
