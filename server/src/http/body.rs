//! Bodies: they arrive in time, within their limits and within the memory of all, or not at all.

use super::Shared;
use super::admit::Sender;
use super::problem::Failure;
use crate::guard::Share;
use crate::ingest::{self, BODY_BYTES};
use axum::body::{Body, HttpBody};
use flywheel_core::error::{Code, Error, Result};
use http_body_util::BodyExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many bodies are unpacked and read at once.
const UNPACKING: usize = 8;

/// Bytes of a body that are read on the thread that serves connections: about a tenth of a millisecond.
const SMALL: usize = 48 << 10;

/// Reads a body and makes something of its text, away from the thread that serves connections if it is large: megabytes
/// of JSON would hold up the others. The share of memory is to be kept until the answer is there.
pub(super) async fn read<T: Send + 'static>(
    shared: &Shared,
    sender: Sender,
    body: Body,
    work: impl FnOnce(&str) -> std::result::Result<T, Failure> + Send + 'static,
) -> std::result::Result<(T, Share), Failure> {
    let mut share = shared.guard.bodies.share();
    let time = shared.guard.limits.body_time;
    let late = |_| Error::new(Code::RequestTimeout, format!("the body took longer than {} s", time.as_secs_f32()));
    let bytes = tokio::time::timeout(time, collect(body, &mut share)).await.map_err(late)??;
    shared.store.metrics().received(bytes.len());
    // What takes microseconds is done here: handing it to another thread and back would cost as much.
    let is_small = bytes.len() <= SMALL && !ingest::is_packed(&bytes);
    let guard = shared.guard.clone();
    let read = move || {
        let text = ingest::unpack(bytes)?;
        room(&mut share, text.len())?;
        guard.with_body(sender, text.len())?;
        work(&text).map(|done| (done, share))
    };
    if is_small {
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(broken()))
    } else {
        off_thread(read).await
    }
}

async fn collect(mut body: Body, share: &mut Share) -> Result<Vec<u8>> {
    // As many as were announced, as long as that is not much.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(0);
    // What is announced as too large is refused before it is sent.
    if announced > BODY_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced.min(SMALL));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::new(Code::InvalidJson, "the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_BYTES {
            return Err(too_large());
        }
        room(share, data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn too_large() -> Error {
    Error::new(Code::BodyTooLarge, format!("the body has more than {BODY_BYTES} bytes; send fewer signals at once"))
}

fn room(share: &mut Share, bytes: usize) -> Result<()> {
    if share.grow(bytes) { Ok(()) } else { Err(Error::new(Code::RateLimited, "too many bodies are in memory")) }
}

/// Does what takes long away from the thread that serves connections.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, Failure> + Send + 'static,
) -> std::result::Result<T, Failure> {
    // A few at a time, so that many at once cost time and not memory.
    static PLACES: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(UNPACKING);
    let _place = PLACES.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(broken()))
}

fn broken() -> Failure {
    Error::new(Code::Internal, "a request broke an invariant; please report it").into()
}
