//! A file is a stranger's; what is right in it is added once.

use super::sending::thumbs;
use super::*;
use crate::belief::Evidence;

type File = (Vec<Entry>, Vec<Record>);

fn file(page: &Page) -> File {
    let export = page.export();
    (export.entries.into_iter().cloned().collect(), export.decisions.into_iter().cloned().collect())
}

#[test]
fn what_was_exported_comes_back_once_and_counts_once() {
    let (mut server, mut page) = (Server::new(), page(70));
    thumbs(&mut page, 3);
    server.sync(1, &mut page, NOW);
    thumbs(&mut page, 2);
    let file = file(&page);
    let mut other = super::page(71);
    thumbs(&mut other, 1);
    let own = other.site().to_diff();
    assert_eq!(other.import(file.0.clone(), file.1.clone(), NOW + 9).map_err(|error| error.code), Ok(5));
    let after = other.site().to_diff();
    assert_eq!(after, own.plus(&page.site().to_diff()));
    assert_eq!(other.import(file.0.clone(), file.1.clone(), NOW + 9).map_err(|error| error.code), Ok(0));
    assert_eq!(other.import(other.export().entries.into_iter().cloned().collect(), vec![], NOW + 9).expect("reads"), 0);
    assert_eq!((other.site().to_diff(), other.status().queued), (after.clone(), 3));
    // Both send what waited: the server counts it once, whoever comes first.
    server.sync(1, &mut page, NOW + 9);
    let before = server.sums.clone();
    let outbound = other.begin(NOW + 9, true).expect("sends");
    assert_eq!(outbound.batch.signals.len(), 3);
    server.sync(1, &mut page, NOW + 9);
    assert!(server.sums == before);
    // It is stored, and can be taken back.
    let mut again = reload(&[other.take_writes()], None, 5, NOW + 9);
    assert_eq!(again.site().to_diff(), after);
    for decision in file.1.iter().map(|record| record.id) {
        again.thumb(decision, None, NOW + 10).expect("takes back");
    }
    assert_eq!(again.site().to_diff(), own);
}

#[test]
fn what_is_not_as_it_must_be_is_left_out_and_counted() {
    let mut page = page(72);
    thumbs(&mut page, 1);
    let (entries, decisions) = file(&page);
    let (entry, record) = (entries[0].clone(), decisions[0].clone());
    let huge = |precision, shift, slot| Entry {
        diff: Diff(vec![(slot, Evidence { precision, shift })]).into(),
        ..entry.clone()
    };
    let Delivery::Pending { signal } = &entry.delivery else { panic!("waits") };
    let pending = |change: &dyn Fn(&mut crate::signal::Signal)| {
        let mut signal = signal.signal().clone();
        change(&mut signal);
        let signal = crate::consent::Outgoing::new(signal, Consent { text: true, ..Consent::default() });
        Entry { delivery: Delivery::Pending { signal: Box::new(signal) }, ..entry.clone() }
    };
    let bad = vec![
        huge(i64::MAX, 0, 0),
        huge(0, i64::MIN, 0),
        huge(1, 1, Model::default().cells()),
        Entry { at: NOW + 10_000, ..entry.clone() },
        Entry { id: Id::new(NOW + 10_000, [0, 0]), ..entry.clone() },
        Entry { decision: entry.id, ..entry.clone() },
        pending(&|signal| signal.id = Id::new(1, [1, 1])),
        pending(&|signal| signal.decision = Id::new(1, [1, 1])),
        pending(&|signal| signal.weight = Some(64.0)),
        pending(&|signal| signal.surface = "x".repeat(65).as_str().into()),
        Entry { delivery: Delivery::Dropped { code: "<script>".into() }, ..entry.clone() },
    ];
    let bad_decisions = vec![
        Record { surface: "".into(), ..record.clone() },
        Record { candidates: vec![], ..record.clone() },
        Record { id: Id::new(NOW + 10_000, [0, 0]), ..record.clone() },
        Record { how: crate::signal::How { propensity: f64::NAN, ..record.how }, ..record.clone() },
        Record { context: Object(vec![("__proto__".into(), Value::Number(1.0))]).into(), ..record },
    ];
    let mut other = super::page(73);
    let count = (bad.len() + bad_decisions.len()) as u64;
    assert_eq!(other.import(bad, bad_decisions, NOW + 9).map_err(|error| error.code), Ok(0));
    assert_eq!(other.status().dropped.get("corrupt"), Some(&count));
    assert!(other.site().to_diff().0.is_empty() && other.export().decisions.is_empty());
    other.set_consent(Consent { learn: false, ..other.consent() });
    assert_eq!(other.import(entries, decisions, NOW).map_err(|error| error.code), Err(Code::LearnRefused));
}

#[test]
fn what_may_not_be_sent_does_not_wait_after_an_import() {
    let mut page = page(74);
    thumbs(&mut page, 2);
    let (entries, decisions) = file(&page);
    let denied = Consent { share: Share::Denied, ..page.consent() };
    let mut other = Page::new(Options { consent: denied, ..options(75) });
    other.ready();
    assert_eq!(other.import(entries, decisions, NOW + 9).map_err(|error| error.code), Ok(2));
    assert_eq!(other.status().queued, 0);
    assert!(other.take_writes().entries.iter().all(|entry| entry.delivery == Delivery::Local));
}
