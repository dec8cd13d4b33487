//! `flywheel seed`: experts' judgements, let in as people with a weight of their own.

use crate::replay::log::{self, Row, Said};
use crate::terminal::progress;
use crate::{Config, Done, Ledger, Person, Prepared, Seen, Submission, Task};
use clap::Args;
use flywheel_core::consent::{Consent, Outgoing, Share};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::Candidate;
use flywheel_core::feature::form::note_novel;
use flywheel_core::id::Id;
use flywheel_core::signal::{Correction, Feedback, Signal, WEIGHT};
use flywheel_core::wire::{BATCH, Outcome};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Let experts' judgements into a data folder, so that the first newcomer does not start from nothing.
///
/// Each `user` of the file becomes a person, bound by the same limit of influence as everybody. The same row twice
/// counts once, also in a later run; its weight stays what it was. No server may be running on the folder.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel seed judgements.jsonl --data ./flywheel-data --surface answer-style --weight 3
  flywheel serve --data ./flywheel-data

Take them out again:
  flywheel seed judgements.jsonl --data ./flywheel-data --erase")]
pub struct SeedArgs {
    /// Judgements: JSON Lines, gzip if the name ends in .gz (the format is in docs/replay.md)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The folder with the database; made when it is missing
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// How many of a visitor's judgements one of these is worth, above 0 and at most 64
    #[arg(long, value_name = "W", default_value_t = 1.0)]
    pub weight: f64,
    /// The task that the judgements are about, as the page names it; it tells only how good answers are on the whole
    #[arg(long, value_name = "NAME", default_value = "seed")]
    pub surface: String,
    /// Take the people of the files out instead
    #[arg(long)]
    pub erase: bool,
    /// Print one JSON object per file instead of a sentence
    #[arg(long)]
    pub json: bool,
}

/// What a file brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seeded {
    /// The file.
    pub file: String,
    /// People in it.
    pub people: usize,
    /// Judgements that were not there before.
    pub new: usize,
    /// Judgements that were there already.
    pub known: usize,
    /// Judgements that were taken out.
    pub erased: u64,
}

/// Seeds from each file and says what came of it.
///
/// # Errors
/// A sentence that names the file and line at fault; nothing of that file has counted then.
pub fn run_seed(args: &SeedArgs) -> std::result::Result<(), String> {
    let words = |error: Error| format!("{} ({})", error.detail, error.code);
    let mut people = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let rows = log::read(file)?;
        let of_file = signals(&rows, &args.surface, args.weight).map_err(|why| format!("{}{why}", file.display()))?;
        people.push((file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned(), of_file));
    }
    let mut ledger = Ledger::open(&Config::new(&args.data)).map_err(words)?;
    if let Some(secret) = ledger.keys().secret.as_ref().filter(|_| std::io::stderr().is_terminal()) {
        eprintln!("a new data folder; its secret key is {secret}  (shown this once; keep it on your own server)");
    }
    for (file, people) in people {
        let total = people.len();
        let mut shown = progress(&file, total);
        let mut seeded = Seeded { file, people: total, ..Seeded::default() };
        for (done, (user, signals)) in people.into_iter().enumerate() {
            if args.erase {
                seeded.erased += ledger.erase_seeded(&user).map_err(words)?;
            } else {
                add(&mut ledger, &user, signals, &mut seeded).map_err(words)?;
            }
            shown(done + 1);
        }
        ledger.run(&[Task::Publish]).pop().unwrap_or(Ok(Done::Published)).map_err(words)?;
        let Seeded { new, erased, .. } = seeded;
        let act = format!("{total} people of {}: {new} judgements new, {erased} taken out", seeded.file);
        ledger.note("seed", &act).map_err(words)?;
        if args.json {
            println!("{}", serde_json::to_string(&seeded).map_err(|error| error.to_string())?);
        } else {
            let Seeded { file, people, new, known, erased } = seeded;
            println!("{file}: {people} people, {new} judgements new, {known} there already, {erased} taken out");
        }
    }
    Ok(())
}

fn add(ledger: &mut Ledger, user: &str, signals: Vec<Signal>, seeded: &mut Seeded) -> Result<()> {
    let (app, person) = ledger.seeded(user)?;
    let consent = Consent { learn: true, share: Share::Granted, text: true };
    for batch in signals.chunks(BATCH) {
        let signals = batch.iter().map(|signal| Prepared::new(Outgoing::new(signal.clone(), consent))).collect();
        // No clock takes part: what an expert judged long ago is not too old.
        let submission = Submission { app, person, sent_at: 0, version: 0, text: true, signals, seen: Seen::default() };
        let Some(done) = ledger.run(&[Task::Sync(submission)]).pop() else { continue };
        let Done::Reply(reply) = done? else { continue };
        for verdict in reply.results {
            match verdict.outcome {
                Outcome::Ok => seeded.new += 1,
                Outcome::Duplicate => seeded.known += 1,
                _ => return Err(Error::new(Code::Internal, format!("judgement {} was not taken", verdict.id))),
            }
        }
    }
    Ok(())
}

