//! What is written by hand is what serde writes, and it reads back.

use super::{insight, read, report, rewrites, write};
use crate::flat::{Tree, Writer};
use flywheel_core::belief::{Diff, Evidence, Head};
use flywheel_core::consent::{Choice as Consents, Consent, Outgoing, Share};
use flywheel_core::error::Code;
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::journal::{Delivery, Entry};
use flywheel_core::page::{Explanation, Hint, Layers, Options, Page, Request, Term};
use flywheel_core::rank::Rule;
use flywheel_core::rewrite::{Rewrite, Suggestion};
use flywheel_core::signal::{Choice, Correction, Feedback, Signal, Thumb};
use flywheel_core::wire::{Outcome, Reply, Verdict, WeightsHead};
use serde_json::{Value as Json, json};

const ID: Id = Id::new(1_700_000_000_123, [7, 9]);

fn tree(write: impl FnOnce(&mut Writer)) -> Tree {
    let mut writer = Writer::default();
    write(&mut writer);
    let (text, mut shape) = writer.finish();
    shape.insert(0, f64::from(u8::from(text.is_ascii())));
    Tree::read(&text, &shape).expect("what was written is read")
}

/// As JavaScript would see it.
fn json_of(tree: &Tree) -> Json {
    match tree {
        Tree::Nothing | Tree::Odd => Json::Null,
        Tree::Text(text) => json!(text),
        Tree::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(*number as i64),
        Tree::Number(number) => json!(number),
        Tree::Flag(flag) => json!(flag),
        Tree::List(items) => items.iter().map(json_of).collect(),
        Tree::Object(pairs) => {
            Json::Object(pairs.iter().map(|(name, value)| (name.to_string(), json_of(value))).collect())
        }
    }
}

/// Whole numbers as whole numbers, whatever serde's type was.
fn plain(json: Json) -> Json {
    match json {
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            _ => Json::Number(number),
        },
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Object(pairs) => Json::Object(pairs.into_iter().map(|(name, value)| (name, plain(value))).collect()),
        other => other,
    }
}

fn tree_of(json: &Json) -> Tree {
    match json {
        Json::Null => Tree::Nothing,
        Json::Bool(flag) => Tree::Flag(*flag),
        Json::Number(number) => Tree::Number(number.as_f64().expect("a double")),
        Json::String(text) => Tree::Text(text.as_str().into()),
        Json::Array(items) => Tree::List(items.iter().map(tree_of).collect()),
        Json::Object(pairs) => {
            Tree::Object(pairs.iter().map(|(name, value)| (name.as_str().into(), tree_of(value))).collect())
        }
    }
}

fn candidate(id: &str) -> Candidate {
    let list = Value::List(vec![Value::Text("käse 😀".into()), Value::Flag(true), Value::Number(-2.5)]);
    let features = Object(vec![("list".into(), list), ("ü".into(), Value::Flag(false)), ("no".into(), Value::Nothing)]);
    Candidate { id: id.into(), features, text: Some("some\nwords".into()) }
}

/// What serde writes, but for the one text.
fn plain_entry(entry: &Entry) -> Json {
    let mut serde = serde_json::to_value(entry).expect("json");
    serde["rewrites"] = json!("1:5:6:colorcolour-1:0:11:\n— Ä: 1:");
    serde
}

fn rewrites() -> Vec<Rewrite> {
    let all = vec![
        Rewrite { from: "color".into(), to: "colour".into(), times: 1 },
        Rewrite { from: String::new(), to: "\n— Ä: 1:".into(), times: -1 },
    ];
    // Without the feature they are whatever text was stored.
    let carried = || vec![Rewrite { from: rewrites::text(&all), to: String::new(), times: 0 }];
    if crate::INSIGHT { all } else { carried() }
}

fn diff() -> Diff {
    Diff(vec![(3, Evidence { precision: 1 << 40, shift: -7 }), (260_000, Evidence { precision: -1, shift: i64::MIN })])
}

