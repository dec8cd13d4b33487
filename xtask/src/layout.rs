//! Where things are: sources under the repository's root, everything made under the target folder.

use std::env;
use std::path::{Path, PathBuf};

/// The wasm module is built twice: for the usual entries, and with everything in it for `./insight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As small as it gets.
    Lean,
    /// With cargo feature `insight`.
    Insight,
}

impl Variant {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Lean, Self::Insight];

    /// What its folder under the target folder is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lean => "sdk",
            Self::Insight => "sdk-insight",
        }
    }

    /// The features of flywheel-sdk that it has.
    pub const fn features(self) -> &'static str {
        match self {
            Self::Lean => "",
            Self::Insight => "insight",
        }
    }
}

/// The folders that the commands work in.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The repository's root.
    pub root: PathBuf,
    /// `target/`, or what `CARGO_TARGET_DIR` says.
    pub target: PathBuf,
}

impl Layout {
    /// Reads the environment once.
    pub fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir().unwrap_or_default().join(dir),
            None => root.join("target"),
        };
        Self { root, target }
    }

    /// The tools that xtask builds: `wasm-bindgen`, its test runner, `wasm-pack`.
    pub fn tools_bin(&self) -> PathBuf {
        self.target.join("tools").join("bin")
    }

    /// A tool that xtask builds, by name.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.tools_bin().join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A script out of an npm package's `bin`.
    pub fn npm_bin(&self, name: &str) -> PathBuf {
        let suffix = if cfg!(windows) { ".cmd" } else { "" };
        self.root.join("node_modules").join(".bin").join(format!("{name}{suffix}"))
    }

    /// A module and its glue, before they are packed.
    pub fn sdk(&self, variant: Variant) -> PathBuf {
        self.target.join(variant.name())
    }

    /// The publishable package.
    pub fn pkg(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// Stamps, generated configuration and other small things of xtask itself.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The server's release binary.
    pub fn server(&self) -> PathBuf {
        self.target.join("release").join(format!("flywheel{}", env::consts::EXE_SUFFIX))
    }

    /// A path for people: relative to the root where that is shorter.
    pub fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
