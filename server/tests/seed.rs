//! Experts' judgements in a data folder.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use flywheel_core::belief::{Model, Sums, encode_full, from_fixed};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::page::{Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::sync::Settings;
use flywheel_server::seed::{SeedArgs, run_seed};
use flywheel_server::{Config, Ledger, Stats, Store, stats};
use std::fmt::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

struct Folder {
    dir: TempDir,
    log: PathBuf,
}

impl Folder {
    fn new(lines: &str) -> Self {
        let dir = TempDir::new().expect("a folder");
        let log = dir.path().join("judgements.jsonl");
        std::fs::write(&log, lines).expect("writes");
        Self { dir, log }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn seed(&self, weight: f64, erase: bool) -> Result<(), String> {
        let surface = "answer".into();
        run_seed(&SeedArgs { files: vec![self.log.clone()], data: self.data(), weight, surface, erase, json: true })
    }

    fn stats(&self) -> Stats {
        stats(&self.data()).expect("reads").remove(0)
    }

    fn sums(&self) -> Sums {
        Ledger::open(&Config::new(self.data())).expect("opens").sums("default").cloned().expect("sums")
    }
}

const STYLES: [&str; 3] = ["short", "long", "list"];

/// Five experts, each of whom judges every kind of answer once: lists are good.
fn judgements() -> String {
    let mut lines = String::new();
    for (n, (user, style)) in (0..5).flat_map(|user| STYLES.map(|style| (user, style))).enumerate() {
        let thumb = if style == "list" { "up" } else { "down" };
        let _ = writeln!(
            lines,
            r#"{{"user":"expert{user}","at":{n},"candidates":[{{"id":"{style}","features":{{"style":"{style}"}}}}],"chosen":0,"feedback":{{"thumb":"{thumb}"}}}}"#
        );
    }
    lines
}

/// What comes first, and by how much it is ahead of what comes last.
fn newcomers_best(data: PathBuf) -> (String, f64) {
    let ledger = Ledger::open(&Config::new(data)).expect("opens");
    let model = Model::default();
    let mut page = Page::new(Options {
        model,
        policy: Policy::GREEDY,
        sync: Settings::default(),
        consent: flywheel_core::consent::Consent::default(),
        key: None,
        secret: "0".repeat(32),
        seed: 9,
        layers: Layers::Both,
    });
    page.ready();
    page.take_weights(&encode_full(&model, ledger.weights("default").expect("weights"))).expect("reads");
    let candidates = STYLES.map(|style| Candidate {
        id: style.into(),
        features: Object(vec![("style".into(), Value::Text(style.into()))]),
        text: None,
    });
    let request = Request { surface: "answer".into(), candidates: candidates.to_vec(), ..Request::default() };
    let decision = page.rank(request, 1_800_000_000_000).expect("ranks");
    (decision.best.to_string(), decision.scores[0] - decision.scores[2])
}

#[test]
fn a_newcomers_first_ranking_follows_the_seed_and_more_weight_is_more_certain() {
    let (light, heavy) = (Folder::new(&judgements()), Folder::new(&judgements()));
    light.seed(1.0, false).expect("seeds");
    heavy.seed(8.0, false).expect("seeds");
    let (best, light) = newcomers_best(light.data());
    assert_eq!(best, "list");
    let (best, heavy) = newcomers_best(heavy.data());
    assert_eq!(best, "list");
    assert!(light > 0.1 && heavy > light + 0.01, "{light} and {heavy}");
}

#[test]
fn twice_is_once_and_stats_show_the_seeds() {
    let folder = Folder::new(&judgements());
    folder.seed(2.0, false).expect("seeds");
    let (before, sums) = (folder.stats(), folder.sums());
    assert_eq!((before.people, before.seeded, before.signals), (5, 5, 15));
    assert!(before.adds_up && before.version > 0);
    assert_eq!(before.report.learned.thumbs_up, None, "a judgement is no outcome of a decision");
    folder.seed(2.0, false).expect("seeds again");
    let after = folder.stats();
    assert_eq!(after.acts.iter().map(|act| act.act.as_str()).collect::<Vec<_>>(), ["seed", "seed"]);
    assert_eq!(flywheel_server::Stats { acts: before.acts.clone(), ..after }, before);
    assert!(folder.sums() == sums);
}

#[test]
fn taken_out_they_leave_nothing_and_may_come_again() {
    let folder = Folder::new(&judgements());
    folder.seed(2.0, false).expect("seeds");
    let sums = folder.sums();
    folder.seed(2.0, true).expect("erases");
    let empty = folder.stats();
    assert_eq!((empty.people, empty.seeded, empty.signals, empty.erased), (0, 0, 0, 0));
    assert!(folder.sums().sorted().iter().all(|(_, sum)| sum.is_zero()));
    folder.seed(2.0, false).expect("seeds again");
    assert!(folder.sums() == sums);
}

#[test]
fn an_experts_influence_is_bounded_like_everybodys_whatever_the_weight() {
    let one = r#"{"user":"e","candidates":[{"id":"a","features":{"style":"list"}}],"feedback":{"thumb":"up"}}"#;
    let folder = Folder::new(&format!("{one}\n").repeat(300));
    folder.seed(64.0, false).expect("seeds");
    assert_eq!(folder.stats().signals, 300, "lines alike are judgements each");
    let model = Model::default();
    for (slot, sum) in folder.sums().sorted() {
        if slot < model.space.slots() {
            assert!(from_fixed(sum.precision) < 1.0 / model.shrinkage, "{slot}");
            assert!(from_fixed(sum.shift).abs() <= model.reach / model.shrinkage, "{slot}");
        }
    }
}

#[test]
fn every_kind_of_row_is_taken_and_a_bad_one_is_named_before_anything_counts() {
    let candidates = r#""candidates":[{"id":"a","features":{"s":"x"}},{"id":"b","features":{"s":"y"}}]"#;
    let good = format!(
        "{{{candidates},\"feedback\":{{\"prefer\":1}}}}\n{{{candidates},\"rewards\":[0.2,1]}}\n\
         {{\"feedback\":{{\"correction\":{{\"shown\":\"the color\",\"corrected\":\"the colour\"}}}}}}\n\
         {{{candidates},\"chosen\":1,\"feedback\":{{\"regenerate\":true}}}}\n"
    );
    let folder = Folder::new(&good);
    folder.seed(0.5, false).expect("seeds");
    assert_eq!((folder.stats().signals, folder.stats().seeded), (5, 1));
    let bad = Folder::new(&format!("{good}\n{{\"candidates\":[{{\"id\":\"\"}}],\"feedback\":{{\"reward\":1}}}}\n"));
    let error = bad.seed(0.5, false).expect_err("refused");
    assert!(error.contains("judgements.jsonl:6: invalid_name"), "{error}");
    assert!(!bad.data().exists());
    for weight in [0.0, -1.0, 65.0, f64::NAN] {
        assert!(folder.seed(weight, false).expect_err("refused").contains("--weight"));
    }
}

#[test]
fn a_folder_that_a_server_uses_is_refused() {
    let folder = Folder::new(&judgements());
    let store = Store::open(&Config::new(folder.data())).expect("opens");
    assert!(folder.seed(1.0, false).expect_err("refused").contains("another process uses the data folder"));
    store.close();
    folder.seed(1.0, false).expect("seeds");
}
