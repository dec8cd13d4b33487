//! Seeded faults at every step of ingest, fold and publish: SQLite is stopped after any number of its instructions, the
//! disk is full at any page, the process dies and leaves a write-ahead log that was torn anywhere behind the last
//! commit.
//!
//! What counts as failure: a signal that was acknowledged and is not stored; one that is stored or folded twice; sums
//! that are not those of the sites, or sites that are not those of the log; weights whose bytes are not those of their
//! version; a folder that does not open again; something erased that is still there. What does not: a task that fails
//! and says so. It is done again, and `duplicate` is then as good as `ok`.
//!
//! The oracle: every signal has a feature of its own (one-hot). What its slot holds is what one fold taught, and any
//! other total is a loss or a double count.
//!
//! Not the same in every run: keys, and so the names of people, are random. `FLYWHEEL_SEEDS` sets how many seeds run.

use flywheel_core::belief::{Diff, Model, ONE, Site, Sums};
use flywheel_core::consent::{Consent, Outgoing};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_core::wire::Outcome;
use flywheel_server::{Clock, Config, Done, Ledger, Order, Person, Prepared, Seen, Submission, Task, stats};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use tempfile::TempDir;

const NOW: u64 = 1_800_000_000_000;
const PEOPLE: u8 = 6;
const STEPS: usize = 120;

fn signal(person: u8, n: u64, decision: u64, feedback: Feedback) -> Signal {
    Signal {
        id: Id::new(NOW + n, [n, u64::from(person) << 32 | n]),
        at: NOW,
        decision: Id::new(NOW + decision, [decision, u64::from(person)]),
        surface: "faults".into(),
        context: Object::default(),
        shown: Candidate {
            id: "a".into(),
            features: Object(vec![
                ("hot".into(), Value::Text(format!("{person}-{n}").into())),
                ("shared".into(), Value::Text(format!("s{}", n % 3).into())),
            ]),
            text: None,
        },
        choice: None,
        earlier: None,
        feedback,
        weight: None,
        automated: false,
    }
}

/// What can go wrong during one task.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// SQLite is stopped after so many of its instructions.
    Stopped(i64),
    /// The disk has so many pages left.
    Full(i64),
    /// The process dies after the task and so many bytes of what it wrote last are lost, in thousandths; the ones before
    /// them may be garbage.
    Dies {
        lost: u64,
        garbage: bool,
    },
}

fn fault(rng: &mut Rng) -> Fault {
    match rng.below(8) {
        0 | 1 => Fault::Stopped(1 << rng.below(14)),
        2 => Fault::Full(rng.below(8) as i64),
        3 => Fault::Dies { lost: rng.below(1_001) as u64, garbage: rng.below(2) == 0 },
        _ => Fault::None,
    }
}

