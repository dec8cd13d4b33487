//! Time by criterion: `cargo bench -p flywheel-core --bench speed`.

#![allow(missing_docs, reason = "criterion's macro makes a function")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "not the product")]

mod work;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use work::{Decode, Featurise, Fold, Rank, Thumb, Work};

fn measure<W: Work>(criterion: &mut Criterion) {
    let work = W::new();
    let mut group = criterion.benchmark_group(W::NAME);
    // So that criterion also says how many a second there are: its time is that of all steps.
    group.throughput(Throughput::Elements(W::STEPS as u64));
    let steps = |mut work: W| {
        (0..W::STEPS).for_each(|at| work.step(at));
        // Dropped outside of what is timed.
        work
    };
    group.bench_function(format!("{} steps", W::STEPS), |bencher| {
        bencher.iter_batched(|| work.clone(), steps, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(
    name = speed;
    config = Criterion::default().sample_size(30);
    targets = measure::<Rank>, measure::<Thumb>, measure::<Featurise>, measure::<Fold>, measure::<Decode>
);
criterion_main!(speed);
