//! What a person changes again and again stays with the corrections that said so, and on the device.

use super::*;

fn correct(page: &mut Page, decision: Id, shown: &str, corrected: &str, at: u64) {
    page.correct(decision, Correction::of_texts(shown.into(), corrected.into()), at).expect("learns");
}

fn decide(page: &mut Page, at: u64) -> Id {
    page.rank(styles(), at).expect("ranks").id
}

fn offered(page: &Page, text: &str) -> Vec<(String, i64)> {
    page.suggest(text, 9).expect("suggests").into_iter().map(|found| (found.to, found.count)).collect()
}

fn british(page: &mut Page, times: u64) -> Vec<Id> {
    (0..times)
        .map(|turn| {
            let decision = decide(page, NOW + turn);
            correct(page, decision, "the color is red", "the colour is red", NOW + turn);
            decision
        })
        .collect()
}

#[test]
fn a_rewrite_is_offered_from_the_second_time_on_and_goes_with_its_correction() {
    let mut page = page(1);
    let first = british(&mut page, 1);
    assert!(offered(&page, "a color").is_empty());
    let decisions = [first, british(&mut page, 2)].concat();
    assert_eq!(offered(&page, "a color"), [("colour".into(), 3)]);
    page.thumb(decisions[0], None, NOW + 20).expect("takes back");
    assert_eq!(offered(&page, "a color"), [("colour".into(), 2)]);
    correct(&mut page, decisions[1], "the color is red", "the color is blue", NOW + 21);
    assert!(offered(&page, "a color").is_empty(), "replaced, and left as it is");
    page.thumb(decisions[1], None, NOW + 22).expect("takes back");
    british(&mut page, 1);
    assert_eq!(offered(&page, "a color"), [("colour".into(), 2)]);
}

#[test]
fn it_survives_a_reload_in_any_order_is_exported_and_forgotten() {
    let mut page = page(2);
    let decisions = british(&mut page, 3);
    page.thumb(decisions[2], Some(Thumb::Up), NOW + 9).expect("learns");
    let mut writes = page.take_writes();
    writes.entries.reverse();
    let reloaded = reload(&[writes], None, 3, NOW + 10);
    assert_eq!(offered(&reloaded, "a color"), [("colour".into(), 2)]);
    assert_eq!(reloaded.hints(), page.hints());
    assert!(page.hints().iter().any(|hint| hint.text == "prefers British spelling" && hint.signals == 2));
    let export = serde_json::to_string(&page.export()).expect("json");
    assert!(export.contains("colour"));
    page.forget("11".repeat(16));
    assert!(offered(&page, "a color").is_empty() && page.hints().is_empty());
    assert!(!serde_json::to_string(&page.export()).expect("json").contains("colour"));
}

#[test]
fn words_of_rewrites_stay_here_even_where_signals_are_sent() {
    for text in [false, true] {
        let mut page =
            Page::new(Options { consent: Consent { text, share: Share::Granted, learn: true }, ..options(4) });
        page.ready();
        british(&mut page, 2);
        assert_eq!(offered(&page, "a color"), [("colour".into(), 2)]);
        let sent = serde_json::to_string(&page.begin(NOW + 9, true).expect("may send").batch).expect("json");
        // With consent to text the texts themselves are sent, but nothing that was made of them here.
        assert!(!sent.contains("rewrites") && sent.contains("colour") == text);
    }
}

#[test]
fn nothing_is_remembered_where_learning_is_refused() {
    let mut page = Page::new(Options { consent: Consent { learn: false, ..Consent::default() }, ..options(5) });
    page.ready();
    let decision = decide(&mut page, NOW);
    assert!(page.correct(decision, Correction::of_texts("a color".into(), "a colour".into()), NOW).is_err());
    assert!(page.take_writes().entries.is_empty());
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    let refused = page(6).suggest(&"x".repeat(70_000), 9).expect_err("is too long");
    assert_eq!(refused.code, Code::TextTooLong);
}
