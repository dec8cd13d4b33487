//! So many steps of one kind of work, for a program that counts instructions: `cargo xtask bench native` runs it under
//! valgrind with some and with twice as many, and takes the difference.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "not the product")]

mod work;

use std::hint::black_box;
use work::{Decode, Featurise, Fold, Rank, Thumb, Work};

fn run<W: Work>(name: &str, count: usize) {
    if name == W::NAME {
        let mut work = W::new();
        (0..count).for_each(|at| work.step(at));
        // Never dropped: freeing a state of another size would count, too.
        std::mem::forget(black_box(work));
    }
}

/// `instructions NAME COUNT`; what `cargo bench` itself passes is not for here.
fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let [name, count] = &words[..] else { return };
    let count = count.parse().expect("a count of steps");
    run::<Rank>(name, count);
    run::<Thumb>(name, count);
    run::<Featurise>(name, count);
    run::<Fold>(name, count);
    run::<Decode>(name, count);
}
