//! Laws of every policy, with and without the app's rules.

use super::*;
use crate::math::sigmoid;

const POLICIES: [Policy; 7] = [
    Policy::GREEDY,
    Policy { by: By::Mean, epsilon: 0.2, ..Policy::GREEDY },
    Policy { by: By::Bonus(0.7), epsilon: 0.02, ..Policy::GREEDY },
    Policy { by: By::Thompson(1.0), epsilon: 0.0, ..Policy::GREEDY },
    Policy { by: By::Thompson(0.4), epsilon: 0.1, ..Policy::GREEDY },
    Policy { by: By::SquareCb(10.0), epsilon: 0.0, ..Policy::GREEDY },
    Policy { by: By::SquareCb(100.0), epsilon: 0.05, ..Policy::GREEDY },
];

fn prediction(mean: f64, deviation: f64) -> Prediction {
    Prediction { mean, variance: deviation * deviation, probability: sigmoid(mean) }
}

fn some(rng: &mut Rng, count: usize) -> Vec<Prediction> {
    // Few values, so that there are ties.
    (0..count).map(|_| prediction(rng.below(9) as f64 / 4.0 - 1.0, 0.1 + rng.below(10) as f64 / 5.0)).collect()
}

fn some_rules(rng: &mut Rng, count: usize) -> Vec<Rule> {
    let mut left = 1.0;
    (0..count)
        .map(|_| match rng.below(6) {
            0 => Rule::Forbidden,
            1 if rng.below(4) == 0 => Rule::Pinned,
            2 => {
                let share = (rng.unit() * left).max(1e-9);
                left -= share;
                Rule::MinimumShare(share)
            }
            _ => Rule::None,
        })
        .collect()
}

/// How often each stood first, and the propensity recorded for it.
fn count(policy: Policy, predictions: &[Prediction], rules: &[Rule], rounds: u32) -> (Vec<u32>, Vec<f64>, u32) {
    let mut rng = Rng::new(11);
    let (mut counts, mut claimed) = (vec![0u32; predictions.len()], vec![0.0; predictions.len()]);
    let mut explored = 0;
    for _ in 0..rounds {
        let ranking = rank(policy, predictions, rules, &mut rng);
        counts[ranking.order[0]] += 1;
        claimed[ranking.order[0]] = ranking.propensity;
        explored += u32::from(ranking.explored);
    }
    (counts, claimed, explored)
}

#[test]
fn recorded_propensities_are_the_frequencies_in_every_policy_with_and_without_rules() {
    let predictions = [(0.2, 1.0), (0.9, 0.4), (0.9, 0.4), (-1.0, 2.0), (0.5, 0.1)].map(|(m, s)| prediction(m, s));
    let minimums = [Rule::MinimumShare(0.15), Rule::Forbidden, Rule::None, Rule::MinimumShare(0.3), Rule::None];
    let pinned = [Rule::None, Rule::Pinned, Rule::Pinned, Rule::MinimumShare(0.5), Rule::Pinned];
    for policy in POLICIES {
        let rounds = if matches!(policy.by, By::Thompson(_)) { 5_000 } else { 60_000 };
        for rules in [&[][..], &minimums, &pinned] {
            let (counts, claimed, _) = count(policy, &predictions, rules, rounds);
            let chances = Chances::new(policy, &predictions, rules).first;
            for ((count, claim), chance) in counts.iter().zip(claimed).zip(chances) {
                let seen = f64::from(*count) / f64::from(rounds);
                // Five standard errors of a frequency.
                let error = 5.0 * (chance * (1.0 - chance) / f64::from(rounds)).sqrt();
                assert!((seen - chance).abs() <= error, "{policy:?} {rules:?}: {seen} for {chance}");
                assert!(*count == 0 || (claim - chance).abs() < 1e-15);
            }
        }
    }
}

#[test]
fn probabilities_sum_to_one_and_the_rules_hold() {
    let mut rng = Rng::new(12);
    for _ in 0..3_000 {
        let n = 1 + rng.below(12);
        let (predictions, rules) = (some(&mut rng, n), some_rules(&mut rng, n));
        let policy = POLICIES[rng.below(POLICIES.len())];
        if check_rules(&rules, n).is_err() {
            assert!(rules.iter().all(|rule| *rule == Rule::Forbidden), "{rules:?}");
            continue;
        }
        let chances = Chances::new(policy, &predictions, &rules).first;
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{policy:?} {rules:?} {chances:?}");
        let ranking = rank(policy, &predictions, &rules, &mut rng);
        assert!(ranking.propensity > 0.0 && ranking.propensity <= 1.0 + 1e-12);
        let is_pinned = rules.contains(&Rule::Pinned);
        for (chance, rule) in chances.iter().zip(&rules) {
            match rule {
                Rule::Forbidden => assert_eq!(*chance, 0.0),
                Rule::None | Rule::MinimumShare(_) if is_pinned => assert_eq!(*chance, 0.0),
                Rule::MinimumShare(share) => assert!(chance >= share),
                Rule::None | Rule::Pinned => assert!(*chance >= 0.0),
            }
        }
        if is_pinned {
            assert_eq!(rules[ranking.order[0]], Rule::Pinned);
        }
        let forbidden = rules.iter().filter(|rule| **rule == Rule::Forbidden).count();
        assert!(ranking.order[n - forbidden..].iter().all(|place| rules[*place] == Rule::Forbidden));
        let mut order = ranking.order;
        order.sort_unstable();
        assert!(order.into_iter().eq(0..n));
    }
}

