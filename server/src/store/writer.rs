//! The one thread that writes: it takes what is waiting, commits it together, then answers everybody.

use super::{Done, Draft, Ledger, Task, Version};
use flywheel_core::error::Result;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most tasks in one transaction.
const GROUP: usize = 64;

/// A task and where its result goes.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) answer: oneshot::Sender<Result<Done>>,
}

/// How often an idle writer looks for what does not come through its queue: versions and other processes' orders.
const LOOK: Duration = Duration::from_millis(250);
/// The same while a version is being made.
const LOOK_SOON: Duration = Duration::from_millis(5);

/// Runs until all senders are gone, then does what is still waiting and returns.
pub(super) fn run(mut ledger: Ledger, jobs: &Receiver<Job>, publish_interval: Duration) {
    std::thread::scope(|scope| {
        let (drafts, to_make) = channel::<Draft>();
        let (made, versions) = channel();
        scope.spawn(move || {
            for draft in to_make {
                let app = draft.app;
                // Only this thread breaks when an invariant does; its slots are drafted again.
                let version = catch_unwind(AssertUnwindSafe(|| draft.make())).ok().and_then(Result::ok);
                if made.send((app, version)).is_err() {
                    return;
                }
            }
        });
        write(&mut ledger, jobs, publish_interval, &drafts, &versions);
        drop(drafts);
    });
}

fn write(
    ledger: &mut Ledger,
    jobs: &Receiver<Job>,
    publish_interval: Duration,
    drafts: &Sender<Draft>,
    versions: &Receiver<(i64, Option<Version>)>,
) {
    let mut next = Instant::now() + publish_interval;
    let (mut looked, mut making) = (Instant::now(), 0);
    loop {
        let wait = if making > 0 { LOOK_SOON } else { LOOK };
        let wait =
            if publish_interval.is_zero() { wait } else { wait.min(next.saturating_duration_since(Instant::now())) };
        match jobs.recv_timeout(wait) {
            Ok(job) => commit(ledger, std::iter::once(job).chain(jobs.try_iter()).take(GROUP).collect()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return finish(ledger),
        }
        for (app, version) in versions.try_iter() {
            making -= 1;
            match version {
                Some(version) => release(ledger, version),
                None => ledger.recall(app),
            }
        }
        if !publish_interval.is_zero() && Instant::now() >= next {
            let started = Instant::now();
            for draft in ledger.drafts() {
                making += usize::from(drafts.send(draft).is_ok());
            }
            tracing::debug!(micros = started.elapsed().as_micros(), "drafted");
            next = Instant::now() + publish_interval;
        }
        if looked.elapsed() >= LOOK {
            ledger.look_for_orders();
            let more = ledger.expire().unwrap_or_else(|error| {
                tracing::error!(code = %error.code, detail = error.detail, "expiry failed");
                false
            });
            // A little at a time, and again after the next transaction.
            if !more {
                looked = Instant::now();
            }
        }
    }
}

fn commit(ledger: &mut Ledger, group: Vec<Job>) {
    let started = Instant::now();
    let (tasks, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.task, job.answer)).unzip();
    let done = ledger.run(&tasks);
    tracing::debug!(tasks = tasks.len(), micros = started.elapsed().as_micros(), "committed");
    for (answer, done) in answers.into_iter().zip(done) {
        if let Err(error) = &done {
            tracing::error!(code = %error.code, detail = error.detail, "a task failed");
        }
        // Who does not wait any more will ask again and hear "duplicate".
        let _ = answer.send(done);
    }
}

fn release(ledger: &mut Ledger, version: Version) {
    let (app, started) = (version.app, Instant::now());
    if let Some(Err(error)) = ledger.run(&[Task::Release(Box::new(version))]).pop() {
        tracing::error!(code = %error.code, detail = error.detail, "publishing failed");
        ledger.recall(app);
    }
    tracing::debug!(micros = started.elapsed().as_micros(), "released");
}

fn finish(ledger: &mut Ledger) {
    if let Some(Err(error)) = ledger.run(&[Task::Publish]).pop() {
        tracing::error!(code = %error.code, detail = error.detail, "publishing failed");
    }
}