/// The server, the people, and what they were told.
struct World {
    rng: Rng,
    folder: TempDir,
    books: Option<Ledger>,
    time: Arc<AtomicU64>,
    /// Signals that each person has made so far.
    made: BTreeMap<u8, Vec<Signal>>,
    /// Signals that the person has no word about yet.
    waiting: BTreeMap<u8, BTreeSet<usize>>,
    acknowledged: BTreeMap<u8, BTreeMap<Id, u64>>,
    erased: BTreeSet<u8>,
    faults: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut world = Self {
            rng: Rng::new(seed),
            folder,
            books: None,
            time: Arc::new(AtomicU64::new(NOW)),
            made: BTreeMap::new(),
            waiting: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            erased: BTreeSet::new(),
            faults: 0,
        };
        world.open();
        world
    }

    fn open(&mut self) {
        let publish_every = [0, 0, 3][self.rng.below(3)];
        let site_bytes = if self.rng.below(2) == 0 { 0 } else { 1 << 20 };
        let clock = Clock::Manual(self.time.clone());
        let config = Config { clock, publish_every, site_bytes, ..Config::new(self.folder.path()) };
        self.books = Some(Ledger::open(&config).expect("opens whatever happened before"));
    }

    fn books(&mut self) -> &mut Ledger {
        self.books.as_mut().expect("open")
    }

    /// Does something under a fault. Returns what was answered, unless nobody lived to hear it.
    fn under<T>(&mut self, fault: Fault, work: impl FnOnce(&mut Ledger) -> T) -> Option<T> {
        self.time.fetch_add(1_000, Ordering::Relaxed);
        let folder = self.folder.path().to_owned();
        let books = self.books();
        match fault {
            Fault::None => Some(work(books)),
            Fault::Stopped(after) => {
                let left = Arc::new(AtomicI64::new(after));
                let stop = move || left.fetch_sub(1, Ordering::Relaxed) <= 0;
                books.database_mut().progress_handler(1, Some(stop)).expect("a handler");
                let done = work(books);
                books.database_mut().progress_handler(0, None::<fn() -> bool>).expect("no handler");
                Some(done)
            }
            Fault::Full(pages) => {
                let count: i64 = books.database().query_row("PRAGMA page_count", [], |row| row.get(0)).expect("pages");
                let limit = |pages: i64| format!("PRAGMA max_page_count = {pages}");
                books.database().query_row(&limit(count + pages), [], |_| Ok(())).expect("a limit");
                let done = work(books);
                books.database().query_row(&limit(1 << 30), [], |_| Ok(())).expect("no limit");
                Some(done)
            }
            Fault::Dies { lost, garbage } => {
                let before = Files::read(&folder);
                work(books);
                let after = Files::read(&folder);
                self.books = None;
                self.folder = after.torn(&before, lost, garbage, &mut self.rng);
                self.open();
                None
            }
        }
    }

    fn step(&mut self) {
        let fault = fault(&mut self.rng);
        self.faults += u64::from(!matches!(fault, Fault::None));
        let person = 1 + self.rng.below(usize::from(PEOPLE)) as u8;
        match self.rng.below(16) {
            0 => {
                self.under(fault, |books| books.run(&[Task::Publish]));
            }
            1 | 2 => self.publish_beside(fault),
            3 if self.rng.below(3) == 0 => self.erase(person, fault),
            4 => {
                let version = self.rng.below(12) as u64;
                let order = [Order::Freeze, Order::Unfreeze, Order::Unfreeze, Order::Rollback { version }];
                let order = order[self.rng.below(4)].clone();
                self.under(fault, |books| books.order("default", order).is_ok());
            }
            _ => self.send(person, fault),
        }
    }

    /// A version is made beside the writer, and somebody speaks meanwhile.
    fn publish_beside(&mut self, fault: Fault) {
        let drafts = self.books().drafts();
        if self.rng.below(2) == 0 {
            let person = 1 + self.rng.below(usize::from(PEOPLE)) as u8;
            let other = if self.rng.below(2) == 0 { fault } else { Fault::None };
            self.send(person, other);
        }
        for draft in drafts {
            let version = Box::new(draft.make().expect("is made"));
            self.under(fault, |books| books.run(&[Task::Release(version)]));
        }
    }

    fn send(&mut self, person: u8, fault: Fault) {
        let made = self.made.entry(person).or_default();
        let waiting = self.waiting.entry(person).or_default();
        for _ in 0..self.rng.below(4) {
            let n = made.len() as u64;
            // Now and then about an earlier decision: another mind, or none any more.
            let (decision, feedback) = match self.rng.below(8) {
                0 if n > 0 => (self.rng.below(made.len()) as u64, Feedback::Retract),
                1 if n > 0 => (self.rng.below(made.len()) as u64, Feedback::Thumb(Thumb::Down)),
                _ => (n, Feedback::Thumb(if self.rng.below(3) == 0 { Thumb::Down } else { Thumb::Up })),
            };
            waiting.insert(made.len());
            made.push(signal(person, n, decision, feedback));
        }
        // What is unanswered, and now and then something that was answered long ago.
        let mut places: Vec<usize> = waiting.iter().copied().collect();
        if !made.is_empty() && self.rng.below(4) == 0 {
            places.push(self.rng.below(made.len()));
        }
        let outgoing = |place: &usize| Prepared::new(Outgoing::new(made[*place].clone(), Consent::default()));
        let signals = places.iter().map(outgoing).collect();
        let submission = Submission {
            app: 1,
            person: Person([person; 16]),
            sent_at: NOW,
            version: 0,
            text: false,
            signals,
            seen: Seen::default(),
        };
        let done = self.under(fault, |books| books.run(&[Task::Sync(submission)]).pop());
        let Some(Some(Ok(Done::Reply(reply)))) = done else { return };
        for (place, verdict) in places.into_iter().zip(reply.results) {
            let id = Id::parse(&verdict.id).expect("an id");
            match verdict.outcome {
                Outcome::Ok | Outcome::Duplicate => {
                    let seq = verdict.seq.expect("a number");
                    let known = *self.acknowledged.entry(person).or_default().entry(id).or_insert(seq);
                    assert_eq!(known, seq, "a signal keeps its number");
                }
                Outcome::Erased => assert!(self.erased.contains(&person), "nobody erased {person}"),
                other => panic!("{other:?}"),
            }
            self.waiting.entry(person).or_default().remove(&place);
        }
    }

    /// Orders until it is acknowledged, as a page does.
    fn erase(&mut self, person: u8, fault: Fault) {
        let task = || [Task::Erase { app: 1, person: Person([person; 16]) }];
        self.erased.insert(person);
        self.acknowledged.remove(&person);
        if !matches!(self.under(fault, |books| books.run(&task()).pop()), Some(Some(Ok(_)))) {
            assert!(matches!(self.books().run(&task()).pop(), Some(Ok(Done::Erased(_)))));
        }
    }

    /// What must be true of the books at any time.
    fn check(&mut self) {
        let erased: BTreeSet<_> = self.erased.iter().map(|person| vec![*person; 16]).collect();
        let acknowledged = self.acknowledged.clone();
        let books = self.books();
        // After a failure memory is read anew before the next task is done.
        let head = books.run(&[Task::Head { app: 1, have: 0 }]).pop().expect("one");
        head.expect("works again after whatever happened");
        let mut log = books.database().prepare("SELECT id, seq, person, taught FROM signals").expect("a statement");
        let rows =
            log.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?))).expect("rows");
        let (mut stored, mut sites) = (BTreeMap::new(), BTreeMap::<Vec<u8>, Site>::new());
        for row in rows {
            let (id, seq, person, taught): ([u8; 16], i64, Vec<u8>, Vec<u8>) = row.expect("a row");
            assert!(!erased.contains(&person), "what was erased is there");
            assert_eq!(stored.insert(Id::from_bytes(id), seq.cast_unsigned()), None, "stored twice");
            sites.entry(person).or_default().add(&Diff::from_bytes(&taught).expect("a difference"));
        }
        for (id, seq) in acknowledged.values().flatten() {
            assert_eq!(stored.get(id), Some(seq), "{id} was acknowledged");
        }
        let slots = Model::default().space.slots();
        for (slot, evidence) in sites.values().flat_map(|site| site.to_diff().0) {
            assert!(slot >= slots || evidence.precision >= 0, "more was taken out than was put in");
        }
        let on_disk = books.sites("default").expect("sites");
        assert!(on_disk == sites.into_values().collect::<Vec<_>>(), "the sites are not those of the log");
        let mut sums = Sums::new();
        for site in &on_disk {
            sums.move_person(&Model::default(), &mut Site::new(), &site.to_diff());
        }
        assert!(*books.sums("default").expect("sums") == sums, "the sums are not those of the sites");
    }
}