#[test]
fn a_minimum_share_changes_nothing_where_it_is_met_and_lowers_the_others_in_proportion_where_not() {
    let policy = Policy { by: By::Mean, epsilon: 0.3, ..Policy::GREEDY };
    let predictions = [1.0, 0.0, -1.0].map(|mean| prediction(mean, 1.0));
    let plain = Chances::new(policy, &predictions, &[]).first;
    let met = [Rule::MinimumShare(0.5), Rule::MinimumShare(0.1), Rule::None];
    for (chance, plain) in Chances::new(policy, &predictions, &met).first.iter().zip(&plain) {
        assert!((chance - plain).abs() < 1e-15);
    }
    let raised = Chances::new(policy, &predictions, &[Rule::None, Rule::None, Rule::MinimumShare(0.28)]).first;
    assert!((raised[2] - 0.28).abs() < 1e-15);
    assert!((raised[0] / raised[1] - plain[0] / plain[1]).abs() < 1e-12);
    // Minimums that leave nothing free.
    let all = [Rule::MinimumShare(0.25), Rule::MinimumShare(0.25), Rule::MinimumShare(0.5)];
    assert_eq!(Chances::new(policy, &predictions, &all).first, [0.25, 0.25, 0.5]);
}

#[test]
fn what_the_uniform_share_chose_is_uniform() {
    let predictions = [1.0, 2.0, 2.0, 0.0].map(|mean| prediction(mean, 1.0));
    let policy = Policy { by: By::Mean, epsilon: 0.2, ..Policy::GREEDY };
    let (mut rng, mut counts) = (Rng::new(5), [0u32; 4]);
    for _ in 0..100_000 {
        let ranking = rank(policy, &predictions, &[], &mut rng);
        counts[ranking.order[0]] += u32::from(ranking.explored);
    }
    // 5,000 of each are expected; five standard deviations are 345.
    assert!(counts.iter().all(|count| count.abs_diff(5_000) < 345), "{counts:?}");
    assert_eq!(count(Policy::GREEDY, &predictions, &[], 1_000).2, 0);
}

#[test]
fn with_ties_the_mean_gives_the_documented_propensities() {
    let predictions = [1.0, 2.0, 2.0, 0.0].map(|mean| prediction(mean, 1.0));
    let chances = Chances::new(Policy { by: By::Mean, epsilon: 0.2, ..Policy::GREEDY }, &predictions, &[]).first;
    for (chance, expected) in chances.iter().zip([0.05, 0.45, 0.45, 0.05]) {
        assert!((chance - expected).abs() < 1e-15);
    }
}

#[test]
fn square_cb_gives_the_published_formula() {
    let predictions = [0.3, 0.8, 0.5].map(|probability| Prediction { mean: 0.0, variance: 1.0, probability });
    let chances =
        Chances::new(Policy { by: By::SquareCb(20.0), epsilon: 0.0, ..Policy::GREEDY }, &predictions, &[]).first;
    let (a, c) = (1.0 / (3.0 + 20.0 * 0.5), 1.0 / (3.0 + 20.0 * 0.3));
    for (chance, expected) in chances.iter().zip([a, 1.0 - a - c, c]) {
        assert!((chance - expected).abs() < 1e-15, "{chance} for {expected}");
    }
}

#[test]
fn a_single_candidate_is_certain_and_extremes_stay_finite() {
    for policy in POLICIES {
        let ranking = rank(policy, &[prediction(0.3, 1.0)], &[], &mut Rng::new(1));
        assert_eq!((ranking.order, ranking.explored), (vec![0], false));
        assert!((ranking.propensity - 1.0).abs() < 1e-12);
        let extremes =
            [prediction(1e300, 1e-300), prediction(-1e300, 1e150), prediction(0.0, 0.0), prediction(1e4, 1e9)];
        let chances = Chances::new(policy, &extremes, &[]).first;
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{policy:?} {chances:?}");
        let certain = [prediction(1.0, 0.0), prediction(2.0, 0.0)];
        assert!(Chances::new(policy, &certain, &[]).first[1] > 0.5);
    }
}

