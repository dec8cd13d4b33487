//! The same HTTP stack with a handler that only stores the bytes: one writer, group commit, the same SQLite settings.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// As the server's writer and queue.
const GROUP: usize = 64;
const QUEUE: usize = 256;

type Job = (Bytes, oneshot::Sender<i64>);

/// Serves until it is killed.
pub fn serve(folder: &Path) {
    let db = Connection::open(folder.join("baseline.sqlite3")).expect("opens");
    // As server/src/store/schema.rs.
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16384;
         CREATE TABLE bodies (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;",
    )
    .expect("a table");
    let (queue, jobs) = sync_channel(QUEUE);
    std::thread::spawn(move || write(db, &jobs));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        println!("listening on  http://{}", listener.local_addr().expect("an address"));
        axum::serve(listener, Router::new().route("/v1/sync", post(take)).with_state(queue)).await.expect("serves");
    });
}

async fn take(State(queue): State<SyncSender<Job>>, body: Bytes) -> Response {
    let (answer, done) = oneshot::channel();
    if queue.try_send((body, answer)).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match done.await {
        Ok(seq) => ([(header::CONTENT_TYPE, "application/json")], format!("{{\"v\":1,\"seq\":{seq}}}")).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn write(mut db: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let group: Vec<_> = std::iter::once(first).chain(jobs.try_iter()).take(GROUP).collect();
        let transaction = db.transaction().expect("begins");
        let mut answers = Vec::with_capacity(group.len());
        for (body, answer) in group {
            let mut insert = transaction.prepare_cached("INSERT INTO bodies (body) VALUES (?1)").expect("a statement");
            insert.execute([&body[..]]).expect("stores");
            answers.push((answer, transaction.last_insert_rowid()));
        }
        transaction.commit().expect("commits");
        for (answer, seq) in answers {
            let _ = answer.send(seq);
        }
    }
}
