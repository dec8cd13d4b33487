//! The one thread that writes: it takes what is waiting, commits it together, then answers everybody.

use super::{Done, Ledger, Task};
use flywheel_core::error::Result;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
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

/// Runs until all senders are gone, then does what is still waiting and returns.
pub(super) fn run(mut ledger: Ledger, jobs: &Receiver<Job>, publish_interval: Duration) {
    let mut next = Instant::now() + publish_interval;
    loop {
        let first = if publish_interval.is_zero() {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(next.saturating_duration_since(Instant::now()))
        };
        let is_last = match first {
            Ok(job) => {
                let group: Vec<_> = std::iter::once(job).chain(jobs.try_iter()).take(GROUP).collect();
                commit(&mut ledger, group);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if is_last || (!publish_interval.is_zero() && Instant::now() >= next) {
            publish(&mut ledger);
            next = Instant::now() + publish_interval;
        }
        if is_last {
            return;
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

fn publish(ledger: &mut Ledger) {
    if let Some(Err(error)) = ledger.run(&[Task::Publish]).pop() {
        tracing::error!(code = %error.code, detail = error.detail, "publishing failed");
    }
}
