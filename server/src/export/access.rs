//! A person's right of access: everything that is held about one, as JSON.

use super::{ExportArgs, into, unwritable};
use crate::ingest;
use crate::store::Archive;
use flywheel_core::error::{Code, Error, Result};
use std::io::Read;
use std::path::Path;

/// Writes it for the person whose device secret is in the file.
///
/// # Errors
/// [`Code::InvalidValue`] if there is no secret in it; [`Code::NotFound`] for an app that is not there;
/// [`Code::Unavailable`] if something cannot be read or written.
pub(super) fn run(archive: &Archive, args: &ExportArgs) -> Result<()> {
    let file = args.person.as_deref().ok_or_else(|| Error::new(Code::Internal, "neither a format nor a person"))?;
    let (app, person) = archive.person(&args.app, &ingest::secret(read(file)?.trim())?)?;
    into(args.out.as_deref(), |mut out| archive.write_holdings(app, person, &mut out).map(|()| ((), out)))
}

fn read(file: &Path) -> Result<String> {
    // Longer than any secret with its line's end.
    const MOST: u64 = 1_024;
    let cannot = |error| unwritable(&format!("cannot read the secret: {error}"));
    let mut text = String::new();
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(cannot)?)
    };
    source.take(MOST).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}
