//! `cargo xtask …`: set-up, build, pack, size, test, demo, replay, conformance, release, bench.

#![deny(clippy::print_stdout)] // it panics when the pipe is closed; `progress::say` does not

mod args;
mod bench;
mod build;
mod compile;
mod conformance;
mod declarations;
mod demo;
mod excerpt;
mod fail;
mod layout;
mod pack;
mod progress;
mod release;
mod replay;
mod run;
mod server_package;
mod setup;
mod size;
mod stamp;
mod test;

use args::Args;
use fail::{Failure, Result};
use layout::Layout;
use std::process::ExitCode;

type Main = fn(&Layout, Args) -> Result<()>;

/// Name, one line for the list, the long help, and what it does.
const COMMANDS: [(&str, &str, &str, Main); 10] = [
    ("setup", "installs what is missing", setup::HELP, setup::main),
    ("build", "builds the module and the server", build::HELP, build::main),
    ("pack", "makes the npm package in pkg/", pack::HELP, pack::main),
    ("size", "weighs the package against budget.toml", size::HELP, size::main),
    ("test", "runs the checks", test::HELP, test::main),
    ("demo", "starts the demo", demo::HELP, demo::main),
    ("replay", "a log through a real browser", replay::HELP, replay::main),
    ("conformance", "tests a sync endpoint against docs/protocol.md", conformance::HELP, conformance::main),
    ("release", "makes and checks a release, without publishing it", release::HELP, release::main),
    ("bench", "what calls cost, beside plain JavaScript", bench::HELP, bench::main),
];

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut words: Vec<String>) -> Result<()> {
    if words.is_empty() || matches!(words[0].as_str(), "help" | "--help" | "-h") {
        progress::say(overview());
        return Ok(());
    }
    let name = words.remove(0);
    let Some((_, _, help, main)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
        return Err(Failure::new(format!("unknown command {name}\n\n{}", overview())));
    };
    // The server's benchmark has a help of its own.
    let is_its_own = name == "bench" && words.first().is_some_and(|word| word == "server");
    if !is_its_own && words.iter().any(|word| word == "--help" || word == "-h") {
        progress::say(help);
        return Ok(());
    }
    main(&Layout::find(), Args::new(words))
}

fn overview() -> String {
    let mut text = String::from("Usage: cargo xtask COMMAND [--help]\n");
    for (name, what, ..) in COMMANDS {
        text.push_str(&format!("\n  {name:<11} {what}"));
    }
    text
}
