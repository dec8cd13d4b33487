//! A small HTTP client over connections that are kept alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection.
pub struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("an option");
        Self { stream, request: Vec::new(), answer: Vec::new() }
    }

    /// Posts a batch; gives the status and the body.
    pub async fn post(&mut self, body: &[u8]) -> (u16, &[u8]) {
        self.request.clear();
        let head = format!("POST /v1/sync HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n", body.len());
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await.expect("writes");
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await.expect("reads");
            assert!(read > 0, "the server closed the connection");
            let Some(end) = self.answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.answer[..end]).to_ascii_lowercase();
            let length =
                head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
            let whole = end + 4 + length.unwrap_or(0usize);
            while self.answer.len() < whole {
                assert!(self.stream.read_buf(&mut self.answer).await.expect("reads") > 0, "half an answer");
            }
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
            return (status, &self.answer[end + 4..whole]);
        }
    }
}

/// A runtime for driving.
pub fn runtime(drivers: usize) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(drivers).enable_all().build().expect("a runtime")
}

/// Sends everything over so many connections, each with its next batch as soon as it has the answer to the last, until
/// the time is over or all are sent. Gives how many batches were acknowledged.
pub async fn as_fast_as_it_goes(address: &str, connections: usize, bodies: Vec<Vec<u8>>, time: Duration) -> usize {
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let end = Instant::now() + time;
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (bodies, next, address) = (bodies.clone(), next.clone(), address.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await;
            let mut acknowledged = 0;
            while Instant::now() < end {
                // A machine that has sent all of them early is measured by the time that it took.
                let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let (status, answer) = client.post(body).await;
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
                acknowledged += 1;
            }
            acknowledged
        }));
    }
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged += task.await.expect("ends");
    }
    acknowledged
}

/// Sends at a fixed rate, whatever the server does. What is measured is the time from when a batch was *due* to its
/// answer, so that a server that stalls cannot hide what would have come meanwhile (Tene, "How NOT to measure
/// latency": coordinated omission). Gives the times in milliseconds, smallest first.
pub async fn at_a_fixed_rate(address: &str, connections: usize, bodies: Vec<Vec<u8>>, per_second: f64) -> Vec<f64> {
    let bodies = Arc::new(bodies);
    let start = Instant::now() + Duration::from_millis(100);
    let mut tasks = Vec::new();
    for first in 0..connections {
        let (bodies, address) = (bodies.clone(), address.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await;
            let mut times = Vec::new();
            for place in (first..bodies.len()).step_by(connections) {
                #[allow(clippy::cast_precision_loss)]
                let due = start + Duration::from_secs_f64(place as f64 / per_second);
                tokio::time::sleep_until(due.into()).await;
                let (status, answer) = client.post(&bodies[place]).await;
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
                times.push(due.elapsed().as_secs_f64() * 1_000.0);
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("ends"));
    }
    times.sort_by(f64::total_cmp);
    times
}

/// The value below which this share of sorted values lies.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
