//! `cargo xtask demo`: the whole loop on one machine.

mod server;

use crate::args::Args;
use crate::build;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::progress::{Steps, say};
use crate::run::{command, run};
use crate::setup::{self, Need};
use crate::stamp;
use crate::test::node_environment;
use server::Server;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// What `cargo xtask demo --help` prints.
pub const HELP: &str = "\
Builds the package and the server in release, starts the server with its data on disk, and serves
the demo page and the sync endpoint at one address. Ctrl-C stops it; nothing is lost.

Usage: cargo xtask demo [--port N] [--data DIR] [--check]

  --port N     default 8787; 0 takes a free one
  --data DIR   where the server keeps its database; default target/demo-data
  --check      drives the page through one loop in headless Chromium, saves
               target/demo-check.png, and exits with the verdict; by default at a free port, with
               an empty target/demo-check-data

Example: cargo xtask demo --port 9000 --data ./my-flywheel";

/// The app that the server makes at its first start.
const APP: &str = "demo";

/// `cargo xtask demo`.
///
/// # Errors
/// When something cannot be built or started, or the check fails.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let check = args.switch("--check");
    let port = match args.value("--port")? {
        Some(port) => port.parse().map_err(|_| Failure::new(format!("--port {port} is not a port number")))?,
        None if check => 0,
        None => 8787,
    };
    let given = args.value("--data")?;
    args.finish()?;
    let data = match &given {
        Some(dir) => std::env::current_dir().context("finding the current folder")?.join(dir),
        None if check => layout.target.join("demo-check-data"),
        None => layout.target.join("demo-data"),
    };
    let port = free(port)?;
    let mut steps = Steps::new(if check { 5 } else { 4 });
    steps.next("the package");
    pack::pack(layout)?;
    steps.next("the server");
    build::server(layout)?;
    steps.next("the page");
    let page = assemble(layout)?;
    if check && given.is_none() {
        let _ = fs::remove_dir_all(&data);
    }
    steps.next("starting the server");
    let mut server = Server::start(layout, port, &data, &page)?;
    fs::write(page.join("demo.json"), demo_json(&server.key)).context("writing demo.json")?;
    say(format_args!("  data in {}", layout.show(&data)));
    say(format_args!("  page at {}/", server.origin));
    if check {
        steps.next("driving the page in headless Chromium");
        let verdict = drive(layout, &server.origin);
        server.stop()?;
        verdict?;
        say(format_args!("demo check ok; screenshot in {}", layout.show(&screenshot(layout))));
        return Ok(());
    }
    say("  Ctrl-C stops it");
    server.wait()
}

/// The check alone, as a part of the tests.
///
/// # Errors
/// As [`main`].
pub fn check(layout: &Layout) -> Result<()> {
    main(layout, Args::new(vec!["--check".to_owned()]))
}

/// One folder with everything that the page loads.
fn assemble(layout: &Layout) -> Result<PathBuf> {
    let www = layout.root.join("www");
    if !www.join("index.html").exists() {
        return Err(Failure::new("www/index.html is missing"));
    }
    let page = layout.target.join("demo");
    let _ = fs::remove_dir_all(&page);
    copy(&www, &page)?;
    copy(&layout.pkg(), &page.join("pkg"))?;
    Ok(page)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in stamp::files(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(dir) = target.parent() {
            fs::create_dir_all(dir).context(format_args!("creating {}", dir.display()))?;
        }
        fs::copy(&file, &target).context(format_args!("copying {}", file.display()))?;
    }
    Ok(())
}

/// Port 0 becomes one that is free now.
fn free(port: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|error| Failure::new(format!("port {port} cannot be used ({error}): take another by --port")))?;
    Ok(listener.local_addr().context("reading the port")?.port())
}

fn demo_json(key: &str) -> String {
    format!("{{ \"app\": {APP:?}, \"key\": {key:?} }}\n")
}

fn screenshot(layout: &Layout) -> PathBuf {
    layout.target.join("demo-check.png")
}

fn drive(layout: &Layout, origin: &str) -> Result<()> {
    setup::ensure(layout, &[Need::Browser])?;
    let mut node = command("node", &layout.root);
    node.arg(layout.root.join("tests/e2e/demo-check.mjs")).arg(origin).arg(screenshot(layout));
    node_environment(layout, &mut node)?;
    run(&mut node)
}