#[test]
fn parameters_are_held_to_their_ranges_and_rules_to_what_can_hold() {
    assert!(POLICIES.iter().all(|policy| policy.check().is_ok()));
    for by in [By::Bonus(-0.1), By::Thompson(11.0), By::Thompson(f64::NAN), By::SquareCb(f64::INFINITY)] {
        assert!(Policy { by, epsilon: 0.0, ..Policy::GREEDY }.check().is_err(), "{by:?}");
    }
    assert!(Policy { by: By::Mean, epsilon: 1.1, ..Policy::GREEDY }.check().is_err());
    assert_eq!(Policy::named("epsilon", None, None), Ok(Policy::default()));
    assert_eq!(Policy::named("greedy", None, None), Ok(Policy::GREEDY));
    assert_eq!(Policy::named("thompson", Some(1.0), Some(0.0)), Ok(POLICIES[3]));
    assert_eq!(Policy::named("best", None, None).map_err(|error| error.code), Err(Code::InvalidValue));
    assert_eq!(Policy::named("bonus", Some(-1.0), None).map_err(|error| error.code), Err(Code::OutOfRange));
    let code = |rules: &[Rule]| check_rules(rules, 2).map_err(|error| error.code);
    assert_eq!(code(&[]), Ok(()));
    assert_eq!(code(&[Rule::Forbidden, Rule::None]), Ok(()));
    assert_eq!(code(&[Rule::Forbidden, Rule::Forbidden]), Err(Code::InvalidRules));
    assert_eq!(code(&[Rule::None]), Err(Code::InvalidRules));
    assert_eq!(code(&[Rule::MinimumShare(0.6), Rule::MinimumShare(0.5)]), Err(Code::InvalidRules));
    assert_eq!(code(&[Rule::MinimumShare(1.5), Rule::None]), Err(Code::OutOfRange));
    assert_eq!(code(&[Rule::MinimumShare(f64::NAN), Rule::None]), Err(Code::NotFinite));
    for rule in [Rule::None, Rule::Pinned, Rule::Forbidden, Rule::MinimumShare(0.25)] {
        assert_eq!(Rule::from_number(rule.to_number()), Ok(rule));
    }
    assert!(Rule::from_number(2.0).is_err() && Rule::from_number(f64::NAN).is_err());
}

/// Φ by Marsaglia's series (2004, "Evaluating the normal distribution").
fn phi(z: f64) -> f64 {
    if z.abs() > 8.5 {
        return f64::from(u8::from(z > 0.0));
    }
    let (mut sum, mut term, mut before, mut i) = (z, z, 0.0, 1.0);
    while sum != before {
        before = sum;
        i += 2.0;
        term *= z * z / i;
        sum += term;
    }
    0.5 + sum * math::exp(-0.5 * z * z) / (2.0 * math::PI).sqrt()
}

#[test]
fn thompson_of_two_is_the_closed_form() {
    for (a, b) in
        [((0.0, 1.0), (0.0, 1.0)), ((0.3, 0.5), (-0.4, 1.5)), ((2.0, 0.2), (0.0, 1.1)), ((5.0, 0.3), (0.0, 0.3))]
    {
        let chances = Chances::new(
            Policy { by: By::Thompson(1.0), epsilon: 0.0, ..Policy::GREEDY },
            &[prediction(a.0, a.1), prediction(b.0, b.1)],
            &[],
        );
        let exact = phi((a.0 - b.0) / math::sqrt(a.1 * a.1 + b.1 * b.1));
        assert!((chances.first[0] - exact).abs() < 1e-8, "{} for {exact}", chances.first[0]);
    }
}

