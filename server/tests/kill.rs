//! The server is killed with SIGKILL while four clients send; no acknowledged signal is lost and none counts twice.
//!
//! What counts as failure: a signal that was acknowledged and is not stored, or stored twice, or folded twice; sums
//! that are not those of the sites; a server that does not start again. What does not: a request without an answer. It
//! is sent again, and `duplicate` is then as good as `ok`.
//!
//! The oracle: every signal has a feature of its own. One thumb gives a weight at most ¼ of precision, so what a
//! second fold would leave there shows.
//!
//! Not the same in every run: the moments of the kills, and so how far each client gets.

use flywheel_core::belief::{Diff, Model, ONE, Site, Sums};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_core::wire::{Batch, Outcome, PROTOCOL, Reply};
use flywheel_server::{Config, Ledger};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const CLIENTS: u64 = 4;
const KILLS: u64 = 6;
const BATCH: u64 = 5;
const NOW: u64 = 1_800_000_000_000;

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_flywheel"))
            .args(["serve", "--listen", "127.0.0.1:0", "--publish-interval", "50ms", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("its first line");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        Self { process, address }
    }

    fn kill(&mut self) {
        self.process.kill().expect("SIGKILL");
        self.process.wait().expect("ends");
    }

    /// Stops it as an operator would.
    fn stop(&mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("runs").success());
        assert!(self.process.wait().expect("ends").success(), "SIGTERM ends it with success");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed assertion must not leave a server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One request on a connection of its own; `None` if there is no whole answer.
fn post(address: &str, body: &[u8]) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head =
        format!("POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(answer.get(at + 4..)?).ok()
}

fn signal(client: u64, n: u64) -> Signal {
    let random = [client << 32 | n, client << 32 | n];
    Signal {
        id: Id::new(NOW + n, random),
        at: NOW,
        decision: Id::new(NOW + n, [n, client]),
        surface: "kill".into(),
        context: Object::default(),
        shown: Candidate {
            id: "a".into(),
            features: Object(vec![("hot".into(), Value::Text(format!("{client}-{n}").into()))]),
            text: None,
        },
        choice: None,
        earlier: None,
        feedback: Feedback::Thumb(if n.is_multiple_of(3) { Thumb::Down } else { Thumb::Up }),
        weight: None,
        automated: false,
    }
}

fn batch(key: &str, client: u64, first: u64) -> Vec<u8> {
    let batch: Batch = Batch {
        v: PROTOCOL,
        key: key.to_owned(),
        secret: format!("{client:032x}"),
        request: Id::new(NOW, [client, first]),
        sent_at: NOW,
        model: Model::default().id(),
        version: 0,
        consent: Consent { share: Share::Granted, ..Consent::default() },
        signals: (first..first + BATCH).map(|n| signal(client, n)).collect(),
        decisions: Vec::new(),
    };
    serde_json::to_vec(&batch).expect("json")
}

/// Sends batch after batch until the server is gone, the unanswered one first. Notes what was acknowledged.
fn client(address: &str, key: &str, client: u64, next: &mut u64, acknowledged: &mut BTreeMap<Id, u64>) {
    while let Some(reply) = post(address, &batch(key, client, *next)) {
        assert_eq!(reply.results.len() as u64, BATCH);
        for verdict in reply.results {
            assert!(matches!(verdict.outcome, Outcome::Ok | Outcome::Duplicate), "{verdict:?}");
            let id = Id::parse(&verdict.id).expect("an id");
            let seq = verdict.seq.expect("a number");
            assert_eq!(*acknowledged.entry(id).or_insert(seq), seq, "a signal keeps its number");
        }
        *next += BATCH;
    }
}

#[test]
fn no_acknowledged_signal_is_lost_or_counted_twice_when_the_server_is_killed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut state: Vec<(u64, BTreeMap<Id, u64>)> = vec![(0, BTreeMap::new()); CLIENTS as usize];
    let mut last_total = 0;
    for round in 0..=KILLS {
        let mut server = Server::start(folder.path());
        let key = std::fs::read_to_string(folder.path().join("public-key.txt")).expect("a key").trim().to_owned();
        if round == KILLS {
            // The last time: what is unanswered is sent once more, then the server is stopped as it should be.
            for (number, (next, acknowledged)) in (0..).zip(&mut state) {
                let reply = post(&server.address, &batch(&key, number, *next)).expect("an answer");
                acknowledged
                    .extend(reply.results.iter().map(|v| (Id::parse(&v.id).expect("an id"), v.seq.expect("a number"))));
            }
            server.stop();
            break;
        }
        let address = server.address.clone();
        std::thread::scope(|scope| {
            for (number, (next, acknowledged)) in (0..).zip(&mut state) {
                let (address, key) = (&address, &key);
                scope.spawn(move || client(address, key, number, next, acknowledged));
            }
            std::thread::sleep(Duration::from_millis(150 + 83 * round));
            server.kill();
        });
        let total: usize = state.iter().map(|(_, acknowledged)| acknowledged.len()).sum();
        assert!(total > last_total, "nothing was acknowledged before kill {round}");
        last_total = total;
    }
    check(folder.path(), &state);
}

