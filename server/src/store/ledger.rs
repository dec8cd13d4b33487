//! The books: the database and what of it is in memory, changed together in one transaction or not at all.

use super::app::App;
use super::copier::Copier;
use super::desk::{self, Desk};
use super::directory::Directory;
use super::keys::first_start;
use super::refold::{self, Refolded};
use super::shelf::{Shelf, Whole};
use super::sites::{self, Sites};
use super::{Db, Done, Draft, Keys, Order, Task, audit, decisions, erase, expire, identity, order, schema, take};
use crate::ingest::Person;
use crate::{Clock, Config};
use flywheel_core::belief::{Head, Model, Site, Sums, Weights};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::Settings;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// The name of the database inside the data folder.
pub(super) const DATABASE: &str = "flywheel.sqlite3";
/// Locked as long as the folder is open.
const LOCK: &str = "flywheel.lock";

/// Tasks in one transaction from which on records for analysis are left out.
const PRESSED: usize = 48;

/// An open data folder. One process holds it at a time.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
    memory: Memory,
    keys: Keys,
    clock: Clock,
    site_bytes: usize,
    shelf: Shelf,
    settings: AllSettings,
    orders: Desk,
    retain_ms: Option<u64>,
    expiring: expire::Progress,
    /// A transaction failed, so that memory may differ from the disk.
    is_stale: bool,
    copier: Option<Copier>,
    _lock: File,
}

/// What pages are asked for, by app, for those who answer them.
pub(super) type AllSettings = Arc<RwLock<BTreeMap<i64, Settings>>>;

/// What is in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    apps: Vec<App>,
    sites: Sites,
    pub(super) publish_every: u64,
    /// More waits than can be done at once: what is not needed is left out.
    pub(super) is_pressed: bool,
    /// Versions to put on the shelf once they are committed.
    shelving: Vec<Whole>,
    /// Apps whose versions leave the shelf once that is committed.
    unshelving: Vec<String>,
}

impl Memory {
    pub(super) fn app(&mut self, id: i64) -> Result<&mut App> {
        self.app_and_sites(id).map(|(app, _)| app)
    }

    /// Reads an app that was made while the server was running.
    fn meet(&mut self, db: &Connection, id: i64) -> Result<()> {
        if self.apps.iter().all(|app| app.id != id) {
            self.apps.extend(App::load_one(db, id)?);
        }
        Ok(())
    }

    pub(super) fn app_and_sites(&mut self, id: i64) -> Result<(&mut App, &mut Sites)> {
        let app = self.apps.iter_mut().find(|app| app.id == id);
        app.map(|app| (app, &mut self.sites)).ok_or_else(|| Error::new(Code::Internal, format!("no app {id}")))
    }

    /// Has a version ready to be fetched once it is committed.
    pub(super) fn shelve(&mut self, whole: Option<Whole>) {
        self.shelving.extend(whole);
    }

    pub(super) fn unshelve(&mut self, id: i64) {
        for app in self.apps.iter().filter(|app| app.id == id) {
            self.shelving.retain(|whole| !whole.is_of(&app.name));
            self.unshelving.push(app.name.clone());
        }
    }

    fn load(&mut self, db: &Connection) -> Result<()> {
        *self = Self { apps: App::load_all(db)?, publish_every: self.publish_every, ..Self::default() };
        // Who was told an address before a restart may still come for it.
        let whole = |app: &App| Whole::new(&app.name, &app.model, &app.published.weights);
        self.shelving = self.apps.iter().filter_map(whole).collect();
        Ok(())
    }

    fn write(&mut self, db: &Connection, settle: bool) -> Result<()> {
        self.apps.iter_mut().try_for_each(|app| app.write(db, settle))?;
        self.sites.write(db)
    }
}

