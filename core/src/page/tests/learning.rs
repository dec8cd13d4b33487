use super::*;
use crate::signal::Correction;

#[test]
fn a_thumb_is_learned_before_the_call_returns() {
    let mut page = page(1);
    let before = scores(&mut page, NOW);
    let decision = page.rank(styles(), NOW).expect("ranks");
    page.thumb(decision.id, Some(Thumb::Up), NOW).expect("learns");
    let after = scores(&mut page, NOW);
    assert!(after[&decision.best] > before[&decision.best]);
    assert_eq!(page.rank(styles(), NOW).expect("ranks").best, decision.best);
}

#[test]
fn a_taken_back_thumb_leaves_no_trace() {
    let mut page = page(2);
    let first = page.rank(styles(), NOW).expect("ranks").id;
    page.thumb(first, Some(Thumb::Up), NOW).expect("learns");
    let (site, before) = (page.site().clone(), scores(&mut page, NOW));
    let second = page.rank(styles(), NOW).expect("ranks").id;
    for thumb in [Some(Thumb::Down), Some(Thumb::Up), Some(Thumb::Down), None] {
        page.thumb(second, thumb, NOW).expect("learns");
    }
    assert_eq!(page.site(), &site);
    assert_eq!(scores(&mut page, NOW), before);
}

#[test]
fn feedback_on_a_decision_replaces_what_was_said_before() {
    let (mut once, mut thrice) = (page(3), page(3));
    let decision = once.rank(styles(), NOW).expect("ranks").id;
    assert_eq!(decision, thrice.rank(styles(), NOW).expect("ranks").id);
    once.thumb(decision, Some(Thumb::Down), NOW).expect("learns");
    thrice.reward(decision, 0.7, Some("copied".into()), NOW).expect("learns");
    thrice.thumb(decision, Some(Thumb::Up), NOW).expect("learns");
    thrice.thumb(decision, Some(Thumb::Down), NOW).expect("learns");
    assert_eq!(once.site(), thrice.site());
}

#[test]
fn after_a_reload_the_model_is_as_it_was_to_the_bit_and_old_decisions_take_feedback() {
    let mut page = page(4);
    let mut writes = Vec::new();
    let mut last = None;
    for n in 0..30 {
        let decision = page.rank(styles(), NOW + n).expect("ranks");
        let thumb = if decision.best == "long" { Thumb::Up } else { Thumb::Down };
        page.thumb(decision.id, Some(thumb), NOW + n).expect("learns");
        last = Some(decision.id);
        writes.push(page.take_writes());
    }
    let mut again = reload(&writes, None, 99, NOW + DAY);
    assert_eq!(again.site(), page.site());
    assert_eq!(scores(&mut again, NOW + DAY), scores(&mut page, NOW + DAY));
    let last = last.expect("a decision");
    again.thumb(last, None, NOW + DAY).expect("yesterday's answer");
    page.thumb(last, None, NOW + DAY).expect("yesterday's answer");
    assert_eq!(again.site(), page.site());
}

#[test]
fn decisions_are_kept_for_30_days() {
    let mut page = page(5);
    let decision = page.rank(styles(), NOW).expect("ranks").id;
    let writes = [page.take_writes()];
    assert!(reload(&writes, None, 1, NOW + 29 * DAY).thumb(decision, Some(Thumb::Up), NOW + 29 * DAY).is_ok());
    let late = reload(&writes, None, 1, NOW + 31 * DAY).thumb(decision, Some(Thumb::Up), NOW + 31 * DAY);
    assert_eq!(late.map_err(|error| error.code), Err(Code::UnknownDecision));
}

#[test]
fn a_preference_raises_the_preferred_over_the_other() {
    let mut page = page(6);
    let decision = page.rank(styles(), NOW).expect("ranks");
    let last = decision.order[2].clone();
    page.prefer(decision.id, last.clone(), NOW).expect("learns");
    let after = scores(&mut page, NOW);
    assert!(after[&last] > 0.5 && after[&decision.best] < 0.5);
    assert!((after[&decision.order[1]] - 0.5).abs() < 1e-9, "the third is not touched");
}

#[test]
fn a_correction_teaches_the_direction_of_the_edit_and_is_no_thumbs_down() {
    let mut page = page(7);
    let text = |id: &str, words: &str| Candidate { id: id.into(), text: Some(words.into()), ..Candidate::default() };
    let long = "Certainly! I would be delighted to help you with that today, dear friend";
    for n in 0..6 {
        let shown = Request { candidates: vec![text("a", long)], ..styles() };
        let decision = page.rank(shown, NOW + n).expect("ranks");
        page.correct(decision.id, Correction::of_texts(long.into(), "Here is how".into()), NOW + n).expect("learns");
    }
    let both = Request { candidates: vec![text("wordy", long), text("plain", "Here is how")], ..styles() };
    assert_eq!(page.rank(both, NOW).expect("ranks").best, "plain");
    let constant = Model::default().space.vector("answer", &Default::default(), &Default::default());
    assert!(page.site().at(constant[0].0).is_zero(), "the surface's base rate is not dragged down");
}