fn entries() -> Vec<Entry> {
    let form = Object(vec![("text.length".into(), Value::Text("8".into()))]);
    let feedback = [
        Feedback::Thumb(Thumb::Up),
        Feedback::Thumb(Thumb::Down),
        Feedback::Retract,
        Feedback::Regenerate,
        Feedback::Prefer { over: candidate("b") },
        Feedback::Reward { value: 0.7, reason: Some("copied".into()) },
        Feedback::Reward { value: 1.0, reason: None },
        Feedback::Correction(Correction::of_texts("a b".into(), "a c".into())),
        Feedback::Correction(Correction { shown_form: form.clone(), corrected_form: form, ..Correction::default() }),
    ];
    let choice =
        Choice { order: vec!["a".into(), "b".into()], propensity: 0.25, explored: true, prediction: 0.5, version: 3 };
    let signals = feedback.into_iter().enumerate().map(|(n, feedback)| Signal {
        id: ID,
        at: 1_700_000_000_123,
        decision: ID,
        surface: "answer".into(),
        context: if n % 2 == 0 { Object::default() } else { candidate("c").features },
        shown: candidate("a"),
        choice: (n % 3 > 0).then(|| choice.clone()),
        earlier: (n % 2 > 0).then(|| candidate("e")),
        feedback,
        weight: None,
        automated: true,
    });
    let all = Consent { text: true, ..Consent::default() };
    let pending = signals.map(|signal| Delivery::Pending { signal: Box::new(Outgoing::new(signal, all)) });
    let others = [
        Delivery::Local,
        Delivery::Acknowledged { seq: 9_000_000_000, taught: diff() },
        Delivery::Dropped { code: "too_old".into() },
    ];
    pending
        .chain(others)
        .map(|delivery| Entry { id: ID, at: 5, decision: ID, diff: diff().into(), rewrites: rewrites(), delivery })
        .collect()
}

#[test]
fn entries_are_written_as_serde_writes_them_and_read_back() {
    for entry in entries() {
        let written = tree(|w| write::entry(w, &entry));
        assert_eq!(json_of(&written), plain(plain_entry(&entry)));
        assert_eq!(read::entry(&written).as_ref(), Some(&entry));
    }
}

#[test]
fn packed_rewrites_are_read_back_and_a_torn_text_is_not() {
    let all = vec![
        Rewrite { from: "1:2".into(), to: "ä".into(), times: 2 },
        Rewrite { from: String::new(), to: ":".into(), times: -1 },
    ];
    let text = rewrites::text(&all);
    assert_eq!(rewrites::read(&text), Some(all));
    for torn in [&text[1..], &text[..text.len() - 1], "1:1", "1:9:9:a", "1:1:0:ä", "x:0:0:"] {
        assert_eq!(rewrites::read(torn), None, "{torn}");
    }
    assert_eq!(rewrites::read(""), Some(Vec::new()));
}

#[test]
fn a_record_that_lacks_a_field_or_has_the_wrong_type_is_not_read() {
    for entry in entries() {
        let Json::Object(whole) = plain_entry(&entry) else { panic!("an object") };
        for name in whole.keys() {
            let mut less = whole.clone();
            less.remove(name);
            let read_without = read::entry(&tree_of(&Json::Object(less.clone())));
            assert_eq!(read_without.is_some(), name == "rewrites", "without {name}");
            less.insert(name.clone(), json!([1]));
            assert_eq!(read::entry(&tree_of(&Json::Object(less))), None, "a wrong {name}");
        }
    }
}

fn page() -> Page {
    let mut page = Page::new(Options {
        model: flywheel_core::belief::Model::default(),
        policy: flywheel_core::rank::Policy::default(),
        sync: flywheel_core::sync::Settings::default(),
        consent: Consent { share: Share::Granted, text: true, learn: true },
        key: Some("pk_x".into()),
        secret: "0".repeat(32),
        seed: 4,
        layers: Layers::default(),
    });
    page.ready();
    let request = |after| Request {
        surface: "s".into(),
        context: candidate("x").features,
        candidates: vec![candidate("a"), candidate("b")],
        after,
        rules: vec![flywheel_core::rank::Rule::MinimumShare(0.25), flywheel_core::rank::Rule::None],
    };
    let first = page.rank(request(None), 1_000).expect("ranks");
    page.thumb(first.id, Some(Thumb::Down), 1_001).expect("learns");
    let second = page.rank(request(Some(first.id)), 1_002).expect("ranks");
    page.thumb(second.id, Some(Thumb::Up), 1_003).expect("learns");
    page
}

