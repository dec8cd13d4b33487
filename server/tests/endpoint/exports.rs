//! What people said becomes training data: of whom, of what, and of whose words.

use crate::fixture::{Fixture, NOW};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object, Space, Value};
use flywheel_core::id::Id;
use flywheel_core::signal::{Correction, Feedback, Signal, Thumb};
use flywheel_server::export::{ExportArgs, Format, run_export};
use flywheel_server::replay::log;
use flywheel_server::seed;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const TRAINERS: [Format; 8] = [
    Format::TrlPreference,
    Format::TrlPreferenceChat,
    Format::TrlUnpaired,
    Format::TrlUnpairedChat,
    Format::TrlCompletion,
    Format::TrlCompletionChat,
    Format::OpenaiChat,
    Format::OpenaiPreference,
];

const ALL: [Format; 12] = [
    Format::TrlPreference,
    Format::TrlPreferenceChat,
    Format::TrlUnpaired,
    Format::TrlUnpairedChat,
    Format::TrlCompletion,
    Format::TrlCompletionChat,
    Format::OpenaiChat,
    Format::OpenaiPreference,
    Format::Langfuse,
    Format::Argilla,
    Format::Jsonl,
    Format::Replay,
];

pub fn args(server: &Fixture, format: Format) -> ExportArgs {
    ExportArgs {
        format: Some(format),
        person: None,
        data: server.folder.path().to_owned(),
        out: Some(PathBuf::from(server.folder.path()).join("export")),
        app: "default".into(),
        surface: None,
        since: None,
        until: None,
        prompt: "prompt".into(),
        include_machine_made: false,
    }
}

pub fn exported(args: &ExportArgs) -> String {
    run_export(args).expect("exports");
    std::fs::read_to_string(args.out.as_ref().expect("a file")).expect("text")
}

