//! What the adapters may ask of an engine, by number: each exported function of its own would cost the page a
//! third of a kilobyte. `js/call.ts` has the same numbers.

use crate::clock::now;
use crate::engine::Opened;
use crate::flat::{Tree, Writer, decision_id, misshapen, put_decision};
use crate::{INSIGHT, options, random, record};
use flywheel_core::belief::Diff;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::check_text;
use flywheel_core::hold_out;
use flywheel_core::id::Id;
use flywheel_core::page::{FORMAT, Page};
use flywheel_core::signal::Correction;
use flywheel_core::sync::Failure;
use flywheel_core::wire::Outcome;

/// (options, whether the browser sends Global Privacy Control, whether a program is at it): a page that has not read its
/// storage yet. It comes first.
pub const OPEN: u32 = 0;
/// (): a device secret.
pub const SECRET: u32 = 1;
/// (decision, shown, corrected): an edit, by both texts. Gives the signal's id, as do the next three.
pub const CORRECT: u32 = 2;
/// (decision, share): an edit, by the share of words that were edited.
pub const EDITED: u32 = 3;
/// (decision, candidate): a preference.
pub const PREFER: u32 = 4;
/// (decision, value, reason or nothing): the app's own measure.
pub const REWARD: u32 = 5;
/// (decision): another attempt; gives the next decision.
pub const REGENERATE: u32 = 6;
/// (most): what was learned about the person. With feature `insight` only, as are those from `EXPLAIN` on.
pub const PROFILE: u32 = 7;
/// (): how things stand.
pub const STATUS: u32 = 8;
/// (): everything that is kept about the person.
pub const EXPORT: u32 = 9;
/// (choice): what it leaves out stays as it was. One that was stored earlier wins over what the page was opened with.
pub const CHOOSE: u32 = 10;
/// (): all that was chosen, to be stored.
pub const CHOICE: u32 = 11;
/// (secret): the device secret that was stored.
pub const IDENTIFY: u32 = 12;
/// (entries, decisions, ids of decisions that are read when they are needed, two snapshots or nothing): what was stored;
/// what cannot be read is counted.
pub const RESTORE: u32 = 13;
/// (): the storage has been read, or there is none.
pub const READY: u32 = 14;
/// (whether anything is stored): entries, decisions, and ids of decisions to delete, since the last call; where nothing
/// is stored, only entries.
pub const WRITES: u32 = 15;
/// (): what happened since the last call.
pub const EVENTS: u32 = 16;
/// (): when to call `BEGIN` next, in milliseconds since 1970, or nothing.
pub const DUE: u32 = 17;
/// (now or never, whether the page is being left): the body of a request, if one is due; its `request` is the id for
/// what follows. One that is made because the page is left may go beside others, and is to outlive it.
pub const BEGIN: u32 = 18;
/// (request, reply): how many signals the server has taken, or nothing if the reply cannot be read.
pub const ANSWERED: u32 = 19;
/// (request, HTTP status or 0 where there was no answer, milliseconds to wait or nothing, why).
pub const FAILED: u32 = 20;
/// (): whether the server may know anything about the person.
pub const MAY_HAVE_SENT: u32 = 21;
/// (secret): forgets everything; from here on under this secret.
pub const FORGET: u32 = 22;
/// (decision, candidate or nothing, most): the terms of a score.
pub const EXPLAIN: u32 = 23;
/// (): what is well known about the person.
pub const HINTS: u32 = 24;
/// (text, most): what the person would change in it.
pub const SUGGEST: u32 = 25;
/// (): a snapshot's turn, the snapshot, and ids of entries to delete, if it is worth it.
pub const COMPACT: u32 = 26;
/// (the attempt before it or "", surface and context as if they were a candidate and all candidates, rules): the id of a
/// decision, and the numbers of `flat::put_decision`.
pub const RANK: u32 = 27;
/// (): weights that were held predict from here on.
pub const ADOPT: u32 = 28;
/// (number of a signal, evidence as base64): what all of the person's devices taught so far.
pub const LEND: u32 = 29;
/// (format, model, entries, decisions): what was exported; gives how many entries were new.
pub const IMPORT: u32 = 30;

/// (what the endpoint asks or nothing, the person's place or nothing, whose place it is from now on or nothing): on which
/// side of the hold-out the person is. Gives the place.
pub const HOLD: u32 = 31;

/// What was given with a call.
struct Given<'a>(&'a Tree);