#[test]
fn decisions_batches_and_reports_are_written_as_serde_writes_them() {
    let mut page = page();
    for record in &page.export().decisions {
        let written = tree(|w| write::decision(w, record));
        assert_eq!(json_of(&written), plain(serde_json::to_value(record).expect("json")));
        assert_eq!(read::decision(&written).as_ref(), Some(*record));
    }
    let same = |written: Tree, serde: Json| assert_eq!(json_of(&written), plain(serde));
    let (status, traits, export) = (page.status(), page.profile(20), page.export());
    same(tree(|w| report::status(w, &status)), serde_json::to_value(&status).expect("json"));
    same(tree(|w| insight::traits(w, &traits)), serde_json::to_value(&traits).expect("json"));
    same(tree(|w| report::export(w, &export)), serde_json::to_value(&export).expect("json"));
    let first = export.decisions[0].id;
    let (next, _) = page.regenerate(first, 1_004).expect("ranks");
    let mut decided = serde_json::to_value(&next).expect("json");
    if crate::INSIGHT {
        decided["worthAsking"] = json!(next.worth_asking);
        decided["heldOut"] = json!(true);
    }
    same(tree(|w| report::decided(w, &next, true)), decided);
    let batch = page.begin(2_000, true).expect("sends").batch;
    assert_eq!(batch.signals.len(), 2);
    // The usual entry's records of decisions cannot be, and serde knows nothing of them.
    #[cfg(not(feature = "insight"))]
    let serde = flywheel_core::wire::Batch::<Outgoing> {
        v: batch.v,
        key: batch.key.clone(),
        secret: batch.secret.clone(),
        request: batch.request,
        sent_at: batch.sent_at,
        model: batch.model.clone(),
        version: batch.version,
        consent: batch.consent,
        signals: batch.signals.clone(),
        decisions: Vec::new(),
    };
    #[cfg(feature = "insight")]
    let (batch, serde) = {
        let mut batch = batch;
        let explored = batch.decisions.first_mut().expect("each decision leaves a record");
        (explored.held_out, explored.kept) = (true, 0.25);
        explored.context = Object(vec![("turns".into(), Value::Number(3.0))]);
        explored.candidates = vec![Candidate { id: "a".into(), ..Candidate::default() }];
        (batch.clone(), batch)
    };
    same(tree(|w| write::batch(w, &batch)), serde_json::to_value(&serde).expect("json"));
    let mut twin = page.clone();
    let (writes, entries) = (twin.take_writes(), page.clone());
    let written = tree(|w| write::writes(w, &mut page, true));
    let only_entries = tree(|w| write::writes(w, &mut entries.clone(), false));
    same(only_entries, json!([writes.entries, [], []]));
    let parts = [json!(writes.entries), json!(writes.decisions), json!(writes.expired)];
    same(written, Json::Array(parts.to_vec()));
}

#[test]
fn a_text_that_is_kept_is_stored_once_and_of_one_that_is_not_the_words_are() {
    for kept in [true, false] {
        let mut page = page();
        page.set_consent(Consent { share: Share::Granted, text: kept, learn: true });
        let request = Request { surface: "s".into(), candidates: vec![candidate("a")], ..Request::default() };
        let made = page.rank(request, 1_010).expect("ranks").id;
        let record = page.decision(made).expect("is kept");
        assert!(!record.candidates[0].features.words.is_empty());
        let written = tree(|w| write::decision(w, record));
        let stored = &json_of(&written)["candidates"][0];
        assert_eq!((stored["features"].is_null(), stored["candidate"]["text"].is_null()), (kept, !kept));
        assert_eq!(read::decision(&written).as_ref(), Some(record), "the words come back, whichever way");
        // As it was stored before: both.
        let mut both = stored.clone();
        both["features"] = json!(record.candidates[0].features.to_base64());
        let mut whole = json_of(&written);
        whole["candidates"][0] = both;
        let before = read::decision(&tree_of(&whole)).expect("what was stored before is read");
        assert_eq!(before.candidates[0].features, record.candidates[0].features);
    }
}

#[test]
fn reasons_hints_and_suggestions_are_written_as_serde_writes_them() {
    let term = |feature: &str| Term { feature: feature.into(), everybody: 0.25, own: -1.5 };
    let why = Explanation {
        candidate: "a".into(),
        logit: 0.5,
        probability: 0.625,
        predicted: 0.75,
        changed: true,
        terms: vec![term("style=ä"), term("n")],
        rest: term(""),
    };
    let hints = [Hint { text: "t".into(), feature: "f".into(), wanted: true, confidence: 0.875, signals: 3 }];
    let changes = [Suggestion { from: "a".into(), to: String::new(), count: 2, at: 7 }];
    let same = |written: Tree, serde: Json| assert_eq!(json_of(&written), plain(serde));
    same(tree(|w| insight::explanation(w, &why)), serde_json::to_value(&why).expect("json"));
    same(tree(|w| insight::hints(w, &hints)), serde_json::to_value(&hints).expect("json"));
    same(tree(|w| insight::suggestions(w, &changes)), serde_json::to_value(&changes).expect("json"));
}

