//! Attempts at one request: what is accepted in the end was wanted rather than what was passed over.

use super::*;

fn one(style: &str, after: Option<Id>) -> Request {
    Request { candidates: vec![candidate(style, style)], after, ..styles() }
}

/// By how much the logit of the second style is above that of the first after two attempts, with something said about
/// the second.
fn gap(linked: bool, say: impl FnOnce(&mut Page, Id) -> Result<Id>) -> f64 {
    let mut page = page(60);
    let first = page.rank(one("short", None), NOW).expect("ranks").id;
    let second = page.rank(one("long", linked.then_some(first)), NOW).expect("ranks").id;
    say(&mut page, second).expect("learns");
    let expected = page.expectations(&styles(), NOW).expect("expects");
    expected[1].mean - expected[0].mean
}

#[test]
fn an_accepted_attempt_is_wanted_rather_than_the_one_before_it_as_surely_as_it_was_said() {
    let reward =
        |value: f64, reason: &'static str| move |page: &mut Page, id| page.reward(id, value, Some(reason.into()), NOW);
    let edit = |share| {
        let correction = Correction { share, ..Correction::default() };
        move |page: &mut Page, id| page.correct(id, correction, NOW)
    };
    let thumb = |thumb| move |page: &mut Page, id| page.thumb(id, Some(thumb), NOW);
    let up = gap(true, thumb(Thumb::Up)) - gap(false, thumb(Thumb::Up));
    let kept = gap(true, reward(1.0, "kept")) - gap(false, reward(1.0, "kept"));
    let half = gap(true, reward(0.5, "copied")) - gap(false, reward(0.5, "copied"));
    let edited = gap(true, edit(0.1)) - gap(false, edit(0.1));
    assert!(up > kept && kept > half && half > 0.0 && kept > edited && edited > 0.0, "{up} {kept} {half} {edited}");
    for (linked, alone) in [
        (gap(true, thumb(Thumb::Down)), gap(false, thumb(Thumb::Down))),
        (gap(true, reward(1.0, "seconds")), gap(false, reward(1.0, "seconds"))),
        (gap(true, edit(0.9)), gap(false, edit(0.9))),
    ] {
        assert_eq!(linked.to_bits(), alone.to_bits(), "nobody accepted it");
    }
}

/// What the last attempt's signal says was passed over.
fn passed_over(page: &Page) -> Option<String> {
    match &page.entries.values().last().expect("said").delivery {
        Delivery::Pending { signal } => signal.signal().earlier.as_ref().map(|earlier| earlier.id.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_shown_again_or_liked_is_not_passed_over() {
    let mut page = page(61);
    let first = page.rank(one("list", None), NOW).expect("ranks").id;
    let second = page.rank(one("short", Some(first)), NOW).expect("ranks").id;
    let third = page.rank(one("long", Some(second)), NOW).expect("ranks").id;
    let fourth = page.rank(one("long", Some(third)), NOW).expect("ranks").id;
    page.thumb(fourth, Some(Thumb::Up), NOW).expect("learns");
    assert_eq!(passed_over(&page).as_deref(), Some("short"), "the third showed the same");
    page.thumb(second, Some(Thumb::Up), NOW).expect("learns");
    assert_eq!(passed_over(&page).as_deref(), Some("list"));
    page.thumb(fourth, Some(Thumb::Up), NOW).expect("learns");
    assert_eq!(passed_over(&page).as_deref(), Some("list"), "the second is liked by now");
    page.thumb(first, Some(Thumb::Up), NOW).expect("learns");
    page.thumb(fourth, Some(Thumb::Up), NOW).expect("learns");
    assert_eq!(passed_over(&page), None);
}

#[test]
fn taking_back_takes_the_pair_back_too() {
    let mut page = page(62);
    let first = page.rank(one("short", None), NOW).expect("ranks").id;
    let (before, second) = (page.site().to_diff(), page.rank(one("long", Some(first)), NOW).expect("ranks").id);
    page.reward(second, 1.0, Some("bought".into()), NOW).expect("learns");
    page.thumb(second, Some(Thumb::Up), NOW).expect("learns");
    assert_ne!(page.site().to_diff(), before);
    page.thumb(second, None, NOW).expect("takes back");
    assert_eq!(page.site().to_diff(), before);
}

#[test]
fn the_server_learns_the_pair_that_the_page_learned() {
    let (mut server, mut page) = (Server::new(), page(63));
    let first = page.rank(one("short", None), NOW).expect("ranks").id;
    let second = page.rank(one("long", Some(first)), NOW).expect("ranks").id;
    page.reward(second, 1.0, Some("kept".into()), NOW).expect("learns");
    server.sync(1, &mut page, NOW);
    assert_eq!(server.sites[&1].to_diff(), page.site().to_diff(), "nobody else has said anything");
}
