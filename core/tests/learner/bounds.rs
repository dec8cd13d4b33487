//! Whatever is said, beliefs stay finite, nobody's influence passes its bound, and learning costs the same.

use flywheel_core::belief::spread::{GRID, PerSpread};
use flywheel_core::belief::{Diff, Evidence, Model, Prior, Site, Widened, contribution, from_fixed, to_fixed};
use flywheel_core::feature::Vector;
use flywheel_core::learner::{observe, predict};

/// What a large crowd believes: precision 1,000, mean ½ at every slot.
pub struct Crowd;

impl Prior for Crowd {
    fn at(&self, _: u32) -> (f64, f64) {
        (1_000.0, 0.5)
    }

    fn spreads(&self) -> PerSpread {
        [0.0; GRID.len()]
    }
}

/// What a person of these verdicts, one after the other, has in the site.
fn said(vector: &Vector, verdicts: impl Iterator<Item = f64>, mut check: impl FnMut(u32, &Site, &Diff)) -> Site {
    let (model, mut site, mut count) = (Model::default(), Site::new(), 0);
    for verdict in verdicts {
        let diff = observe(&Widened::new(&model, Crowd, &site), vector, verdict, 1.0);
        site.add(&diff);
        count += 1;
        check(count, &site, &diff);
    }
    site
}

/// How far a person moves the weight that a crowd of this precision and mean believes in.
fn moved(model: &Model, site: &Site) -> f64 {
    let (precision, mean) = Crowd.at(0);
    let part = contribution(model, 0, site.at(0));
    let after = (precision * mean + from_fixed(part.shift)) / (precision + from_fixed(part.precision));
    (after - mean).abs()
}

#[test]
fn a_million_thumbs_of_one_person_move_a_global_weight_by_no_more_than_the_bound() {
    let model = Model::default();
    let vector: Vector = vec![(0, 1.0)];
    // (Λ μ + v) / (Λ + ρ) − μ with |v| ≤ reach/s² and ρ ≤ 1/s².
    let (precision, mean) = Crowd.at(0);
    let bound = (model.vote() + mean / model.shrinkage) / precision;
    let check = |count: u32, site: &Site, _: &Diff| {
        if count.is_power_of_two() {
            assert!(moved(&model, site) <= bound, "{} after {count}", moved(&model, site));
        }
    };
    let alternating = said(&vector, (0..1_000_000u32).map(|n| f64::from(n % 2)), check);
    assert!(moved(&model, &alternating) <= bound);
    let stubborn = said(&vector, (0..20_000).map(|_| 0.0), check);
    assert!(moved(&model, &stubborn) <= bound);
    // The bound is not slack by design: a stubborn person uses a good part of it.
    assert!(moved(&model, &stubborn) > bound / 4.0, "{} of {bound}", moved(&model, &stubborn));
}

#[test]
fn learning_costs_the_same_however_much_was_said() {
    let vector: Vector = (0..20).map(|slot| (slot, 1.0)).collect();
    let mut sizes = Vec::new();
    said(&vector, (0..5_000u32).map(|n| f64::from(n % 3).min(1.0)), |count, site, diff| {
        if [10, 100, 5_000].contains(&count) {
            sizes.push((diff.0.len(), site.to_diff().0.len(), site.bytes()));
        }
    });
    assert!(sizes.len() == 3 && sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
}

#[test]
fn extreme_and_denormal_numbers_keep_every_belief_finite() {
    let sizes = [f64::MIN_POSITIVE / 4.0, 1e-300, 1e-30, 1e-9, 1.0, 8.0, -8.0];
    let verdicts = [0.0, f64::MIN_POSITIVE / 8.0, 0.5, 1.0 - f64::EPSILON, 1.0];
    let weights = [f64::MIN_POSITIVE / 8.0, 1e-12, 1.0];
    let model = Model::default();
    let mut site = Site::new();
    for round in 0..200 {
        for (n, &x) in sizes.iter().enumerate() {
            let vector: Vector = vec![(0, x), (1, -x), (n as u32 + 2, x)];
            let belief = Widened::new(&model, Crowd, &site);
            let diff =
                observe(&belief, &vector, verdicts[(round + n) % verdicts.len()], weights[round % weights.len()]);
            site.add(&diff);
            let expected = predict(&Widened::new(&model, Crowd, &site), &vector);
            assert!(expected.mean.is_finite() && expected.variance.is_finite() && expected.variance >= 0.0);
            assert!((0.0..=1.0).contains(&expected.probability), "{expected:?}");
        }
    }
    for (slot, evidence) in site.to_diff().0 {
        let part = contribution(&model, slot, evidence);
        assert!(from_fixed(part.precision) >= 0.0 && from_fixed(part.shift).abs() <= model.vote());
    }
}

#[test]
fn evidence_at_the_end_of_its_range_keeps_every_belief_finite() {
    let model = Model::default();
    for precision in [0, 1, to_fixed(1e9), i64::MAX, i64::MIN] {
        for shift in [0, 1, -1, i64::MAX, i64::MIN] {
            let mut site = Site::new();
            site.add(&Diff(vec![(0, Evidence { precision, shift })]));
            let belief = Widened::new(&model, Crowd, &site);
            let expected = predict(&belief, &vec![(0, 8.0)]);
            assert!(expected.mean.is_finite() && expected.variance > 0.0, "{expected:?}");
            let diff = observe(&belief, &vec![(0, 8.0)], 1.0, 1.0);
            site.add(&diff);
            assert!(predict(&Widened::new(&model, Crowd, &site), &vec![(0, 8.0)]).mean.is_finite());
            assert!(from_fixed(contribution(&model, 0, site.at(0)).shift).abs() <= model.vote());
        }
    }
}