#[test]
fn choices_and_replies_are_read_as_serde_writes_them() {
    let choices = [
        Consents::default(),
        Consents {
            learn: Some(true),
            share: Some(Share::Granted),
            text: Some(false),
            despite_privacy_control: Some(true),
        },
    ];
    for choice in choices {
        let json = serde_json::to_value(choice).expect("json");
        assert_eq!(read::choice(&tree_of(&json)), Some(choice));
        assert_eq!(json_of(&tree(|w| write::choice(w, choice))), json);
    }
    let verdict =
        |outcome| Verdict { id: ID.to_string(), outcome, seq: Some(4), taught: Some(diff()), code: None, detail: None };
    let outcomes =
        [Outcome::Ok, Outcome::Duplicate, Outcome::Rejected, Outcome::Retry, Outcome::TooOld, Outcome::Erased];
    let head = Head { version: 2, seq: 8, hash: u64::MAX };
    for weights in [None, Some(WeightsHead { head, delta: Some("AAAA".into()), url: None })] {
        let results = outcomes.into_iter().map(verdict).collect();
        let reply = Reply { v: 1, server_time: 5, results, weights, retry_after_ms: Some(10) };
        let json = serde_json::to_value(&reply).expect("json");
        assert_eq!(read::reply(&tree_of(&json)), Some(reply));
    }
}

#[test]
fn requests_are_read_as_they_were_asked_and_what_is_none_is_refused() {
    let asked = json!([
        { "id": "sö", "features": { "c": "xü😀", "no": null, "y": 0.5 } },
        { "id": "a", "features": { "l": [true, "z"] }, "text": "hello" },
        { "id": "b" },
    ]);
    let rules = tree_of(&json!([1, -1]));
    let read = read::request(&tree_of(&asked), &rules).expect("reads");
    let context =
        [("c".into(), Value::Text("xü😀".into())), ("no".into(), Value::Nothing), ("y".into(), Value::Number(0.5))];
    assert_eq!((&*read.surface, &*read.context.0, read.after), ("sö", &context[..], None));
    let list = Value::List(vec![Value::Flag(true), Value::Text("z".into())]);
    let first = Candidate { id: "a".into(), text: Some("hello".into()), features: Object(vec![("l".into(), list)]) };
    let second = Candidate { id: "b".into(), text: None, features: Object::default() };
    assert_eq!(read.candidates, [first, second]);
    assert_eq!(read.rules, [Rule::Pinned, Rule::Forbidden]);
    let code =
        |asked: &Tree, rules: Json| read::request(asked, &tree_of(&rules)).map(|_| ()).map_err(|error| error.code);
    assert_eq!(code(&tree_of(&asked), json!([])), Ok(()));
    assert_eq!(code(&tree_of(&asked), json!([2])), Err(Code::OutOfRange));
    for none in [json!([]), json!({}), json!(null)] {
        assert_eq!(code(&tree_of(&none), json!([])), Err(Code::InvalidValue), "{none}");
    }
    let odd: [(&str, Json); 6] = [
        ("/0/id", json!(7)),
        ("/0/features", json!("x")),
        ("/1", json!(7)),
        ("/1/id", json!(null)),
        ("/1/features", json!(["x"])),
        ("/1/text", json!(5)),
    ];
    for (place, value) in odd {
        let mut wrong = asked.clone();
        *wrong.pointer_mut(place).expect("is there") = value;
        assert_eq!(code(&tree_of(&wrong), json!([])), Err(Code::InvalidValue), "{place}");
    }
    // What is no plain value is refused wherever it stands; what is nested is the page's to refuse.
    let context = |value| {
        let features = Tree::Object(vec![("f".into(), value)]);
        Tree::List(vec![Tree::Object(vec![("id".into(), Tree::Text("s".into())), ("features".into(), features)])])
    };
    assert_eq!(code(&context(Tree::Odd), json!([])), Err(Code::InvalidValue));
    let nested = read::request(&context(Tree::Object(Vec::new())), &Tree::Nothing);
    assert_eq!(nested.expect("reads").context.0, [("f".into(), Value::Nested)]);
}

#[test]
fn what_does_not_fit_together_is_no_tree_wherever_it_is_cut() {
    for (text, ascii) in [("sid", 1.0), ("süd", 0.0)] {
        let shape = [ascii, 5.0, 3.0, 1.0, 2.0, 1.0, 1.0, 7.0, 0.0];
        assert!(Tree::read(text, &shape).is_ok());
        for cut in 0..shape.len() {
            assert!(Tree::read(text, &shape[..cut]).is_err(), "{cut} numbers");
        }
        assert!(Tree::read(text, &[&shape[..], &[0.0]].concat()).is_err(), "something is left");
        for text in ["", "s", "sidx"] {
            assert!(Tree::read(text, &shape).is_err(), "{text}");
        }
        for place in [2, 4, 6, 8] {
            let mut huge = shape;
            huge[place] = f64::MAX;
            assert!(Tree::read(text, &huge).is_err(), "a huge count at {place}");
        }
    }
}
