//! What can be set from outside.

use crate::Clock;
use ipnet::IpNet;
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
    /// What strangers may take of this machine.
    pub limits: Limits,
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
            limits: Limits::default(),
            clock: Clock::System,
        }
    }
}

/// How many requests may come: `per_second` on average, `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second that never stop being taken; 0 for no limit.
    pub per_second: f64,
    /// Requests that are taken at once after a pause, at least 1.
    pub burst: u32,
}

/// What strangers may take of this machine. Sizes of bodies, batches and texts are the protocol's and not set here.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Connections at once, at least 1; more wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take to arrive, and how long a connection may stay idle.
    pub head_time: Duration,
    /// How long a body may take to arrive, and how long a client may leave what it is sent unread.
    pub body_time: Duration,
    /// Bytes of bodies, as they were sent and unpacked, that are in memory at once; more are told to come back.
    pub body_bytes: usize,
    /// Requests of one address: an IPv4 address, or the /48 of an IPv6 one.
    pub address_rate: Rate,
    /// Requests with one key.
    pub key_rate: Rate,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Free bytes on the disk below which no signals are taken.
    pub disk_floor: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            body_bytes: 128 << 20,
            address_rate: Rate { per_second: 20.0, burst: 200 },
            key_rate: Rate { per_second: 2_000.0, burst: 4_000 },
            trusted_proxies: Vec::new(),
            disk_floor: 256 << 20,
        }
    }
}
