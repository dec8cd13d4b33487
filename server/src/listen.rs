//! Connections: how many there are at once, and how long each may keep its place.

use crate::{Limits, Store};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// How long requests that are under way may still take when the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);
/// Most header lines of a request.
const HEADERS: usize = 64;
/// Most bytes of a request's head.
const HEAD_BYTES: usize = 32 << 10;

/// Serves until `stop`, counting connections in the figures of `counting`, then answers what is under way; whoever takes longer than ten seconds for it is cut off.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    counting: Option<&Store>,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    let unread = limits.body_time;
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream, peer) = tokio::select! {
            () = &mut stop => break,
            (place, accepted) = accepted => match (place, accepted) {
                (Ok(place), Ok((stream, peer))) => (place, stream, peer),
                (_, accepted) => {
                    // A client that went away at once, or no file handle left: neither ends the server.
                    tracing::warn!(error = accepted.err().map(|error| error.to_string()), "cannot accept");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let served = http.serve_connection(TokioIo::new(guarded(stream, unread)), service(router.clone(), peer));
        let served = connections.watch(served);
        let counted = counting.map(|store| store.metrics().connection());
        tokio::spawn(async move {
            // What goes wrong on a connection concerns its client alone.
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop((place, counted));
        });
    }
    // No new ones: who comes now shall find another server, or come back.
    drop(listener);
    if tokio::time::timeout(FAREWELL, connections.shutdown()).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

/// A client that does not take what it is sent must not keep its place for ever.
fn guarded(stream: TcpStream, unread: Duration) -> std::pin::Pin<Box<TimeoutStream<TcpStream>>> {
    // Answers are small and wanted now.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(unread));
    Box::pin(stream)
}

type Answer = std::result::Result<axum::response::Response, std::convert::Infallible>;

fn service(
    router: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Future<Output = Answer> + Send,
> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    })
}
