//! Nothing is done twice: a digest of what a step read stands in a file beside what it made.

use crate::fail::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A digest over names and contents (FNV-1a, 64 bits: it guards against waste, not against anyone).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Takes in some bytes, with their length, so that neighbours cannot run together.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let length = (bytes.len() as u64).to_le_bytes();
        Self(
            length
                .iter()
                .chain(bytes)
                .fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    /// Takes in a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Takes in a file, or a folder with all that is in it. What is missing counts as missing.
    ///
    /// # Errors
    /// When something that is there cannot be read.
    pub fn path(self, path: &Path) -> Result<Self> {
        let mut digest = self;
        for file in files(path)? {
            let name = file.strip_prefix(path).unwrap_or(&file).to_string_lossy();
            let bytes = fs::read(&file).context(format_args!("reading {}", file.display()))?;
            digest = digest.text(&name).bytes(&bytes);
        }
        Ok(digest.text("end"))
    }
}

/// All files in a folder, sorted, or the file itself; nothing when there is nothing.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).context(format_args!("listing {}", path.display()))? {
            found.extend(files(&entry.context("listing")?.path())?);
        }
    }
    found.sort();
    Ok(found)
}

/// True when `stamp` says that everything in `made` came from `digest`, and it is all still there.
pub fn fresh(stamp: &Path, digest: Digest, made: &[PathBuf]) -> bool {
    made.iter().all(|path| path.exists())
        && fs::read_to_string(stamp).is_ok_and(|text| text.trim() == format!("{:016x}", digest.0))
}

/// Writes the stamp, once the step has ended well.
///
/// # Errors
/// When the file cannot be written.
pub fn mark(stamp: &Path, digest: Digest) -> Result<()> {
    if let Some(dir) = stamp.parent() {
        fs::create_dir_all(dir).context(format_args!("creating {}", dir.display()))?;
    }
    fs::write(stamp, format!("{:016x}\n", digest.0)).context(format_args!("writing {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn moving_a_byte_to_the_neighbour_changes_the_digest() {
        let one = Digest::new().text("ab").text("c");
        let other = Digest::new().text("a").text("bc");
        assert_ne!(one, other);
    }
}