/// What must be true of the books.
fn check(folder: &Path, state: &[(u64, BTreeMap<Id, u64>)]) {
    let books = Ledger::open(&Config::new(folder)).expect("opens");
    let mut statement = books.database().prepare("SELECT id, seq, person, taught FROM signals").expect("a statement");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?)))
        .expect("rows");
    let mut stored = BTreeMap::new();
    let mut sites = BTreeMap::<Vec<u8>, Site>::new();
    let mut seen_slots = BTreeMap::<u32, usize>::new();
    let mut all_taught = Vec::new();
    for row in rows {
        let (id, seq, person, taught): ([u8; 16], i64, Vec<u8>, Vec<u8>) = row.expect("a row");
        let taught = Diff::from_bytes(&taught).expect("a difference");
        assert_eq!(stored.insert(Id::from_bytes(id), seq.cast_unsigned()), None, "stored twice");
        sites.entry(person.clone()).or_default().add(&taught);
        taught.0.iter().for_each(|(slot, _)| *seen_slots.entry(*slot).or_default() += 1);
        all_taught.push((person, taught));
    }
    for (id, seq) in state.iter().flat_map(|(_, acknowledged)| acknowledged) {
        assert_eq!(stored.get(id), Some(seq), "{id} was acknowledged");
    }
    // All was sent again until it was acknowledged, so nothing else is there.
    let acknowledged: usize = state.iter().map(|(_, acknowledged)| acknowledged.len()).sum();
    assert_eq!(stored.len(), acknowledged);
    assert!(acknowledged > 200, "only {acknowledged} signals: the test was too short to mean anything");
    let numbers: BTreeSet<_> = stored.values().collect();
    assert_eq!(numbers.len(), stored.len());

    // Each signal's own slot holds exactly what that one signal taught, and no more than one thumb can teach.
    let mut own_slots = 0;
    for (person, taught) in &all_taught {
        for &(slot, evidence) in taught.0.iter().filter(|(slot, _)| seen_slots[slot] == 1) {
            assert!(evidence.precision > 0 && evidence.precision as f64 <= 0.25 * ONE, "folded twice");
            assert_eq!(sites[person].at(slot), evidence);
            own_slots += 1;
        }
    }
    assert!(own_slots * 10 > acknowledged * 9, "{own_slots} of {acknowledged} signals have a slot of their own");

    let on_disk = books.sites("default").expect("sites");
    assert!(on_disk == sites.into_values().collect::<Vec<_>>(), "the sites are not those of the log");
    let mut sums = Sums::new();
    for site in &on_disk {
        sums.move_person(&Model::default(), &mut Site::new(), &site.to_diff());
    }
    assert!(*books.sums("default").expect("sums") == sums, "the sums are not those of the sites");
    println!("{acknowledged} signals of {CLIENTS} clients, {KILLS} kills");
}
