//! What a page says about its reasons and about the person.

use super::*;

fn pairs(pairs: &[(&str, Value)]) -> Object {
    Object(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

/// A request with every kind of feature on both sides.
fn rich(turn: u64) -> Request {
    let text = |words: &str| Value::Text(words.into());
    let answer = |id: &str, style: &str, size: f64, words: &str| Candidate {
        id: id.into(),
        features: pairs(&[("style", text(style)), ("size", Value::Number(size)), ("warm", Value::Flag(size > 2.0))]),
        text: Some(words.into()),
    };
    Request {
        surface: "answer".into(),
        context: pairs(&[
            ("topic", text(if turn.is_multiple_of(2) { "code" } else { "travel" })),
            ("prompt", text("how do I write a loop that ends, please, and why does it not?")),
        ]),
        candidates: vec![
            answer("a", "short", 1.0, "Write `while` and a condition."),
            answer("b", "long", 4.0, "There are many ways.\n\n- one is a while loop\n- another a for loop\n"),
            answer("c", "list", 3.0, "# Loops\n1. for\n2. while"),
        ],
        ..Request::default()
    }
}

fn taught(seed: u64) -> Page {
    let mut page = page(seed);
    for turn in 0..30 {
        let decision = page.rank(rich(turn), NOW + turn).expect("ranks");
        let thumb = if decision.best == "b" { Thumb::Up } else { Thumb::Down };
        page.thumb(decision.id, Some(thumb), NOW + turn).expect("learns");
    }
    page
}

fn sum(explanation: &Explanation) -> f64 {
    explanation.terms.iter().chain([&explanation.rest]).map(|term| term.everybody + term.own).sum()
}

#[test]
fn the_terms_of_every_candidate_add_up_to_the_score_that_ranked_it() {
    let mut page = taught(4);
    let decision = page.rank(rich(3), NOW + 40).expect("ranks");
    for (id, score) in decision.order.iter().zip(&decision.scores) {
        for most in [0, 3, 1_000] {
            let explanation = page.explain(decision.id, Some(id), most).expect("explains");
            assert!((sum(&explanation) - explanation.logit).abs() < 1e-9);
            assert!((explanation.probability - score).abs() < 1e-12, "{id}");
            assert!(!explanation.changed && explanation.terms.len() <= most);
            assert!((explanation.predicted - decision.scores[0]).abs() < 1e-12);
            let strengths: Vec<f64> = explanation.terms.iter().map(|t| (t.everybody + t.own).abs()).collect();
            assert!(strengths.is_sorted_by(|a, b| a >= b), "strongest first");
        }
    }
    let logits: Vec<f64> =
        decision.order.iter().map(|id| page.explain(decision.id, Some(id), 0).expect("explains").logit).collect();
    assert!(logits.is_sorted_by(|a, b| a >= b), "the order is that of the logits");
    let names: Vec<String> =
        page.explain(decision.id, Some("b"), 1_000).expect("explains").terms.into_iter().map(|t| t.feature).collect();
    for name in [
        "answer in general",
        "answer on that day",
        "topic=travel",
        "style=long",
        "size about 4",
        "warm",
        "topic=travel × style=long",
    ] {
        assert!(names.iter().any(|other| other == name), "{name} in {names:?}");
    }
    for name in ["words of text", "words of the context", "text.list", "prompt.question"] {
        assert!(names.iter().any(|other| other == name), "{name} in {names:?}");
    }
    assert!(names.iter().all(|name| name != "others"), "every slot has a name");
}

#[test]
fn what_was_learned_since_is_said() {
    let mut page = taught(2);
    let decision = page.rank(rich(3), NOW + 40).expect("ranks");
    let before = page.explain(decision.id, None, 5).expect("explains");
    page.thumb(decision.id, Some(Thumb::Down), NOW + 41).expect("learns");
    let after = page.explain(decision.id, None, 5).expect("explains");
    assert!(after.changed && after.logit < before.logit && after.predicted == before.predicted);
    page.thumb(decision.id, None, NOW + 42).expect("takes back");
    assert_eq!(page.explain(decision.id, None, 5).expect("explains"), before);
}

#[test]
fn everybodys_part_and_ones_own_are_told_apart() {
    let (mut server, mut teacher) = (Server::new(), taught(3));
    server.sync(1, &mut teacher, NOW + DAY);
    let mut newcomer = page(4);
    newcomer.take_weights(&crate::belief::encode_full(&server.model, &server.weights)).expect("reads");
    let decision = newcomer.rank(rich(2), NOW + DAY).expect("ranks");
    let explanation = newcomer.explain(decision.id, None, 99).expect("explains");
    assert!(explanation.terms.iter().any(|term| term.everybody.abs() > 0.01));
    assert!(explanation.terms.iter().all(|term| term.own.abs() < 1e-12));
    assert!(newcomer.hints().is_empty() && newcomer.profile(9).is_empty(), "nothing is known about the newcomer");
    let decision = teacher.rank(rich(2), NOW + DAY).expect("ranks");
    let explanation = teacher.explain(decision.id, None, 99).expect("explains");
    // One person alone: there are no others.
    assert!(explanation.terms.iter().all(|term| term.everybody == 0.0));
}

#[test]
fn what_is_not_there_is_not_explained() {
    let mut page = taught(5);
    let code = |result: Result<Explanation>| result.map(|_| ()).map_err(|error| error.code);
    assert_eq!(code(page.explain(Id::new(1, [1, 1]), None, 5)), Err(Code::UnknownDecision));
    let decision = page.rank(rich(0), NOW + 50).expect("ranks");
    assert_eq!(code(page.explain(decision.id, Some("zzz"), 5)), Err(Code::UnknownCandidate));
}

#[test]
fn hints_are_few_plain_and_rest_on_evidence() {
    let mut page = page(6);
    assert!(page.hints().is_empty());
    for turn in 0..24 {
        let decision = page.rank(styles(), NOW + turn).expect("ranks");
        let chosen = if turn.is_multiple_of(2) { "short" } else { "long" };
        let thumb = if chosen == "short" { Thumb::Up } else { Thumb::Down };
        page.prefer(decision.id, "short".into(), NOW + turn).expect("learns");
        let one = Request { candidates: vec![candidate(chosen, chosen)], ..styles() };
        let decision = page.rank(one, NOW + turn).expect("ranks");
        page.thumb(decision.id, Some(thumb), NOW + turn).expect("learns");
    }
    let hints = page.hints();
    let short = hints.iter().find(|hint| hint.text == "prefers style: short").expect("is known");
    assert!(short.wanted && short.confidence > 0.9 && short.confidence < 1.0 && short.signals >= 12, "{short:?}");
    assert!(hints.iter().any(|hint| hint.text == "avoids style: long" && !hint.wanted), "{hints:?}");
    assert!(
        hints.len() <= 5
            && hints.iter().all(|hint| !hint.feature.starts_with("topic=code") || hint.feature.contains('×'))
    );
    let learned = page.profile(50);
    assert!(learned.iter().any(|learned| learned.feature == short.feature && learned.signals == short.signals));
    let once = {
        let mut page = super::page(7);
        let decision = page.rank(styles(), NOW).expect("ranks");
        page.thumb(decision.id, Some(Thumb::Up), NOW).expect("learns");
        page
    };
    assert!(once.hints().is_empty(), "one word is no habit");
}

#[test]
fn a_taste_for_a_form_is_seen_from_corrections() {
    let mut page = page(8);
    for turn in 0..8 {
        let shown = "Here is what to do:\n- first open it\n- then close it\n- and go home";
        let answer = Candidate { id: "a".into(), text: Some(shown.into()), ..Candidate::default() };
        let decision = page.rank(Request { candidates: vec![answer], ..styles() }, NOW + turn).expect("ranks");
        let corrected = "Open it, close it, go home.";
        page.correct(decision.id, Correction::of_texts(shown.into(), corrected.into()), NOW + turn).expect("learns");
    }
    let hints: Vec<String> = page.hints().into_iter().map(|hint| hint.text).collect();
    assert!(hints.iter().any(|hint| hint == "avoids lists"), "{hints:?}");
    assert!(hints.iter().any(|hint| hint == "prefers shorter answers"), "{hints:?}");
}
