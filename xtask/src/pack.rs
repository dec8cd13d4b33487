//! `cargo xtask pack`: the publishable package in `pkg/`, and its tarball.

use crate::args::Args;
use crate::build;
use crate::declarations;
use crate::fail::{Context, Failure, Result};
use crate::layout::{Layout, Variant};
use crate::progress::say;
use crate::run::{capture, command, run};
use crate::server_package;
use crate::setup;
use crate::stamp::{self, Digest};
use std::fs;
use std::path::{Path, PathBuf};

/// What `cargo xtask pack --help` prints.
pub const HELP: &str = "\
Makes the npm package flywheel-sdk in pkg/ and its tarball in target/.

Usage: cargo xtask pack [--server]

  --server   instead flywheel-server, which needs no Rust, and its binary for this platform,
             in target/npm

Example: cargo xtask pack && npm install ./target/flywheel-sdk-0.1.0.tgz";

/// The package's entries; each has a file of that name in js/, and types that are shown for `import`.
const ENTRIES: [&str; 7] = ["index", "slim", "inline", "insight", "react", "element", "global"];
/// Those with types that are shown for `require`.
const REQUIRED: [&str; 6] = ["index", "slim", "inline", "insight", "react", "element"];
/// What each variant's module is called in the package.
const MODULES: [(Variant, &str); 2] = [(Variant::Lean, "flywheel_bg.wasm"), (Variant::Insight, "insight_bg.wasm")];
/// Copied as they are.
const DOCUMENTS: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// `cargo xtask pack`.
///
/// # Errors
/// When something cannot be built.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let server = args.switch("--server");
    args.finish()?;
    if server {
        server_package::pack(layout)?.iter().for_each(|tarball| say(format_args!("{}", layout.show(tarball))));
        return Ok(());
    }
    let tarball = pack(layout)?;
    say(format_args!("{} and {}", layout.show(&layout.pkg()), layout.show(&tarball)));
    Ok(())
}

/// Makes the package, unless it is up to date; gives the tarball's path.
///
/// # Errors
/// When something cannot be built.
pub fn pack(layout: &Layout) -> Result<PathBuf> {
    build::sdk(layout)?;
    let _alone = setup::lock(layout)?;
    let tarball = layout.target.join(format!("flywheel-sdk-{}.tgz", env!("CARGO_PKG_VERSION")));
    let mut digest = Digest::new()
        .text(env!("CARGO_PKG_VERSION"))
        .path(&layout.sdk(Variant::Lean))?
        .path(&layout.sdk(Variant::Insight))?
        .path(&layout.root.join("js"))?
        .path(&layout.root.join("tsconfig.json"))?
        .path(&layout.root.join("xtask").join("package.template.json"))?
        .path(&layout.root.join("xtask").join("scripts"))?;
    for name in DOCUMENTS {
        digest = digest.path(&layout.root.join(name))?;
    }
    let pkg = layout.pkg();
    let stamp = layout.scratch().join("pkg.stamp");
    let made = [pkg.join("package.json"), pkg.join("index.js"), tarball.clone()];
    if stamp::fresh(&stamp, digest, &made) {
        return Ok(tarball);
    }
    say(format_args!("packing flywheel-sdk {}", env!("CARGO_PKG_VERSION")));
    let _ = fs::remove_dir_all(&pkg);
    fs::create_dir_all(&pkg).context("creating pkg/")?;
    types(layout, &pkg)?;
    scripts(layout, &pkg)?;
    for (variant, name) in MODULES {
        copy(&layout.sdk(variant).join("flywheel_bg.wasm"), &pkg.join(name))?;
    }
    // A missing one does not keep anybody from working; the package test does not let it out.
    for name in DOCUMENTS.iter().filter(|name| layout.root.join(name).exists()) {
        copy(&layout.root.join(name), &pkg.join(name))?;
    }
    manifest(layout, &pkg)?;
    capture(command(setup::npm(), &pkg).args(["pack", "--loglevel=error", "--pack-destination"]).arg(&layout.target))?;
    stamp::mark(&stamp, digest)?;
    Ok(tarball)
}

/// tsconfig.json with this machine's target folder.
///
/// # Errors
/// When the file cannot be written.
pub fn tsconfig(layout: &Layout, name: &str, options: &str, include: &[&str]) -> Result<PathBuf> {
    let root = layout.root.display().to_string();
    let sdk = layout.sdk(Variant::Lean).display().to_string();
    let entries: String = ENTRIES
        .iter()
        .map(|entry| {
            let name = if *entry == "index" { String::new() } else { format!("/{entry}") };
            format!(",\n      \"flywheel-sdk{name}\": [{:?}]", format!("{root}/js/{entry}.ts"))
        })
        .collect();
    let include: Vec<String> = include.iter().map(|dir| format!("{:?}", format!("{root}/{dir}"))).collect();
    let text = format!(
        "{{\n  \"extends\": {:?},\n  \"compilerOptions\": {{\n    {options}\n    \"paths\": {{\n      \
         \"#wasm\": [{:?}],\n      \"#wasm-inline\": [{:?}]{entries}\n    }}\n  }},\n  \
         \"include\": [{}]\n}}\n",
        format!("{root}/tsconfig.json"),
        format!("{sdk}/flywheel.d.ts"),
        format!("{sdk}/inline.d.ts"),
        include.join(", ")
    );
    fs::create_dir_all(layout.scratch()).context("creating target/xtask")?;
    let path = layout.scratch().join(format!("tsconfig.{name}.json"));
    fs::write(&path, text).context(format_args!("writing {}", path.display()))?;
    Ok(path)
}

fn types(layout: &Layout, pkg: &Path) -> Result<()> {
    let options = format!(
        "\"noEmit\": false, \"declaration\": true, \"emitDeclarationOnly\": true, \
         \"rootDir\": {:?}, \"outDir\": {:?},",
        layout.root.join("js").display().to_string(),
        pkg.display().to_string()
    );
    let config = tsconfig(layout, "declarations", &options, &["js"])?;
    run(command(layout.npm_bin("tsc"), &layout.root).arg("--project").arg(config))?;
    declarations::keep_reachable(pkg, &ENTRIES)?;
    declarations::for_require(pkg, &REQUIRED)?;
    declarations::for_scripts(&pkg.join("global.d.ts"), "Flywheel")
}

fn scripts(layout: &Layout, pkg: &Path) -> Result<()> {
    for entry in ENTRIES {
        let path = layout.root.join("js").join(format!("{entry}.ts"));
        if !path.exists() {
            return Err(Failure::new(format!("{} is missing: the package exports it", layout.show(&path))));
        }
    }
    let mut bundle = command("node", &layout.root);
    bundle.arg(layout.root.join("xtask/scripts/bundle.mjs")).arg(&layout.root);
    run(bundle.arg(layout.sdk(Variant::Lean)).arg(layout.sdk(Variant::Insight)).arg(pkg))
}

fn manifest(layout: &Layout, pkg: &Path) -> Result<()> {
    let template = layout.root.join("xtask").join("package.template.json");
    let text = fs::read_to_string(&template)
        .context("reading the package template")?
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"));
    fs::write(pkg.join("package.json"), text).context("writing pkg/package.json")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(|_| ()).context(format_args!("copying {}", from.display()))
}