impl Given<'_> {
    fn at(&self, place: usize) -> &Tree {
        self.0.items().and_then(|all| all.get(place)).unwrap_or(&Tree::Nothing)
    }

    fn text(&self, place: usize) -> Result<String> {
        self.at(place).text().ok_or_else(misshapen)
    }

    fn number(&self, place: usize) -> Result<f64> {
        self.at(place).number().ok_or_else(misshapen)
    }

    fn decision(&self) -> Result<Id> {
        decision_id(self.at(0).as_str().unwrap_or_default())
    }

    fn request(&self) -> Result<Id> {
        self.at(0).id().ok_or_else(misshapen)
    }

    fn yes(&self, place: usize) -> bool {
        self.at(place).flag() == Some(true)
    }
}

/// Carries out a call and writes its answer.
///
/// # Errors
/// As the page; [`Code::Internal`] for what js/call.ts would not send, and where nothing was opened.
pub fn answer(engine: &mut Option<Opened>, call: u32, given: &Tree, w: &mut Writer) -> Result<()> {
    let given = Given(given);
    match call {
        OPEN => {
            let control = given.yes(1);
            let (options, choice) = options::read(given.at(0), control)?;
            let model = options.model;
            let mut page = Page::new(options);
            if INSIGHT && let Some(share) = options::hold_out(given.at(0))? {
                page.hold_out(share);
            }
            if given.yes(2) {
                page.mark_automated();
            }
            if given.yes(3) {
                page.hold_weights();
            }
            *engine = Some(Opened { page, model, choice, control });
        }
        SECRET => return random::secret().map(|secret| w.text(&secret)),
        _ => return ask(engine.as_mut().ok_or_else(misshapen)?, call, &given, w),
    }
    w.nothing();
    Ok(())
}

