//! How well what is found agrees with what is marked.

use super::corpus::{Case, KINDS, name};
use flywheel_core::redact::find;

/// Counts of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    marked: u32,
    found: u32,
    right: u32,
}

impl Row {
    /// The share of what was found that is marked.
    pub fn precision(self) -> f64 {
        f64::from(self.right) / f64::from(self.found.max(1))
    }

    /// The share of what is marked that was found.
    pub fn recall(self) -> f64 {
        f64::from(self.right) / f64::from(self.marked.max(1))
    }
}

/// Counts of each kind.
pub struct Score {
    rows: [Row; KINDS.len()],
    /// What disagrees, in words.
    pub failures: Vec<String>,
}

impl Score {
    /// Looks for everything in all cases.
    pub fn of(cases: &[Case]) -> Self {
        let mut score = Self { rows: [Row::default(); KINDS.len()], failures: Vec::new() };
        for case in cases {
            let finds = find(&case.text);
            for (at, of) in KINDS.iter().enumerate() {
                let row = &mut score.rows[at];
                row.marked += case.spans.iter().map(|span| u32::from(name(span.kind) == *of)).sum::<u32>();
                for find in finds.iter().filter(|find| name(find.kind) == *of) {
                    row.found += 1;
                    row.right += u32::from(case.spans.contains(find));
                }
            }
            let words = |find: &flywheel_core::redact::Find| (name(find.kind), &case.text[find.start..find.end]);
            let extra: Vec<_> = finds.iter().filter(|find| !case.spans.contains(find)).map(words).collect();
            let missed: Vec<_> = case.spans.iter().filter(|span| !finds.contains(span)).map(words).collect();
            if !extra.is_empty() || !missed.is_empty() {
                score.failures.push(format!("{}: {:?}\n    missed {missed:?} found {extra:?}", case.file, case.text));
            }
        }
        score
    }

    /// Each kind, and all together.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Row)> {
        let add =
            |a: Row, b: &Row| Row { marked: a.marked + b.marked, found: a.found + b.found, right: a.right + b.right };
        let all = self.rows.iter().fold(Row::default(), add);
        KINDS.into_iter().zip(self.rows).chain([("all", all)])
    }

    /// The rows as they stand in docs/privacy.md.
    pub fn table(&self, name: &str) -> String {
        let line = |(kind, row): (&str, Row)| {
            format!("| {name} | {kind} | {} | {:.3} | {:.3} |", row.marked, row.precision(), row.recall())
        };
        self.rows().map(line).collect::<Vec<_>>().join("\n")
    }
}
