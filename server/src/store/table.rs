//! What `flywheel stats` prints of a [`Report`]: tables that fit into 80 columns.

use super::report::{PerPerson, Report, Side, Stage, VersionReport};
use crate::terminal::thousands;
use std::fmt;

/// Versions that are printed one by one.
const VERSIONS: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  hold-out  {}", self.held())?;
        writeln!(
            f,
            "  records   of {} of decisions ({} left out)",
            percent(self.recorded),
            whole(self.records_left_out)
        )?;
        let (learned, held_out) = (&self.learned, &self.held_out);
        if !learned.is_empty() || !held_out.is_empty() {
            writeln!(f, "\n  {:<26}{:>14}{:>14}", "the last 28 days", "learned", "held out")?;
            for (name, of) in ROWS {
                let (one, other) = (of(learned), of(held_out));
                if one.is_some() || other.is_some() {
                    writeln!(f, "  {name:<26}{:>14}{:>14}", cell(one), cell(other))?;
                }
            }
        }
        if !self.versions.is_empty() {
            let [a, b, c, d, e, g, h] = COLUMNS;
            writeln!(f, "\n  {:<14}{a:>10}{b:>10}{c:>11}{d:>8}{e:>10}{g:>8}{h:>7}", "by version")?;
        }
        for VersionReport { version, learned, held_out } in self.versions.iter().take(VERSIONS) {
            let name = if *version == 0 { "none yet".to_owned() } else { version.to_string() };
            line(f, &name, learned)?;
            if !held_out.is_empty() {
                line(f, "  held out", held_out)?;
            }
        }
        writeln!(f, "\n  {:<24}{:>12}{:>10}{:>14}{:>14}", "the loop", "times", "mean", "half within", "99 % within")?;
        for stage in self.stages.iter().chain([&self.velocity]) {
            let Stage { name, count, mean_ms, half_ms, most_ms } = stage;
            let [mean, half, most] = [mean_ms, half_ms, most_ms].map(|time| cell(time.map(duration)));
            writeln!(f, "  {name:<24}{:>12}{mean:>10}{half:>14}{most:>14}", whole(*count))?;
        }
        Ok(())
    }
}

impl Report {
    /// Who is held out: the share that is set here, and what pages did.
    fn held(&self) -> String {
        let people = |side: &Side| side.on_people.as_ref().map_or(0, |people| people.people);
        let (held, all) = (people(&self.held_out), people(&self.held_out) + people(&self.learned));
        #[allow(clippy::cast_precision_loss)] // people
        let found = match (held, all) {
            (_, 0) => "no records of decisions yet".to_owned(),
            _ => format!("{} of the {} people with records", percent(held as f64 / all as f64), whole(all as f64)),
        };
        let set =
            if self.hold_out > 0.0 { format!("{} set here", percent(self.hold_out)) } else { "not set here".into() };
        let by_pages = if self.hold_out == 0.0 && held > 0 { " (set by the pages)" } else { "" };
        format!("{set}; {found}{by_pages}")
    }
}

impl Side {
    /// Whether nothing is known.
    fn is_empty(&self) -> bool {
        self.decisions + self.judged == 0.0
    }
}

