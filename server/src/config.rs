//! What can be set from outside.

use crate::Clock;
use std::path::PathBuf;
use std::time::Duration;

/// Which pages of other origins may read the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// None: the page and the endpoint share an origin.
    #[default]
    Own,
    /// Any page.
    Any,
    /// Pages of these origins, such as `https://example.com`.
    Listed(Vec<String>),
}

/// How a server runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds the database and the public key; made when it is missing.
    pub data: PathBuf,
    /// Publish as soon as this many signals are not yet published, before the batch is answered; 0 for never.
    pub publish_every: u64,
    /// Publish this often when something has changed; zero for never.
    pub publish_interval: Duration,
    /// How long signals are kept; none for ever. Their ids are remembered 45 days all the same.
    pub retain: Option<Duration>,
    /// A folder of files to serve beside the endpoint.
    pub static_dir: Option<PathBuf>,
    /// Which pages of other origins may read the answers.
    pub origins: Origins,
    /// Requests that may wait for the writer, at least 1; more are told to come back.
    pub queue: usize,
    /// Bytes of persons' sites after which the older half of those in memory makes room; the disk has them all.
    pub site_bytes: usize,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Config {
    /// The defaults, with the data in `data`.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            publish_every: 0,
            publish_interval: Duration::from_secs(5),
            retain: None,
            static_dir: None,
            origins: Origins::Own,
            queue: 256,
            site_bytes: 32 << 20,
            clock: Clock::System,
        }
    }
}