impl Ledger {
    /// Opens a data folder; makes it, its app and its keys at the first start.
    ///
    /// # Errors
    /// [`Code::DatabaseNewer`] for a database of a newer version; [`Code::Corrupt`] for one that was folded under another
    /// model and has a signal that cannot be folded again; [`Code::Unavailable`] if the folder cannot be used or another process uses it.
    pub fn open(config: &Config) -> Result<Self> {
        let folder = config.data.as_path();
        let unusable = |error: std::io::Error| {
            Error::new(Code::Unavailable, format!("cannot use the data folder {}: {error}", folder.display()))
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let lock = lock(folder)?;
        let mut db = schema::open(&folder.join(DATABASE))?;
        let keys = first_start(&mut db, folder, config.clock.now_ms())?;
        adopt(&mut db, config.clock.now_ms())?;
        let mut memory = Memory { publish_every: config.publish_every, ..Memory::default() };
        memory.load(&db)?;
        let (clock, site_bytes) = (config.clock.clone(), config.site_bytes);
        let shelf = Shelf::default();
        let retain_ms = config.retain.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let mut ledger = Self {
            db,
            memory,
            keys,
            clock,
            site_bytes,
            shelf,
            settings: AllSettings::default(),
            orders: Desk::default(),
            retain_ms,
            expiring: expire::Progress::default(),
            is_stale: false,
            copier: None,
            _lock: lock,
        };
        ledger.after_commit();
        Ok(ledger)
    }

    /// Deletes some of what is older than is kept. Returns whether there may be more.
    ///
    /// # Errors
    /// As SQLite.
    pub fn expire(&mut self) -> Result<bool> {
        self.end_transaction()?;
        let now = self.clock.now_ms();
        // It reads before it writes: begun otherwise, a command that writes in between makes it fail.
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let mut progress = self.expiring;
        let more = match self.retain_ms {
            Some(age) => expire::expire(&transaction, &mut progress, age, now)?,
            None => false,
        };
        let before = self.retain_ms.map_or(0, |age| now.saturating_sub(age));
        let more_decisions = decisions::prune(&transaction, before)?;
        transaction.commit().db()?;
        self.expiring = progress;
        self.copy_back();
        Ok(more || more_decisions)
    }

    /// Folds an app's log again and puts the result in place, in one transaction; then publishes it.
    pub(super) fn refold(&mut self, app: i64) -> Result<Refolded> {
        let now = self.clock.now_ms();
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let refolded = refold::replace(&transaction, app, &Model::default())?;
        audit::note(&transaction, Some(app), "retrain", &format!("{} signals", refolded.folded), now)?;
        transaction.commit().db()?;
        self.memory.load(&self.db)?;
        self.run(&[Task::Publish]).pop().unwrap_or(Ok(Done::Published))?;
        Ok(refolded)
    }

    /// The keys that may be shown.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Does the tasks in one transaction, which is on disk when this returns. A task that breaks is done alone, so that
    /// it fails alone.
    pub fn run(&mut self, tasks: &[Task]) -> Vec<Result<Done>> {
        match self.attempt(tasks) {
            Ok(done) => done.into_iter().map(Ok).collect(),
            // When the disk refuses, it refuses everybody.
            Err(error) if tasks.len() == 1 || error.code == Code::Unavailable => {
                tasks.iter().map(|_| Err(error.clone())).collect()
            }
            Err(_) => tasks.iter().flat_map(|task| self.run(std::slice::from_ref(task))).collect(),
        }
    }

    fn attempt(&mut self, tasks: &[Task]) -> Result<Vec<Done>> {
        self.end_transaction()?;
        if self.is_stale {
            self.memory.load(&self.db)?;
        }
        self.is_stale = true;
        let done = catch_unwind(AssertUnwindSafe(|| self.transact(tasks))).unwrap_or_else(|_| {
            Err(Error::new(Code::Internal, "a broken invariant while folding; please report it"))
        })?;
        self.is_stale = false;
        self.after_commit();
        if tasks.iter().any(|task| matches!(task, Task::Erase { .. })) {
            // What was erased must not stay readable in the write-ahead log.
            let _alone = self.copier.as_ref().map(Copier::alone);
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).db()?;
        }
        self.copy_back();
        Ok(done)
    }

    /// Has the write-ahead log copied back by a thread of its own from now on.
    pub(super) fn copy_beside(&mut self, path: &Path) -> Result<()> {
        self.copier = Some(Copier::start(&self.db, path)?);
        Ok(())
    }

    fn copy_back(&mut self) {
        // What was done is done, whatever becomes of it.
        if let Some(Err(error)) = self.copier.as_mut().map(|copier| copier.look(&self.db)) {
            tracing::error!(code = %error.code, detail = error.detail, "the log cannot be copied back");
        }
    }

