//! docs/openapi.json is what the code makes, and real requests and answers are what it says.

use crate::fixture::{Answer, Fixture, NOW, about, log};
use crate::publishing::wide;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use flywheel_core::error::Code;
use flywheel_core::feature::Candidate;
use flywheel_core::id::Id;
use flywheel_core::signal::{Choice, Correction, Feedback, Thumb};
use flywheel_core::wire::{Answer as Told, Decided, Erase, Reply, Settings};
use flywheel_server::openapi;
use serde_json::{Value, json};

/// `FLYWHEEL_OPENAPI=write` writes the file anew.
#[test]
fn the_file_is_what_the_code_makes() {
    let made = format!("{}\n", serde_json::to_string_pretty(&openapi()).expect("json"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    if std::env::var("FLYWHEEL_OPENAPI").is_ok_and(|word| word == "write") {
        std::fs::write(path, &made).expect("writes");
    }
    assert!(std::fs::read_to_string(path).expect("a file") == made, "`flywheel openapi > docs/openapi.json` makes it");
}

/// A schema of the document that lets nothing pass which it does not name.
fn strict(name: &str) -> jsonschema::Validator {
    fn close(schema: &mut Value) {
        if let Some(fields) = schema.as_object_mut() {
            if fields.contains_key("properties") && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".into(), json!(false));
            }
            fields.values_mut().for_each(close);
        } else if let Some(items) = schema.as_array_mut() {
            items.iter_mut().for_each(close);
        }
    }
    let mut all = openapi()["components"].clone();
    close(&mut all);
    let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": all });
    jsonschema::validator_for(&schema).expect("a schema")
}

#[track_caller]
fn assert_is(name: &str, value: &Value) {
    let errors: Vec<_> = strict(name).iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?} in {value:#}");
}

/// The answer is one of those that the document has for this request.
#[track_caller]
fn assert_documented(method: &str, path: &str, answer: &Answer) {
    let document = openapi();
    let status = answer.status.as_u16().to_string();
    let response = &document["paths"][path][method]["responses"][&status];
    assert!(response.is_object(), "{method} {path} answers {status}");
    let media = answer.headers["content-type"].to_str().expect("text");
    let schema = &response["content"][media.split(';').next().expect("a type")]["schema"];
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        let value: Value = serde_json::from_slice(&answer.body).expect("json");
        assert_is(name, &value);
        if name == "Problem" {
            let code = value["code"].as_str().expect("a code");
            assert!(response["description"].as_str().expect("words").contains(code), "{method} {path}: {code}");
            let waits = response["headers"]["Retry-After"].is_object();
            assert_eq!(answer.headers.contains_key("retry-after"), waits, "{method} {path}: {code}");
        }
    } else {
        assert!(schema.is_object(), "{method} {path} answers {media}");
    }
}

#[test]
fn what_the_types_write_is_what_the_document_says() {
    let server = Fixture::new(0);
    let candidate = || Candidate { text: Some("a text".into()), ..about(1, 1, "b", Feedback::Retract).shown };
    let all = [
        Feedback::Thumb(Thumb::Up),
        Feedback::Retract,
        Feedback::Prefer { over: candidate() },
        Feedback::Correction(Correction::of_texts("old".into(), "new".into())),
        Feedback::Correction(Correction { share: 0.5, ..Correction::default() }),
        Feedback::Regenerate,
        Feedback::Reward { value: 0.5, reason: Some("copied".into()) },
    ];
    let signals = (0..).zip(all).map(|(n, feedback)| {
        let mut signal = about(n, n, "b", feedback);
        signal.shown = candidate();
        signal.earlier = Some(candidate());
        signal.choice = Some(Choice { order: vec!["b".into()], propensity: 1.0, ..Choice::default() });
        signal
    });
    let sent = server.batch(1, 0, signals.collect());
    let decided = Decided {
        id: Id::new(NOW, [1, 1]),
        surface: "a".into(),
        choice: Choice { order: vec!["b".into()], propensity: 1.0, ..Choice::default() },
        held_out: true,
        kept: 0.5,
        context: about(1, 1, "b", Feedback::Retract).context,
        candidates: vec![candidate()],
    };
    let mut batch = json!(sent);
    batch["decisions"] = json!([decided]);
    assert_is("Batch", &batch);
    let order = Erase { v: 1, key: sent.key, secret: sent.secret };
    assert_is("Erase", &json!(order));
    let reply = Reply { v: 1, server_time: NOW, results: Vec::new(), weights: None, retry_after_ms: Some(1) };
    assert_is("Reply", &json!(Told { reply, settings: Some(Settings { hold_out: 0.1, decisions: 0.5 }) }));
    // What it must not let pass.
    for (field, value) in
        [("v", json!(2)), ("secret", json!("zz")), ("signals", json!([{"id": 5}])), ("sent_at", json!(-1))]
    {
        let mut wrong = batch.clone();
        wrong[field] = value;
        assert!(!strict("Batch").is_valid(&wrong), "{field}");
    }
}