pub fn rows(args: &ExportArgs) -> Vec<Json> {
    exported(args).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// An answer by a model, or by a person.
pub fn answer(id: &str, text: &str, by_a_person: bool) -> Candidate {
    let author = by_a_person.then(|| ("made_by".into(), Value::Text("person".into())));
    Candidate { id: id.into(), features: Object(author.into_iter().collect()), text: Some(text.into()) }
}

pub fn said(n: u64, decision: u64, shown: Candidate, feedback: Feedback) -> Signal {
    Signal {
        id: Id::new(NOW + n, [n, n]),
        at: NOW + n,
        decision: Id::new(NOW, [decision, decision]),
        surface: "answer".into(),
        context: Object(vec![("prompt".into(), Value::Text(format!("question {decision}").into()))]),
        shown,
        choice: None,
        earlier: None,
        feedback,
        weight: None,
        automated: false,
    }
}

pub async fn send(server: &Fixture, person: u64, text: bool, signals: Vec<Signal>) {
    let consent = Consent { share: Share::Granted, text, ..Consent::default() };
    let mut batch = server.batch(person, 0, signals);
    batch.consent = consent;
    // Later batches are sent later.
    batch.sent_at = NOW + person;
    server.sync(&batch).await;
}

/// One statement of each kind by one person whose consent covers text.
fn each_kind() -> Vec<Signal> {
    let up = Feedback::Thumb(Thumb::Up);
    let corrected = Correction::of_texts("robot text".into(), "human text".into());
    vec![
        said(1, 1, answer("a", "robot liked", false), up.clone()),
        said(2, 2, answer("b", "human liked", true), up.clone()),
        said(3, 3, answer("c", "human disliked", true), Feedback::Thumb(Thumb::Down)),
        said(4, 4, answer("d", "robot text", false), Feedback::Correction(corrected)),
        said(5, 5, answer("e", "robot first", false), Feedback::Regenerate),
        Signal {
            earlier: Some(answer("e", "robot first", false)),
            ..said(6, 5, answer("f", "robot second", false), up.clone())
        },
        said(7, 7, answer("g", "human better", true), Feedback::Prefer { over: answer("h", "robot worse", false) }),
        said(8, 8, answer("i", "robot worth", false), Feedback::Reward { value: 0.7, reason: Some("copied".into()) }),
    ]
}

#[tokio::test]
async fn each_statement_becomes_the_rows_that_its_words_allow() {
    let server = Fixture::new(0);
    let mut signals = each_kind();
    // The regeneration stands for itself here: the later attempt is a decision of its own.
    signals[5].decision = Id::new(NOW, [6, 6]);
    send(&server, 1, true, signals).await;
    let pairs = [
        json!({"prompt": "question 4", "chosen": "human text", "rejected": "robot text"}),
        json!({"prompt": "question 5", "chosen": "robot second", "rejected": "robot first"}),
        json!({"prompt": "question 7", "chosen": "human better", "rejected": "robot worse"}),
    ];
    let unpaired = [
        json!({"prompt": "question 1", "completion": "robot liked", "label": true}),
        json!({"prompt": "question 2", "completion": "human liked", "label": true}),
        json!({"prompt": "question 3", "completion": "human disliked", "label": false}),
        json!({"prompt": "question 5", "completion": "robot second", "label": true}),
    ];
    let completions = [
        json!({"prompt": "question 1", "completion": "robot liked"}),
        json!({"prompt": "question 2", "completion": "human liked"}),
        json!({"prompt": "question 4", "completion": "human text"}),
        json!({"prompt": "question 5", "completion": "robot second"}),
    ];
    let is_human = |row: &Json| ["chosen", "completion"].iter().any(|key| row[key].to_string().contains("human"));
    let user = |row: &Json| json!([{"role": "user", "content": row["prompt"]}]);
    let model = |words: &Json| json!([{"role": "assistant", "content": words}]);
    let turns = |row: &Json| -> Json {
        let turned = |(key, value): (&String, &Json)| {
            let value = match key.as_str() {
                "prompt" => user(row),
                "label" => value.clone(),
                _ => model(value),
            };
            (key.clone(), value)
        };
        row.as_object().expect("an object").iter().map(turned).collect()
    };
    let chat = |row: &Json| json!({"messages": [user(row)[0], model(&row["completion"])[0]]});
    let dpo = |row: &Json| {
        json!({
            "input": {"messages": user(row), "tools": [], "parallel_tool_calls": true},
            "preferred_output": model(&row["chosen"]),
            "non_preferred_output": model(&row["rejected"]),
        })
    };
    for include_machine_made in [false, true] {
        let check = |format, rows_there: &[Json], form: &dyn Fn(&Json) -> Json| {
            let expected: Vec<_> =
                rows_there.iter().filter(|row| include_machine_made || is_human(row)).map(form).collect();
            assert!(!expected.is_empty());
            assert_eq!(rows(&ExportArgs { include_machine_made, ..args(&server, format) }), expected, "{format:?}");
        };
        let plain = |row: &Json| row.clone();
        check(Format::TrlPreference, &pairs, &plain);
        check(Format::TrlUnpaired, &unpaired, &plain);
        check(Format::TrlCompletion, &completions, &plain);
        check(Format::TrlPreferenceChat, &pairs, &turns);
        check(Format::TrlUnpairedChat, &unpaired, &turns);
        check(Format::TrlCompletionChat, &completions, &turns);
        check(Format::OpenaiChat, &completions, &chat);
        check(Format::OpenaiPreference, &pairs, &dpo);
    }
    // Without a prompt there is nothing to answer.
    assert_eq!(
        rows(&ExportArgs { prompt: "question".into(), ..args(&server, Format::TrlPreference) }),
        [] as [Json; 0]
    );
}

#[tokio::test]
async fn what_a_model_wrote_is_left_out_unless_asked_for() {
    let server = Fixture::new(0);
    send(&server, 1, true, each_kind()).await;
    for format in TRAINERS {
        let text = exported(&args(&server, format));
        // Of a pair the worse text may be a model's: nobody learns to write it.
        let learned = text.replace("robot text", "").replace("robot worse", "");
        assert!(text.contains("human") && !learned.contains("robot"), "{format:?}: {text}");
    }
    for format in [Format::Jsonl, Format::Argilla] {
        let read = |include_machine_made| exported(&ExportArgs { include_machine_made, ..args(&server, format) });
        assert!(!read(false).contains("robot second") && read(true).contains("robot second"), "{format:?}");
    }
    let marks: Vec<_> = rows(&args(&server, Format::Jsonl)).iter().map(|row| row["made_by"].clone()).collect();
    assert_eq!(marks, ["machine", "person", "person", "person", "machine", "person", "machine"]);
}

#[tokio::test]
async fn only_people_whose_consent_covers_text_are_exported_and_the_latest_word_counts() {
    let server = Fixture::new(0);
    let like = |n: u64, words: &str| vec![said(n, n, answer("a", words, true), Feedback::Thumb(Thumb::Up))];
    send(&server, 1, true, like(1, "willing")).await;
    send(&server, 2, false, like(2, "unwilling")).await;
    send(&server, 3, true, like(3, "withdrawn")).await;
    // Consent is taken back with a batch of nothing; an older batch that arrives late does not bring it back.
    let mut batch = server.batch(3, 0, Vec::new());
    batch.sent_at = NOW + 100;
    server.sync(&batch).await;
    send(&server, 3, true, Vec::new()).await;
    for format in ALL.into_iter().filter(|format| !matches!(format, Format::Replay)) {
        let text = exported(&ExportArgs { include_machine_made: true, ..args(&server, format) });
        let count = text.matches("willing").count();
        let expected = usize::from(!matches!(
            format,
            Format::Langfuse | Format::TrlPreference | Format::TrlPreferenceChat | Format::OpenaiPreference
        ));
        assert_eq!(
            (count, text.contains("withdrawn"), text.contains("unwilling")),
            (expected, false, false),
            "{format:?}"
        );
    }
    assert_eq!(rows(&args(&server, Format::Langfuse)).len(), 1);
    assert_eq!(rows(&args(&server, Format::Jsonl)).len(), 1);
    // The replay log is the loop's own data and has everybody, without the words of those who keep them.
    let replay = exported(&args(&server, Format::Replay));
    assert_eq!(replay.lines().count(), 3);
    assert!(!replay.contains("unwilling") && !replay.contains("withdrawn"));
}

#[tokio::test]
async fn what_was_taken_back_replaced_or_erased_leaves_no_row() {
    let server = Fixture::new(0);
    let thumb = |n, decision, thumb| said(n, decision, answer("a", &format!("text {n}"), true), Feedback::Thumb(thumb));
    send(&server, 1, true, vec![thumb(1, 1, Thumb::Up), thumb(2, 2, Thumb::Up), thumb(9, 3, Thumb::Up)]).await;
    let retract = said(3, 1, answer("a", "text 1", true), Feedback::Retract);
    // What comes late was replaced before it came.
    send(&server, 1, true, vec![retract, thumb(4, 2, Thumb::Down), thumb(5, 3, Thumb::Down)]).await;
    send(&server, 2, true, vec![thumb(6, 4, Thumb::Up)]).await;
    server.erase(2).await;
    let expected = [("text 9", true), ("text 4", false)];
    let found = rows(&args(&server, Format::TrlUnpaired));
    let found: Vec<_> =
        found.iter().map(|row| (row["completion"].as_str().unwrap_or_default(), row["label"] == true)).collect();
    assert_eq!(found, expected);
    for format in ALL {
        let text = exported(&ExportArgs { include_machine_made: true, ..args(&server, format) });
        for gone in ["text 1", "text 2", "text 5", "text 6"] {
            assert!(!text.contains(gone), "{gone} in {format:?}");
        }
    }
}

#[tokio::test]
async fn a_replay_log_teaches_what_the_signals_taught() {
    let server = Fixture::new(0);
    let mut signals = each_kind();
    signals[5].decision = Id::new(NOW, [6, 6]);
    send(&server, 1, true, signals.clone()).await;
    // Of somebody whose words stay at home there are forms.
    send(
        &server,
        2,
        false,
        signals.iter().map(|signal| Signal { id: Id::new(signal.at, [9, 9]), ..signal.clone() }).collect(),
    )
    .await;
    let args = ExportArgs { out: Some(server.folder.path().join("log.jsonl.gz")), ..args(&server, Format::Replay) };
    run_export(&args).expect("exports");
    let log = log::read(args.out.as_ref().expect("a file")).expect("a replay log");
    let read = seed::signals(&log, "answer", 1.0).expect("signals");
    assert_eq!(read.len(), 2);
    let space = Space::default();
    // The day and the person's own ids are not in a log; compared is what the features teach.
    let lessons = |signals: &[Signal]| -> Vec<_> {
        let mut lessons: Vec<_> = signals
            .iter()
            .flat_map(|signal| Signal { decision: Id::new(NOW, [0, 0]), ..signal.clone() }.observations(space))
            .map(|lesson| format!("{lesson:?}"))
            .collect();
        lessons.sort_unstable();
        lessons
    };
    let books = server.books();
    let mut stored = books.database().prepare("SELECT person, body FROM signals ORDER BY seq").expect("a statement");
    let stored = stored
        .query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?)))
        .expect("rows")
        .map(|row| row.expect("a row"));
    let mut kept = std::collections::BTreeMap::<String, Vec<Signal>>::new();
    for (person, body) in stored {
        kept.entry(Id::from_bytes(person).text()).or_default().push(serde_json::from_str(&body).expect("a signal"));
    }
    assert_eq!(kept.keys().collect::<Vec<_>>(), read.keys().collect::<Vec<_>>());
    for (person, signals) in &kept {
        assert!(lessons(signals).len() > 8);
        assert_eq!(lessons(&read[person]), lessons(signals), "{person}");
    }
}

