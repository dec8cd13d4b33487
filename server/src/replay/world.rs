//! The whole loop in memory: real pages, a real fold, the network left out.

use super::log::{Row, Said};
use flywheel_core::belief::{Diff, Model, Site, Sums, Weights};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::error::Result;
use flywheel_core::feature::{Candidate, Features};
use flywheel_core::fold::fold;
use flywheel_core::id::Id;
use flywheel_core::journal::Record;
use flywheel_core::learner::Prediction;
use flywheel_core::page::{Decision, Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::rng::mix64;
use flywheel_core::signal::{Correction, Signal};
use flywheel_core::sync::Settings;
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Where predictions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The product: everybody's weights and the person's own evidence.
    Both,
    /// The same without the person's own evidence.
    GlobalOnly,
    /// The person's own evidence over the bare prior; nothing is ever synced.
    LocalOnly,
}

/// How a world runs.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Signals of a person after which the person syncs.
    pub sync_every: usize,
    /// What chooses the first place.
    pub policy: Policy,
    /// Seed of ties and exploration.
    pub seed: u64,
}

struct Person {
    page: Page,
    number: u32,
    /// Signals since the last sync.
    unsynced: usize,
    /// What the server keeps about the person.
    site: Site,
    active: BTreeMap<Id, Diff>,
}

/// People, their pages and one server.
pub struct World {
    mode: Mode,
    rules: Rules,
    model: Model,
    people: BTreeMap<String, Person>,
    sums: Sums,
    published: Weights,
    dirty: BTreeSet<u32>,
    seq: u64,
    /// Time spent ranking, and how often.
    pub ranking: (Duration, u32),
    /// Time spent learning, and how often.
    pub learning: (Duration, u32),
}

/// What a page expected of a row, and the decision that feedback can be given about.
pub struct Expectation {
    /// The decision.
    pub decision: Decision,
    /// The probability of the outcome that the log calls good, or of the better one of a pair.
    pub probability: f64,
}

const SURFACE: &str = "replay";

impl World {
    /// A world without people.
    #[must_use]
    pub fn new(mode: Mode, rules: Rules) -> Self {
        let model = Model::default();
        Self {
            mode,
            rules,
            people: BTreeMap::new(),
            sums: Sums::new(),
            published: Weights::new(&model),
            model,
            dirty: BTreeSet::new(),
            seq: 0,
            ranking: (Duration::ZERO, 0),
            learning: (Duration::ZERO, 0),
        }
    }

    /// The number of a person, from 0 in the order of coming.
    pub fn number(&mut self, user: &str) -> u32 {
        self.person(user).number
    }

    fn person(&mut self, user: &str) -> &mut Person {
        if !self.people.contains_key(user) {
            let person = self.newcomer();
            self.people.insert(user.into(), person);
        }
        self.people.get_mut(user).unwrap_or_else(|| unreachable!("just inserted"))
    }

    fn newcomer(&self) -> Person {
        let number = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let mut page = Page::new(Options {
            model: self.model,
            policy: self.rules.policy,
            sync: Settings { automatic: false, ..Settings::default() },
            consent: Consent { learn: true, share: Share::Granted, text: true },
            key: Some("pk_replay".into()),
            secret: String::new(),
            seed: mix64(self.rules.seed ^ (u64::from(number) << 32)),
            layers: if self.mode == Mode::GlobalOnly { Layers::GlobalOnly } else { Layers::Both },
        });
        page.ready();
        if self.mode != Mode::LocalOnly {
            page.share_weights(self.published.clone());
        }
        Person { page, number, unsynced: 0, site: Site::new(), active: BTreeMap::new() }
    }

    /// What the person's page shows, or expects, before the row's feedback is known.
    ///
    /// # Errors
    /// As [`Page::rank`].
    pub fn expect(&mut self, row: &Row) -> Result<Expectation> {
        let request = Request {
            surface: SURFACE.into(),
            context: row.context.clone(),
            candidates: shown(row),
            ..Request::default()
        };
        let begin = Instant::now();
        let page = &mut self.person(&row.user).page;
        let decision = page.rank(request, at(row))?;
        let spent = begin.elapsed();
        let first = decision.scores.first().copied().unwrap_or(0.5);
        let probability = match &row.feedback {
            Some(Said::Prefer(place)) => {
                let better = row.candidates.get(*place).map(|candidate| candidate.id.as_str()).unwrap_or_default();
                let pair = page.decision(decision.id).and_then(|record| pair(record, better));
                pair.map_or(0.5, |(context, better, worse)| page.expect_pair(context, better, worse).probability)
            }
            Some(Said::Correction { shown, corrected }) => {
                let context = Features::of(&row.context);
                let (better, worse) = (Features::of_text(corrected), Features::of_text(shown));
                page.expect_pair(&context, &better, &worse).probability
            }
            _ => first,
        };
        self.ranking.0 += spent;
        self.ranking.1 += 1;
        Ok(Expectation { decision, probability })
    }

