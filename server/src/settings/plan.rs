//! From settings to what is served.

use super::{Internal, Settings};
use crate::{Config, Limits, Origins, Rate};
use flywheel_core::error::{Code, Error, Result};
use std::net::SocketAddr;
use std::path::Path;

/// A server as it is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The endpoint.
    pub config: Config,
    /// Its address.
    pub listen: SocketAddr,
    /// Where health and metrics are.
    pub internal: Internal,
    /// Whether the log is JSON.
    pub log_json: bool,
}

impl Plan {
    /// The settings of flags and environment over those of a file over the defaults.
    ///
    /// # Errors
    /// [`Code::NotFound`] if the file cannot be read; [`Code::InvalidValue`] with the setting at fault.
    pub fn new(file: Option<&Path>, given: Settings) -> Result<Self> {
        Self::of(effective(file, given)?)
    }

    /// What these settings mean; all but `data`, `retain` and `static` must be given.
    pub(super) fn of(settings: Settings) -> Result<Self> {
        let needed = |name: &str| Error::new(Code::InvalidValue, format!("`{name}` is needed"));
        let refused = |name: &str, why: &str| Error::new(Code::InvalidValue, format!("`{name}` {why}"));
        macro_rules! take {
            ($name:ident) => {
                settings.$name.ok_or_else(|| needed(stringify!($name)))?
            };
        }
        let usize_of = |name: &str, bytes: u64| usize::try_from(bytes).map_err(|_| refused(name, "is too large"));
        let rate = |name: &str, per_second: f64, burst: u32| {
            if !per_second.is_finite() || per_second < 0.0 {
                return Err(refused(&format!("{name}_rate"), "must be 0, for no limit, or above"));
            }
            if burst == 0 {
                return Err(refused(&format!("{name}_burst"), "must be at least 1"));
            }
            Ok(Rate { per_second, burst })
        };
        for (name, count) in [("queue", take!(queue)), ("connections", take!(connections))] {
            if count == 0 {
                return Err(refused(name, "must be at least 1"));
            }
        }
        for (name, time) in [("head_time", take!(head_time)), ("body_time", take!(body_time))] {
            if time.0.is_zero() {
                return Err(refused(name, "must be above 0s"));
            }
        }
        // A body of the largest size must fit, or a large batch could never be sent.
        let body_bytes = usize_of("body_memory", take!(body_memory).0)?;
        if body_bytes < LARGEST {
            return Err(refused("body_memory", "must be at least 8MiB"));
        }
        if let Some(folder) = settings.static_dir.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(refused("static", &format!("is no folder: {}", folder.display())));
        }
        let limits = Limits {
            connections: take!(connections),
            head_time: take!(head_time).0,
            body_time: take!(body_time).0,
            body_bytes,
            address_rate: rate("address", take!(address_rate), take!(address_burst))?,
            key_rate: rate("key", take!(key_rate), take!(key_burst))?,
            disk_floor: take!(disk_floor).0,
            trusted_proxies: take!(trusted_proxies),
        };
        let site_bytes = usize_of("site_memory", take!(site_memory).0)?;
        let origins = origins(&take!(allow_origin))?;
        let config = Config {
            publish_every: take!(publish_every),
            publish_interval: take!(publish_interval).0,
            retain: settings.retain.map(|time| time.0),
            static_dir: settings.static_dir,
            origins,
            queue: take!(queue),
            site_bytes,
            limits,
            ..Config::new(settings.data.unwrap_or_default())
        };
        if config.data.as_os_str().is_empty() {
            return Err(needed("data"));
        }
        Ok(Self { config, listen: take!(listen), internal: take!(internal_listen), log_json: take!(log_json) })
    }
}

/// Bytes of the largest body, as sent and unpacked, with room to spare.
const LARGEST: usize = 8 << 20;

/// All settings, as they hold.
pub(super) fn effective(file: Option<&Path>, given: Settings) -> Result<Settings> {
    let of_file = file.map_or_else(|| Ok(Settings::default()), Settings::read)?;
    given.over(of_file.over(Settings::defaults())?)
}

/// An origin is a scheme and a host, with a port where it is not the usual one (RFC 6454, section 6.2).
fn origins(list: &[String]) -> Result<Origins> {
    if list.iter().any(|origin| origin == "*") {
        return Ok(Origins::Any);
    }
    let mut origins = Vec::with_capacity(list.len());
    for origin in list {
        let origin = origin.trim_end_matches('/');
        let host = origin.split_once("://").map(|(_, host)| host);
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
            let detail = format!("`allow_origin`: `{origin}` is not an origin such as https://example.com");
            return Err(Error::new(Code::InvalidValue, detail));
        }
        // Browsers send scheme and host in small letters.
        origins.push(origin.to_ascii_lowercase());
    }
    Ok(if origins.is_empty() { Origins::Own } else { Origins::Listed(origins) })
}