#[tokio::test]
async fn a_long_log_is_exported_in_pieces_each_statement_once_and_in_order() {
    let server = Fixture::new(0);
    let mut expected = Vec::new();
    for piece in 0..10 {
        let signals: Vec<_> = (0..250)
            .map(|n| piece * 250 + n)
            .map(|n| said(n, n, answer("a", &format!("text {n}"), true), Feedback::Thumb(Thumb::Up)))
            .collect();
        expected.extend(signals.iter().map(|signal| signal.id.text()));
        send(&server, 1, true, signals).await;
    }
    let found: Vec<_> =
        rows(&args(&server, Format::Jsonl)).iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_export_is_of_one_app_one_task_and_one_span_of_time() {
    let server = Fixture::new(0);
    for (n, surface) in [(1, "answer"), (2, "title"), (3, "answer")] {
        server.set_time(NOW + n * 1_000);
        let signal = said(n, n, answer("a", "text", true), Feedback::Thumb(Thumb::Up));
        send(&server, n, true, vec![Signal { surface: surface.into(), ..signal }]).await;
    }
    let books = server.books();
    books
        .database()
        .execute_batch(
            "INSERT INTO apps (app, name, model, salt, created_at) SELECT 2, 'other', model, salt, created_at FROM apps;
             INSERT INTO consents SELECT 2, person, text, sent_at FROM consents;
             UPDATE signals SET app = 2 WHERE seq = 3;",
        )
        .expect("another app");
    let usual = args(&server, Format::Jsonl);
    let seqs =
        |args: &ExportArgs| -> Vec<_> { rows(args).iter().map(|row| row["seq"].as_u64().expect("seq")).collect() };
    assert_eq!(seqs(&usual), [1, 2]);
    assert_eq!(seqs(&ExportArgs { app: "other".into(), ..usual.clone() }), [3]);
    assert_eq!(seqs(&ExportArgs { surface: Some("title".into()), ..usual.clone() }), [2]);
    assert_eq!(seqs(&ExportArgs { since: Some(NOW + 2_000), ..usual.clone() }), [2]);
    assert_eq!(seqs(&ExportArgs { until: Some(NOW + 2_000), ..usual.clone() }), [1]);
    assert!(run_export(&ExportArgs { app: "none".into(), ..usual }).is_err());
}

#[tokio::test]
async fn a_parquet_file_has_a_row_for_each_statement_also_over_several_groups() {
    let server = Fixture::new(0);
    let long = "long text ".repeat(6_000);
    let signals = (0..150).map(|n| said(n, n, answer("a", &long, true), Feedback::Thumb(Thumb::Up)));
    for batch in signals.collect::<Vec<_>>().chunks(10) {
        send(&server, 1, true, batch.to_vec()).await;
    }
    let args = args(&server, Format::Parquet);
    run_export(&args).expect("exports");
    let file = std::fs::File::open(args.out.expect("a file")).expect("opens");
    let file = SerializedFileReader::new(file).expect("Parquet");
    let groups = file.metadata().num_row_groups();
    let rows: Vec<_> = file.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    assert_eq!((rows.len(), groups), (150, 2));
    for (n, row) in rows.iter().enumerate() {
        let there: std::collections::BTreeMap<_, _> =
            row.get_column_iter().map(|(name, field)| (name.as_str(), field)).collect();
        assert_eq!(*there["prompt"], Field::Str(format!("question {n}")));
        assert_eq!(*there["shown"], Field::Str(long.clone()));
        assert_eq!(*there["value"], Field::Double(1.0));
        assert_eq!(*there["other"], Field::Null);
    }
}

#[tokio::test]
async fn a_person_gets_everything_that_any_table_holds_about_them_and_nothing_of_others() {
    let server = Fixture::new(1);
    send(&server, 1, true, each_kind()).await;
    send(&server, 2, true, vec![said(90, 90, answer("z", "of somebody else", true), Feedback::Thumb(Thumb::Up))]).await;
    server.erase(3).await;
    let read = |person: u64| -> Json {
        let secret = server.folder.path().join("secret");
        std::fs::write(&secret, format!("{}\n", crate::fixture::secret(person))).expect("writes");
        let usual = args(&server, Format::Jsonl);
        let args = ExportArgs { format: None, person: Some(secret), ..usual };
        serde_json::from_str(&exported(&args)).expect("JSON")
    };
    let (one, two, erased, nobody) = (read(1), read(2), read(3), read(4));
    assert!(!one.to_string().contains("of somebody else") && two.to_string().contains("of somebody else"));
    assert_eq!(one["signals"].as_array().map(Vec::len), Some(8));
    assert_eq!(one["signals"][3]["body"]["feedback"]["correction"]["corrected"], "human text");
    assert_eq!(one["consents"][0]["text"], 1);
    assert_eq!(erased["tombstones"].as_array().map(Vec::len), Some(1));
    assert_eq!(nobody["signals"], json!([]));
    // Whatever table has a column for persons is in it.
    let books = server.books();
    let mut tables = books
        .database()
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% person %'")
        .expect("a statement");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("rows").map(|name| name.expect("a name")).collect();
    assert!(tables.len() >= 4, "{tables:?}");
    for table in tables {
        assert!(one[&table].is_array(), "{table}");
    }
    let stored: (i64, i64) = books
        .database()
        .query_row("SELECT count(*), (SELECT count(*) FROM signals) FROM persons", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("counts");
    assert_eq!(stored, (2, 9));
}
