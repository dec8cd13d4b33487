//! Storing, folding and publishing behind one queue.

mod alarm;
mod app;
mod archive;
mod audit;
mod backup;
mod consent;
mod copier;
mod decisions;
mod desk;
mod directory;
mod erase;
mod expire;
mod history;
mod holdings;
mod identity;
mod keys;
mod ledger;
mod log;
mod marks;
mod measure;
mod order;
mod publish;
mod published;
mod recent;
mod refold;
mod registry;
mod report;
mod retrain;
mod schema;
mod shelf;
mod sites;
mod standing;
mod stats;
mod table;
mod take;
mod tally;
mod totals;
mod watch;
mod writer;

pub use alarm::{Alarm, Kind as AlarmKind, rung};
pub(crate) use archive::{Archive, Filter, Statement};
pub use audit::Act;
pub use backup::{BackupArgs, backup, run_backup};
pub use desk::give;
pub(crate) use directory::{Directory, Tenant};
pub use identity::{Change, Known};
pub use keys::{Keys, Kind};
pub use ledger::Ledger;
pub use order::Order;
pub use publish::{Draft, Version};
pub use registry::{AppEntry, KeyEntry, Registry};
pub use report::{PerPerson, Report, Side, Stage, VersionReport};
pub use retrain::{Distance, RetrainArgs, retrain};
pub(crate) use shelf::Shelf;
pub use stats::{Overview, Stats, StatsArgs, run_stats, stats};

use crate::Config;
use crate::ingest::{Person, Submission};
use crate::metrics::Metrics;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::{Reply, Settings};
use ledger::AllSettings;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use watch::Watch;
use writer::Job;

/// What the writer can do.
#[derive(Debug)]
pub enum Task {
    /// Store and fold a batch.
    Sync(Submission),
    /// Erase a person.
    Erase {
        /// The app's number.
        app: i64,
        /// Who.
        person: Person,
    },
    /// Say what is known about the person that a device speaks for, after a change of who that is.
    Person {
        /// The app's number.
        app: i64,
        /// The device.
        device: Person,
        /// The change.
        change: Change,
    },
    /// Look for weights that are newer than a version, for a page that does not say who asks.
    Head {
        /// The app's number.
        app: i64,
        /// The version that the page has.
        have: u64,
    },
    /// Publish what is not yet published, at once and on the writer's thread.
    Publish,
    /// Publish a version that was made elsewhere from a draft.
    Release(Box<Version>),
    /// Carry out an operator's order.
    Order {
        /// The app's number.
        app: i64,
        /// What to do.
        order: Order,
    },
}

impl Task {
    /// The app that it is about, if it is one.
    const fn app(&self) -> Option<i64> {
        match self {
            Self::Sync(batch) => Some(batch.app),
            Self::Erase { app, .. } | Self::Person { app, .. } | Self::Head { app, .. } | Self::Order { app, .. } => {
                Some(*app)
            }
            // What was drafted is known.
            Self::Publish | Self::Release(_) => None,
        }
    }
}

/// What came of a [`Task`].
#[derive(Debug)]
pub enum Done {
    /// The answer to a batch.
    Reply(Reply),
    /// How many signals were deleted.
    Erased(u64),
    /// What is known about a person; nothing if that was refused.
    Person(Option<Known>),
    /// The newest version contains all that the gate let out.
    Published,
    /// What came of an order, in words.
    Obeyed(String),
}

/// A handle to an open data folder and its writer; copies share both.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Mutex<Option<SyncSender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    watch: Arc<Watch>,
    metrics: Metrics,
    is_stopping: AtomicBool,
    shelf: Shelf,
    settings: AllSettings,
    database: PathBuf,
    keys: Keys,
}