/// The signals of each user. A round with all rewards known is a reward for each candidate.
///
/// # Errors
/// `:line: why` for a row that cannot be a signal, and for a weight outside its range.
pub fn signals(rows: &[Row], surface: &str, weight: f64) -> std::result::Result<BTreeMap<String, Vec<Signal>>, String> {
    if weight.is_nan() || weight <= 0.0 || weight > WEIGHT {
        return Err(format!(": --weight must be above 0 and at most {WEIGHT}"));
    }
    let mut people: BTreeMap<String, Vec<Signal>> = BTreeMap::new();
    let mut seen: BTreeMap<[u8; 32], u64> = BTreeMap::new();
    for row in rows {
        let refused = |why: &dyn std::fmt::Display| format!(":{}: {why}", row.line);
        let content = serde_json::to_vec(&(surface, row)).map_err(|error| refused(&error))?;
        let hash: [u8; 32] = Sha256::digest(&content).into();
        // Two lines alike are two judgements, in this run as in the next.
        let times = seen.entry(hash).or_default();
        *times += 1;
        for (place, (shown, feedback)) in judgements(row).map_err(|why| refused(&why))?.into_iter().enumerate() {
            let signal = Signal {
                id: id(row, &hash, *times, place, 1),
                at: at(row),
                decision: id(row, &hash, *times, place, 0),
                surface: surface.into(),
                context: row.context.clone(),
                shown,
                choice: None,
                earlier: None,
                feedback,
                weight: Some(weight),
                automated: false,
            };
            signal.check().map_err(|error| refused(&error))?;
            people.entry(row.user.clone()).or_default().push(signal);
        }
    }
    Ok(people)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
const fn at(row: &Row) -> u64 {
    row.at as u64
}

/// An id that follows from the content and the task alone.
fn id(row: &Row, hash: &[u8; 32], times: u64, place: usize, kind: u8) -> Id {
    let mut digest = Sha256::new();
    digest.update(hash);
    digest.update(times.to_le_bytes());
    digest.update((place as u64).to_le_bytes());
    digest.update([kind]);
    let digest: [u8; 32] = digest.finalize().into();
    let (numbers, _) = digest.as_chunks::<8>();
    let number = |n: usize| numbers.get(n).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    Id::new(at(row), [number(0), number(1)])
}

/// What a row says about what.
fn judgements(row: &Row) -> std::result::Result<Vec<(Candidate, Feedback)>, &'static str> {
    let mut candidates = row.candidates.clone();
    note_novel(&row.context, &mut candidates);
    let candidate = |place: usize| candidates.get(place).cloned().ok_or("there is no such candidate");
    let reward = |value| Feedback::Reward { value, reason: None };
    if let Some(rewards) = &row.rewards {
        return Ok(candidates.into_iter().zip(rewards.iter().copied().map(reward)).collect());
    }
    let chosen = row.chosen.unwrap_or(0);
    Ok(vec![match row.feedback.as_ref().ok_or("neither `feedback` nor `rewards`")? {
        Said::Thumb(thumb) => (candidate(chosen)?, Feedback::Thumb(*thumb)),
        Said::Reward(value) => (candidate(chosen)?, reward(*value)),
        Said::Regenerate(_) => (candidate(chosen)?, Feedback::Regenerate),
        Said::Prefer(place) => {
            let over = if chosen == *place { usize::from(*place == 0) } else { chosen };
            (candidate(*place)?, Feedback::Prefer { over: candidate(over)? })
        }
        Said::Correction { shown, corrected } => {
            let answer = Candidate { id: "answer".into(), text: Some(shown.as_str().into()), ..Candidate::default() };
            (answer, Feedback::Correction(Correction::of_texts(shown.clone(), corrected.clone())))
        }
    }])
}

impl Ledger {
    /// The app and person of a seeded user. No device secret leads to it: those are 16 bytes, this is more.
    fn seeded(&self, user: &str) -> Result<(i64, Person)> {
        self.person_named(&format!("flywheel seed, user {user}"))
    }

    /// Takes a seeded user out; the same judgements may be let in again later.
    fn erase_seeded(&mut self, user: &str) -> Result<u64> {
        let (app, person) = self.seeded(user)?;
        let done = self.run(&[Task::Erase { app, person }]).pop();
        self.readmit(app, person)?;
        match done {
            Some(Ok(Done::Erased(count))) => Ok(count),
            Some(Err(error)) => Err(error),
            _ => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_judgement_of_another_task_is_another_one() {
        let row = r#"{"user":"u","at":1,"candidates":[{"id":"a"}],"chosen":0,"feedback":{"thumb":"up"}}"#;
        let rows = [serde_json::from_str::<Row>(row).expect("a row")];
        let id = |surface: &str| signals(&rows, surface, 1.0).expect("signals")["u"][0].id;
        assert_eq!(id("one"), id("one"));
        assert_ne!(id("one"), id("two"));
    }
}