#[tokio::test]
async fn real_answers_are_documented() {
    let server = Fixture::new(1);
    let key = server.store.keys().public.clone();
    let mut signals = log(1, 3).pop().expect("one").1;
    signals.push(signals[0].clone());
    let mut batch = json!(server.batch(1, 0, signals));
    batch["signals"].as_array_mut().expect("a list").push(json!({"id": 7}));
    let post = async |path: &str, body: &Value| {
        let answer = server.post(path, body.to_string()).await;
        assert_documented("post", path, &answer);
        answer.status
    };
    assert_eq!(post("/v1/sync", &batch).await, StatusCode::OK);
    for (field, value) in [
        ("v", json!(9)),
        ("key", json!("pk_x")),
        ("model", json!("fw1.2")),
        ("secret", json!(1)),
        ("consent", json!({"share": "denied"})),
        ("signals", json!(vec![0; 300])),
    ] {
        let mut wrong = batch.clone();
        wrong[field] = value;
        assert_ne!(post("/v1/sync", &wrong).await, StatusCode::OK, "{field}");
    }
    for body in [json!([]), json!("x".repeat(1 << 20))] {
        post("/v1/sync", &body).await;
        post("/v1/erase", &body).await;
    }
    assert_documented("post", "/v1/sync", &server.post("/v1/sync", "{").await);
    assert_documented("post", "/v1/sync", &server.post("/v1/sync", vec![0xFF]).await);
    for question in
        [format!("key={key}"), format!("key={key}&version=-1"), "key=x".into(), format!("key={key}&model=x")]
    {
        assert_documented("get", "/v1/head", &server.get(&format!("/v1/head?{question}")).await);
    }
    assert_documented("get", "/v1/weights/{app}/{version}", &server.get("/v1/weights/default/1-00").await);
    let stats = Request::get("/v1/admin/stats");
    let secret = server.store.keys().secret.clone().expect("the first start makes it");
    let asked = stats.header("authorization", format!("Bearer {secret}")).body(Body::empty()).expect("a request");
    let stats = server.request(asked).await;
    assert_eq!(stats.status, StatusCode::OK);
    assert_documented("get", "/v1/admin/stats", &stats);
    assert_documented("get", "/v1/admin/stats", &server.get("/v1/admin/stats").await);
    assert_documented("get", "/v1/head", &server.post("/v1/head", "").await);
    assert_documented("get", "/healthz", &server.get("/healthz").await);
    assert_eq!(post("/v1/erase", &json!({"v": 1, "key": key, "secret": "f".repeat(32)})).await, StatusCode::OK);
    let much = json!(server.batch(3, 0, (5_000..5_012).map(wide).collect()));
    assert_eq!(post("/v1/sync", &much).await, StatusCode::OK);
    let head: Value = serde_json::from_slice(&server.get(&format!("/v1/head?key={key}")).await.body).expect("json");
    let path = format!("/{}", head["weights"]["url"].as_str().expect("so much has an address"));
    let whole = server.get(&path).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_documented("get", "/v1/weights/{app}/{version}", &whole);
    // And what it says when it is full, slow or stopping.
    let full = server.restart_with(|config| config.limits.disk_floor = u64::MAX);
    assert_documented("post", "/v1/sync", &full.post("/v1/sync", batch.to_string()).await);
    assert_documented("get", "/healthz", &full.get("/healthz").await);
    full.set_time(NOW + 1);
    let busy = full.restart_with(|config| {
        config.limits.disk_floor = 0;
        config.limits.key_rate = flywheel_server::Rate { per_second: 0.001, burst: 1 };
    });
    busy.get(&format!("/v1/head?key={key}")).await;
    assert_documented("post", "/v1/sync", &busy.post("/v1/sync", batch.to_string()).await);
    busy.store.close();
    assert_documented("get", "/healthz", &busy.get("/healthz").await);
}

#[test]
fn every_code_has_its_place_in_the_document() {
    let document = openapi();
    let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().expect("a list");
    assert_eq!(codes.len(), Code::ALL.len());
}
