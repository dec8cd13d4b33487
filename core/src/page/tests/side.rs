//! Who is held out, and what they get.

use super::*;
use crate::hold_out;
use crate::rank::Rule;
use crate::wire;

fn share(hold_out: f64) -> wire::Settings {
    wire::Settings { hold_out, ..wire::Settings::default() }
}

/// A page whose person is held out.
fn held_out(seed: u64) -> Page {
    let mut page = Page::new(options(seed));
    page.hold_out(1.0);
    page.ready();
    page
}

#[test]
fn who_is_held_out_gets_the_apps_own_order_with_certainty_and_learns_as_everybody() {
    let (mut held, mut other) = (held_out(1), page(1));
    for page in [&mut held, &mut other] {
        for n in 0..5 {
            let decision = page.rank(styles(), NOW + n).expect("ranks");
            page.prefer(decision.id, "list".into(), NOW + n).expect("is learned");
        }
    }
    let (own, learned) = (held.rank(styles(), NOW + 9).expect("ranks"), other.rank(styles(), NOW + 9).expect("ranks"));
    let order = |decision: &Decision| decision.order.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(order(&own), ["short", "long", "list"]);
    assert_eq!((own.propensity, own.explored, held.is_held_out()), (1.0, false, true));
    assert_eq!((&*learned.best, other.is_held_out()), ("list", false));
    // What is expected of each is what was learned.
    assert!(own.scores[2] > own.scores[0] && own.scores[2] > 0.6, "{:?}", own.scores);
    assert_eq!(held.regenerate(own.id, NOW + 10).expect("ranks again").0.order, own.order);
}

#[test]
fn the_apps_rules_hold_in_hold_out() {
    let mut page = held_out(1);
    let with = |rules: [Rule; 3]| Request { rules: rules.into(), ..styles() };
    let pinned = page.rank(with([Rule::None, Rule::None, Rule::Pinned]), NOW).expect("ranks");
    assert_eq!((&*pinned.best, &*pinned.order[1], pinned.propensity), ("list", "short", 1.0));
    let forbidden = page.rank(with([Rule::Forbidden, Rule::None, Rule::None]), NOW).expect("ranks");
    assert_eq!((&*forbidden.best, &*forbidden.order[2]), ("long", "short"));
    let minimum = with([Rule::None, Rule::None, Rule::MinimumShare(0.3)]);
    let propensities: Vec<f64> =
        (0..40).map(|n| page.rank(minimum.clone(), NOW + n).expect("ranks").propensity).collect();
    assert!(propensities.iter().all(|p| (p - 0.7).abs() < 1e-12 || (p - 0.3).abs() < 1e-12), "{propensities:?}");
}

#[test]
fn the_side_is_settled_once_and_the_apps_word_holds_over_the_endpoints() {
    // By an earlier visit, before the page is ready.
    let mut page = Page::new(options(1));
    page.asked(share(1.0));
    assert!(!page.is_held_out(), "what is decided before the storage is read says so itself");
    page.ready();
    page.asked(share(0.0));
    assert!(page.is_held_out());
    // By the first answer, where nobody has said anything before.
    let mut page = super::page(1);
    page.asked(share(f64::NAN));
    page.asked(share(2.0));
    assert!(!page.is_held_out(), "a share that is none is no word");
    page.asked(share(1.0));
    page.asked(share(0.0));
    assert!(page.is_held_out());
    // By the app.
    let mut page = Page::new(options(1));
    page.hold_out(0.0);
    page.asked(share(1.0));
    page.ready();
    assert!(!page.is_held_out());
}

#[test]
fn everybody_stays_on_their_side_and_a_place_holds_over_the_secret() {
    let place = hold_out::place(&options(1).secret);
    let side = |share: f64, stand: Option<f64>| {
        let mut page = Page::new(options(7));
        page.hold_out(share);
        stand.into_iter().for_each(|place| page.stand(place));
        page.ready();
        (page.place(), page.is_held_out())
    };
    assert_eq!(side(place + 1e-9, None), (place, true));
    assert_eq!(side(place, None), (place, false));
    assert_eq!(side(0.5, Some(0.4)), (0.4, true));
    assert_eq!(side(0.5, Some(0.6)), (0.6, false));
    // Another secret, while the page is open, changes no side.
    let mut page = Page::new(options(1));
    page.hold_out(place + 1e-9);
    page.ready();
    page.identify("ff".repeat(16));
    assert!(page.is_held_out());
    // Who is forgotten is nobody any more, and placed anew.
    page.stand(0.0);
    page.forget("ff".repeat(16));
    assert_eq!(page.place(), hold_out::place(&"ff".repeat(16)));
    assert_eq!(page.is_held_out(), page.place() < place + 1e-9);
}

#[test]
fn without_an_endpoint_nobody_is_held_out() {
    let mut page = Page::new(Options { key: None, ..options(1) });
    page.hold_out(1.0);
    page.ready();
    assert!(!page.is_held_out());
}
