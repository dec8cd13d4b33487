//! Off-policy estimates against worlds whose truth is known.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use flywheel_core::rank::{By, Policy};
use flywheel_core::rng::{Rng, mix64};
use flywheel_server::evaluate::{Estimate, Target, Terms, terms};
use flywheel_server::replay::log::{Row, Said, read};
use flywheel_server::replay::{SynthArgs, synth};
use std::path::PathBuf;

/// A log of decisions: each candidate was shown with a probability of its own, from 0.1 to 0.4 of four.
fn world(seed: u64, people: usize, rounds: usize) -> Vec<Row> {
    let args =
        SynthArgs { people, thumbs: 0, rounds, candidates: 4, common: 1.0, spread: 0.0, seed: mix64(seed), out: None };
    let mut rng = Rng::new(mix64(seed ^ 0xE7A1));
    let shares = [0.4, 0.3, 0.2, 0.1];
    let shown = |row: Row| {
        let (mut left, mut chosen) = (rng.unit(), 0);
        for (place, share) in shares.iter().enumerate() {
            chosen = place;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
        let reward = row.rewards.expect("a round")[chosen];
        let feedback = Some(Said::Reward(reward));
        Row { rewards: None, chosen: Some(chosen), propensity: Some(shares[chosen]), feedback, ..row }
    };
    synth(&args).into_iter().map(shown).collect()
}

fn evaluate(rows: &[Row], target: Target) -> (Vec<Terms>, Estimate) {
    let terms = terms(rows, target, 1, &mut |_| {}).expect("judged");
    let estimate = Estimate::new(&terms, None, 400, 1);
    (terms, estimate)
}

/// Measured with 600 worlds of 250 rows: 93 to 96 % for IPS, 92 to 95 % for SNIPS, 91 to 95 % for DR.
#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    let worlds: u64 = std::env::var("FLYWHEEL_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let targets = [
        Target::Uniform,
        Target::Ours(Policy { by: By::Mean, epsilon: 0.1, ..Policy::GREEDY }),
        Target::Ours(Policy { by: By::SquareCb(20.0), epsilon: 0.0, ..Policy::GREEDY }),
    ];
    let (mut covered, mut asked) = ([0u32; 4], 0.0);
    for (people, rounds) in [(250, 1), (50, 5)] {
        for target in targets {
            let before = covered;
            for seed in 0..worlds {
                let (_, estimate) = evaluate(&world(seed, people, rounds), target);
                let truth = estimate.truth.expect("known");
                let dr = estimate.dr.expect("known");
                let found = [(estimate.ips, truth), (estimate.snips, truth), (dr, truth), (estimate.mean_weight, 1.0)];
                for (covered, (interval, value)) in covered.iter_mut().zip(found) {
                    *covered += u32::from((interval.low..=interval.high).contains(&value));
                }
                asked += 1.0;
            }
            let here: Vec<u32> = covered.iter().zip(before).map(|(after, before)| after - before).collect();
            println!("{people} × {rounds}, {target:?}: {here:?} of {worlds}");
        }
    }
    for (name, covered) in ["IPS", "SNIPS", "DR", "weight"].iter().zip(covered) {
        let share = f64::from(covered) / asked;
        assert!((0.90..=0.99).contains(&share), "{name}: {share}");
    }
}

#[test]
fn the_logged_policy_is_reproduced() {
    let rows = world(1, 60, 5);
    let (terms, estimate) = evaluate(&rows, Target::Logged);
    let mean = terms.iter().map(|term| term.reward).sum::<f64>() / terms.len() as f64;
    assert!((estimate.ips.value - mean).abs() < 1e-12 && (estimate.snips.value - mean).abs() < 1e-12);
    assert!((estimate.effective_sample_size - 300.0).abs() < 1e-6);
    assert!(estimate.dm.is_none() && estimate.dr.is_none() && estimate.warnings.is_empty());
    // A log whose every row was drawn uniformly is its own uniform policy, weight by weight.
    let fair: Vec<Row> = rows.iter().map(|row| Row { propensity: Some(0.25), ..row.clone() }).collect();
    let (_, uniform) = evaluate(&fair, Target::Uniform);
    assert!((uniform.ips.value - mean).abs() < 1e-12);
}

#[test]
fn a_row_does_not_predict_itself() {
    let rows = world(2, 40, 1);
    let flipped: Vec<Row> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| match row.feedback {
            Some(Said::Reward(reward)) if n == 20 => Row { feedback: Some(Said::Reward(1.0 - reward)), ..row.clone() },
            _ => row.clone(),
        })
        .collect();
    let (a, _) = evaluate(&rows, Target::Ours(Policy::GREEDY));
    let (b, _) = evaluate(&flipped, Target::Ours(Policy::GREEDY));
    for (n, (a, b)) in a.iter().zip(&b).enumerate() {
        let same = a.direct == b.direct && a.predicted == b.predicted && a.weight == b.weight;
        assert!(same || n > 20, "row {n}");
    }
    // It is the people's only row each: others hear of it with the next weights.
    assert_ne!(a[20].reward, b[20].reward);
}

#[test]
fn better_policies_are_estimated_to_be_better() {
    let rows = world(3, 200, 10);
    let greedy = evaluate(&rows, Target::Ours(Policy::GREEDY)).1;
    let uniform = evaluate(&rows, Target::Uniform).1;
    assert!(greedy.truth.expect("known") > uniform.truth.expect("known") + 0.05);
    assert!(greedy.dr.expect("known").value > uniform.dr.expect("known").value + 0.05);
}

#[test]
fn rows_that_lack_something_are_named() {
    let good = || Row { line: 7, ..world(4, 1, 1).remove(0) };
    let error = |row: Row| terms(&[row], Target::Uniform, 10, &mut |_| {}).expect_err("refused");
    assert!(error(Row { propensity: None, ..good() }).starts_with(":7: no `propensity`"));
    assert!(error(Row { chosen: None, ..good() }).starts_with(":7: no `chosen`"));
    assert!(error(Row { propensity: Some(0.0), ..good() }).starts_with(":7: `propensity` is 0"));
    assert!(error(Row { propensity: Some(1e-320), ..good() }).starts_with(":7: `propensity` is 1e-320"));
    assert!(error(Row { feedback: Some(Said::Reward(2.0)), ..good() }).starts_with(":7: `reward` is 2"));
    let pair = Row { feedback: Some(Said::Prefer(1)), ..good() };
    assert!(error(pair).contains("no row has"));
}

/// The files are not part of the repository; without them there is nothing to check.
#[test]
fn open_bandit_estimates_cover_the_logged_policys_own_click_rate() {
    let folder = std::env::var_os("FLYWHEEL_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = folder.join("open-bandit-men-random.jsonl.gz");
    if !file.exists() {
        eprintln!("skipped: {} is not there (FLYWHEEL_DATA names the folder)", file.display());
        return;
    }
    let rows: Vec<Row> = read(&file).expect("reads").into_iter().take(2_000).collect();
    let clicks = rows.iter().filter(|row| row.feedback == Some(Said::Reward(1.0))).count();
    let rate = clicks as f64 / rows.len() as f64;
    for target in [Target::Logged, Target::Uniform] {
        let (_, estimate) = evaluate(&rows, target);
        for interval in [Some(estimate.ips), Some(estimate.snips), estimate.dr].into_iter().flatten() {
            assert!((interval.low..=interval.high).contains(&rate), "{target:?}: {interval:?} for {rate}");
        }
        assert!((estimate.ips.value - rate).abs() < 1e-9);
    }
}
