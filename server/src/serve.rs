//! `flywheel serve`: from a configuration to a server that stops cleanly.

use crate::{Config, Store, router};
use flywheel_core::error::{Code, Error, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that are under way may still take when the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM, then answers what is under way, publishes and closes the data folder.
///
/// # Errors
/// As [`Store::open`]; [`Code::Unavailable`] if the address cannot be listened on.
pub fn serve(config: &Config, listen: SocketAddr) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::Unavailable, format!("cannot start: {error}")))?;
    runtime.block_on(run(config, listen))
}

async fn run(config: &Config, listen: SocketAddr) -> Result<()> {
    if let Some(folder) = config.static_dir.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(Error::new(Code::NotFound, format!("there is no folder {} to serve", folder.display())));
    }
    let cannot = |error: std::io::Error| Error::new(Code::Unavailable, format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let store = Store::open(config)?;
    let stop = stop_signal()?;
    println!("listening on  http://{address}");
    println!("public key    {}", store.keys().public);
    if let Some(secret) = &store.keys().secret {
        println!("secret key    {secret}  (shown this once; keep it on your own server)");
    }
    println!("data          {}", config.data.display());

    let (stopping, mut stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, router(store.clone(), config))
        .with_graceful_shutdown(async move {
            stop.await;
            tracing::info!("stopping");
            let _ = stopping.send(());
        })
        .into_future();
    tokio::pin!(serving);
    tokio::select! {
        done = &mut serving => done.map_err(cannot)?,
        _ = &mut stopped => {
            // A connection that never finishes must not keep the others' signals from being closed properly.
            let _ = tokio::time::timeout(FAREWELL, &mut serving).await;
        }
    }
    tokio::task::spawn_blocking(move || store.close())
        .await
        .map_err(|_| Error::new(Code::Internal, "closing the data folder broke an invariant"))
}

/// Ready when the process is told to stop.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| Error::new(Code::Unavailable, format!("no signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the process is told to stop.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
