use super::*;

fn refused(request: Request) -> Option<Code> {
    let mut page = page(60);
    let code = page.rank(request, NOW).err().map(|error| error.code);
    // Whatever it was, the page works on and kept nothing of it.
    assert!(code.is_none() || page.status().decisions == 0);
    assert!(page.rank(styles(), NOW).is_ok());
    code
}

fn with(name: &str, value: Value) -> Request {
    Request { context: Object(vec![(name.into(), value)]), ..styles() }
}

#[test]
fn bad_requests_are_refused_by_code() {
    let many = (0..1_001).map(|n| candidate(&n.to_string(), "x")).collect();
    let rows = [
        (Request { candidates: vec![], ..styles() }, Code::NoCandidates),
        (Request { candidates: many, ..styles() }, Code::TooManyCandidates),
        (Request { candidates: vec![candidate("a", "x"), candidate("a", "y")], ..styles() }, Code::DuplicateCandidate),
        (Request { candidates: vec![candidate("", "x")], ..styles() }, Code::InvalidName),
        (Request { candidates: vec![candidate("__proto__", "x")], ..styles() }, Code::ReservedKey),
        (Request { surface: Str::default(), ..styles() }, Code::InvalidName),
        (Request { surface: "a surface of far more than six words".into(), ..styles() }, Code::InvalidName),
        (Request { after: Some(Id::new(1, [1, 1])), ..styles() }, Code::UnknownDecision),
        (with("constructor", Value::Flag(true)), Code::ReservedKey),
        (with("n", Value::Number(f64::NAN)), Code::NotFinite),
        (with("n", Value::Number(f64::INFINITY)), Code::NotFinite),
        (with("n", Value::Nested), Code::NestedValue),
        (with("n", Value::Text("x".repeat(1 << 20).into())), Code::TextTooLong),
        (with("n", Value::List(vec![Value::Flag(true); 100_000])), Code::TooManyFeatures),
    ];
    for (request, code) in rows {
        assert_eq!(refused(request), Some(code));
    }
}

#[test]
fn bad_feedback_is_refused_by_code_and_teaches_nothing() {
    let mut page = page(61);
    let decision = page.rank(Request { candidates: vec![candidate("a", "x")], ..styles() }, NOW).expect("ranks").id;
    let code = |result: Result<Id>| result.map(|_| ()).map_err(|error| error.code);
    assert_eq!(code(page.thumb(Id::new(1, [1, 1]), None, NOW)), Err(Code::UnknownDecision));
    assert_eq!(code(page.reward(decision, 1.5, None, NOW)), Err(Code::OutOfRange));
    assert_eq!(code(page.reward(decision, f64::NAN, None, NOW)), Err(Code::NotFinite));
    assert_eq!(code(page.prefer(decision, "b".into(), NOW)), Err(Code::UnknownCandidate));
    assert_eq!(code(page.prefer(decision, "a".into(), NOW)), Err(Code::NoAlternative));
    assert_eq!((page.site().to_diff().0.len(), page.status().signals), (0, 0));
}

#[test]
fn decisions_with_long_texts_are_kept_within_a_bound_and_the_latest_hundred_always() {
    let mut page = page(61);
    let words = |n: usize| (0..400).map(|w| format!("{n}w{w} ")).collect::<String>();
    let asked = |n: usize| {
        let text = |c: usize| Some(words(n * 10 + c).into());
        let candidates = (0..10).map(|c| Candidate { id: c.to_string().into(), text: text(c), ..Candidate::default() });
        Request { candidates: candidates.collect(), ..styles() }
    };
    let last = (0..250).map(|n| page.rank(asked(n), NOW).expect("ranks").id).last().expect("one");
    let kept = page.status().decisions;
    assert!((100..250).contains(&kept), "{kept}");
    let export = page.export();
    let held = export.decisions.iter().flat_map(|record| &record.candidates).map(|shown| shown.features.words.len());
    assert!(held.sum::<usize>() <= crate::journal::WORDS || kept == 100);
    assert!(page.thumb(last, Some(Thumb::Up), NOW).is_ok());
}

#[test]
fn after_the_clock_was_set_back_predictions_and_lessons_are_about_the_same_day() {
    let mut page = page(62);
    page.rank(styles(), NOW + 3 * DAY).expect("ranks");
    let decision = page.rank(styles(), NOW).expect("ranks");
    page.thumb(decision.id, Some(Thumb::Up), NOW).expect("learns");
    assert_eq!(scores(&mut page, NOW), scores(&mut page, decision.id.at_ms()), "the day of the ids predicts");
}