    /// Ends a transaction that could not even be rolled back: else no other could ever begin.
    fn end_transaction(&self) -> Result<()> {
        if self.db.is_autocommit() { Ok(()) } else { self.db.execute_batch("ROLLBACK").db() }
    }

    fn transact(&mut self, tasks: &[Task]) -> Result<Vec<Done>> {
        let now = self.clock.now_ms();
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let mut done = Vec::with_capacity(tasks.len());
        self.memory.is_pressed = tasks.len() >= PRESSED;
        for task in tasks {
            if let Some(app) = task.app() {
                self.memory.meet(&transaction, app)?;
            }
            done.push(match task {
                Task::Sync(batch) => Done::Reply(match identity::speaking(&transaction, batch)? {
                    Some(batch) => take::take_batch(&transaction, &mut self.memory, &batch, now)?,
                    None => take::later(&mut self.memory, batch, now)?,
                }),
                Task::Erase { app, person } => Done::Erased(match identity::who(&transaction, *app, *person)? {
                    Some(person) => {
                        identity::forget(&transaction, *app, person, now)?;
                        erase::erase(&transaction, &mut self.memory, *app, person, now)?
                    }
                    None => 0,
                }),
                Task::Person { app, device, change } => {
                    Done::Person(identity::change(&transaction, &mut self.memory, *app, *device, *change, now)?)
                }
                Task::Head { app, have } => {
                    Done::Reply(take::answer(&mut self.memory, *app, *have, Vec::new(), now, true)?)
                }
                Task::Publish => {
                    for app in &mut self.memory.apps {
                        self.memory.shelving.extend(app.publish(&transaction, now)?);
                    }
                    Done::Published
                }
                Task::Release(version) => {
                    let whole = self.memory.app(version.app)?.release(&transaction, version, now)?;
                    self.memory.shelve(whole);
                    Done::Published
                }
                Task::Order { app, order } => {
                    Done::Obeyed(order::obey(&transaction, &mut self.memory, *app, order, now)?)
                }
            });
        }
        // Whatever is rare leaves the table of sums as it should be; and no step may say what somebody erased added.
        let is_usual = |task: &Task| matches!(task, Task::Sync(_) | Task::Head { .. } | Task::Release(_));
        self.memory.write(&transaction, !tasks.iter().all(is_usual))?;
        transaction.commit().db()?;
        Ok(done)
    }

    fn after_commit(&mut self) {
        let settings = self.memory.apps.iter().map(|app| (app.id, app.settings)).collect();
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        self.memory.sites.trim(self.site_bytes);
        for app in self.memory.unshelving.drain(..) {
            self.shelf.drop_app(&app);
        }
        for whole in self.memory.shelving.drain(..) {
            self.shelf.put(whole);
        }
    }

    /// Drafts of the versions that are to be published next, to be made away from this thread and then released.
    pub fn drafts(&mut self) -> Vec<Draft> {
        let idle = self.memory.apps.iter_mut().filter(|app| app.in_flight.is_empty());
        idle.filter_map(App::draft).collect()
    }

    /// The versions that are being made for an app will not be released; what they contain is drafted again.
    pub(super) fn recall(&mut self, app: i64) {
        if let Ok(app) = self.memory.app(app) {
            app.recall();
        }
    }

    /// Carries out what other processes have ordered since the last look.
    pub(super) fn look_for_orders(&mut self) {
        if let Err(error) = self.orders.look(&self.db).and_then(|waiting| {
            waiting.into_iter().try_for_each(|(id, app, order)| {
                let answer = self.order(&app, order);
                desk::answer(&self.db, id, &answer)
            })
        }) {
            tracing::error!(code = %error.code, detail = error.detail, "orders cannot be read");
        }
    }

    /// Carries out an order about the app `name`. Returns what happened, in words.
    ///
    /// # Errors
    /// [`Code::NotFound`] for an app that is not there; as the order itself.
    pub fn order(&mut self, name: &str, order: Order) -> Result<String> {
        let find = "SELECT app FROM apps WHERE name = ?1";
        let app = self.db.query_row(find, [name], |row| row.get(0)).optional().db()?;
        let app = app.ok_or_else(|| Error::new(Code::NotFound, format!("there is no app `{name}`")))?;
        match self.run(&[Task::Order { app, order }]).pop() {
            Some(Ok(Done::Obeyed(words))) => Ok(words),
            Some(Err(error)) => Err(error),
            _ => Err(Error::new(Code::Internal, "an order without an answer")),
        }
    }

