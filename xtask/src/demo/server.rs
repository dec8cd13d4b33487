//! The server as a child: started, waited for, stopped cleanly.

use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::progress::say;
use crate::run::{command, run};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a start may take: an old database may have to be folded again.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a clean stop may take.
const FAREWELL: Duration = Duration::from_secs(20);

/// A running `flywheel serve`.
pub struct Server {
    child: Child,
    stopping: Arc<AtomicBool>,
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    /// The app's public key.
    pub key: String,
}

impl Server {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When it ends at once, or does not answer.
    pub fn start(layout: &Layout, port: u16, data: &Path, page: &Path) -> Result<Self> {
        fs::create_dir_all(data).context(format_args!("creating {}", data.display()))?;
        let address = format!("127.0.0.1:{port}");
        let child = command(layout.server(), &layout.root)
            .args(["serve", "--listen", &address, "--data"])
            .arg(data)
            .arg("--static")
            .arg(page)
            // One person alone wants to see what the crowd's weights become, at once.
            .args(["--publish-every", "1"])
            .spawn()
            .context("starting the server")?;
        let stopping = Arc::new(AtomicBool::new(false));
        pass_on_signals(child.id(), Arc::clone(&stopping))?;
        let mut server = Self { child, stopping, origin: format!("http://{address}"), key: String::new() };
        match server.ready(&address, &data.join("public-key.txt")) {
            Ok(key) => server.key = key,
            Err(error) => {
                let _ = server.child.kill();
                let _ = server.child.wait();
                return Err(error);
            }
        }
        Ok(server)
    }

    /// Waits until it ends; Ctrl-C is a good end.
    ///
    /// # Errors
    /// When it ended by itself, or badly.
    pub fn wait(&mut self) -> Result<()> {
        let status = self.child.wait().context("waiting for the server")?;
        if !self.stopping.load(Ordering::SeqCst) {
            return Err(Failure::new(format!("the server ended by itself ({status})")));
        }
        if !status.success() {
            return Err(Failure::new(format!("the server did not stop cleanly ({status})")));
        }
        say("stopped; everything that was acknowledged is on disk");
        Ok(())
    }

    /// Stops it as Ctrl-C would.
    ///
    /// # Errors
    /// When it does not end, or ends badly.
    pub fn stop(&mut self) -> Result<()> {
        self.stopping.store(true, Ordering::SeqCst);
        interrupt(self.child.id());
        let start = Instant::now();
        while start.elapsed() < FAREWELL {
            match self.child.try_wait().context("waiting for the server")? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(Failure::new(format!("the server did not stop cleanly ({status})")));
                }
                None => sleep(Duration::from_millis(50)),
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        Err(Failure::new("the server did not stop within 20 s"))
    }

    /// The public key, once the server is healthy.
    fn ready(&mut self, address: &str, key: &Path) -> Result<String> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().context("starting the server")? {
                return Err(Failure::new(format!("the server ended at once ({status})")));
            }
            if healthy(address)
                && let Ok(text) = fs::read_to_string(key)
                && !text.trim().is_empty()
            {
                return Ok(text.trim().to_owned());
            }
            sleep(Duration::from_millis(50));
        }
        Err(Failure::new(format!(
            "the server did not get ready within {} s: no answer at /healthz, or no {}",
            PATIENCE.as_secs(),
            key.display()
        )))
    }
}

/// True when `GET /healthz` answers 200.
fn healthy(address: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(&answer[8..] == b" 200")
    };
    ask().unwrap_or(false)
}

/// Ctrl-C reaches the whole group, a plain `kill` only this process: the server hears of either.
fn pass_on_signals(child: u32, stopping: Arc<AtomicBool>) -> Result<()> {
    ctrlc::set_handler(move || {
        stopping.store(true, Ordering::SeqCst);
        interrupt(child);
    })
    .context("listening for Ctrl-C")
}

fn interrupt(child: u32) {
    // std can only kill. Where `kill` is missing, Ctrl-C has reached the server anyway.
    let _ = run(command("kill", Path::new(".")).args(["-INT", &child.to_string()]));
}