/// The bytes of a data folder, by name.
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn read(folder: &Path) -> Self {
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| {
            let file = file.expect("a file");
            (file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()).expect("bytes"))
        });
        Self(files.collect())
    }

    /// A folder as a crash leaves it: what was written behind the last commit before may be torn.
    fn torn(mut self, before: &Self, lost: u64, garbage: bool, rng: &mut Rng) -> TempDir {
        let log = "flywheel.sqlite3-wal";
        // Where pages went into the main file the log was on disk before.
        let is_open = self.0.get("flywheel.sqlite3") == before.0.get("flywheel.sqlite3");
        let kept = before.0.get(log).map_or(0, Vec::len);
        if let Some(bytes) = self.0.get_mut(log).filter(|bytes| is_open && bytes.len() > kept) {
            let end = bytes.len() - ((bytes.len() - kept) as u64 * lost / 1_000) as usize;
            bytes.truncate(end);
            if garbage && lost > 0 && end > kept {
                let from = kept + rng.below(end - kept);
                bytes[from..].iter_mut().for_each(|byte| *byte ^= rng.next_u64() as u8);
            }
        }
        let folder = TempDir::new().expect("a folder");
        for (name, bytes) in self.0.iter().filter(|(name, _)| !name.ends_with("-shm")) {
            std::fs::write(folder.path().join(name), bytes).expect("is written");
        }
        folder
    }
}

