//! What a script that calls the commands can rely on: where the folder is named, JSON, exit codes, a clean log.

use crate::process::{Server, answer};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn run(words: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flywheel"));
    command.args(words).env("FLYWHEEL_DATA", data).output().expect("runs")
}

fn json(words: &[&str], data: &Path) -> Value {
    let output = run(words, data);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON value")
}

#[test]
fn the_folder_can_be_named_once_for_all_commands_and_each_answers_in_json() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let copy = folder.path().join("copy");
    assert_eq!(json(&["stats", "--json"], folder.path())["adds_up"], true);
    assert_eq!(json(&["freeze", "--json"], folder.path())["app"], "default");
    assert!(json(&["unfreeze", "--json"], folder.path())["answer"].is_string());
    assert!(json(&["set", "--hold-out", "0.1", "--json"], folder.path())["answer"].is_string());
    assert_eq!(json(&["retrain", "--json"], folder.path())["slots"], 0);
    assert!(json(&["backup", copy.to_str().expect("text"), "--json"], folder.path())["bytes"].is_u64());
    assert!(run(&["export", "--format", "jsonl"], folder.path()).status.success());
    assert_eq!(json(&["app", "list", "--json"], folder.path())["name"], "default");
    server.stop();
}

#[test]
fn a_folder_whose_name_was_mistyped_is_an_error_and_is_not_made() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let missing = folder.path().join("mistyped");
    for words in [
        &["app", "list"][..],
        &["key", "list"],
        &["key", "create", "--kind", "secret"],
        &["key", "revoke", "00112233"],
        &["stats"],
        &["freeze"],
        &["retrain", "--replace"],
        &["backup", "copy"],
    ] {
        assert_eq!(run(words, &missing).status.code(), Some(1), "{words:?}");
        assert!(!missing.exists(), "{words:?} made it");
    }
}

#[test]
fn sums_that_do_not_add_up_are_an_exit_code() {
    let folder = tempfile::TempDir::new().expect("a folder");
    Server::start(folder.path(), &[]).stop();
    assert!(run(&["stats"], folder.path()).status.success());
    let db = rusqlite::Connection::open(folder.path().join("flywheel.sqlite3")).expect("opens");
    db.execute("INSERT INTO sums (app, slot, rho, rho_m) VALUES (1, 5, 1, 1)", []).expect("damages");
    let output = run(&["stats", "--json"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let stats: Value = serde_json::from_slice(&output.stdout).expect("it is printed all the same");
    assert_eq!(stats["adds_up"], false);
}

#[test]
fn a_log_that_is_no_terminal_has_no_colours() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let log = Server::start_with(folder.path(), &[], &[("FLYWHEEL_LOG", "info")]).stop();
    assert!(log.contains("stopping") && !log.contains('\x1b'), "{log:?}");
}

#[test]
fn a_body_that_is_announced_as_too_large_is_refused_before_it_comes() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &["--body-time", "15s"]);
    let (mut stream, start) = (server.connect(), Instant::now());
    let head = "POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 99999999999\r\n\r\n{";
    stream.write_all(head.as_bytes()).expect("writes");
    assert!(answer(&mut stream).starts_with("HTTP/1.1 413"));
    assert!(start.elapsed() < Duration::from_secs(10), "it was waited for");
    server.stop();
}
