//! What an operator sets: by a file, by the environment, by flags, under one name each.

mod check;
mod plan;

pub use check::{ConfigArgs, run_config};
pub use plan::Plan;

use crate::{Config, Origins, Size, Time};
use clap::Args;
use flywheel_core::error::{Code, Error, Result};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Everything that can be set. What is not given is `None`.
///
/// A field is the flag `--its-name`, the variable `FLYWHEEL_ITS_NAME` and the file's `its_name`; the first of them that
/// is given holds, then the default.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder for the database and the public key; made when it is missing
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: Option<PathBuf>,
    /// The address to listen on; port 0 takes a free one. Anything but loopback is open to the network [127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS", env = "FLYWHEEL_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// The address for health and metrics; auto is loopback at the port after --listen's, off is none [auto]
    #[arg(long, value_name = "ADDRESS", env = "FLYWHEEL_INTERNAL_LISTEN")]
    pub internal_listen: Option<Internal>,
    /// Publish as soon as this many signals wait for it, before their batch is answered; 0 leaves it to the timer [0]
    #[arg(long, value_name = "N", env = "FLYWHEEL_PUBLISH_EVERY")]
    pub publish_every: Option<u64>,
    /// Publish this often when something has changed; 0s leaves it to --publish-every [5s]
    #[arg(long, value_name = "TIME", env = "FLYWHEEL_PUBLISH_INTERVAL")]
    pub publish_interval: Option<Time>,
    /// Delete signals that are older than this; what they taught stays until the person is erased [kept]
    #[arg(long, value_name = "TIME", env = "FLYWHEEL_RETAIN")]
    pub retain: Option<Time>,
    /// Serve the files of this folder as well
    #[arg(long = "static", value_name = "DIR", env = "FLYWHEEL_STATIC")]
    #[serde(rename = "static")]
    pub static_dir: Option<PathBuf>,
    /// Origins whose pages may read the answers, such as https://example.com, or * for all [its own alone]
    #[arg(long, value_name = "URL", num_args = 1.., value_delimiter = ',', env = "FLYWHEEL_ALLOW_ORIGIN")]
    pub allow_origin: Option<Vec<String>>,
    /// Requests that may wait to be stored; more are told to come back [256]
    #[arg(long, value_name = "N", env = "FLYWHEEL_QUEUE")]
    pub queue: Option<usize>,
    /// Memory for people's evidence; the disk has all of it [32MiB]
    #[arg(long, value_name = "SIZE", env = "FLYWHEEL_SITE_MEMORY")]
    pub site_memory: Option<Size>,
    /// Connections at once; more wait to be accepted [4096]
    #[arg(long, value_name = "N", env = "FLYWHEEL_CONNECTIONS")]
    pub connections: Option<usize>,
    /// How long the head of a request may take to arrive, and a connection stay idle [10s]
    #[arg(long, value_name = "TIME", env = "FLYWHEEL_HEAD_TIME")]
    pub head_time: Option<Time>,
    /// How long a body may take to arrive, and an answer stay unread [30s]
    #[arg(long, value_name = "TIME", env = "FLYWHEEL_BODY_TIME")]
    pub body_time: Option<Time>,
    /// Memory for bodies, as they were sent and unpacked; more are told to come back [128MiB]
    #[arg(long, value_name = "SIZE", env = "FLYWHEEL_BODY_MEMORY")]
    pub body_memory: Option<Size>,
    /// Requests a second from one address (the /48 of an IPv6 one), on average; 0 for no limit [20]
    #[arg(long, value_name = "N", env = "FLYWHEEL_ADDRESS_RATE")]
    pub address_rate: Option<f64>,
    /// Requests from one address at once, after a pause [200]
    #[arg(long, value_name = "N", env = "FLYWHEEL_ADDRESS_BURST")]
    pub address_burst: Option<u32>,
    /// Requests a second with one key, on average; 0 for no limit [2000]
    #[arg(long, value_name = "N", env = "FLYWHEEL_KEY_RATE")]
    pub key_rate: Option<f64>,
    /// Requests with one key at once, after a pause [4000]
    #[arg(long, value_name = "N", env = "FLYWHEEL_KEY_BURST")]
    pub key_burst: Option<u32>,
    /// Proxies whose X-Forwarded-For is believed, such as 127.0.0.1/32 or 10.0.0.0/8 [none]
    #[arg(long, value_name = "NET", num_args = 1.., value_delimiter = ',', env = "FLYWHEEL_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<Vec<IpNet>>,
    /// Free space on the disk below which no signals are taken [256MiB]
    #[arg(long, value_name = "SIZE", env = "FLYWHEEL_DISK_FLOOR")]
    pub disk_floor: Option<Size>,
    /// Write the log as JSON [false]
    #[arg(
        long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL",
        env = "FLYWHEEL_LOG_JSON"
    )]
    pub log_json: Option<bool>,
}

