//! What an operator does with the real binary: settings, watching, keys, backups.

use crate::process::{Server, ask, key};
use flywheel_core::belief::Model;
use flywheel_server::{Config, Ledger, stats};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;

fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a folder")
}

/// A command that must end well, and what it prints.
fn flywheel(words: &[&str], data: Option<&Path>) -> String {
    let (good, text) = attempt(words, data, &[]);
    assert!(good, "flywheel {words:?}: {text}");
    text
}

fn attempt(words: &[&str], data: Option<&Path>, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flywheel"));
    command.args(words).env_remove("FLYWHEEL_DATA").envs(environment.iter().copied());
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    let output = command.output().expect("runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// A batch with one thumb.
fn batch(key: &str, secret: u64, n: u64) -> String {
    format!(
        r#"{{"v":1,"key":"{key}","secret":"{secret:032x}","request":"01975e26-7400-7a3c-9d4e-3f1b2c4d5e6f",
        "sent_at":1749686400000,"model":"{}","version":0,
        "consent":{{"learn":true,"share":"granted","text":false}},
        "signals":[{{"id":"01975e26-6c30-7b1f-8e2d-{n:012x}","at":1749686398000,
        "decision":"01975e26-5ca8-7c2a-b111-{n:012x}","surface":"a","shown":{{"id":"b"}},"feedback":{{"thumb":"up"}}}}]}}"#,
        Model::default().id()
    )
}

