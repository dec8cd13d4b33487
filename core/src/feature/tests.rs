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
    assert_eq!(count(r#"{"a":"x","b":2,"c":true}"#), 4, "a number lies between two knots");
    assert_eq!(count(r#"{"a":["x","y"]}"#), 2);
    assert_eq!(count(r#"{"a":false,"b":null,"c":0}"#), 0);
}

#[test]
fn context_and_candidate_are_crossed() {
    let space = Space::default();
    let (context, candidate) = (Features::of(&object(r#"{"a":"x","b":"y"}"#)), Features::of(&object(r#"{"c":"z"}"#)));
    let mut strengths: Vec<f64> = space.vector("s", &context, &candidate).iter().map(|(_, x)| *x).collect();
    strengths.sort_by(f64::total_cmp);
    assert_eq!(strengths, [0.5, 0.5, 1.0, 1.0, 1.0, 1.0], "crosses at half the strength");
}

#[test]
fn the_form_of_a_context_is_not_crossed_with_the_form_of_a_candidate() {
    let space = Space::default();
    let prompt = "What are the seven wonders of the ancient world?";
    let context = object(&format!(r#"{{"prompt":"{prompt}","topic":"history"}}"#));
    let candidate = Candidate {
        id: "a".into(),
        features: object(r#"{"style":"short"}"#),
        text: Some("- the pyramids of Giza".into()),
    };
    let form = |text: &str| form::form(text).0.len();
    for context in [context.clone(), crate::consent::without_text(&context)] {
        let (context, candidate) = (Features::of(&context), Features::of_candidate(&candidate));
        let vector = space.vector("s", &context, &candidate);
        let (here, there) = (context.crossing.len(), candidate.crossing.len());
        let words = context.words.len() + candidate.words.len();
        // The flag that stands for a question is form, and so is the list; topic and style are not.
        assert!(here > 4 && there > 4);
        let crosses = here * there - (here - 1) * (there - 1);
        assert_eq!(vector.len(), 1 + here + there + words + crosses);
        assert_eq!((here, there), (1 + form(prompt) - zeros(prompt), 1 + form("- the pyramids of Giza")));
    }
    fn zeros(text: &str) -> usize {
        form::form(text).0.iter().filter(|(_, value)| *value == Value::Number(0.0)).count()
    }
}

#[test]
fn what_both_sides_share_is_no_part_of_their_difference() {
    let space = Space::default();
    let none = Features::default();
    let (a, b) = (Features::of(&object(r#"{"k":"x","same":1}"#)), Features::of(&object(r#"{"k":"y","same":1}"#)));
    let mut signs: Vec<f64> = space.difference(&none, &a, &b).iter().map(|(_, x)| *x).collect();
    signs.sort_by(f64::total_cmp);
    assert_eq!(signs, [-1.0, 1.0]);
    let text = Features::of_text("The same text is no news, however long it is.");
    assert!(space.difference(&none, &text, &text).is_empty());
}

#[test]
fn a_small_edit_counts_in_full_and_a_whole_other_text_does_not_drown_the_rest() {
    let space = Space::default();
    let none = Features::default();
    let of = |text: &str| Features::of_text(text);
    let long = |word: &str| (0..300).map(|n| format!("{word}{n} ")).collect::<String>();
    let largest =
        |a: &str, b: &str| space.difference(&none, &of(a), &of(b)).iter().map(|(_, x)| x.abs()).fold(0.0, f64::max);
    let words = |a: &str, b: &str| {
        let all = space.difference(&none, &of(a), &of(b));
        all.iter().filter(|(_, x)| x.abs() <= text::TOKEN).map(|(_, x)| x * x).sum::<f64>()
    };
    // One word for another: nothing is larger than a token, and the word itself is not scaled.
    assert!((largest("a colour photo of it", "a color photo of it") - text::TOKEN).abs() < 1e-12);
    // Two texts that share nothing: the sum of squares grows with the root of their length only.
    let (once, more) = (words(&long("a"), &long("b")), words(&(long("a") + &long("c")), &(long("b") + &long("d"))));
    assert!(once > 20.0 && more < once * 1.6, "{once} {more}");
    // What the words lost is with the texts as wholes, which cancel where they are the same.
    assert!(largest(&long("a"), &long("b")) > 2.0);
}

#[test]
fn saying_a_word_often_counts_once_and_saying_it_more_often_than_the_other_counts() {
    let space = Space::default();
    let none = Features::default();
    let often = Features::of_text(&"very ".repeat(50));
    assert!(space.vector("s", &none, &often).iter().all(|(_, x)| x.abs() <= 5.0));
    let words = |features: &Features| {
        space.vector("s", &none, features).iter().map(|(_, x)| *x).filter(|x| *x == text::TOKEN).count()
    };
    assert!(words(&often) > 0);
    let more = space.difference(&none, &Features::of_text("very very good"), &Features::of_text("very good"));
    assert!(!more.is_empty() && more.iter().all(|(_, x)| x.abs() <= text::TOKEN));
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
fn what_is_far_beyond_the_limits_is_refused() {
    let ten_megabytes = Object(vec![("a".into(), Value::Text("word ".repeat(2_000_000).into()))]);
    assert_eq!(ten_megabytes.check().map_err(|error| error.code), Err(Code::TextTooLong));
    let many = (0..100_000).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",");
    assert_eq!(code(&format!("{{{many}}}")), Some(Code::TooManyFeatures));
    assert_eq!(code(&format!(r#"{{"a":[{}1]}}"#, "1,".repeat(100_000))), Some(Code::TooManyFeatures));
    // Half a surrogate pair is no character; the page's edge replaces it, a stranger's JSON is refused.
    assert!(serde_json::from_str::<Object>(r#"{"a":"\ud800"}"#).is_err());
}

#[test]
fn the_largest_texts_of_any_content_stay_bounded() {
    let full = |part: &str| part.repeat(limits::TEXT_BYTES / part.len());
    for part in ["a", " ", "\n", "- ", "#", "1", "東", "e\u{301}", "\u{1F600}", "\u{FFFD}", "A.b ", "'"] {
        let text = full(part);
        assert_eq!(check_text("a text", &text), Ok(()));
        let features = Features::of_text(&text);
        assert!(features.words.len() <= 2 * limits::GRAMS && features.crossing.len() <= 16, "{part:?}");
        let vector = Space::default().vector("s", &features, &features);
        assert!(vector.iter().all(|(_, x)| x.is_finite() && x.abs() <= limits::VALUE), "{part:?}");
    }
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

#[test]
fn no_number_is_louder_than_a_category_whatever_its_scale() {
    let space = Space::default();
    let candidate = Features::of(&object(r#"{"c":"z"}"#));
    let loudness = |context: &str| -> f64 {
        let vector = space.vector("s", &Features::of(&object(context)), &candidate);
        vector.iter().map(|(_, x)| square(*x)).sum()
    };
    let category = loudness(r#"{"a":"x"}"#);
    for number in ["0.01", "-0.4", "1", "37", "1999", "-1e9", "1700000000000", "1e308"] {
        let number = loudness(&format!(r#"{{"a":{number}}}"#));
        assert!(number <= category + 1e-9, "{number} and {category}");
    }
}

#[test]
fn numbers_are_told_apart_by_where_they_lie_and_near_ones_are_alike() {
    let alike = |a: f64, b: f64| -> f64 {
        let of = |number: f64| {
            let mut features = Features::default();
            features.push("a", &Value::Number(number));
            features.crossing
        };
        let shared =
            |(slot, x): (u32, f64)| of(b).iter().filter(|(other, _)| *other == slot).map(|(_, y)| x * y).sum::<f64>();
        of(a).into_iter().map(shared).sum::<f64>()
    };
    for number in [0.3, 5.0, 37.0, 1_999.0, 1e9] {
        assert!(alike(number, number * 1.02) > 0.4 * alike(number, number), "{number}");
        assert!(alike(number, -number).abs() < 1e-12 && alike(number, number * 20.0) < 0.1, "{number}");
        // Knots are a factor e apart, on the scale of asinh.
        assert!(alike(number, number * 1.02) <= 1.0);
    }
}
