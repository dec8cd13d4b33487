//! `cargo xtask build`: the wasm module with its glue, and the server.

use crate::args::Args;
use crate::compile;
use crate::fail::{Context, Result};
use crate::layout::{Layout, Variant};
use crate::progress::{Steps, say};
use crate::run::{capture, cargo, command, run};
use crate::setup::{self, Need};
use crate::stamp::{self, Digest};
use std::fs;
use std::path::{Path, PathBuf};

/// What `cargo xtask build --help` prints.
pub const HELP: &str = "\
Builds the wasm module with its glue (target/sdk), the same with everything in it (target/sdk-insight)
and the server (target/release/flywheel), all in release. What is up to date is left alone.

Usage: cargo xtask build [--sdk | --server]

Example: cargo xtask build --sdk      # only the modules";

/// For bundlers, since js/load.ts loads in less than half of the code; without what the browser does not need.
const BINDGEN: [&str; 6] =
    ["--target", "bundler", "--out-name", "flywheel", "--remove-producers-section", "--remove-name-section"];

/// No feature flags: wasm-opt reads those that rustc used out of the module (so never `strip`).
/// No inlining, no sharing of subexpressions: smaller raw, but larger in brotli (measured: 5 % and ½ %); so is `-Oz`
/// (½ %). Nothing lives below address 1024, which is the far end of the stack. Reading and writing promise no alignment:
/// browsers ask the address, not the promise, and without it like code is alike (½ % in brotli).
const OPTIMISE: [&str; 8] = [
    "-O3",
    "--converge",
    "--low-memory-unused",
    "--skip-pass=inlining",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=local-cse",
    "--dealign",
    "--strip-producers",
];

/// Like functions stand beside like, as `neighbours.mjs` names them (1 % in brotli; of ten orders the smallest), and
/// nothing is left that no browser reads. Reading and writing alone would undo what was done about the stack; so that is
/// done again.
const ARRANGE: [&str; 5] = [
    "--reorder-functions-by-name",
    "--generate-stack-ir",
    "--optimize-stack-ir",
    "--strip-debug",
    "--strip-target-features",
];

const NEIGHBOURS: &str = "xtask/scripts/neighbours.mjs";

/// What the module calls its imports and exports becomes one letter each; wasm-opt prints which.
const RENAME: &str = "--minify-imports-and-exports-and-modules";

/// `cargo xtask build`.
///
/// # Errors
/// When a build fails.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let only_sdk = args.switch("--sdk");
    let only_server = args.switch("--server");
    args.finish()?;
    if !only_server {
        sdk(layout)?;
        Variant::ALL.iter().for_each(|variant| say(format_args!("{}", layout.show(&layout.sdk(*variant)))));
    }
    if !only_sdk {
        server(layout)?;
        say(format_args!("{}", layout.show(&layout.server())));
    }
    Ok(())
}

/// Both modules, each with its glue and its base64 form in a folder of its own ([`Layout::sdk`]).
///
/// # Errors
/// When a build fails.
pub fn sdk(layout: &Layout) -> Result<()> {
    setup::ensure(layout, &[Need::WasmTarget, Need::NpmPackages, Need::Bindgen])?;
    let _alone = setup::lock(layout)?;
    Variant::ALL.iter().try_for_each(|variant| one(layout, *variant))
}

fn one(layout: &Layout, variant: Variant) -> Result<()> {
    let mut steps = Steps::new(4);
    steps.next(&format!("building the wasm module for {}", variant.name()));
    let module = compile::module(layout, variant)?;
    let digest = BINDGEN
        .iter()
        .chain(&OPTIMISE)
        .chain([&RENAME])
        .chain(&ARRANGE)
        .fold(Digest::new(), |digest, flag| digest.text(flag))
        .path(&layout.tool("wasm-bindgen"))?
        .path(&layout.root.join("package-lock.json"))?
        .path(&layout.root.join("xtask/scripts/module.mjs"))?
        .path(&layout.root.join(NEIGHBOURS))?
        .path(&module)?;
    let sdk = layout.sdk(variant);
    let stamp = layout.scratch().join(format!("{}.stamp", variant.name()));
    let made = ["flywheel_bg.js", "flywheel_bg.wasm", "inline.js", "names.txt"].map(|name| sdk.join(name));
    if stamp::fresh(&stamp, digest, &made) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(&sdk);
    steps.next("wasm-bindgen: writing the glue");
    run(command(layout.tool("wasm-bindgen"), &layout.root).args(BINDGEN).arg("--out-dir").arg(&sdk).arg(&module))?;
    steps.next("wasm-opt: making it small");
    let [_, wasm, _, names] = made;
    let small = sdk.join("small.wasm");
    let mut optimise = command(layout.npm_bin("wasm-opt"), &layout.root);
    let renamed = capture(optimise.args(OPTIMISE).arg(RENAME).arg(&wasm).arg("-o").arg(&small))?;
    fs::write(names, renamed).context("writing names.txt")?;
    steps.next("placing like functions beside like");
    let mut arrange = command("node", &layout.root);
    run(arrange.arg(NEIGHBOURS).args([&small, &wasm]).arg(layout.npm_bin("wasm-opt")).args(ARRANGE))?;
    fs::remove_file(small).context("removing what the module was made from")?;
    inline(&sdk, &wasm)?;
    stamp::mark(&stamp, digest)
}

/// The server's release binary.
///
/// # Errors
/// When the build fails.
pub fn server(layout: &Layout) -> Result<()> {
    say("building the server in release");
    run(cargo(&layout.root).args(["build", "--package", "flywheel-server", "--release"]))
}

/// The module as it is packed, but with the names of its functions, to see what weighs how much.
///
/// # Errors
/// When a build fails.
pub fn named_module(layout: &Layout) -> Result<PathBuf> {
    sdk(layout)?;
    let dir = layout.scratch().join("named");
    let flags = BINDGEN.iter().filter(|flag| **flag != "--remove-name-section");
    run(command(layout.tool("wasm-bindgen"), &layout.root)
        .args(flags)
        .arg("--out-dir")
        .arg(&dir)
        .arg(compile::module(layout, Variant::Lean)?))?;
    let small = dir.join("small.wasm");
    run(command(layout.npm_bin("wasm-opt"), &layout.root)
        .args(OPTIMISE)
        .args(["--debuginfo", "-o"])
        .arg(&small)
        .arg(dir.join("flywheel_bg.wasm")))?;
    Ok(small)
}

/// The module as a string, for pages that cannot fetch a second file.
fn inline(sdk: &Path, wasm: &Path) -> Result<()> {
    let text = base64(&fs::read(wasm).context("reading the module")?);
    fs::write(sdk.join("inline.js"), format!("export default \"{text}\";\n")).context("writing inline.js")?;
    fs::write(
        sdk.join("inline.d.ts"),
        "/** The wasm module in base64. */\ndeclare const base64: string;\nexport default base64;\n",
    )
    .context("writing inline.d.ts")
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().enumerate().fold(0_u32, |word, (at, &byte)| word | u32::from(byte) << (16 - 8 * at));
        for at in 0..4 {
            if at <= group.len() {
                let index = (word >> (18 - 6 * at)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_follows_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
