//! Reading the corpus, and making variants of it.

use flywheel_core::redact::{Find, Kind};
use flywheel_core::rng::Rng;
use std::fs;
use std::path::Path;

/// The two halves.
pub const HALVES: [&str; 2] = ["development", "held-out"];
/// The files of a half.
pub const KINDS: [&str; 7] = ["email", "phone", "card", "iban", "ip", "secret", "credentials"];

/// A text and what must be found in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The kind that its file is about.
    pub file: &'static str,
    /// The text.
    pub text: String,
    /// What must be found in it.
    pub spans: Vec<Find>,
}

/// A kind as files and marks name it.
pub fn name(kind: Kind) -> &'static str {
    kind.mark().trim_matches(['[', ']'])
}

fn kind(name: &str) -> Option<Kind> {
    use Kind::{Card, Credentials, Email, Iban, Ip, Phone, Secret};
    [Email, Phone, Card, Iban, Ip, Secret, Credentials].into_iter().find(|kind| self::name(*kind) == name)
}

fn case(file: &'static str, line: &str) -> Case {
    let line = line.replace('␤', "\n");
    let mut case = Case { file, text: String::new(), spans: Vec::new() };
    let mut parts = line.split('⟦');
    case.text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (inside, after) = part.split_once('⟧').unwrap_or_else(|| panic!("no end in {line}"));
        let other = inside.split_once('|').and_then(|(name, rest)| kind(name).map(|kind| (kind, rest)));
        let (kind, words) = other.unwrap_or_else(|| (kind(file).expect("a kind"), inside));
        let start = case.text.len();
        case.text.push_str(words);
        case.spans.push(Find { kind, start, end: case.text.len() });
        case.text.push_str(after);
    }
    case
}

/// All cases of a half.
pub fn cases(half: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redact").join(half);
    let read = |file: &'static str| {
        let text = fs::read_to_string(folder.join(file).with_extension("txt")).expect(file);
        text.lines().map(|line| case(file, line)).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(|file| read(file)).collect()
}

/// What may stand around a case in real texts: a beginning and an end.
const AROUND: [(&str, &str); 12] = [
    ("", "\n"),
    ("Hi there,\n\n", "\n\nBest,\nSam"),
    ("> ", "\n> and more"),
    ("- ", "\n- next"),
    ("| ", " |"),
    ("**Note** — ", " (see above)"),
    ("😀 ", " 🙏"),
    ("Das ist es: ", " – danke!"),
    ("请看 ", " 谢谢。"),
    ("Он написал: ", " — и всё."),
    ("\t", "\r\n"),
    ("<p>", "</p>"),
];

/// So many texts of one to three lines of the corpus in other surroundings, from a fixed seed.
pub fn variants(cases: &[Case], count: usize) -> Vec<Case> {
    let mut rng = Rng::new(4);
    let mut pick = |most: usize| rng.below(most);
    (0..count)
        .map(|_| {
            let first = pick(cases.len());
            let mut made = Case { file: cases[first].file, text: String::new(), spans: Vec::new() };
            for turn in 0..=pick(3) {
                let case = &cases[if turn == 0 { first } else { pick(cases.len()) }];
                let (before, after) = AROUND[pick(AROUND.len())];
                made.text.push_str(before);
                let by = made.text.len();
                let moved = |find: &Find| Find { start: find.start + by, end: find.end + by, ..*find };
                made.spans.extend(case.spans.iter().map(moved));
                made.text.push_str(&case.text);
                made.text.push_str(after);
                made.text.push('\n');
            }
            made
        })
        .collect()
}
