//! Who may come in, and how often.

use super::Shared;
use super::problem::Failure;
use crate::Limits;
use crate::guard::{Budget, Client, Rates};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flywheel_core::error::{Code, Error};
use std::net::{IpAddr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

/// What a page puts into one batch at most (docs/protocol.md, "Trying again"): a body counts as one more request for each
/// time that it is so large, since reading it costs that much more (docs/decisions/0170).
const BATCH_BYTES: usize = 48 << 10;

/// Who is counted for a request, if anybody is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender(Option<Client>);

/// What keeps strangers within their limits.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) limits: Limits,
    pub(super) bodies: Budget,
    addresses: Rates<Client>,
    keys: Rates<[u8; 8]>,
}

impl Guard {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            bodies: Budget::new(limits.body_bytes),
            addresses: Rates::new(limits.address_rate),
            keys: Rates::new(limits.key_rate),
            limits: limits.clone(),
        }
    }

    /// Counts a request with a key.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when there were too many.
    pub(super) fn with_key(&self, key: [u8; 8]) -> Result<(), Failure> {
        self.keys.take(key).map_err(|wait| too_often("with this key", wait))
    }

    /// Counts a body by its size, beyond the request that brought it.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when that is too much.
    pub(super) fn with_body(&self, sender: Sender, bytes: usize) -> Result<(), Failure> {
        let more = u32::try_from(bytes / BATCH_BYTES).unwrap_or(u32::MAX);
        match sender.0 {
            Some(client) if more > 0 => {
                self.addresses.take_more(client, more).map_err(|wait| too_often("of this size from this address", wait))
            }
            _ => Ok(()),
        }
    }

    fn by_address(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Sender, Failure> {
        let lists = headers.get_all("x-forwarded-for");
        let client =
            Client::new(peer, lists.iter().filter_map(|list| list.to_str().ok()), &self.limits.trusted_proxies);
        if client.is_here() {
            // Without its word for whom it speaks, everybody behind a proxy on this machine would be one client.
            if lists.iter().next().is_some() {
                warn_of_proxy(peer);
            }
            return Ok(Sender(None));
        }
        self.addresses.take(client).map_err(|wait| too_often("from this address", wait))?;
        Ok(Sender(Some(client)))
    }
}

fn too_often(which: &str, wait: Duration) -> Failure {
    Failure::later(Error::new(Code::RateLimited, format!("too many requests {which}")), wait)
}

fn warn_of_proxy(peer: IpAddr) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(%peer, "a proxy sends X-Forwarded-For and is not in `trusted_proxies`: no rates by address");
    });
}

/// Lets a request through, or says when to come back. Where the peer is not known, as when the router is mounted in an
/// app that does not tell, addresses are not counted.
pub(super) async fn by_address(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    match peer.map_or(Ok(Sender(None)), |peer| shared.guard.by_address(peer, request.headers())) {
        Ok(sender) => {
            request.extensions_mut().insert(sender);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}