type Row = (&'static str, fn(&Side) -> Option<String>);

const ROWS: [Row; 13] = [
    ("decisions", |side| Some(whole(side.decisions))),
    ("accepted", |side| side.acceptance.map(percent)),
    ("corrected", |side| side.corrections.map(percent)),
    ("regenerated", |side| side.regenerations.map(percent)),
    ("people, of all time", |side| each(side, |people| people.people as f64).map(whole)),
    ("  each: accepted", |side| each(side, |people| people.acceptance).map(percent)),
    ("  each: corrected", |side| each(side, |people| people.corrections).map(percent)),
    ("  each: regenerated", |side| each(side, |people| people.regenerations).map(percent)),
    ("mean reward", |side| side.reward.map(|reward| format!("{reward:.3}"))),
    ("first verdicts", |side| (side.judged > 0.0).then(|| whole(side.judged))),
    ("  log-loss", |side| side.log_loss.map(|loss| format!("{loss:.4}"))),
    ("  calibration error", |side| side.calibration_error.map(|apart| format!("{apart:.3}"))),
    ("  AUC", |side| side.auc.map(|auc| format!("{auc:.3}"))),
];

const COLUMNS: [&str; 7] = ["decisions", "accepted", "corrected", "again", "verdicts", "loss", "AUC"];

fn line(f: &mut fmt::Formatter<'_>, name: &str, side: &Side) -> fmt::Result {
    let decisions = whole(side.decisions);
    let [accepted, corrected, again] =
        [side.acceptance, side.corrections, side.regenerations].map(|rate| cell(rate.map(percent)));
    let verdicts = whole(side.judged);
    let loss = cell(side.log_loss.map(|loss| format!("{loss:.4}")));
    let auc = cell(side.auc.map(|auc| format!("{auc:.3}")));
    writeln!(f, "  {name:<14}{decisions:>10}{accepted:>10}{corrected:>11}{again:>8}{verdicts:>10}{loss:>8}{auc:>7}")
}

fn each(side: &Side, of: fn(&PerPerson) -> f64) -> Option<f64> {
    side.on_people.as_ref().map(of)
}

fn cell(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".into())
}

fn percent(share: f64) -> String {
    let share = share * 100.0;
    if (share - share.round()).abs() < 0.05 { format!("{share:.0} %") } else { format!("{share:.1} %") }
}

/// A count, which may have been added up from shares.
fn whole(count: f64) -> String {
    thousands(&format!("{count:.0}"))
}

/// Milliseconds in the unit that a person would say.
fn duration(ms: f64) -> String {
    let steps = [(1e3, 1.0, "ms"), (6e4, 1e3, "s"), (3.6e6, 6e4, "min"), (8.64e7, 3.6e6, "h")];
    let unit = steps.into_iter().find(|(below, ..)| ms < *below);
    let (value, unit) = unit.map_or((ms / 8.64e7, "days"), |(_, unit, name)| (ms / unit, name));
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(decisions: f64, people: u64) -> Side {
        let on_people = Some(PerPerson { people, acceptance: 0.931, corrections: 0.1, regenerations: 0.02 });
        let some = Some(0.123_456);
        Side {
            decisions,
            acceptance: some,
            corrections: some,
            regenerations: some,
            judged: decisions,
            log_loss: some,
            calibration_error: some,
            auc: some,
            reward: some,
            on_people,
            ..Side::default()
        }
    }

    #[test]
    fn no_line_is_longer_than_80_columns_however_much_there_is() {
        let stage = Stage {
            name: "published to outcome",
            count: 1e9,
            mean_ms: Some(9e9),
            half_ms: Some(1.0),
            most_ms: Some(2f64.powi(40)),
        };
        let (learned, held_out) = (side(1e8, 10_000_000), side(1e7, 1_000_000));
        let versions =
            (1..9).map(|n| VersionReport { version: n * 10_000_000, learned: side(1e7, 1), held_out: side(1e6, 1) });
        let report = Report {
            hold_out: 0.0525,
            recorded: 0.333_333,
            records_left_out: 1e9,
            versions: versions.collect(),
            stages: vec![stage.clone(); 5],
            velocity: stage,
            learned,
            held_out,
        };
        let text = report.to_string();
        let longest = text.lines().max_by_key(|line| line.chars().count()).expect("lines");
        assert!(longest.chars().count() <= 80, "{longest}");
        assert!(text.contains("5.2 % set here; 9.1 % of the 11,000,000 people with records"), "{text}");
    }

    #[test]
    fn a_share_that_pages_set_is_not_called_none() {
        let held = |set: f64, learned: u64, held_out: u64| {
            let of = |people| if people > 0 { side(1.0, people) } else { Side::default() };
            Report { hold_out: set, learned: of(learned), held_out: of(held_out), ..Report::default() }.held()
        };
        assert_eq!(held(0.0, 0, 0), "not set here; no records of decisions yet");
        assert_eq!(held(0.0, 95, 5), "not set here; 5 % of the 100 people with records (set by the pages)");
        assert_eq!(held(0.05, 100, 0), "5 % set here; 0 % of the 100 people with records");
    }

    #[test]
    fn numbers_are_said_as_a_person_would() {
        assert_eq!([0.0, 999.0, 1_000.0, 1_234_567.4].map(whole), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.4, 12.0, 1_500.0, 90_000.0, 7.2e6, 1.728e8].map(duration),
            ["0.4 ms", "12 ms", "1.5 s", "1.5 min", "2.0 h", "2.0 days"]
        );
        assert_eq!([0.0, 0.05, 0.123, 1.0].map(percent), ["0 %", "5 %", "12.3 %", "100 %"]);
    }
}