impl Store {
    /// Opens the data folder and starts the writer.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open(config: &Config) -> Result<Self> {
        let mut ledger = Ledger::open(config)?;
        ledger.copy_beside(&config.data.join(ledger::DATABASE))?;
        let (shelf, keys) = (ledger.shelf(), ledger.keys().clone());
        let (settings, database) = (ledger.settings(), config.data.join(ledger::DATABASE));
        let watch = Watch::start(config, ledger.directory()?)?;
        let (queue, jobs) = sync_channel(config.queue.max(1));
        let interval = config.publish_interval;
        let writer = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || writer::run(ledger, &jobs, interval))
            .map_err(|error| Error::new(Code::Unavailable, format!("cannot start the writer: {error}")))?;
        let (queue, writer) = (Mutex::new(Some(queue)), Mutex::new(Some(writer)));
        Ok(Self(Arc::new(Inner {
            queue,
            writer,
            watch,
            metrics: Metrics::new(),
            is_stopping: AtomicBool::new(false),
            shelf,
            settings,
            database,
            keys,
        })))
    }

    /// The keys that may be shown.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Whether the writer takes tasks.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        queue.is_some() && writer.as_ref().is_some_and(|writer| !writer.is_finished())
    }

    /// Has a task done; it is on disk when this returns.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when the queue is full; [`Code::DiskFull`] for signals when the disk is nearly;
    /// [`Code::Unavailable`] when it refuses or the store was closed; [`Code::Internal`] or [`Code::Corrupt`] when the
    /// task itself broke. Nothing of it has counted then.
    pub async fn run(&self, task: Task) -> Result<Done> {
        if matches!(task, Task::Sync(_)) {
            self.0.watch.room()?;
        }
        let _waiting = self.0.metrics.task();
        let (answer, result) = oneshot::channel();
        let queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| Error::new(Code::Unavailable, "the server is stopping"))?;
        queue.try_send(Job { task, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Error::new(Code::RateLimited, "too many requests are waiting to be stored"),
            TrySendError::Disconnected(_) => Error::new(Code::Unavailable, "the writer has stopped"),
        })?;
        // The writer must be able to see that nobody sends any more.
        drop(queue);
        result.await.unwrap_or_else(|_| Err(Error::new(Code::Unavailable, "the writer has stopped")))
    }

    /// Lets the writer do what is waiting, publishes, and closes the data folder. Later tasks are refused.
    pub fn close(&self) {
        drop(self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(_)) = writer.map(JoinHandle::join) {
            tracing::error!("the writer had panicked");
        }
    }

    /// Whether signals can be taken: the writer works, and there is room on the disk.
    ///
    /// # Errors
    /// [`Code::Unavailable`] or [`Code::DiskFull`].
    pub fn ready(&self) -> Result<()> {
        if self.0.is_stopping.load(Ordering::Relaxed) {
            return Err(Error::new(Code::Unavailable, "the server is stopping"));
        }
        if self.is_open() { self.0.watch.room() } else { Err(Error::new(Code::Unavailable, "the writer has stopped")) }
    }

    /// Says from now on that it is not ready, while it still answers what comes.
    pub(crate) fn retire(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The keys that are valid now; a change on disk is here within a second or so.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.0.watch.directory()
    }

    /// Free bytes on the disk of the data folder.
    pub(crate) fn free(&self) -> u64 {
        self.0.watch.free()
    }

    /// What can be told of an app, read from disk beside the writer.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if SQLite refuses.
    pub fn overview(&self, app: i64) -> Result<Overview> {
        stats::overview(&self.0.database, app)
    }

    /// What pages of an app are asked for now.
    #[must_use]
    pub fn settings(&self, app: i64) -> Settings {
        let all = self.0.settings.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&app).copied().unwrap_or_default()
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }
}

/// Turns SQLite's errors into ours.
trait Db<T> {
    /// The value, or [`Code::Unavailable`]: the same request may work later.
    fn db(self) -> Result<T>;
}

impl<T> Db<T> for rusqlite::Result<T> {
    fn db(self) -> Result<T> {
        self.map_err(|error| Error::new(Code::Unavailable, format!("the database refused: {error}")))
    }
}
