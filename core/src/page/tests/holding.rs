//! What is held back, lent or let go.

use super::sending::thumbs;
use super::*;

#[test]
fn nothing_is_contributed_before_there_is_so_much_or_it_is_so_old() {
    let sync = Settings { contribute_after: (3, 2 * DAY), ..Settings::default() };
    let held = || {
        let mut page = Page::new(Options { sync, ..options(52) });
        page.ready();
        thumbs(&mut page, 2);
        page
    };
    let sent = |page: &mut Page, now| {
        let outbound = page.begin(now, true).expect("asks for weights at least");
        let reply = Server::new().take(1, &outbound, now);
        page.answered(outbound.request, &reply, now);
        outbound.batch.signals.len()
    };
    let mut page = held();
    assert_eq!((sent(&mut page, NOW + 9), page.last_words(NOW + 9)), (0, None));
    thumbs(&mut page, 1);
    assert!(page.due() <= Some(NOW + 6_000), "it goes by itself");
    assert_eq!(sent(&mut page, NOW + 9), 3);
    let mut page = held();
    assert_eq!(sent(&mut page, NOW + 2 * DAY), 2);
    let mut again = reload(&[page.take_writes()], None, 9, NOW);
    thumbs(&mut again, 1);
    assert_eq!(sent(&mut again, NOW + 9), 1, "what was begun goes on");
}

#[test]
fn what_the_queue_cannot_hold_is_dropped_counted_and_told() {
    let sync = Settings { queue_bytes: 2_000, ..Settings::default() };
    let mut page = Page::new(Options { sync, ..options(53) });
    page.ready();
    let decision = page.rank(styles(), NOW).expect("ranks").id;
    page.reward(decision, 0.5, None, NOW).expect("learns");
    thumbs(&mut page, 6);
    let status = page.status();
    let lost = status.dropped.get("queue_full").copied().unwrap_or_default();
    assert!(lost > 1 && status.queued as u64 == 7 - lost, "{status:?}");
    let events = page.take_events();
    assert_eq!(events.len() as u64, lost);
    let stored: BTreeMap<Id, Entry> = page.take_writes().entries.into_iter().map(|entry| (entry.id, entry)).collect();
    let full = Delivery::Dropped { code: "queue_full".into() };
    assert_eq!(stored.values().filter(|entry| entry.delivery == full).count() as u64, lost);
    assert_eq!(stored.values().next().map(|entry| &entry.delivery), Some(&full), "the reward first");
    assert!(!page.site().to_diff().0.is_empty(), "what was learned here stays");
}

#[test]
fn weights_that_are_held_change_no_order_until_they_are_adopted() {
    let (mut server, mut page) = (Server::new(), page(54));
    page.hold_weights();
    thumbs(&mut page, 2);
    let mut other = super::page(55);
    other.rank(styles(), NOW).expect("ranks");
    thumbs(&mut other, 9);
    server.sync(2, &mut other, NOW);
    let before = scores(&mut page, NOW);
    server.sync(1, &mut page, NOW);
    assert_eq!((scores(&mut page, NOW), page.status().version), (before.clone(), 0));
    assert_eq!(page.take_events().last(), Some(&Event::Held { version: 2 }));
    // The next step starts from what was held.
    let outbound = page.begin(NOW, true).expect("asks");
    assert_eq!((outbound.batch.version, page.weights().head().version), (2, 2));
    page.adopt();
    assert_eq!((page.status().version, page.take_events()), (2, vec![Event::Weights { version: 2 }]));
    assert_ne!(scores(&mut page, NOW), before);
    let mut taken = super::page(56);
    let bytes = crate::belief::encode_full(&server.model, &server.weights);
    taken.restore(Some(&bytes), page.export().entries.into_iter().cloned().collect(), vec![], NOW).expect("reads");
    assert_eq!(scores(&mut page, NOW), scores(&mut taken, NOW), "as if they had been taken at once");
}

#[test]
fn a_new_device_starts_with_what_the_others_taught_and_nothing_counts_twice() {
    let (mut server, mut first, mut second) = (Server::new(), page(57), page(58));
    let sync = |server: &mut Server, page: &mut Page| {
        server.sync(1, page, NOW);
        let (seq, site) = (server.weights.head().seq, server.sites[&1].to_diff());
        page.lend(seq, &site, NOW);
        page.lend(seq, &site, NOW);
    };
    thumbs(&mut first, 4);
    sync(&mut server, &mut first);
    assert_eq!(first.entries.len(), 4, "everything is from here");
    sync(&mut server, &mut second);
    assert_eq!(second.site().to_diff(), server.sites[&1].to_diff());
    // What each says is the other's the next time, once.
    for _ in 0..2 {
        thumbs(&mut second, 1);
        sync(&mut server, &mut second);
        sync(&mut server, &mut first);
    }
    let sum = |page: &Page| {
        page.entries.values().fold(Diff::default(), |sum, entry| match &entry.delivery {
            Delivery::Acknowledged { taught, .. } => sum.plus(taught),
            other => panic!("{other:?}"),
        })
    };
    let person = server.sites[&1].to_diff();
    assert_eq!((sum(&first), sum(&second)), (person.clone(), person));
    let mut again = reload(&[second.take_writes()], None, 9, NOW);
    again.lend(server.weights.head().seq, &server.sites[&1].to_diff(), NOW);
    assert_eq!(again.site(), second.site());
}