#[test]
fn thompson_agrees_with_a_far_finer_quadrature() {
    let mut rng = Rng::new(13);
    for n in [2, 3, 5, 10, 30] {
        for _ in 0..2 {
            let predictions: Vec<Prediction> =
                (0..n).map(|_| prediction(rng.unit() * 3.0 - 1.5, 0.2 + rng.unit() * 1.2)).collect();
            let chances =
                Chances::new(Policy { by: By::Thompson(1.0), epsilon: 0.0, ..Policy::GREEDY }, &predictions, &[]).first;
            for (i, chance) in chances.iter().enumerate() {
                let own = predictions[i];
                let (deviation, steps) = (own.variance.sqrt(), 1_000);
                let exact: f64 = (0..=steps)
                    .map(|step| {
                        let z = 20.0 * f64::from(step) / f64::from(steps) - 10.0;
                        let x = own.mean + z * deviation;
                        let others = predictions.iter().enumerate().filter(|(j, _)| *j != i);
                        let below: f64 = others.map(|(_, p)| phi((x - p.mean) / p.variance.sqrt())).product();
                        below * math::exp(-0.5 * z * z) / (2.0 * math::PI).sqrt() * 20.0 / f64::from(steps)
                    })
                    .sum();
                assert!((chance - exact).abs() < 1e-6, "{n}: {chance} for {exact}");
            }
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a draw for a test, on one machine")]
fn thompson_is_what_drawing_gives() {
    let predictions = [(0.0, 1.0), (0.4, 0.3), (-0.5, 1.4), (0.1, 0.6)].map(|(m, s)| prediction(m, s));
    let chances =
        Chances::new(Policy { by: By::Thompson(0.8), epsilon: 0.0, ..Policy::GREEDY }, &predictions, &[]).first;
    let (mut rng, mut counts, rounds) = (Rng::new(3), [0u32; 4], 200_000);
    for _ in 0..rounds {
        let draws = predictions.map(|p| {
            // Box and Muller 1958.
            let normal = math::sqrt(-2.0 * math::ln(1.0 - rng.unit())) * (2.0 * math::PI * rng.unit()).cos();
            p.mean + 0.8 * p.variance.sqrt() * normal
        });
        let most = draws.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        counts[draws.iter().position(|draw| *draw == most).expect("one is")] += 1;
    }
    for (count, chance) in counts.iter().zip(chances) {
        let seen = f64::from(*count) / f64::from(rounds);
        assert!(
            (seen - chance).abs() < 5.0 * (chance * (1.0 - chance) / f64::from(rounds)).sqrt(),
            "{seen} for {chance}"
        );
    }
}

#[test]
fn draws_that_hardly_vary_are_the_mean_and_take_no_time() {
    let policy = Policy { by: By::Thompson(5e-324), epsilon: 0.0, ..Policy::GREEDY };
    let chances = Chances::new(policy, &[prediction(0.0, 1.1), prediction(0.0, 0.4)], &[]);
    assert_eq!(chances.first, [0.5, 0.5]);
}

#[test]
fn ties_in_the_given_order_keep_it_with_exact_propensities() {
    let given = |policy: Policy| Policy { ties: Ties::Given, ..policy };
    // Nothing is known: the list stays as it is.
    let alike = [prediction(0.0, 1.0); 30];
    let ranking = rank(given(Policy::GREEDY), &alike, &[], &mut Rng::new(1));
    assert!(ranking.order.iter().copied().eq(0..30));
    assert_eq!(ranking.propensity, 1.0);
    // Of the best the first; the others in the order of the app where they are alike.
    let predictions = [1.0, 2.0, 0.0, 2.0, 0.0, 1.0].map(|mean| prediction(mean, 1.0));
    let ranking = rank(given(Policy::GREEDY), &predictions, &[], &mut Rng::new(1));
    assert_eq!(ranking.order, [1, 3, 0, 5, 2, 4]);
    let chances = Chances::new(given(Policy { epsilon: 0.3, ..Policy::GREEDY }), &predictions, &[]).first;
    for (chance, expected) in chances.iter().zip([0.05, 0.75, 0.05, 0.05, 0.05, 0.05]) {
        assert!((chance - expected).abs() < 1e-15);
    }
    // A forbidden first comes last, and a pinned one first.
    let ranking =
        rank(given(Policy::GREEDY), &alike[..3], &[Rule::Forbidden, Rule::None, Rule::None], &mut Rng::new(1));
    assert_eq!(ranking.order, [1, 2, 0]);
    let ranking = rank(given(Policy::GREEDY), &alike[..3], &[Rule::None, Rule::Pinned, Rule::Pinned], &mut Rng::new(1));
    assert_eq!((ranking.order, ranking.propensity), (vec![1, 0, 2], 1.0));
    // The frequencies are what is recorded, in every policy.
    for policy in POLICIES.map(given) {
        let rounds = if matches!(policy.by, By::Thompson(_)) { 5_000 } else { 60_000 };
        let (counts, claimed, _) = count(policy, &predictions, &[], rounds);
        let chances = Chances::new(policy, &predictions, &[]).first;
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{policy:?} {chances:?}");
        for ((count, claim), chance) in counts.iter().zip(claimed).zip(chances) {
            let seen = f64::from(*count) / f64::from(rounds);
            let error = 5.0 * (chance * (1.0 - chance) / f64::from(rounds)).sqrt();
            assert!((seen - chance).abs() <= error, "{policy:?}: {seen} for {chance}");
            assert!(*count == 0 || (claim - chance).abs() < 1e-15);
        }
    }
    // SquareCB as published: one best takes what the others leave, those that are alike included.
    let square = Policy { by: By::SquareCb(10.0), epsilon: 0.0, ties: Ties::Given };
    let chances = Chances::new(square, &alike[..4], &[]).first;
    assert_eq!(chances, [0.25; 4]);
}
