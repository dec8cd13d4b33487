//! Whose words leave in an export, and which: consent by whatever clock, redaction, authors, attempts.

use crate::exports::{answer, args, exported, rows, said, send};
use crate::fixture::{Fixture, NOW};
use crate::recording::decided;
use flywheel_core::signal::{Correction, Feedback, Thumb};
use flywheel_server::export::Format;
use serde_json::json;

#[tokio::test]
async fn addresses_and_numbers_are_taken_out_before_the_disk_whatever_the_page_did() {
    let server = Fixture::new(0);
    let words = "write to jane.doe@example.com or to DE89 3704 0044 0532 0130 00, please";
    let corrected = Correction::of_texts(words.into(), format!("{words}!"));
    let signals = vec![
        said(1, 1, answer("a", words, true), Feedback::Thumb(Thumb::Up)),
        said(2, 2, answer("a", "short", true), Feedback::Correction(corrected)),
    ];
    send(&server, 1, true, signals).await;
    let mut explored = decided(3, 0.5);
    explored.choice.explored = true;
    explored.candidates = vec![answer("short", words, true), answer("long", words, true)];
    let mut batch = server.batch(1, 0, Vec::new());
    batch.consent.text = true;
    batch.decisions = vec![explored];
    server.sync(&batch).await;
    let rows = exported(&args(&server, Format::Jsonl));
    assert!(rows.contains("write to") && rows.lines().count() == 2, "{rows}");
    server.store.close();
    let mut database = Vec::new();
    for file in std::fs::read_dir(server.folder.path()).expect("a folder") {
        database.extend(std::fs::read(file.expect("a file").path()).expect("bytes"));
    }
    let is_there = |words: &str| database.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(is_there("write to [email]"), "the records and the signals are there");
    assert!(!is_there("jane.doe") && !is_there("3704 0044"));
}

#[tokio::test]
async fn an_attempt_that_was_copied_or_edited_a_little_is_preferred_to_the_one_before() {
    let server = Fixture::new(0);
    let reward = |value, reason: &str| Feedback::Reward { value, reason: Some(reason.into()) };
    let regenerated = |n: u64, feedback| {
        let mut signal = said(n, n, answer("b", &format!("later {n}"), true), feedback);
        signal.earlier = Some(answer("a", &format!("earlier {n}"), false));
        signal
    };
    let signals = vec![
        regenerated(1, reward(1.0, "copied")),
        regenerated(2, reward(0.2, "copied")),
        regenerated(3, reward(1.0, "scrolled")),
        regenerated(4, Feedback::Thumb(Thumb::Down)),
        regenerated(5, Feedback::Thumb(Thumb::Up)),
    ];
    send(&server, 1, true, signals).await;
    let pairs: Vec<_> = rows(&args(&server, Format::TrlPreference))
        .iter()
        .map(|row| (row["chosen"].clone(), row["rejected"].clone()))
        .collect();
    assert_eq!(pairs, [1, 5].map(|n| (json!(format!("later {n}")), json!(format!("earlier {n}")))));
}

#[tokio::test]
async fn a_correction_that_changed_nothing_does_not_make_a_models_text_a_persons() {
    let server = Fixture::new(0);
    let same = Correction::of_texts("robot text".into(), "robot text".into());
    send(&server, 1, true, vec![said(1, 1, answer("a", "robot text", false), Feedback::Correction(same))]).await;
    assert!(rows(&args(&server, Format::TrlCompletion)).is_empty());
    assert_eq!(rows(&args(&server, Format::Jsonl))[0]["made_by"], "machine");
}

#[tokio::test]
async fn words_stay_taken_away_whatever_a_clock_says_and_in_whatever_order_batches_come() {
    const YEARS: u64 = 10 * 365 * 86_400_000;
    let day = 86_400_000;
    for (batches, is_willing) in [
        // A clock that was ten years ahead when the person agreed, or a year behind when they did not any more.
        (vec![(NOW + YEARS, true), (NOW, false)], false),
        (vec![(NOW, true), (NOW - YEARS, false)], false),
        // Agreed, refused again, and what was said in between comes last.
        (vec![(NOW + 1, false), (NOW + 5, false), (NOW + 3, true)], false),
        (vec![(NOW + 1, true), (NOW + 5, false), (NOW + 3, true)], false),
        // Who agrees again is believed, a clock that is some hours ahead or not.
        (vec![(NOW + 1, false), (NOW + 2, true)], true),
        (vec![(NOW + day / 2, true), (NOW + day / 2 + 1, false), (NOW + day / 2 + 2, true)], true),
        // A refusal that was overtaken counts until the next batch puts it right.
        (vec![(NOW + 1, true), (NOW + 5, true), (NOW + 3, false), (NOW + 6, true)], true),
    ] {
        let server = Fixture::new(0);
        let words = said(2, 2, answer("a", "words", true), Feedback::Thumb(Thumb::Up));
        for (at, text) in &batches {
            let mut batch = server.batch(2, 0, if *text { vec![words.clone()] } else { Vec::new() });
            batch.consent.text = *text;
            batch.sent_at = *at;
            batch.signals.iter_mut().for_each(|signal| signal.at = at.saturating_sub(1_000));
            server.sync(&batch).await;
        }
        let rows = rows(&args(&server, Format::Jsonl)).len();
        assert_eq!(rows, usize::from(is_willing), "{batches:?}");
    }
}

#[tokio::test]
async fn what_was_stored_before_the_server_redacted_leaves_redacted() {
    let server = Fixture::new(0);
    send(&server, 1, true, vec![said(1, 1, answer("a", "write to mark", true), Feedback::Thumb(Thumb::Up))]).await;
    let db = rusqlite::Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
    let older = "UPDATE signals SET body = replace(body, 'mark', 'jane.doe@example.com')";
    assert_eq!(db.execute(older, []).expect("writes"), 1);
    assert_eq!(rows(&args(&server, Format::Jsonl))[0]["shown"], "write to [email]");
}