    /// Everybody's sums in the app `name`.
    #[must_use]
    pub fn sums(&self, name: &str) -> Option<&Sums> {
        self.memory.apps.iter().find(|app| app.name == name).map(|app| &app.sums)
    }

    /// The published weights of the app `name`.
    #[must_use]
    pub fn weights(&self, name: &str) -> Option<&Weights> {
        self.memory.apps.iter().find(|app| app.name == name).map(|app| &app.published.weights)
    }

    /// The sites of all persons of the app `name`, as they are on disk.
    ///
    /// # Errors
    /// [`Code::Corrupt`] if one cannot be read; [`Code::Unavailable`] if SQLite refuses.
    pub fn sites(&self, name: &str) -> Result<Vec<Site>> {
        let mut statement =
            self.db.prepare("SELECT app, person FROM persons JOIN apps USING (app) WHERE name = ?1").db()?;
        let persons = statement.query_map([name], |row| Ok((row.get(0)?, Person(row.get(1)?)))).db()?;
        persons.map(|row| row.db().and_then(|(app, person)| sites::read(&self.db, app, person))).collect()
    }

    /// The newest version of the app `name`.
    #[must_use]
    pub fn head(&self, name: &str) -> Option<Head> {
        self.weights(name).map(Weights::head)
    }

    /// The database, to look at.
    #[must_use]
    pub const fn database(&self) -> &Connection {
        &self.db
    }

    /// The database, to make it fail.
    #[must_use]
    pub const fn database_mut(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// The app `default` and the person of a name in it, which must be longer than a device secret's 16 bytes.
    pub(crate) fn person_named(&self, name: &str) -> Result<(i64, Person)> {
        let directory = self.directory()?;
        let tenant = directory.tenant(&self.keys.public).filter(|_| name.len() > 16);
        let tenant = tenant.ok_or_else(|| Error::new(Code::Internal, "no such person"))?;
        Ok((tenant.app, tenant.person_of(name.as_bytes())?))
    }

    /// Notes an administrative act in the audit log.
    pub(crate) fn note(&self, act: &str, detail: &str) -> Result<()> {
        audit::note(&self.db, None, act, detail, self.clock.now_ms())
    }

    /// Lets an erased person in again.
    pub(crate) fn readmit(&self, app: i64, person: Person) -> Result<()> {
        let delete = "DELETE FROM tombstones WHERE app = ?1 AND person = ?2";
        self.db.execute(delete, rusqlite::params![app, person.0]).db().map(|_| ())
    }

    pub(super) fn directory(&self) -> Result<Directory> {
        Directory::load(&self.db, self.clock.now_ms())
    }

    pub(super) fn settings(&self) -> AllSettings {
        self.settings.clone()
    }

    pub(super) fn shelf(&self) -> Shelf {
        self.shelf.clone()
    }
}

/// Folds what was folded under another model again.
fn adopt(db: &mut Connection, now_ms: u64) -> Result<()> {
    let model = Model::default();
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
    let mut apps = transaction.prepare("SELECT app, name, model FROM apps WHERE model <> ?1").db()?;
    let others: Vec<(i64, String, String)> = apps
        .query_map([model.id()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .db()?
        .map(Db::db)
        .collect::<Result<_>>()?;
    drop(apps);
    for (app, name, stored) in others {
        tracing::warn!(app = name, stored, now = model.id(), "folded under another model; it is folded again");
        let all = refold::replace(&transaction, app, &model)?;
        let words = format!("model {stored} became {}: {} signals", model.id(), all.folded);
        audit::note(&transaction, Some(app), "refold", &words, now_ms)?;
    }
    transaction.commit().db()
}

/// Takes the folder for this process.
pub(super) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let file = File::create(&path)
        .map_err(|error| Error::new(Code::Unavailable, format!("cannot write {}: {error}", path.display())))?;
    file.try_lock().map_err(|error| {
        let detail = format!("another process uses the data folder {} ({error})", folder.display());
        Error::new(Code::Unavailable, detail)
    })?;
    Ok(file)
}
