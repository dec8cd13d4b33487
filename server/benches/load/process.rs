//! The server under measurement, a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running server; dropping it stops it.
pub struct Server {
    process: Child,
    pub address: String,
    pub key: String,
}

impl Server {
    /// `flywheel serve` on a data folder.
    pub fn flywheel(folder: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flywheel"));
        // One driver is all the traffic there is: what strangers may take is not what is measured.
        command.args(["serve", "--listen", "127.0.0.1:0", "--address-rate", "0", "--key-rate", "0"]);
        command.arg("--data").arg(folder).args(more);
        let (process, address) = start(command.env("FLYWHEEL_LOG", "warn"));
        let key = std::fs::read_to_string(folder.join("public-key.txt")).expect("a key").trim().to_owned();
        Self { process, address, key }
    }

    /// The baseline on a data folder.
    pub fn baseline(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        let (process, address) = start(command.arg("--serve-baseline").arg(folder));
        Self { process, address, key: "pk_00000000000000000000000000000000".into() }
    }

    /// Resident memory now and at its most, in MiB.
    pub fn memory_mib(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
        };
        (field("VmRSS"), field("VmHWM"))
    }

    /// Processor time so far, in seconds.
    pub fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        // utime and stime, in ticks of a hundredth (proc(5)).
        fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }
}

fn start(command: &mut Command) -> (Child, String) {
    let mut process = command.stdout(Stdio::piped()).spawn().expect("starts");
    let mut out = BufReader::new(process.stdout.take().expect("piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("its first line");
    // What it prints later is of no interest, but the pipe must stay open.
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    (process, line.trim().rsplit("http://").next().expect("an address").to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder for data on the disk that the build is on: what is in memory only would be no commit.
pub fn folder() -> TempDir {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tempfile::Builder::new().prefix("load").tempdir_in(beside).expect("a folder")
}
