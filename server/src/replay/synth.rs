//! `flywheel synth`: a seeded log of people with known tastes, for tests that need no outside data.

use super::log::{Row, Said};
use clap::Args;
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::math;
use flywheel_core::rng::Rng;
use flywheel_core::signal::Thumb;
use std::io::Write;
use std::path::PathBuf;

/// Write a seeded log of people with known tastes, one JSON object a line.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel synth --people 200 --thumbs 20 --rounds 20 --spread 2 --out tastes.jsonl
  flywheel replay tastes.jsonl")]
pub struct SynthArgs {
    /// How many people
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub people: usize,
    /// Thumbs of each person, before any round, on answers that were picked at random
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub thumbs: usize,
    /// Rounds of each person, in which the page chooses
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rounds: usize,
    /// Candidates of each round
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub candidates: u16,
    /// Standard deviation of the tastes that all share, in logits
    #[arg(long, value_name = "SD", default_value_t = 1.0)]
    pub common: f64,
    /// Standard deviation of people's own tastes around those, in logits; 0 for people who are all alike
    #[arg(long, value_name = "SD", default_value_t = 1.0)]
    pub spread: f64,
    /// Seed; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// File to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What answers can be like: an attribute and its values.
const ATTRIBUTES: [(&str, &[&str]); 3] =
    [("length", &["short", "long"]), ("form", &["prose", "list"]), ("tone", &["plain", "warm", "formal"])];

/// Writes the log.
///
/// # Errors
/// A sentence, if the file cannot be written.
pub fn run_synth(args: &SynthArgs) -> Result<(), String> {
    let write = |out: &mut dyn Write| -> std::io::Result<()> {
        for row in synth(args) {
            serde_json::to_writer(&mut *out, &row)?;
            out.write_all(b"\n")?;
        }
        out.flush()
    };
    match &args.out {
        None => write(&mut std::io::BufWriter::new(std::io::stdout().lock())).map_err(|error| error.to_string()),
        Some(path) => std::fs::File::create(path)
            .and_then(|file| write(&mut std::io::BufWriter::new(file)))
            .map_err(|error| format!("cannot write {}: {error}", path.display())),
    }
}

/// The rows: people take turns; each gives the thumbs first. Each round shows every candidate's reward and its true
/// probability.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn synth(args: &SynthArgs) -> Vec<Row> {
    let mut rng = Rng::new(args.seed);
    let levels: usize = ATTRIBUTES.iter().map(|(_, values)| values.len()).sum();
    let common: Vec<f64> = (0..levels).map(|_| normal(&mut rng) * args.common).collect();
    let tastes: Vec<Vec<f64>> =
        (0..args.people).map(|_| common.iter().map(|taste| taste + normal(&mut rng) * args.spread).collect()).collect();
    let turns = args.thumbs + args.rounds;
    let mut rows = Vec::with_capacity(args.people * turns);
    for turn in 0..turns {
        for (person, taste) in tastes.iter().enumerate() {
            let row = Row {
                user: format!("person{person}"),
                at: (1_700_000_000_000 + (turn * args.people + person) * 1_000) as f64,
                ..Row::default()
            };
            if turn < args.thumbs {
                let (candidate, truth) = candidate(0, taste, &mut rng);
                let thumb = if rng.unit() < truth { Thumb::Up } else { Thumb::Down };
                let feedback = Some(Said::Thumb(thumb));
                rows.push(Row { candidates: vec![candidate], chosen: Some(0), feedback, ..row });
                continue;
            }
            let (candidates, truth): (Vec<_>, Vec<_>) =
                (0..args.candidates).map(|number| candidate(number, taste, &mut rng)).unzip();
            let rewards = truth.iter().map(|p| if rng.unit() < *p { 1.0 } else { 0.0 }).collect();
            rows.push(Row { candidates, rewards: Some(rewards), truth: Some(truth), ..row });
        }
    }
    rows
}

fn candidate(number: u16, taste: &[f64], rng: &mut Rng) -> (Candidate, f64) {
    let (mut features, mut logit, mut first) = (Vec::new(), 0.0, 0);
    for (name, values) in ATTRIBUTES {
        let level = rng.below(values.len());
        features.push((name.into(), Value::Text(values[level].into())));
        logit += taste[first + level];
        first += values.len();
    }
    let candidate = Candidate { id: format!("c{number}").into(), features: Object(features), text: None };
    (candidate, 1.0 / (1.0 + math::exp(-logit)))
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut Rng) -> f64 {
    let (u, v) = (1.0 - rng.unit(), rng.unit());
    math::sqrt(-2.0 * math::ln(u)) * (2.0 * math::PI * v).cos()
}
