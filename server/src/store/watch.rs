//! What changes under a running server without its doing: keys that an operator makes or revokes, and the disk.

use super::Directory;
use super::ledger::DATABASE;
use crate::Config;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often it looks: a key is valid, or is not, this long after the operator's word at the latest.
const EVERY: Duration = Duration::from_secs(1);

/// What was seen last.
#[derive(Debug)]
pub(super) struct Watch {
    directory: RwLock<Arc<Directory>>,
    free: AtomicU64,
    config: Config,
    /// Dropped, it ends the watching.
    _alive: Sender<()>,
}

impl Watch {
    /// Starts watching, from what is known now.
    pub(super) fn start(config: &Config, directory: Directory) -> Result<Arc<Self>> {
        let (alive, stopped) = channel();
        let watch = Arc::new(Self {
            directory: RwLock::new(Arc::new(directory)),
            free: AtomicU64::new(free(config)),
            config: config.clone(),
            _alive: alive,
        });
        let seen = Arc::downgrade(&watch);
        let path = config.data.join(DATABASE);
        std::thread::Builder::new()
            .name("watcher".into())
            .spawn(move || {
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    let Some(watch) = seen.upgrade() else { return };
                    watch.look(&path);
                }
            })
            .map_err(|error| Error::new(Code::Unavailable, format!("cannot start the watcher: {error}")))?;
        Ok(watch)
    }

    fn look(&self, path: &PathBuf) {
        self.free.store(free(&self.config), Ordering::Relaxed);
        // A connection of its own, opened anew: it never waits for the writer, and a few rows a second cost nothing.
        let found = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|error| Error::new(Code::Unavailable, format!("cannot read {}: {error}", path.display())))
            .and_then(|db| Directory::load(&db, self.config.clock.now_ms()));
        match found {
            Ok(found) if found != *self.directory() => {
                tracing::info!("the keys have changed");
                *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(code = %error.code, detail = error.detail, "the keys cannot be read"),
        }
    }

    /// The keys that are valid now.
    pub(super) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Free bytes on the disk of the data folder.
    pub(super) fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }

    /// Whether there is room on the disk for signals.
    ///
    /// # Errors
    /// [`Code::DiskFull`] with the figures.
    pub(super) fn room(&self) -> Result<()> {
        let (free, floor) = (self.free(), self.config.limits.disk_floor);
        if free >= floor {
            return Ok(());
        }
        let detail = format!("{} MiB are free on the server's disk, {} are kept free", free >> 20, floor >> 20);
        Err(Error::new(Code::DiskFull, detail))
    }
}

/// Where the system cannot say, there is room: the database itself refuses when there is none.
fn free(config: &Config) -> u64 {
    fs4::available_space(&config.data).unwrap_or(u64::MAX)
}
