//! What pages send: batches of signals, erase orders, and who they belong to.

use super::admit::Sender;
use super::problem::Failure;
use super::{Shared, body, json, reply};
use crate::{Done, Known, Task, ingest};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use flywheel_core::error::{Code, Error};
use flywheel_core::wire::{PROTOCOL, PersonSite};
use serde::Serialize;

pub(super) async fn sync(
    State(shared): State<Shared>,
    Extension(sender): Extension<Sender>,
    body: Body,
) -> Result<Response, Failure> {
    let guarding = shared.clone();
    let directory = shared.store.directory();
    let read = body::read(&shared, sender, body, move |text| {
        ingest::sync(text, &directory, |tenant| guarding.guard.with_key(tenant.key))
    });
    let (batch, _share) = read.await?;
    reply(&shared, batch.app, Task::Sync(batch)).await
}

/// The answer to an erase order.
#[derive(Serialize)]
struct Erased {
    v: u32,
    signals: u64,
}

pub(super) async fn erase(
    State(shared): State<Shared>,
    Extension(sender): Extension<Sender>,
    body: Body,
) -> Result<Response, Failure> {
    let guarding = shared.clone();
    let directory = shared.store.directory();
    let read = body::read(&shared, sender, body, move |text| {
        ingest::erase(text, &directory, |tenant| guarding.guard.with_key(tenant.key))
    });
    let ((app, person), _share) = read.await?;
    match shared.store.run(Task::Erase { app, person }).await? {
        Done::Erased(signals) => Ok(json(&Erased { v: PROTOCOL, signals })?),
        _ => Err(Error::new(Code::Internal, "the writer mixed up two answers").into()),
    }
}

pub(super) async fn person(
    State(shared): State<Shared>,
    Extension(sender): Extension<Sender>,
    body: Body,
) -> Result<Response, Failure> {
    let guarding = shared.clone();
    let directory = shared.store.directory();
    let read = body::read(&shared, sender, body, move |text| {
        ingest::person(text, &directory, |tenant| guarding.guard.with_key(tenant.key))
    });
    let ((app, device, change), _share) = read.await?;
    match shared.store.run(Task::Person { app, device, change }).await? {
        Done::Person(Some(Known { seq, site })) => Ok(json(&PersonSite { v: PROTOCOL, seq, site })?),
        Done::Person(None) => {
            let detail = "the secret was replaced or erased, or the token does not hold any more";
            Err(Error::new(Code::InvalidKey, detail).into())
        }
        _ => Err(Error::new(Code::Internal, "the writer mixed up two answers").into()),
    }
}
