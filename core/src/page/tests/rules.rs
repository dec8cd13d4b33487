//! The app's rules hold whatever was learned, before the storage is read, and for the next attempt.

use super::*;
use crate::rank::Rule;

fn with(rules: [Rule; 3]) -> Request {
    Request { rules: rules.to_vec(), ..styles() }
}

#[test]
fn a_forbidden_candidate_never_leads_however_well_liked_not_even_when_asked_again_after_a_reload() {
    let mut page = page(3);
    let liked = |page: &mut Page, at| loop {
        let decision = page.rank(styles(), at).expect("ranks");
        let thumb = if decision.best == "list" { Thumb::Up } else { Thumb::Down };
        page.thumb(decision.id, Some(thumb), at).expect("learns");
        if decision.best == "list" {
            break;
        }
    };
    (0..20).for_each(|at| liked(&mut page, NOW + at));
    let rules = [Rule::None, Rule::None, Rule::Forbidden];
    let first = page.rank(with(rules), NOW + 30).expect("ranks");
    assert_eq!(first.order[2], "list");
    assert!(first.scores[2] > first.scores[0]);
    let mut reloaded = reload(&[page.take_writes()], None, 4, NOW + 40);
    for at in 0..20 {
        let next = reloaded.regenerate(first.id, NOW + 50 + at).expect("ranks").0;
        assert_eq!(next.order[2], "list");
    }
}

#[test]
fn rules_hold_before_the_storage_is_read() {
    let mut early = Page::new(options(5));
    let pinned = early.rank(with([Rule::None, Rule::None, Rule::Pinned]), NOW).expect("ranks");
    assert_eq!((pinned.order.join(" ").as_str(), pinned.propensity), ("list short long", 1.0));
    let forbidden = early.rank(with([Rule::Forbidden, Rule::None, Rule::None]), NOW).expect("ranks");
    assert_eq!((forbidden.order.join(" ").as_str(), forbidden.propensity), ("long list short", 1.0));
}

#[test]
fn a_minimum_share_is_in_the_recorded_propensity() {
    let mut page = page(6);
    let (mut led, rounds) = (0u32, 2_000);
    for at in 0..rounds {
        let decision = page.rank(with([Rule::None, Rule::MinimumShare(0.6), Rule::None]), NOW + at).expect("ranks");
        let expected = if decision.best == "long" { 0.6 } else { 0.2 };
        assert!((decision.propensity - expected).abs() < 1e-12);
        led += u32::from(decision.best == "long");
    }
    // Five standard deviations of 2,000 draws at 0.6 are 110.
    assert!(led.abs_diff(1_200) < 110, "{led}");
}

#[test]
fn rules_that_cannot_hold_are_refused() {
    let mut page = page(7);
    let code = |page: &mut Page, rules: &[Rule]| {
        page.rank(Request { rules: rules.to_vec(), ..styles() }, NOW).map_err(|error| error.code).map(|_| ())
    };
    assert_eq!(code(&mut page, &[Rule::Forbidden; 3]), Err(Code::InvalidRules));
    assert_eq!(code(&mut page, &[Rule::None; 2]), Err(Code::InvalidRules));
    assert_eq!(code(&mut page, &[Rule::MinimumShare(0.5); 3]), Err(Code::InvalidRules));
    assert_eq!(code(&mut page, &[Rule::MinimumShare(0.25); 3]), Ok(()));
}