    /// What the person's page expects of each candidate of the row, before anything about it is known.
    ///
    /// # Errors
    /// As [`Page::rank`].
    pub fn expectations(&mut self, row: &Row) -> Result<Vec<Prediction>> {
        let request = Request {
            surface: SURFACE.into(),
            context: row.context.clone(),
            candidates: row.candidates.clone(),
            ..Request::default()
        };
        self.person(&row.user).page.expectations(&request, at(row))
    }

    /// The person says what the row says, or the reward of a round; after every so many signals the page syncs.
    ///
    /// # Errors
    /// As [`Page::thumb`].
    pub fn say(&mut self, row: &Row, decision: &Decision, reward: Option<f64>) -> Result<()> {
        let now = at(row);
        let begin = Instant::now();
        let person = self.person(&row.user);
        let page = &mut person.page;
        match (reward, &row.feedback) {
            (Some(reward), _) => page.reward(decision.id, reward, None, now)?,
            (None, Some(Said::Thumb(thumb))) => page.thumb(decision.id, Some(*thumb), now)?,
            (None, Some(Said::Reward(value))) => page.reward(decision.id, *value, None, now)?,
            (None, Some(Said::Prefer(place))) => {
                let id = row.candidates.get(*place).map(|candidate| candidate.id.clone()).unwrap_or_default();
                page.prefer(decision.id, id, now)?
            }
            (None, Some(Said::Correction { shown, corrected })) => {
                page.correct(decision.id, Correction::of_texts(shown.clone(), corrected.clone()), now)?
            }
            (None, Some(Said::Regenerate(_))) => page.regenerate(decision.id, now)?.1.unwrap_or(decision.id),
            (None, None) => return Ok(()),
        };
        let spent = begin.elapsed();
        person.unsynced += 1;
        let due = person.unsynced >= self.rules.sync_every;
        self.learning.0 += spent;
        self.learning.1 += 1;
        if due && self.mode != Mode::LocalOnly {
            self.sync(&row.user, now);
        }
        Ok(())
    }

    /// One exchange: the page's signals are folded, the weights published, and the page takes them.
    fn sync(&mut self, user: &str, now: u64) {
        let Some(mut person) = self.people.remove(user) else { return };
        person.unsynced = 0;
        if let Some(outbound) = person.page.begin(now, true) {
            let results = outbound.batch.signals.iter().map(|signal| self.take(&mut person, signal.signal())).collect();
            let reply = Reply { v: PROTOCOL, server_time: now, results, weights: None, retry_after_ms: None };
            person.page.answered(outbound.request, &reply, now);
            self.publish();
            person.page.share_weights(self.published.clone());
            person.page.take_writes();
            person.page.take_events();
        }
        self.people.insert(user.into(), person);
    }

    fn take(&mut self, person: &mut Person, signal: &Signal) -> Verdict {
        let active = person.active.remove(&signal.decision).unwrap_or_default();
        let folded = fold(&self.model, &mut self.sums, &mut person.site, &active, signal);
        person.active.insert(signal.decision, active.plus(&folded.taught));
        self.dirty.extend(folded.sums.iter().map(|(slot, _)| *slot));
        self.seq += 1;
        Verdict {
            id: signal.id.to_string(),
            outcome: Outcome::Ok,
            seq: Some(self.seq),
            taught: Some(folded.taught),
            code: None,
            detail: None,
        }
    }

    fn publish(&mut self) {
        for slot in std::mem::take(&mut self.dirty) {
            // Slots come from the model's own vectors, so they are inside it.
            let _ = self.published.set(slot, Weights::quantise(&self.model, slot, self.sums.at(slot)));
        }
        let version = self.published.head().version + 1;
        self.published.set_head(version, self.seq);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
const fn at(row: &Row) -> u64 {
    row.at as u64
}

/// What was on the screen: all candidates where the page chooses, else the one that the log says was shown.
fn shown(row: &Row) -> Vec<Candidate> {
    match &row.feedback {
        Some(Said::Correction { shown, .. }) => {
            vec![Candidate { id: "answer".into(), text: Some(shown.clone().into()), ..Candidate::default() }]
        }
        Some(Said::Prefer(_)) | None => row.candidates.clone(),
        Some(_) => row.candidates.get(row.chosen.unwrap_or(0)).cloned().into_iter().collect(),
    }
}

/// The features of the context, of the preferred candidate and of the one that it will be learned against
/// ([`Page::prefer`]).
fn pair<'a>(record: &'a Record, better: &str) -> Option<(&'a Features, &'a Features, &'a Features)> {
    let find = |is: &dyn Fn(&str) -> bool| record.candidates.iter().find(|shown| is(&shown.candidate.id));
    let (better, worse) = (find(&|id| id == better)?, find(&|id| id != better)?);
    Some((&record.context_features, &better.features, &worse.features))
}
