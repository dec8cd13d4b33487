//! The real binary as a process, and plain requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Server {
    pub process: Child,
    /// Of the public port, `127.0.0.1:PORT`.
    pub address: String,
    /// Of the internal one.
    pub internal: String,
    /// All that it says at its start.
    pub greeting: String,
}

impl Server {
    pub fn start(data: &Path, flags: &[&str]) -> Self {
        Self::start_with(data, flags, &[])
    }

    pub fn start_with(data: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_flywheel"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(flags)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(if environment.is_empty() { Stdio::inherit() } else { Stdio::piped() })
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(process.stdout.as_mut().expect("piped")).lines();
        let mut greeting = String::new();
        // The internal port is the last thing that it speaks of.
        while !greeting.contains("internal") {
            let line = lines.next().expect("a greeting").expect("text");
            greeting.extend([line.as_str(), "\n"]);
        }
        let after = |word: &str| {
            let line = greeting.lines().find(|line| line.starts_with(word)).expect(word);
            line.rsplit("http://").next().expect("an address").to_owned()
        };
        let (address, internal) = (after("listening on"), after("internal"));
        Self { process, address, internal, greeting }
    }

    pub fn connect(&self) -> TcpStream {
        connect(&self.address)
    }

    pub fn terminate(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("runs").success());
    }

    /// Stops it as an operator would; returns what it has logged, if that was asked for.
    pub fn stop(mut self) -> String {
        self.terminate();
        let mut log = String::new();
        if let Some(errors) = &mut self.process.stderr {
            errors.read_to_string(&mut log).expect("text");
        }
        assert!(self.process.wait().expect("ends").success(), "SIGTERM ends it with success");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed assertion must not leave a server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream
}

/// All that still comes on a connection.
pub fn answer(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A connection that is cut off instead of closed has no answer either.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

/// One request on a connection of its own: the whole answer.
pub fn ask(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = connect(address);
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).expect("writes");
    answer(&mut stream)
}

/// The public key of the app `default`.
pub fn key(data: &Path) -> String {
    std::fs::read_to_string(data.join("public-key.txt")).expect("a key").trim().to_owned()
}
