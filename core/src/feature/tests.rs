use super::*;
use crate::error::Code;

fn object(json: &str) -> Object {
    serde_json::from_str(json).expect("an object")
}

fn code(json: &str) -> Option<Code> {
    object(json).check().err().map(|error| error.code)
}

#[test]
fn values_mean_what_the_documentation_says() {
    let space = Space::default();
    let none = Features::default();
    let count = |json: &str| space.vector("s", &none, &Features::of(&object(json))).len() - 1;
    assert_eq!(count(r#"{"a":"x","b":2,"c":true}"#), 3);
    assert_eq!(count(r#"{"a":["x","y"]}"#), 2);
    assert_eq!(count(r#"{"a":false,"b":null,"c":0}"#), 0);
}

#[test]
fn context_and_candidate_are_crossed() {
    let space = Space::default();
    let (context, candidate) = (Features::of(&object(r#"{"a":"x","b":"y"}"#)), Features::of(&object(r#"{"c":"z"}"#)));
    assert_eq!(space.vector("s", &context, &candidate).len(), 1 + 2 + 1 + 2);
}

#[test]
fn what_both_sides_share_is_no_part_of_their_difference() {
    let space = Space::default();
    let none = Features::default();
    let (a, b) = (Features::of(&object(r#"{"k":"x","same":1}"#)), Features::of(&object(r#"{"k":"y","same":1}"#)));
    let difference = Space::difference(&space.vector("s", &none, &a), &space.vector("s", &none, &b));
    let mut signs: Vec<f64> = difference.iter().map(|(_, x)| *x).collect();
    signs.sort_by(f64::total_cmp);
    assert_eq!(signs, [-1.0, 1.0]);
}

#[test]
fn bad_objects_are_refused_by_name() {
    let many = (0..=limits::FEATURES).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",");
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(limits::TEXT_BYTES + 1));
    let rows: &[(&str, Option<Code>)] = &[
        (r#"{"a":"x"}"#, None),
        (r#"{"__proto__":1}"#, Some(Code::ReservedKey)),
        (r#"{"constructor":1}"#, Some(Code::ReservedKey)),
        (r#"{"":1}"#, Some(Code::InvalidName)),
        (r#"{"a":{"b":1}}"#, Some(Code::NestedValue)),
        (r#"{"a":[[1]]}"#, Some(Code::NestedValue)),
        (&format!("{{{many}}}"), Some(Code::TooManyFeatures)),
        (&long, Some(Code::TextTooLong)),
    ];
    for (json, expected) in rows {
        assert_eq!(code(json), *expected, "{}", json.chars().take(60).collect::<String>());
    }
    for number in [f64::NAN, f64::INFINITY] {
        let object = Object(vec![("a".into(), Value::Number(number))]);
        assert_eq!(object.check().map_err(|e| e.code), Err(Code::NotFinite));
    }
}

#[test]
fn sentences_are_text_in_scripts_without_spaces_too_and_names_are_not() {
    for name in ["東京", "short", "Sci-Fi", "แนวตลก", "two words", "São Paulo, Brasil", "日本語の説明書"]
    {
        assert!(!is_text(name), "{name}");
    }
    for text in [
        "我最近被诊断出糖尿病，不知道怎么告诉我的妻子",
        "ฉันไม่รู้จะบอกภรรยาของฉันอย่างไร",
        "one two three four five six seven",
        &"x".repeat(65),
    ] {
        assert!(is_text(text), "{text}");
    }
}

#[test]
fn many_texts_in_one_object_teach_no_more_than_a_bound() {
    let words = |n: usize| (0..400).map(|w| format!("w{n}x{w} ")).collect::<String>();
    let texts = Object((0..500).map(|n| (format!("t{n}").into(), Value::Text(words(n).into()))).collect());
    assert_eq!(texts.check(), Ok(()));
    assert!(Features::of(&texts).words.len() <= 2 * limits::GRAMS);
}

#[test]
fn a_deep_hostile_value_costs_no_stack() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    assert_eq!(code(&deep), Some(Code::NestedValue));
}

#[test]
fn an_object_keeps_its_order_and_reads_back() {
    let json = r#"{"z":1.5,"a":["x",true],"m":null}"#;
    assert_eq!(serde_json::to_string(&object(json)).expect("serialises"), json);
}

#[test]
fn extreme_numbers_stay_bounded() {
    let space = Space::default();
    let features = Features::of(&object(r#"{"a":1e308,"b":-1e308,"c":5e-324}"#));
    for (_, x) in space.vector("s", &features, &features) {
        assert!(x.is_finite() && x.abs() <= limits::VALUE);
    }
}