fn ask(opened: &mut Opened, call: u32, given: &Given<'_>, w: &mut Writer) -> Result<()> {
    let page = &mut opened.page;
    let said = match call {
        CORRECT => {
            let (shown, corrected) = (given.text(1)?, given.text(2)?);
            check_text("a correction", &shown)?;
            check_text("a correction", &corrected)?;
            page.correct(given.decision()?, Correction::of_texts(shown, corrected), now())?
        }
        EDITED => {
            let correction = Correction { share: given.number(1)?, ..Correction::default() };
            page.correct(given.decision()?, correction, now())?
        }
        PREFER => page.prefer(given.decision()?, given.text(1)?.into(), now())?,
        REWARD => page.reward(given.decision()?, given.number(1)?, given.at(2).text(), now())?,
        _ => return other(opened, call, given, w),
    };
    w.id(&said);
    Ok(())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // times; saturates
fn other(opened: &mut Opened, call: u32, given: &Given<'_>, w: &mut Writer) -> Result<()> {
    let page = &mut opened.page;
    match call {
        RANK => {
            let mut request = record::request(given.at(1), given.at(2))?;
            let after = given.text(0)?;
            request.after = if after.is_empty() { None } else { Some(decision_id(&after)?) };
            let decided = page.rank_places(request, now())?;
            let mut numbers = Vec::new();
            put_decision(&decided, &[], page.age(), page.is_held_out(), &mut |number| numbers.push(number));
            w.list(0..2, |w, part| match part {
                0 => w.id(&decided.id),
                _ => w.list(&numbers, |w, number| w.number(*number)),
            });
        }
        REGENERATE => {
            let decision = page.regenerate(given.decision()?, now())?.0;
            record::decided(w, &decision, page.is_held_out());
        }
        PROFILE if INSIGHT => record::traits(w, &page.profile(given.number(0)? as usize)),
        EXPLAIN if INSIGHT => {
            let (candidate, most) = (given.at(1).as_str(), given.number(2)? as usize);
            record::explanation(w, &page.explain(given.decision()?, candidate, most)?);
        }
        HINTS if INSIGHT => record::hints(w, &page.hints()),
        SUGGEST if INSIGHT => record::suggestions(w, &page.suggest(&given.text(0)?, given.number(1)? as usize)?),
        STATUS => record::status(w, &page.status()),
        EXPORT => record::export(w, &page.export()),
        CHOICE => record::write_choice(w, opened.choice),
        WRITES => record::writes(w, page, given.yes(0)),
        EVENTS => record::events(w, &page.take_events()),
        MAY_HAVE_SENT => w.flag(page.may_have_sent()),
        COMPACT => match page.compact(now()) {
            Some((snapshot, gone)) => w.list(0..3, |w, part| match part {
                0 => w.whole(snapshot.turn),
                1 => w.text(&snapshot.to_text()),
                _ => w.list(&gone, Writer::id),
            }),
            None => w.nothing(),
        },
        DUE => match page.due() {
            Some(at) => w.whole(at),
            None => w.nothing(),
        },
        BEGIN => {
            let leaving = given.yes(1);
            match if leaving { page.last_words(now()) } else { page.begin(now(), given.yes(0)) } {
                Some(outbound) => record::batch(w, &outbound.batch),
                None => w.nothing(),
            }
        }
        HOLD if INSIGHT => {
            if let Some(settings) = record::settings(given.at(0)).filter(|_| matches!(given.at(0), Tree::Object(_))) {
                page.asked(settings);
            }
            let name = given.at(2).as_str().map(hold_out::place);
            if let Some(place) = name.or(given.at(1).number()) {
                page.stand(place);
            }
            w.number(page.place());
        }
        IMPORT if INSIGHT => {
            if given.at(0).as_str() != Some(FORMAT) {
                return Err(Error::new(Code::InvalidValue, "this is no export of Flywheel"));
            }
            if given.at(1).as_str() != Some(&*opened.model.id()) {
                return Err(Error::new(Code::UnsupportedModel, "this was learned by another model"));
            }
            let mut corrupt = 0;
            let entries = readable(given.at(2), record::entry, &mut corrupt);
            let decisions = readable(given.at(3), record::decision, &mut corrupt);
            let added = page.import(entries, decisions, now())?;
            page.set_aside(corrupt);
            w.whole(added as u64);
        }
        ANSWERED => {
            let request = given.request()?;
            let Some(reply) = record::reply(given.at(1)) else {
                w.nothing();
                return Ok(());
            };
            page.answered(request, &reply, now());
            let taken = reply.results.iter().filter(|v| matches!(v.outcome, Outcome::Ok | Outcome::Duplicate)).count();
            w.whole(taken as u64);
        }
        _ => {
            match call {
                CHOOSE => {
                    let choice = record::choice(given.at(0));
                    let choice = choice.ok_or_else(|| Error::new(Code::InvalidValue, "this is no consent"))?;
                    opened.choice = choice.or(opened.choice);
                    page.set_consent(opened.choice.consent(opened.control));
                }
                IDENTIFY => page.identify(given.text(0)?),
                RESTORE => restore(page, given)?,
                READY => page.ready(),
                ADOPT => page.adopt(),
                LEND if INSIGHT => {
                    let (seq, site) = (given.at(0).whole(), Diff::from_base64(&given.text(1)?)?);
                    page.lend(seq.ok_or_else(misshapen)?, &site, now());
                }
                FAILED => {
                    let (status, wait) = (given.number(1)? as u16, given.at(2).number());
                    let retry_after_ms = wait.map(|wait| wait as u64);
                    let failure =
                        if status == 0 { Failure::Network } else { Failure::Status { status, retry_after_ms } };
                    page.failed(given.request()?, failure, &given.text(3)?, now());
                }
                FORGET => page.forget(given.text(0)?),
                _ => return Err(misshapen()),
            }
            w.nothing();
        }
    }
    Ok(())
}

fn restore(page: &mut Page, given: &Given<'_>) -> Result<()> {
    let mut corrupt = 0;
    let entries = readable(given.at(0), record::entry, &mut corrupt);
    let decisions = readable(given.at(1), record::decision, &mut corrupt);
    page.set_aside(corrupt);
    page.leave_asleep(given.at(2).items().unwrap_or_default().iter().filter_map(Tree::id), now());
    if let Some([one, other]) = given.at(3).items() {
        page.restore_past([one.as_str(), other.as_str()]);
    }
    page.restore(None, entries, decisions, now())
}

/// The records of a list that can be read; those that cannot are counted.
fn readable<T>(stored: &Tree, read: fn(&Tree) -> Option<T>, corrupt: &mut u64) -> Vec<T> {
    let all = stored.items().unwrap_or_default();
    let read: Vec<T> = all.iter().filter_map(read).collect();
    *corrupt += (all.len() - read.len()) as u64;
    read
}

#[cfg(test)]
mod tests {
    /// The numbers in a source, in order, by name in small letters without underscores.
    fn numbers(source: &str, start: &str) -> Vec<(String, String)> {
        let lines = source.lines().filter_map(|line| line.trim().strip_prefix(start));
        let pairs = lines.filter_map(|line| line.split_once(" = "));
        let name = |name: &str| name.trim_end_matches(": u32").replace('_', "").to_lowercase();
        pairs.map(|(left, right)| (name(left), right.trim_end_matches([';', ',']).to_owned())).collect()
    }

    #[test]
    fn both_sides_have_the_same_numbers() {
        let here = numbers(include_str!("call.rs"), "pub const ");
        let there = numbers(include_str!("../js/call.ts"), "");
        assert!(here.len() > 20 && here == there, "{here:?}\n{there:?}");
    }
}