#[test]
fn regenerating_is_a_weak_no_and_a_liked_later_attempt_is_preferred_to_it() {
    let mut page = page(8);
    let first = page.rank(styles(), NOW).expect("ranks");
    let (second, signal) = page.regenerate(first.id, NOW).expect("regenerates");
    assert!(signal.is_some() && second.attempt == 2 && second.best != first.best);
    page.thumb(second.id, Some(Thumb::Up), NOW).expect("learns");
    let entry = page.take_writes().entries.pop().expect("an entry");
    let Delivery::Pending { signal } = &entry.delivery else { panic!("waits to be sent") };
    assert_eq!(signal.signal().earlier.as_ref().map(|c| c.id.clone()), Some(first.best));
}

#[test]
fn regenerating_does_not_weaken_a_clearer_word() {
    let mut page = page(9);
    let first = page.rank(styles(), NOW).expect("ranks");
    page.thumb(first.id, Some(Thumb::Down), NOW).expect("learns");
    let site = page.site().clone();
    let (_, signal) = page.regenerate(first.id, NOW).expect("regenerates");
    assert_eq!((signal, page.site()), (None, &site));
}

#[test]
fn before_the_storage_is_read_the_apps_order_stands_and_feedback_waits() {
    let mut page = Page::new(options(10));
    let decision = page.rank(styles(), NOW).expect("ranks");
    assert!(decision.unready && decision.propensity == 1.0);
    assert_eq!(decision.order, ["short", "long", "list"]);
    let id = page.thumb(decision.id, Some(Thumb::Up), NOW).expect("held");
    let lost = page.thumb(Id::new(1, [1, 1]), Some(Thumb::Up), NOW).expect("held");
    assert!(page.site().to_diff().0.is_empty());
    page.ready();
    assert!(page.take_writes().entries.iter().any(|entry| entry.id == id));
    let dropped = Event::Dropped { id: lost, code: "unknown_decision".into() };
    assert_eq!(page.take_events(), [dropped]);
    assert!(scores(&mut page, NOW)["short"] > 0.5);
}

#[test]
fn a_profile_names_what_was_learned_strongest_first() {
    let mut page = page(11);
    for n in 0..20 {
        let decision = page.rank(styles(), NOW + n).expect("ranks");
        let thumb = if decision.best == "list" { Thumb::Up } else { Thumb::Down };
        page.thumb(decision.id, Some(thumb), NOW + n).expect("learns");
    }
    let profile = page.profile(50);
    let list = profile.iter().find(|t| t.feature == "style=list").expect("named");
    assert!(list.weight > 0.0 && list.uncertainty > 0.0);
    assert!(profile.iter().any(|t| t.feature == "topic=code × style=list"));
    let strength: Vec<f64> = profile.iter().map(|t| (t.weight / t.uncertainty).abs()).collect();
    assert!(strength.is_sorted_by(|a, b| a >= b));
}

#[test]
fn when_learning_is_refused_nothing_is_learned_or_kept() {
    let mut page = page(12);
    page.set_consent(Consent { learn: false, ..page.consent() });
    let decision = page.rank(styles(), NOW).expect("still ranks");
    let refused = page.thumb(decision.id, Some(Thumb::Up), NOW).map_err(|error| error.code);
    assert_eq!(refused, Err(Code::LearnRefused));
    assert_eq!(page.take_writes(), Writes::default());
}

/// One answer repeats the question, the other says something; both have about as many different words.
fn answers(question: &str, said: &str) -> Request {
    let text = |id: &str, text: &str| Candidate { id: id.into(), text: Some(text.into()), ..Candidate::default() };
    Request {
        surface: "chat".into(),
        context: Object(vec![("prompt".into(), Value::Text(question.into()))]),
        candidates: vec![text("repeats", question), text("says", said)],
        ..Request::default()
    }
}

#[test]
fn that_an_answer_says_something_new_is_learned_and_leaves_without_its_words() {
    let mut page = page(31);
    page.set_consent(Consent { learn: true, share: Share::Granted, text: false });
    let asked = [
        ("what is the highest mountain of southern Europe", "Mulhacén rises above Granada and its old Moorish town"),
        ("how long does it take to boil one egg", "Seven minutes give firm whites around soft golden yolks"),
        ("why do cats purr when they are being petted", "Their throats vibrate because content animals breathe calmly"),
    ];
    for (question, said) in asked {
        let decision = page.rank(answers(question, said), NOW).expect("ranks").id;
        page.prefer(decision, "says".into(), NOW).expect("learns");
    }
    let batch = serde_json::to_string(&page.begin(NOW, true).expect("sends").batch).expect("json");
    assert!(batch.contains(r#""text.novel":9.0"#) && batch.contains(r#""text.novel":0.0"#), "{batch}");
    assert!(!batch.contains("Granada") && !batch.contains("mountain"), "{batch}");
    let other =
        answers("who was the first to see moons of Jupiter", "Galileo Galilei noticed four bright companions there");
    assert_eq!(page.rank(other, NOW).expect("ranks").best, "says");
}
