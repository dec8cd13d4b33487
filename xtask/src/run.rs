//! Runs other programs.

use crate::excerpt;
use crate::fail::{Context, Failure, Result};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

/// A command that starts in `dir`.
pub fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    command
}

/// `cargo`, in an environment as if it had been called from the shell.
pub fn cargo(dir: &Path) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or("cargo".into()), dir);
    forget_xtask(&mut command);
    command
}

/// Takes away what `cargo run` says about xtask's own package.
///
/// Build scripts that watch such variables would run again at every other call, and everything above them would be
/// compiled twice.
pub fn forget_xtask(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let about_xtask = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if about_xtask || text == "LD_LIBRARY_PATH" || text == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(&name);
        }
    }
}

/// Runs to the end with this terminal.
///
/// # Errors
/// When the program is missing or ends with a failure.
pub fn run(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command.status().map_err(|error| missing(&name, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{name} failed ({status})"))) }
}

/// Runs to the end and gives back what it printed on stdout, trimmed.
///
/// # Errors
/// When the program is missing or ends with a failure; its stderr is in the message.
pub fn capture(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| missing(&name, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Failure::new(format!(
        "{name} failed ({})\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// Runs to the end, shows what it prints while it runs, and gives that back too.
///
/// # Errors
/// When the program is missing or ends with a failure; what it said of that is in the message.
pub fn tee(command: &mut Command) -> Result<String> {
    let (output, status) = watch(command)?;
    if status.success() {
        return Ok(output);
    }
    Err(Failure::new(format!("{} failed ({status})\n{}", describe(command), excerpt::why(&output))))
}

/// The same, however it ends.
///
/// # Errors
/// When the program is missing.
pub fn watch(command: &mut Command) -> Result<(String, ExitStatus)> {
    let name = describe(command);
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| missing(&name, &error))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        forward(out, sender.clone());
    }
    if let Some(err) = child.stderr.take() {
        forward(err, sender.clone());
    }
    drop(sender);
    let mut all = String::new();
    let mut terminal = std::io::stdout().lock();
    for line in receiver {
        // A closed terminal is no reason to lose the verdict.
        let _ = terminal.write_all(line.as_bytes());
        let _ = terminal.flush();
        all.push_str(&line);
    }
    let status = child.wait().context(&name)?;
    Ok((without_colours(&all), status))
}

/// True when `program` can be started at all.
pub fn exists(program: impl AsRef<OsStr>) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn forward(source: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        while matches!(source.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
}

fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for code in chars.by_ref() {
                if code.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(c);
        }
    }
    plain
}

fn describe(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_stem().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    let args: Vec<_> = command.get_args().take(4).map(|arg| arg.to_string_lossy().into_owned()).collect();
    format!("`{program} {}`", args.join(" "))
}

fn missing(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not start {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_taken_out_and_nothing_else() {
        assert_eq!(without_colours("\u{1b}[1m\u{1b}[32mok\u{1b}[0m. 3 passed"), "ok. 3 passed");
    }
}
