//! The page and the world around it: what is stored when, what the app is told, and the timers.

use crate::clock::now;
use crate::error::to_js;
use crate::life::Life;
use crate::options::{Options, consent};
use crate::storage::{Batch, Database, Loaded, Storage, meta};
use crate::timer::{Gate, within};
use flywheel_core::belief::{Model, encode_full};
use flywheel_core::consent::Choice;
use flywheel_core::error::{Code, Error};
use flywheel_core::journal::Delivery;
use flywheel_core::page::{self, Event, Page, Writes};
use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long decisions may wait for a transaction, in milliseconds; entries never wait.
const LAZY_MS: u64 = 250;
/// Shortest time between two times that the weights are stored, in milliseconds.
const WEIGHTS_MS: u64 = 5_000;
/// A database that has not answered by then does not answer, in milliseconds.
const PATIENCE_MS: u32 = 10_000;
/// Longest that one timer runs, in milliseconds.
const NAP_MS: u64 = 3_600_000;

/// A page and the world around it.
pub struct Driver {
    pub(crate) page: RefCell<Page>,
    pub(crate) options: Options,
    pub(crate) model: Model,
    pub(crate) choice: Cell<Choice>,
    pub(crate) secret: RefCell<String>,
    pub(crate) storage: RefCell<Storage>,
    /// What is to be stored beside the page's own writes.
    pub(crate) meta: RefCell<Vec<(&'static str, JsValue)>>,
    /// Secrets whose erasure the server has not acknowledged.
    pub(crate) erase: RefCell<Vec<String>>,
    /// Whether a request with signals was ever begun.
    pub(crate) sent: Cell<bool>,
    /// Whether a request is under way, and who waits for its end.
    pub(crate) busy: Cell<bool>,
    pub(crate) idle: Gate,
    pub(crate) closed: Cell<bool>,
    ready: Gate,
    notify: Function,
    /// Whether a flush is about to run.
    flushing: Cell<bool>,
    /// Whether the weights are newer than those that are stored, and when they were stored last.
    fresh_weights: Cell<bool>,
    weights_at: Cell<u64>,
    lazy: RefCell<Option<(u64, Timeout)>>,
    due: RefCell<Option<(u64, Timeout)>>,
    life: RefCell<Option<Life>>,
    lost: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl Driver {
    /// Starts; the storage is read in the background.
    pub fn start(options: Options, page: page::Options, notify: Function) -> Rc<Self> {
        let driver = Rc::new(Self {
            model: page.model,
            choice: Cell::new(options.choice),
            secret: RefCell::new(options.secret.clone()),
            page: RefCell::new(Page::new(page)),
            options,
            storage: RefCell::new(Storage::Opening),
            meta: RefCell::default(),
            erase: RefCell::default(),
            sent: Cell::new(false),
            busy: Cell::new(false),
            idle: Gate::default(),
            closed: Cell::new(false),
            ready: Gate::default(),
            notify,
            flushing: Cell::new(false),
            fresh_weights: Cell::new(false),
            weights_at: Cell::new(0),
            lazy: RefCell::default(),
            due: RefCell::default(),
            life: RefCell::default(),
            lost: RefCell::default(),
        });
        let weak = Rc::downgrade(&driver);
        *driver.life.borrow_mut() = Some(Life::watch(move || {
            if let Some(driver) = weak.upgrade() {
                driver.leaving();
            }
        }));
        spawn_local(driver.clone().attach());
        driver
    }

    /// Returns once the storage has been read, or has turned out not to be there.
    pub async fn until_ready(&self) {
        while !self.page.borrow().is_ready() && !self.closed.get() {
            self.ready.wait().await;
        }
    }

    /// Reads the storage into the page; the page learns from here on.
    pub(crate) async fn attach(self: Rc<Self>) {
        let read = async { if self.options.memory { Ok(None) } else { self.read().await } };
        let read = within(PATIENCE_MS, read).await.unwrap_or_else(|| Err("timeout".into()));
        if self.closed.get() {
            if let Ok(Some((db, _))) = read {
                db.close();
            }
            return;
        }
        let storage = match read {
            Ok(Some((db, loaded))) => {
                self.restore(&loaded);
                self.keep_watch(&db);
                Storage::Indexed(db)
            }
            Ok(None) if self.options.memory => Storage::Memory(None),
            Ok(None) => Storage::Memory(Some(Code::LearnRefused.as_str().into())),
            Err(reason) => Storage::Memory(Some(reason)),
        };
        *self.storage.borrow_mut() = storage;
        self.page.borrow_mut().ready();
        self.ready.open();
        self.after();
        self.retry_erase().await;
        self.fetch_head().await;
    }

    /// What is stored, or nothing where the person refuses that anything is.
    async fn read(&self) -> Result<Option<(Rc<Database>, Loaded)>, String> {
        let wanted = consent(self.choice.get()).learn;
        let Some(db) = Database::open(&self.options.app, wanted).await? else { return Ok(None) };
        let loaded = db.load().await?;
        if let Some(stored) = from_js::<Choice>(loaded.meta(meta::CONSENT)) {
            self.choice.set(stored.or(self.choice.get()));
        }
        if !consent(self.choice.get()).learn {
            db.destroy().await;
            return Ok(None);
        }
        let secret = match loaded.meta(meta::SECRET).as_string() {
            Some(secret) => Some(secret),
            None if self.options.server.is_some() => Some(db.claim(&self.options.secret).await?),
            None => None,
        };
        if let Some(secret) = secret {
            *self.secret.borrow_mut() = secret;
        }
        Ok(Some((Rc::new(db), loaded)))
    }

    fn restore(&self, loaded: &Loaded) {
        let mut corrupt = 0;
        let entries = records(&loaded.entries, &mut corrupt);
        let decisions = records(&loaded.decisions, &mut corrupt);
        let weights = loaded.meta(meta::WEIGHTS);
        let weights = weights.is_instance_of::<Uint8Array>().then(|| Uint8Array::new(&weights).to_vec());
        self.sent.set(loaded.meta(meta::SENT) == JsValue::TRUE);
        *self.erase.borrow_mut() = from_js(loaded.meta(meta::ERASE)).unwrap_or_default();
        let mut page = self.page.borrow_mut();
        page.identify(self.secret.borrow().clone());
        page.set_consent(consent(self.choice.get()));
        if page.restore(weights.as_deref(), entries, decisions, now()).is_err() {
            corrupt += 1;
        }
        page.set_aside(corrupt);
        if loaded.meta(meta::MODEL).is_undefined() {
            self.meta.borrow_mut().push((meta::MODEL, self.model.id().into()));
        }
    }

    /// Another tab may delete the database, or the browser close it.
    fn keep_watch(self: &Rc<Self>, db: &Rc<Database>) {
        let (weak, lost) = (Rc::downgrade(self), db.clone());
        let call = Closure::new(move || {
            lost.close();
            if let Some(driver) = weak.upgrade() {
                driver.degrade("taken away by another tab or by the browser");
            }
        });
        db.on_lost(call.as_ref().unchecked_ref());
        *self.lost.borrow_mut() = Some(call);
    }

    /// From here on only memory.
    fn degrade(&self, reason: &str) {
        *self.storage.borrow_mut() = Storage::Memory(Some(reason.into()));
        let detail = format!("the profile is kept in memory only: {reason}");
        self.tell("error", &to_js(&Error::new(Code::StorageUnavailable, detail)), &JsValue::UNDEFINED);
    }

    /// After a call that may have changed something: stores and tells at the end of the running task.
    pub fn after(self: &Rc<Self>) {
        if !self.flushing.replace(true) {
            let driver = self.clone();
            spawn_local(async move { driver.flush(false).await });
        }
    }

    /// After a call that only made a decision: it is stored with the next entry, or soon.
    pub fn after_decision(self: &Rc<Self>) {
        if self.lazy.borrow().is_none() {
            self.flush_at(now() + LAZY_MS);
        }
    }

    fn flush_at(self: &Rc<Self>, at: u64) {
        let call = |driver: Rc<Self>| spawn_local(async move { driver.flush(false).await });
        self.arm(&self.lazy, at, call);
    }

    /// Stores what is not stored and tells the app what happened. `all`: even the weights that were stored just now.
    pub(crate) async fn flush(self: Rc<Self>, all: bool) {
        self.flushing.set(false);
        let storage = self.storage.borrow().clone();
        let (events, writes) = {
            let mut page = self.page.borrow_mut();
            // While nobody knows where to, the page keeps what is to be stored.
            let writes = if matches!(storage, Storage::Opening) { Writes::default() } else { page.take_writes() };
            (page.take_events(), writes)
        };
        *self.lazy.borrow_mut() = None;
        for event in events {
            self.tell_event(event);
        }
        let local: Array = writes.entries.iter().filter(|e| e.delivery == Delivery::Local).map(|e| id(&e.id)).collect();
        let ids: Array = writes.entries.iter().map(|entry| id(&entry.id)).collect();
        let kept = match &storage {
            Storage::Opening => return self.look_ahead(),
            Storage::Memory(_) => "memory",
            Storage::Indexed(db) => {
                let batch = self.batch(&writes, all);
                let written = if batch.is_empty() { Ok(()) } else { db.write(&batch).await };
                match written {
                    Ok(()) => "saved",
                    Err(reason) => {
                        self.degrade(&reason);
                        "memory"
                    }
                }
            }
        };
        for (kind, ids) in [(kept, ids), ("local", local)] {
            if ids.length() > 0 {
                self.tell(kind, &ids, &JsValue::UNDEFINED);
            }
        }
        self.tell("status", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        self.look_ahead();
    }

    fn batch(self: &Rc<Self>, writes: &Writes, all: bool) -> Batch {
        let mut meta = self.meta.take();
        let again = self.weights_at.get() + WEIGHTS_MS;
        if self.fresh_weights.get() {
            if all || again <= now() {
                let bytes = encode_full(&self.model, self.page.borrow().weights());
                meta.push((meta::WEIGHTS, Uint8Array::from(bytes.as_slice()).into()));
                self.fresh_weights.set(false);
                self.weights_at.set(now());
            } else {
                self.flush_at(again);
            }
        }
        Batch {
            entries: writes.entries.iter().map(to_value).collect(),
            decisions: writes.decisions.iter().map(to_value).collect(),
            expired: writes.expired.iter().map(id).collect(),
            meta,
        }
    }

    /// Sets the timer for what the page wants to send next.
    pub(crate) fn look_ahead(self: &Rc<Self>) {
        match self.page.borrow().due() {
            Some(at) if !self.busy.get() => self.arm(&self.due, at, |driver| driver.send_if_due()),
            _ => *self.due.borrow_mut() = None,
        }
    }

    fn arm(self: &Rc<Self>, place: &RefCell<Option<(u64, Timeout)>>, at: u64, call: impl FnOnce(Rc<Self>) + 'static) {
        if self.closed.get() || place.borrow().as_ref().is_some_and(|(armed, _)| *armed == at) {
            return;
        }
        let wait = u32::try_from(at.saturating_sub(now()).min(NAP_MS)).unwrap_or(u32::MAX);
        let weak = Rc::downgrade(self);
        let timeout = Timeout::new(wait, move || {
            if let Some(driver) = weak.upgrade() {
                call(driver);
            }
        });
        *place.borrow_mut() = Some((at, timeout));
    }

    /// Weights were taken: they are to be stored.
    pub(crate) fn weights_changed(&self) {
        self.fresh_weights.set(true);
    }

    /// Stops everything that runs by itself.
    pub(crate) fn stop(&self) {
        self.closed.set(true);
        self.ready.open();
        self.lazy.take();
        self.due.take();
        self.life.take();
    }

    fn tell_event(&self, event: Event) {
        match event {
            Event::Acknowledged { id: signal } => self.tell("acknowledged", &id(&signal), &JsValue::UNDEFINED),
            Event::Dropped { id: signal, code } => self.tell("dropped", &id(&signal), &code.into()),
            #[allow(clippy::cast_precision_loss)] // versions are counted from 1
            Event::Weights { version } => self.tell("weights", &(version as f64).into(), &JsValue::UNDEFINED),
        }
    }

    /// Tells the façade. Never called while the page is borrowed: the app's own code may run and call back.
    pub(crate) fn tell(&self, kind: &str, value: &JsValue, more: &JsValue) {
        let _ = self.notify.call3(&JsValue::UNDEFINED, &kind.into(), value, more);
    }
}

/// A plain object, as JSON would have it.
pub fn to_value(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

fn id(id: &flywheel_core::id::Id) -> JsValue {
    id.to_string().into()
}

/// What can be read; what cannot stays where it is and is counted.
fn records<T: DeserializeOwned>(stored: &Array, corrupt: &mut u64) -> Vec<T> {
    let read: Vec<T> = stored.iter().filter_map(from_js).collect();
    *corrupt += stored.length() as u64 - read.len() as u64;
    read
}
