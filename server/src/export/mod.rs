//! `flywheel export`: the log as training data, in the forms that trainers read; docs/exports.md.

mod access;
mod argilla;
mod judged;
mod langfuse;
mod lines;
mod openai;
mod parquet;
mod record;
mod replay;
mod time;
mod trl;

use crate::store::{Archive, Filter};
use clap::{Args, ValueEnum};
use flate2::Compression;
use flate2::write::GzEncoder;
use flywheel_core::error::{Code, Error, Result};
use lines::{Lines, Written};
use std::fs::File;
use std::io::{BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

/// What an export is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Hugging Face TRL, preference: prompt, chosen, rejected
    TrlPreference,
    /// The same, as lists of messages
    TrlPreferenceChat,
    /// Hugging Face TRL, unpaired preference: prompt, completion, label
    TrlUnpaired,
    /// The same, as lists of messages
    TrlUnpairedChat,
    /// Hugging Face TRL, prompt-completion: prompt, completion
    TrlCompletion,
    /// The same, as lists of messages
    TrlCompletionChat,
    /// OpenAI fine-tuning, supervised: messages
    OpenaiChat,
    /// OpenAI fine-tuning, preference (DPO)
    OpenaiPreference,
    /// Langfuse scores and corrections, one body of its API a line
    Langfuse,
    /// Argilla records, one JSON list
    Argilla,
    /// Every statement as a row of a Parquet file
    Parquet,
    /// Every statement as a line of JSON
    Jsonl,
    /// The replay log, for `flywheel replay` and `flywheel evaluate`
    Replay,
}

/// Write what people said as training data.
///
/// Only what is in force, and only of people whose consent covers `text` (the replay log has everybody). A text that a
/// model wrote is not given as something to learn to write, unless --include-machine-made asks for it. Memory does not
/// grow with the log; the server may be running.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel export --format trl-preference-chat --data ./flywheel-data --out pairs.jsonl
  flywheel export --format parquet --data ./flywheel-data --surface answer --since 2026-01-01 --out answers.parquet
  flywheel export --format replay --data ./flywheel-data --out log.jsonl.gz && flywheel replay log.jsonl.gz

Everything about one person, who gave the device secret to you (it never stands on a command line):
  flywheel export --person - --data ./flywheel-data --out person.json < secret.txt")]
pub struct ExportArgs {
    /// What for
    #[arg(long, value_enum, value_name = "F", required_unless_present = "person")]
    pub format: Option<Format>,
    /// Instead: everything that is held about one person, as JSON. The file, or standard input for -, holds the device
    /// secret, 32 hexadecimal digits
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "surface", "since", "until"])]
    pub person: Option<PathBuf>,
    /// The folder with the database
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// The file to write, gzip if its name ends in .gz; standard output if left out
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The app
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub app: String,
    /// Only of this task
    #[arg(long, value_name = "NAME")]
    pub surface: Option<String>,
    /// Only what came in at or after this moment: 2026-01-31, 2026-01-31T12:00:00Z or milliseconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub since: Option<u64>,
    /// Only what came in before this moment
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub until: Option<u64>,
    /// The name in `context` under which the page gives the prompt
    #[arg(long, value_name = "NAME", default_value = "prompt")]
    pub prompt: String,
    /// Texts that a model wrote and nobody edited, too
    #[arg(long)]
    pub include_machine_made: bool,
}

/// How texts are told apart.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The name of the prompt in the context.
    prompt: String,
    /// Whether machine-made texts are wanted.
    machine_made: bool,
}

/// Exports and says on standard error how much.
///
/// # Errors
/// [`Code::NotFound`] for an app that is not there; [`Code::Unavailable`] if the data folder cannot be read or the file
/// cannot be written.
pub fn run_export(args: &ExportArgs) -> Result<()> {
    let archive = Archive::open(&args.data)?;
    let Some(format) = args.format else { return access::run(&archive, args) };
    let filter = Filter {
        app: archive.app(&args.app)?,
        surface: args.surface.clone(),
        since_ms: args.since.unwrap_or(0),
        until_ms: args.until.unwrap_or(u64::MAX),
        all_people: format == Format::Replay,
    };
    let rules = Rules { prompt: args.prompt.clone(), machine_made: args.include_machine_made };
    let written = into(args.out.as_deref(), |out| write(format, &archive, &filter, rules, out))?;
    eprintln!("{written}");
    Ok(())
}

/// Where an export goes. Parquet wants it to cross threads.
type Sink = BufWriter<Box<dyn Finish + Send>>;

/// Something that takes bytes and can be told that there are no more.
trait Finish: Write {
    /// Writes what is still to come.
    fn finish(&mut self) -> std::io::Result<()> {
        self.flush()
    }
}

impl Finish for File {}
impl Finish for Stdout {}
impl Finish for GzEncoder<File> {
    fn finish(&mut self) -> std::io::Result<()> {
        self.try_finish()
    }
}

/// Writes to standard output, or beside the file first, so that what stands under its name is always whole.
fn into<T>(path: Option<&Path>, write: impl FnOnce(Sink) -> Result<(T, Sink)>) -> Result<T> {
    let Some(path) = path else {
        let (done, mut out) = write(BufWriter::new(Box::new(std::io::stdout())))?;
        out.flush().map_err(|error| unwritable(&format!("cannot write: {error}")))?;
        return Ok(done);
    };
    let cannot = |error: std::io::Error| unwritable(&format!("cannot write {}: {error}", path.display()));
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let file = File::create(&beside).map_err(cannot)?;
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let file: Box<dyn Finish + Send> =
        if packed { Box::new(GzEncoder::new(file, Compression::default())) } else { Box::new(file) };
    let done = write(BufWriter::new(file)).and_then(|(written, mut out)| {
        out.flush().and_then(|()| out.get_mut().finish()).map_err(cannot)?;
        std::fs::rename(&beside, path).map_err(cannot)?;
        Ok(written)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}

fn unwritable(detail: &str) -> Error {
    Error::new(Code::Unavailable, detail)
}

fn write(format: Format, archive: &Archive, filter: &Filter, rules: Rules, out: Sink) -> Result<(Written, Sink)> {
    let mut lines = Lines::new(out, rules);
    match format {
        Format::Parquet => return parquet::write(archive, filter, lines),
        Format::Argilla => return argilla::write(archive, filter, lines),
        _ => {}
    }
    archive.each(filter, |statement| match format {
        Format::TrlPreference => trl::preference(statement, &mut lines),
        Format::TrlPreferenceChat => trl::preference_chat(statement, &mut lines),
        Format::TrlUnpaired => trl::unpaired(statement, &mut lines),
        Format::TrlUnpairedChat => trl::unpaired_chat(statement, &mut lines),
        Format::TrlCompletion => trl::completion(statement, &mut lines),
        Format::TrlCompletionChat => trl::completion_chat(statement, &mut lines),
        Format::OpenaiChat => openai::chat(statement, &mut lines),
        Format::OpenaiPreference => openai::preference(statement, &mut lines),
        Format::Langfuse => langfuse::scores(statement, &mut lines),
        Format::Jsonl => record::line(statement, &mut lines),
        Format::Replay => replay::rows(statement, &mut lines),
        Format::Parquet | Format::Argilla => Ok(()),
    })?;
    lines.finish()
}
