//! The shell blocks of the documents, run as they stand, but for folders, ids and ports.

use crate::process::{Server, ask, key};
use flywheel_core::belief::Model;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Starts of lines that other tests run: building and tests are what is under way, and the package is packed and
/// started in tests/packaging.
const ELSEWHERE: [&str; 5] = ["cargo build", "cargo xtask", "npm install", "npx flywheel-server", "cargo bench"];

/// The lines of a document's `sh` blocks, without comments.
fn lines(document: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
    let text = std::fs::read_to_string(path).expect("a document");
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => {
                let command = line.split(" #").next().unwrap_or_default().trim();
                found.extend((!command.is_empty()).then(|| command.to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// Runs one line, with the binary under test in the path; gives what it printed.
fn shell(line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_flywheel")).parent().expect("a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh").args(["-ec", line]).env("PATH", path).output().expect("runs");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{line}\n{text}");
    text
}

/// Two thumbs, so that there is something to count, to go back to and to copy.
fn speak(server: &Server, data: &Path) {
    let (key, model) = (key(data), Model::default().id().to_string());
    for n in 1..=2 {
        let body = format!(
            r#"{{"v":1,"key":"{key}","secret":"{n:032x}","request":"01975e26-7400-7a3c-9d4e-{n:012x}",
            "sent_at":1749686400000,"model":"{model}","version":0,
            "consent":{{"learn":true,"share":"granted","text":false}},
            "signals":[{{"id":"01975e26-6c30-7b1f-8e2d-{n:012x}","at":1749686398000,
            "decision":"01975e26-5ca8-7c2a-b111-{n:012x}","surface":"a","shown":{{"id":"b"}},"feedback":{{"thumb":"up"}}}}]}}"#
        );
        let answer = ask(&server.address, "POST", "/v1/sync", &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let start = Instant::now();
    loop {
        let stats = shell(&format!("flywheel stats --json --data {}", data.display()));
        if stats.contains("\"version\":2,") {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nothing was published: {stats}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn run(document: &str) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    std::fs::create_dir(&backups).expect("a folder");
    let mut running: Option<Server> = None;
    let mut ran = 0;
    for written in lines(document) {
        if ELSEWHERE.iter().any(|start| written.starts_with(start)) {
            continue;
        }
        let mut line = written.replace("cargo run --release -p flywheel-server --", "flywheel");
        for (there, here) in [("/var/lib/flywheel", &data), ("./flywheel-data", &data), ("/backups", &backups)] {
            line = line.replace(there, &here.display().to_string());
        }
        if line.contains("3f9a0c41") {
            let keys = shell(&format!("flywheel key list --data {}", data.display()));
            let row = keys.lines().find(|row| row.contains("shop")).expect("the app that the document makes");
            let is_id = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            line = line.replace("3f9a0c41", row.split_whitespace().find(is_id).expect("an id"));
        }
        line = line.replace("rollback 412", "rollback 1");
        if line.starts_with("flywheel serve") {
            let server = Server::start(&data, &["--publish-every", "1"]);
            speak(&server, &data);
            running = Some(server);
        } else {
            if line.starts_with("mv ") {
                // "To restore, stop the server".
                running.take().expect("it runs").stop();
            }
            shell(&line);
        }
        ran += 1;
    }
    assert!(ran > 2, "{document} has hardly a line left: {ran}");
}

#[test]
fn every_line_of_the_readme_about_the_server_runs() {
    run("README.md");
}

#[test]
fn every_line_of_the_servers_document_runs() {
    run("docs/server.md");
}
