//! `flywheel serve`: from a configuration to a server that stops cleanly.

use crate::listen::listen;
use crate::{Config, Internal, Plan, Store, internal_router, router};
use flywheel_core::error::{Code, Error, Result};
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Serves until SIGINT or SIGTERM, then answers what is under way, publishes and closes the data folder.
///
/// # Errors
/// As [`Store::open`]; [`Code::Unavailable`] if the address cannot be listened on.
pub fn serve(plan: &Plan) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::Unavailable, format!("cannot start: {error}")))?;
    runtime.block_on(run(plan))
}

async fn run(plan: &Plan) -> Result<()> {
    let (config, address) = (&plan.config, plan.listen);
    let cannot = |error: std::io::Error| Error::new(Code::Unavailable, format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let store = Store::open(config)?;
    let stop = stop_signal()?;
    greet(config, &store, address);

    let internal = internal(plan, address).await?;
    let (done, public_done) = oneshot::channel::<()>();
    let watched = internal.map(|listener| {
        let (store, limits) = (store.clone(), config.limits.clone());
        tokio::spawn(async move {
            // The last to go: it says how the stop goes on.
            let stop = async { drop(public_done.await) };
            listen(listener, internal_router(store), &limits, None, stop).await;
        })
    });
    let retiring = store.clone();
    let stop = async move {
        stop.await;
        tracing::info!("stopping");
        retiring.retire();
    };
    listen(listener, router(store.clone(), config), &config.limits, Some(&store), stop).await;
    drop(done);
    if let Some(watched) = watched {
        let _ = watched.await;
    }
    tokio::task::spawn_blocking(move || store.close())
        .await
        .map_err(|_| Error::new(Code::Internal, "closing the data folder broke an invariant"))
}

/// The internal port. Where nobody asked for a certain one, a port that is taken is no reason not to serve.
async fn internal(plan: &Plan, public: SocketAddr) -> Result<Option<TcpListener>> {
    let (address, is_wanted) = match plan.internal {
        Internal::Off => return Ok(None),
        Internal::At(address) => (address, true),
        Internal::Auto => {
            let port = if plan.listen.port() == 0 { 0 } else { public.port().saturating_add(1) };
            (SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port), false)
        }
    };
    match TcpListener::bind(address).await.and_then(|listener| listener.local_addr().map(|at| (listener, at))) {
        Ok((listener, address)) => {
            println!("internal      http://{address}");
            Ok(Some(listener))
        }
        Err(error) if is_wanted => Err(Error::new(Code::Unavailable, format!("cannot listen on {address}: {error}"))),
        Err(error) => {
            tracing::warn!(%address, %error, "no internal port: set `internal_listen` to a free one");
            Ok(None)
        }
    }
}

fn greet(config: &Config, store: &Store, address: SocketAddr) {
    println!("listening on  http://{address}");
    println!("public key    {}", store.keys().public);
    match &store.keys().secret {
        Some(secret) if std::io::stdout().is_terminal() => {
            println!("secret key    {secret}  (shown this once; keep it on your own server)");
        }
        // What is not a terminal may be a log, and no secret key belongs there.
        Some(_) => println!("secret key    none yet; `flywheel key create --kind secret` makes and shows one"),
        None => {}
    }
    println!("data          {}", config.data.display());
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
