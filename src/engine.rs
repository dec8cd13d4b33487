//! A page as the adapters see it.

use crate::clock::now;
use crate::error::to_js;
use crate::flat::{self, Tree, Writer};
use crate::{options, record};
use flywheel_core::belief::{Model, encode_full};
use flywheel_core::consent::Choice;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::check_text;
use flywheel_core::id::Id;
use flywheel_core::page::Page;
use flywheel_core::signal::{Correction, Thumb};
use flywheel_core::sync::Failure;
use flywheel_core::wire::Outcome;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

type Js<T> = core::result::Result<T, JsValue>;

/// A page. Every method may throw a `FlywheelError`; none keeps the page borrowed while JavaScript runs.
///
/// Values come in as a text and a shape (`flat`). They go out as a shape; its text is what [`Engine::text`] gives next.
#[wasm_bindgen]
pub struct Engine {
    page: RefCell<Page>,
    model: Model,
    choice: Cell<Choice>,
    /// Whether the browser sends Global Privacy Control.
    control: bool,
    /// The text that belongs to the shape that went out last.
    text: RefCell<String>,
}

#[wasm_bindgen]
impl Engine {
    /// A page that has not read its storage yet.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, shape: &[f64], control: bool) -> Js<Engine> {
        let read = Tree::read(text, shape).and_then(|tree| options::read(&tree, control));
        let (options, choice) = read.map_err(|error| to_js(&error))?;
        let model = options.model;
        let page = RefCell::new(Page::new(options));
        Ok(Self { page, model, choice: Cell::new(choice), control, text: RefCell::default() })
    }

    /// The text that belongs to the shape that went out last.
    pub fn text(&self) -> String {
        self.text.take()
    }

    /// Ranks a request that crosses as `flat::request` reads it; so does the answer.
    pub fn rank(&self, text: &str, shape: &[f64]) -> Js<Vec<f64>> {
        let decision = self.page(|page| page.rank(flat::request(text, shape)?, now()))?;
        Ok(flat::decision(&decision))
    }

    /// A thumb: `undefined` takes back. Gives the signal's id, as do all that follow.
    pub fn thumb(&self, decision: &str, up: Option<bool>) -> Js<String> {
        let thumb = up.map(|up| if up { Thumb::Up } else { Thumb::Down });
        self.say(decision, |page, decision| page.thumb(decision, thumb, now()))
    }

    /// An edit, by both texts.
    pub fn correct(&self, decision: &str, shown: String, corrected: String) -> Js<String> {
        self.say(decision, |page, id| {
            check_text("a correction", &shown)?;
            check_text("a correction", &corrected)?;
            page.correct(id, Correction::of_texts(shown, corrected), now())
        })
    }

    /// An edit, by the share of words that were edited.
    pub fn edited(&self, decision: &str, share: f64) -> Js<String> {
        let correction = Correction { share, ..Correction::default() };
        self.say(decision, |page, decision| page.correct(decision, correction, now()))
    }

    /// A preference.
    pub fn prefer(&self, decision: &str, candidate: String) -> Js<String> {
        self.say(decision, |page, decision| page.prefer(decision, candidate.into(), now()))
    }

    /// The app's own measure.
    pub fn reward(&self, decision: &str, value: f64, reason: Option<String>) -> Js<String> {
        self.say(decision, |page, decision| page.reward(decision, value, reason, now()))
    }

    /// Another attempt; gives the next decision as an object.
    pub fn regenerate(&self, decision: &str) -> Js<Vec<f64>> {
        let (next, _) = self.page(|page| page.regenerate(flat::decision_id(decision)?, now()))?;
        Ok(self.write(|w| record::decided(w, &next)))
    }

    /// What was learned about the person.
    pub fn profile(&self, most: u32) -> Vec<f64> {
        let traits = self.page.borrow().profile(most as usize);
        self.write(|w| record::traits(w, &traits))
    }

    /// How things stand.
    pub fn status(&self) -> Vec<f64> {
        let status = self.page.borrow().status();
        self.write(|w| record::status(w, &status))
    }

    /// Everything that is kept about the person.
    pub fn export(&self) -> Vec<f64> {
        let export = self.page.borrow().export();
        self.write(|w| record::export(w, &export))
    }

    /// A choice about consent; what it leaves out stays as it was. One that was stored earlier wins over what the page
    /// was opened with.
    pub fn choose(&self, text: &str, shape: &[f64]) -> Js<()> {
        let choice = Tree::read(text, shape).ok().and_then(|tree| record::choice(&tree));
        let choice = choice.ok_or_else(|| to_js(&Error::new(Code::InvalidValue, "this is no consent")))?;
        self.choice.set(choice.or(self.choice.get()));
        self.page.borrow_mut().set_consent(self.choice.get().consent(self.control));
        Ok(())
    }

    /// All that was chosen, to be stored.
    pub fn choice(&self) -> Vec<f64> {
        self.write(|w| record::write_choice(w, self.choice.get()))
    }

    /// The device secret that was stored.
    pub fn identify(&self, secret: String) {
        self.page.borrow_mut().identify(secret);
    }

    /// Puts back what was stored, as the fields `entries` and `decisions`; what cannot be read is counted.
    pub fn restore(&self, text: &str, shape: &[f64], weights: Option<Vec<u8>>) {
        let stored = Tree::read(text, shape).unwrap_or(Tree::Nothing);
        let mut corrupt = 0;
        let entries = readable(stored.get("entries"), record::entry, &mut corrupt);
        let decisions = readable(stored.get("decisions"), record::decision, &mut corrupt);
        let mut page = self.page.borrow_mut();
        if page.restore(weights.as_deref(), entries, decisions, now()).is_err() {
            corrupt += 1;
        }
        page.set_aside(corrupt);
    }

    /// The storage has been read, or there is none.
    pub fn ready(&self) {
        self.page.borrow_mut().ready();
    }

    /// Entries, decisions, and ids of decisions to delete, since the last call.
    pub fn writes(&self) -> Vec<f64> {
        let writes = self.page.borrow_mut().take_writes();
        self.write(|w| record::writes(w, &writes))
    }

    /// What happened since the last call.
    pub fn events(&self) -> Vec<f64> {
        let events = self.page.borrow_mut().take_events();
        self.write(|w| record::events(w, &events))
    }

    /// When to call `begin` next, in milliseconds since 1970.
    #[allow(clippy::cast_precision_loss)] // a time
    pub fn due(&self) -> Option<f64> {
        self.page.borrow().due().map(|at| at as f64)
    }

    /// The body of a request, if one is due or `now_or_never`; its `request` is the id for what follows.
    pub fn begin(&self, now_or_never: bool) -> Option<Vec<f64>> {
        let outbound = self.page.borrow_mut().begin(now(), now_or_never)?;
        Some(self.write(|w| record::batch(w, &outbound.batch)))
    }

    /// The answer to a request; gives how many signals the server has taken, or `undefined` if it cannot be read.
    pub fn answered(&self, request: &str, text: &str, shape: &[f64]) -> Option<u32> {
        let (request, reply) = (Id::parse(request).ok()?, record::reply(&Tree::read(text, shape).ok()?)?);
        self.page.borrow_mut().answered(request, &reply, now());
        let taken = reply.results.iter().filter(|v| matches!(v.outcome, Outcome::Ok | Outcome::Duplicate)).count();
        u32::try_from(taken).ok()
    }

    /// A request failed: with an HTTP status, or with 0 where there was no answer.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    pub fn failed(&self, request: &str, status: u16, retry_after_ms: Option<f64>, why: &str) {
        let Ok(request) = Id::parse(request) else { return };
        let retry_after_ms = retry_after_ms.map(|wait| wait as u64);
        let failure = if status == 0 { Failure::Network } else { Failure::Status { status, retry_after_ms } };
        self.page.borrow_mut().failed(request, failure, why, now());
    }

    /// New weights.
    pub fn take_weights(&self, bytes: &[u8]) -> Js<()> {
        self.page(|page| page.take_weights(bytes))
    }

    /// The weights as bytes.
    pub fn weights(&self) -> Vec<u8> {
        encode_full(&self.model, self.page.borrow().weights())
    }

    /// Whether the server may know anything about the person.
    pub fn may_have_sent(&self) -> bool {
        self.page.borrow().may_have_sent()
    }

    /// Forgets everything; from here on under this secret.
    pub fn forget(&self, secret: String) {
        self.page.borrow_mut().forget(secret);
    }
}

impl Engine {
    fn write(&self, write: impl FnOnce(&mut Writer)) -> Vec<f64> {
        let mut writer = Writer::default();
        write(&mut writer);
        let (text, shape) = writer.finish();
        *self.text.borrow_mut() = text;
        shape
    }

    fn page<T>(&self, call: impl FnOnce(&mut Page) -> Result<T>) -> Js<T> {
        call(&mut self.page.borrow_mut()).map_err(|error| to_js(&error))
    }

    fn say(&self, decision: &str, call: impl FnOnce(&mut Page, Id) -> Result<Id>) -> Js<String> {
        self.page(|page| call(page, flat::decision_id(decision)?)).map(|id| id.text())
    }
}

/// The records of a list that can be read; those that cannot are counted.
fn readable<T>(stored: &Tree, read: fn(&Tree) -> Option<T>, corrupt: &mut u64) -> Vec<T> {
    let all = stored.items().unwrap_or_default();
    let read: Vec<T> = all.iter().filter_map(read).collect();
    *corrupt += (all.len() - read.len()) as u64;
    read
}