#[test]
fn a_flag_holds_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let folder = folder();
    let file = folder.path().join("flywheel.toml");
    let text =
        "data = \"from-file\"\nqueue = 7\nkey_rate = 50\nbody_time = \"5s\"\nallow_origin = [\"https://A.example/\"]\n";
    std::fs::write(&file, text).expect("writes");
    let path = file.to_str().expect("text");
    let words = ["config", "check", "--config", path, "--queue", "9"];
    let (good, text) = attempt(&words, None, &[("FLYWHEEL_QUEUE", "8"), ("FLYWHEEL_KEY_RATE", "60")]);
    assert!(good, "{text}");
    let line = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{name} = "))).expect(name);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("queue"), "queue = 9 # flag");
    assert_eq!(line("key_rate"), "key_rate = 60.0 # environment");
    assert_eq!(line("body_time"), "body_time = \"5s\" # file");
    assert_eq!(line("data"), "data = \"from-file\" # file");
    assert_eq!(line("disk_floor"), "disk_floor = \"256MiB\" # default");
    // What is printed is a file that says the same.
    let printed: String = text.lines().filter(|line| line.contains(" = ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, printed).expect("writes");
    let again = flywheel(&["config", "check", "--config", path], None);
    let bare = |text: &str| {
        let lines = text.lines().filter(|line| line.contains(" = "));
        lines.map(|line| line.split(" # ").next().unwrap_or_default().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bare(&again), bare(&text));
}

#[test]
fn a_setting_that_makes_no_sense_is_named() {
    let folder = folder();
    let file = folder.path().join("flywheel.toml");
    for (text, named) in [
        ("", "data"),
        ("data = \"x\"\nquueue = 3", "quueue"),
        ("data = \"x\"\nqueue = 0", "queue"),
        ("data = \"x\"\nqueue = \"many\"", "queue"),
        ("data = \"x\"\nbody_time = \"5\"", "5"),
        ("data = \"x\"\nbody_memory = \"1MiB\"", "body_memory"),
        ("data = \"x\"\naddress_rate = -1", "address_rate"),
        ("data = \"x\"\nkey_burst = 0", "key_burst"),
        ("data = \"x\"\nallow_origin = [\"example.com\"]", "example.com"),
        ("data = \"x\"\nallow_origin = [\"https://a.example/path\"]", "https://a.example/path"),
        ("data = \"x\"\ntrusted_proxies = [\"10.0.0.0/99\"]", "trusted_proxies"),
        ("data = \"x\"\ninternal_listen = \"here\"", "here"),
        ("data = \"x\"\nstatic = \"/nowhere/at/all\"", "static"),
        ("data = ", "line 1"),
    ] {
        std::fs::write(&file, text).expect("writes");
        let (good, said) = attempt(&["config", "check", "--config", file.to_str().expect("text")], None, &[]);
        assert!(!good && said.contains(named) && said.starts_with("error: "), "{text}: {said}");
    }
    assert!(!attempt(&["config", "check", "--config", "/nowhere.toml"], None, &[]).0);
}

#[test]
fn every_setting_is_documented_and_the_files_for_deploying_name_only_those() {
    let help = flywheel(&["serve", "--help"], None);
    let variables: BTreeSet<&str> =
        help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next()).collect();
    assert!(variables.len() > 20, "{variables:?}");
    let document = include_str!("../../../docs/server.md");
    for variable in variables.iter().filter(|name| **name != "FLYWHEEL_CONFIG") {
        let setting = variable.trim_start_matches("FLYWHEEL_").to_lowercase();
        assert!(document.contains(&format!("`{setting}`")), "docs/server.md does not say {setting}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in ["deploy/Dockerfile", "deploy/compose.yaml", "deploy/flywheel.service"] {
        let text = std::fs::read_to_string(root.join(file)).expect(file);
        for (at, _) in text.match_indices("FLYWHEEL_") {
            let name = text[at..].split(|c: char| !c.is_ascii_uppercase() && c != '_').next().expect("a name");
            assert!(variables.contains(name), "{file} sets {name}");
        }
    }
    let file = root.join("deploy/flywheel.toml");
    let said = flywheel(&["config", "check", "--config", file.to_str().expect("text")], None);
    assert!(said.contains("# file") && !said.contains("note:"), "{said}");
    let unit = std::fs::read_to_string(root.join("deploy/flywheel.service")).expect("a unit");
    assert!(unit.contains("flywheel serve --config /etc/flywheel.toml"));
}

#[test]
fn figures_have_their_documented_names_and_nobody_in_them() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = key(folder.path());
    assert!(ask(&server.address, "POST", "/v1/sync", &batch(&key, 5, 1)).contains("200 OK"));
    assert!(ask(&server.address, "POST", "/v1/sync", &batch("pk_wrong", 5, 1)).contains("401"));
    assert!(ask(&server.address, "GET", &format!("/v1/head?key={key}"), "").contains("200 OK"));
    assert!(ask(&server.address, "GET", "/no/such/place", "").contains("404"));
    for path in ["/healthz", "/readyz"] {
        assert!(ask(&server.internal, "GET", path, "").contains("200 OK"));
        assert!(!ask(&server.address, "GET", "/metrics", "").contains("200 OK"), "not on the public port");
    }
    let answer = ask(&server.internal, "GET", "/metrics", "");
    let (_, text) = answer.split_once("\r\n\r\n").expect("a body");
    for line in [
        "flywheel_requests_total{route=\"/v1/sync\",status=\"200\"} 1",
        "flywheel_requests_total{route=\"/v1/sync\",status=\"401\"} 1",
        "flywheel_requests_total{route=\"/v1/head\",status=\"200\"} 1",
        "flywheel_problems_total{code=\"invalid_key\"} 1",
        "flywheel_signals_total{outcome=\"ok\"} 1",
        "flywheel_requests_in_flight 0",
        "flywheel_queue_waiting 0",
        "flywheel_ready 1",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains(&key[3..]) && !text.contains("pk_") && !text.contains("no/such"));
    // The document lists exactly what there is.
    let document = include_str!("../../../docs/server.md");
    let named = |text: &str, before: &str| -> BTreeSet<String> {
        let of = |line: &str| {
            let name = line.strip_prefix(before)?.split(['`', ' ']).next()?;
            Some(name.trim_end_matches("_total").trim_end_matches("_info").to_owned())
        };
        text.lines().filter_map(of).collect()
    };
    assert_eq!(
        named(text, "# TYPE "),
        named(document, "| `").into_iter().filter(|name| name.starts_with("flywheel_")).collect()
    );
    server.stop();
}

#[test]
fn no_key_and_no_secret_is_in_any_log() {
    let folder = folder();
    let environment = [("FLYWHEEL_LOG", "trace"), ("FLYWHEEL_LOG_JSON", "true")];
    let server = Server::start_with(folder.path(), &[], &environment);
    let greeting = server.greeting.clone();
    let made = flywheel(&["key", "create", "--kind", "secret", "--json"], Some(folder.path()));
    let secret_key = made.split('"').nth(3).expect("a key").to_owned();
    assert!(secret_key.starts_with("sk_"));
    let key = key(folder.path());
    for used in [&key, &secret_key, &"pk_00112233445566778899aabbccddeeff".to_owned()] {
        ask(&server.address, "POST", "/v1/sync", &batch(used, 0xFEED_BEEF, 1));
        ask(
            &server.address,
            "POST",
            "/v1/erase",
            &format!(r#"{{"v":1,"key":"{used}","secret":"{:032x}"}}"#, 0xFEED_BEEFu64),
        );
        ask(&server.address, "GET", &format!("/v1/head?key={used}&version=x"), "");
        ask(&server.address, "GET", &format!("/{used}"), "");
    }
    let log = server.stop();
    assert!(log.lines().count() > 12, "there is a log: {log}");
    assert!(log.lines().all(|line| line.starts_with('{')), "each line is JSON");
    let lower = log.to_lowercase();
    for hidden in [&key[3..], &secret_key[3..], "00112233445566778899aabbccddeeff", "feedbeef", "sk_", "pk_"] {
        assert!(!lower.contains(hidden), "{hidden} is in the log");
    }
    assert!(!greeting.contains("sk_"), "what is not a terminal may be a log");
}

#[test]
fn apps_and_keys_are_made_and_ended_by_command_while_the_server_runs() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let made = flywheel(&["app", "create", "shop"], Some(folder.path()));
    let public = made.split_whitespace().find(|word| word.starts_with("pk_")).expect("a key").to_owned();
    let becomes = |key: &str, status: &str| {
        for _ in 0..100 {
            if ask(&server.address, "GET", &format!("/v1/head?key={key}"), "").contains(status) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the server has not noticed");
    };
    becomes(&public, "200 OK");
    assert!(flywheel(&["app", "list"], Some(folder.path())).contains("shop"));
    let listed = flywheel(&["key", "list", "--app", "shop"], Some(folder.path()));
    let id = listed
        .lines()
        .find(|line| line.contains("public"))
        .expect("a key")
        .split(' ')
        .next()
        .expect("an id")
        .to_owned();
    let rotated = flywheel(&["key", "rotate", &id, "--grace", "0s"], Some(folder.path()));
    becomes(&public, "401");
    becomes(rotated.split_whitespace().next().expect("a key"), "200 OK");
    assert!(!attempt(&["key", "revoke", &id], Some(folder.path()), &[]).0, "it has ended already");
    assert!(flywheel(&["key", "list"], Some(folder.path())).contains("ended"));
    server.stop();
}

#[test]
fn a_backup_while_signals_come_is_a_data_folder_with_all_that_was_acknowledged() {
    let (folder, copies) = (folder(), folder());
    let server = Server::start(folder.path(), &["--publish-interval", "20ms"]);
    let key = key(folder.path());
    let mut stream = server.connect();
    let mut send = |n: u64| {
        let body = batch(&key, n % 17, n);
        let head = format!("POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).expect("writes");
        let mut answer = [0; 16_384];
        let read = std::io::Read::read(&mut stream, &mut answer).expect("an answer");
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..read]));
    };
    for round in 0..4u64 {
        (round * 50..round * 50 + 50).for_each(&mut send);
        let copy = copies.path().join(round.to_string());
        let data = folder.path().to_owned();
        let copying = std::thread::spawn({
            let copy = copy.clone();
            move || flywheel(&["backup", copy.to_str().expect("text")], Some(&data))
        });
        let mut more = 10_000 * (round + 1);
        while !copying.is_finished() {
            send(more);
            more += 1;
        }
        copying.join().expect("copies");
        let of_copy = stats(&copy).expect("stats").remove(0);
        assert!(of_copy.adds_up && of_copy.signals >= round * 50 + 50, "{of_copy:?}");
        assert!(
            !attempt(&["backup", copy.to_str().expect("text")], Some(folder.path()), &[]).0,
            "nothing is overwritten"
        );
    }
    server.stop();
    // Restored: the same key, the same people, and what was stored is a duplicate.
    let restored = copies.path().join("3");
    let before = Ledger::open(&Config::new(&restored)).expect("opens").head("default");
    assert!(before.expect("weights").version > 0);
    let server = Server::start(&restored, &[]);
    assert!(ask(&server.address, "POST", "/v1/sync", &batch(&key, 3, 3)).contains("\"duplicate\""));
    assert!(ask(&server.address, "POST", "/v1/sync", &batch(&key, 3, 900_000)).contains("\"ok\""));
    server.stop();
    assert!(stats(&restored).expect("stats")[0].adds_up);
}

#[test]
fn every_command_has_help_with_an_example() {
    let commands = |words: &[&str]| -> Vec<String> {
        let help = flywheel(&[words, &["--help"]].concat(), None);
        let (_, list) = help.split_once("Commands:\n").unwrap_or(("", ""));
        let names = list.lines().take_while(|line| line.starts_with("  "));
        names
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(str::to_owned)
            .collect()
    };
    let mut seen = 0;
    for name in commands(&[]) {
        let below = commands(&[&name]);
        let all = std::iter::once(vec![name.as_str()]).chain(below.iter().map(|sub| vec![name.as_str(), sub]));
        for words in all {
            let help = flywheel(&[&words[..], &["--help"]].concat(), None);
            assert!(help.contains("Example") && help.contains("flywheel "), "{words:?}");
            seen += 1;
        }
    }
    assert!(seen >= 14, "only {seen} commands were found");
}
