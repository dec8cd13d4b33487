use super::*;
use crate::belief::{encode_delta, encode_full};

/// What a page stores, as another tab hears of it.
fn tell(from: &mut Page, to: &mut Page) {
    let writes = from.take_writes();
    to.restore(None, writes.entries, writes.decisions, NOW).expect("hears");
}

fn thumb(page: &mut Page, up: Thumb) -> Id {
    let decision = page.rank(styles(), NOW).expect("ranks").id;
    page.thumb(decision, Some(up), NOW).expect("learns");
    decision
}

#[test]
fn tabs_that_hear_each_other_know_the_same_to_the_bit_however_often_they_hear_it() {
    let (mut one, mut other) = (page(60), page(61));
    for up in [Thumb::Up, Thumb::Down, Thumb::Up] {
        let decision = thumb(&mut one, up);
        let writes = one.take_writes();
        for _ in 0..2 {
            other.restore(None, writes.entries.clone(), writes.decisions.clone(), NOW).expect("hears");
        }
        // What another tab decided can be taken back here.
        if up == Thumb::Down {
            other.thumb(decision, None, NOW).expect("learns");
        }
        thumb(&mut other, Thumb::Up);
        tell(&mut other, &mut one);
        assert_eq!(one.site(), other.site());
    }
    assert_eq!((one.status().signals, other.status().signals, one.status().queued), (7, 7, 7));
    assert!(one.take_writes().entries.is_empty(), "what was heard is not stored again");
}

#[test]
fn what_the_server_has_taken_from_one_tab_no_other_sends() {
    let (mut server, mut one, mut other) = (Server::new(), page(62), page(63));
    thumb(&mut one, Thumb::Up);
    thumb(&mut other, Thumb::Down);
    tell(&mut one, &mut other);
    tell(&mut other, &mut one);
    one.take_events();
    other.take_events();
    server.sync(1, &mut one, NOW);
    tell(&mut one, &mut other);
    assert_eq!((other.status().queued, other.take_events().len()), (0, 2));
    // Its own part of the weights is known there, too, when they come and when the word comes after them.
    let weights = encode_full(&server.model, one.weights());
    other.restore_weights(&weights).expect("takes them");
    let scores = |page: &mut Page| page.rank(styles(), NOW + 9).expect("ranks").scores;
    assert_eq!(scores(&mut one), scores(&mut other));
    thumb(&mut one, Thumb::Up);
    tell(&mut one, &mut other);
    server.sync(1, &mut one, NOW);
    other.restore_weights(&encode_full(&server.model, one.weights())).expect("takes them");
    tell(&mut one, &mut other);
    assert_eq!(scores(&mut one), scores(&mut other));
}

#[test]
fn older_weights_do_not_take_the_place_of_newer_ones() {
    let (mut server, mut page) = (Server::new(), page(64));
    thumb(&mut page, Thumb::Up);
    server.sync(1, &mut page, NOW);
    let old = encode_full(&server.model, page.weights());
    thumb(&mut page, Thumb::Up);
    server.sync(1, &mut page, NOW);
    let version = page.status().version;
    assert_eq!(page.restore_weights(&old), Ok(false));
    assert_eq!((version, page.status().version), (2, 2));
}

#[test]
fn stored_steps_are_taken_where_they_begin_and_nowhere_else() {
    let (mut server, mut page) = (Server::new(), page(67));
    let mut fresh = Page::new(options(68));
    let head = |page: &Page| page.weights().head();
    thumb(&mut page, Thumb::Up);
    server.sync(1, &mut page, NOW);
    let (whole, first) = (encode_full(&server.model, page.weights()), page.weights().clone());
    thumb(&mut page, Thumb::Down);
    server.sync(1, &mut page, NOW);
    let changed: Vec<_> = page.weights().cells().filter(|(slot, cell)| *cell != first.cell(*slot)).collect();
    let step = encode_delta(&server.model, first.head().version, head(&page), &changed);
    // Before the whole ones a step is no news, and no damage either.
    assert_eq!(fresh.restore_weights(&step), Ok(false));
    assert_eq!(fresh.restore_weights(&whole), Ok(true));
    assert_eq!(fresh.restore_weights(&step), Ok(true));
    assert_eq!(head(&fresh), head(&page));
    assert_eq!(fresh.restore_weights(&step), Ok(false), "twice");
    assert!(fresh.restore_weights(&whole[..whole.len() - 1]).is_err());
}

#[test]
fn what_many_tabs_decide_goes_by_age_not_by_tab() {
    let (mut one, mut other) = (page(65), page(66));
    let first = one.rank(styles(), NOW).expect("ranks").id;
    let mut last = first;
    for n in 1..=crate::journal::DECISIONS as u64 {
        last = other.rank(styles(), NOW + n).expect("ranks").id;
        let due = other.take_due();
        one.leave_asleep(due.decisions, NOW + n);
    }
    let expired = one.take_due().expired;
    assert!(expired.contains(&first) && !expired.contains(&last), "{}", expired.len());
}