/// The one-hot oracle: in a world without other words about a decision each signal's own slot holds what one fold of it
/// taught.
fn one_hot(world: &mut World) {
    let books = world.books();
    let mut log = books.database().prepare("SELECT person, body, taught FROM signals").expect("a statement");
    let rows = log.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    let mut by_decision = BTreeMap::<(Vec<u8>, Id), Vec<(Signal, Diff)>>::new();
    for row in rows {
        let (person, body, taught): (Vec<u8>, String, Vec<u8>) = row.expect("a row");
        let outgoing: Outgoing = serde_json::from_str(&body).expect("a signal");
        let signal = outgoing.signal().clone();
        let taught = Diff::from_bytes(&taught).expect("a difference");
        by_decision.entry((person, signal.decision)).or_default().push((signal, taught));
    }
    let mut owners = BTreeMap::<u32, usize>::new();
    for (_, taught) in by_decision.values().flatten() {
        taught.0.iter().for_each(|(slot, _)| *owners.entry(*slot).or_default() += 1);
    }
    let sums = books.sums("default").expect("sums").clone();
    let mut seen = 0;
    for (signal, taught) in by_decision.values().filter(|all| all.len() == 1).flatten() {
        for (slot, evidence) in taught.0.iter().filter(|(slot, _)| owners[slot] == 1) {
            let quarter = 0.25 * ONE;
            assert!(evidence.precision > 0 && evidence.precision as f64 <= quarter, "{} was folded twice", signal.id);
            let alone = flywheel_core::belief::contribution(&Model::default(), *slot, *evidence);
            assert_eq!(sums.at(*slot), alone, "{} counts other than once", signal.id);
            seen += 1;
        }
    }
    assert!(seen > 0 || by_decision.is_empty(), "no signal has a slot of its own");
}

#[test]
fn whatever_breaks_nothing_acknowledged_is_lost_and_nothing_counts_twice() {
    let seeds = std::env::var("FLYWHEEL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(12);
    let (mut faults, mut acknowledged) = (0, 0);
    for seed in 0..seeds {
        let mut world = World::new(seed);
        for step in 0..STEPS {
            world.step();
            if step % 10 == 9 {
                world.check();
            }
        }
        // In the end nothing breaks: everybody hears about everything.
        for person in 1..=PEOPLE {
            world.send(person, Fault::None);
            assert!(world.waiting.get(&person).is_none_or(BTreeSet::is_empty), "seed {seed}");
        }
        world.check();
        one_hot(&mut world);
        let books = world.books.take();
        drop(books);
        world.open();
        world.check();
        drop(world.books.take());
        assert!(stats(world.folder.path()).expect("stats")[0].adds_up, "seed {seed}");
        faults += world.faults;
        acknowledged += world.acknowledged.values().map(BTreeMap::len).sum::<usize>();
    }
    println!("{seeds} seeds, {faults} faults, {acknowledged} signals acknowledged and there");
    assert!(acknowledged > 50 * seeds as usize, "the test was too short to mean anything");
}

#[test]
fn the_faults_do_break_things() {
    let mut world = World::new(1);
    let broke = AtomicBool::new(false);
    for n in 0..6 {
        world.made.entry(1).or_default().push(signal(1, n, n, Feedback::Thumb(Thumb::Up)));
        world.waiting.entry(1).or_default().insert(n as usize);
        let before = world.acknowledged.get(&1).map_or(0, BTreeMap::len);
        world.send(1, Fault::Stopped(20));
        broke.fetch_or(world.acknowledged.get(&1).map_or(0, BTreeMap::len) == before, Ordering::Relaxed);
    }
    assert!(broke.load(Ordering::Relaxed), "SQLite was never stopped");
    world.send(1, Fault::None);
    world.check();
}