/// Where health and metrics are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Internal {
    /// On loopback, at the port after the public one; not at all when that port is taken.
    #[default]
    Auto,
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
}

impl FromStr for Internal {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| format!("`{text}` is not an address, `auto` or `off`")),
        }
    }
}

impl TryFrom<String> for Internal {
    type Error = String;
    fn try_from(text: String) -> std::result::Result<Self, String> {
        text.parse()
    }
}

impl From<Internal> for String {
    fn from(internal: Internal) -> Self {
        match internal {
            Internal::Auto => "auto".into(),
            Internal::Off => "off".into(),
            Internal::At(address) => address.to_string(),
        }
    }
}

impl Settings {
    /// What holds where nothing is said: the defaults of [`Config`].
    fn defaults() -> Self {
        let Config {
            data: _,
            retain,
            publish_every,
            publish_interval,
            static_dir,
            origins,
            queue,
            site_bytes,
            limits,
            clock: _,
        } = Config::new("");
        Self {
            data: None,
            listen: Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8787)),
            internal_listen: Some(Internal::Auto),
            publish_every: Some(publish_every),
            publish_interval: Some(Time(publish_interval)),
            retain: retain.map(Time),
            static_dir,
            allow_origin: Some(match origins {
                Origins::Own => Vec::new(),
                Origins::Any => vec!["*".into()],
                Origins::Listed(list) => list,
            }),
            queue: Some(queue),
            site_memory: Some(Size(site_bytes as u64)),
            connections: Some(limits.connections),
            head_time: Some(Time(limits.head_time)),
            body_time: Some(Time(limits.body_time)),
            body_memory: Some(Size(limits.body_bytes as u64)),
            address_rate: Some(limits.address_rate.per_second),
            address_burst: Some(limits.address_rate.burst),
            key_rate: Some(limits.key_rate.per_second),
            key_burst: Some(limits.key_rate.burst),
            trusted_proxies: Some(limits.trusted_proxies),
            disk_floor: Some(Size(limits.disk_floor)),
            log_json: Some(false),
        }
    }

    /// Reads a file of settings.
    ///
    /// # Errors
    /// [`Code::NotFound`] if it cannot be read; [`Code::InvalidValue`] with the line at fault.
    fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::new(Code::NotFound, format!("cannot read {}: {error}", file.display())))?;
        toml::from_str(&text).map_err(|error| {
            Error::new(Code::InvalidValue, format!("{}: {}", file.display(), error.to_string().trim_end()))
        })
    }

    /// What is given in `self` holds over what is in `below`.
    fn over(self, below: Self) -> Result<Self> {
        let mut all = below.given()?;
        all.extend(self.given()?);
        serde_json::from_value(Value::Object(all)).map_err(|error| Error::new(Code::Internal, error.to_string()))
    }

    /// The settings that are given, by name.
    fn given(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(all)) => Ok(all.into_iter().filter(|(_, value)| !value.is_null()).collect()),
            other => Err(Error::new(Code::Internal, format!("settings cannot be written: {other:?}"))),
        }
    }
}
