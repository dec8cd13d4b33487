//! What the loop is worth, on people whose tastes are known: a clone without outside data checks quality too.

use flywheel_server::replay::{Report, Rules, SynthArgs, replay, synth};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

fn world(spread: f64, seed: u64) -> Report {
    let args = SynthArgs { people: 150, thumbs: 20, rounds: 20, candidates: 5, common: 1.0, spread, seed, out: None };
    replay(&synth(&args), Rules { seed, ..Rules::default() }, &mut |_| {}).expect("replays")
}

#[test]
fn where_tastes_differ_the_personal_layer_recovers_four_fifths_of_what_an_oracle_gains() {
    let (mut gained, mut possible) = (0.0, 0.0);
    for seed in SEEDS {
        let report = world(3.0, seed);
        gained += report.personal_gain.expect("rounds").mean;
        possible += report.oracle_gain.expect("known tastes").mean;
        assert!(
            report.both.log_loss < report.global_only.log_loss && report.both.log_loss < report.local_only.log_loss
        );
    }
    assert!(possible > 0.5 && gained / possible >= 0.8, "{gained} of {possible}");
}

#[test]
fn where_tastes_do_not_differ_the_personal_layer_costs_nothing_measurable() {
    let mut gains = Vec::new();
    for seed in SEEDS {
        let report = world(0.0, seed);
        gains.push(report.personal_gain.expect("rounds").mean);
        // Of the first twenty thumbs of each, the second half: that people are alike has to be learned too.
        let late = [&report.both, &report.global_only].map(|figures| figures.log_loss_late.expect("thumbs"));
        assert!(late[0] < late[1] + 0.01, "{late:?}");
    }
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(mean > -0.0005, "{gains:?}");
}

#[test]
fn a_newcomer_starts_better_when_others_came_before() {
    let report = world(0.5, 1);
    assert!(report.both.mean_reward > report.local_only.mean_reward);
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let (a, b) = (world(1.0, 9), world(1.0, 9));
    assert_eq!((a.both, a.global_only, a.local_only), (b.both, b.global_only, b.local_only));
}
