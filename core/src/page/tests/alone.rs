use super::*;
use crate::fold::erase;

/// A person of changing moods: enough to touch every slot in both directions.
fn live(page: &mut Page, turn: u64) {
    let decision = page.rank(styles(), NOW + turn).expect("ranks");
    let thumb = if turn.is_multiple_of(3) == (decision.best == "long") { Thumb::Up } else { Thumb::Down };
    page.thumb(decision.id, Some(thumb), NOW + turn).expect("learns");
}

#[test]
fn one_person_alone_predicts_the_same_with_and_without_sync() {
    let mut server = Server::new();
    let (mut synced, mut local) = (page(21), page(21));
    for turn in 0..60 {
        live(&mut synced, turn);
        live(&mut local, turn);
        if turn % 7 == 6 {
            server.sync(1, &mut synced, NOW + turn);
            // Sending draws an id from the same stream of randomness; keep the two in step.
            let outbound = local.begin(NOW + turn, true).expect("begins");
            let lost = Reply { v: PROTOCOL, server_time: NOW, results: vec![], weights: None, retry_after_ms: None };
            local.answered(outbound.request, &lost, NOW + turn);
        }
        let (with, without) = (scores(&mut synced, NOW + turn), scores(&mut local, NOW + turn));
        for (id, score) in with {
            assert!((score - without[&id]).abs() < 1e-9, "{id} at {turn}: {score} and {}", without[&id]);
        }
    }
    assert!(synced.weights().cells().count() > 5, "something was published");
}

#[test]
fn erasing_a_person_leaves_exactly_the_others() {
    let mut server = Server::new();
    let mut pages: Vec<Page> = (0..5).map(|n| page(30 + n)).collect();
    for turn in 0..40 {
        for (person, page) in (0u32..).zip(&mut pages) {
            live(page, turn + u64::from(person));
            if turn % 5 == 4 {
                server.sync(person, page, NOW + turn);
            }
        }
    }
    let mut gone = server.sites.remove(&2).expect("known");
    erase(&server.model, &mut server.sums, &mut gone);
    let mut others = Sums::new();
    for site in server.sites.values() {
        others.move_person(&server.model, &mut Site::new(), &site.to_diff());
    }
    assert!(server.sums == others && !others.sorted().is_empty());
}

#[test]
fn everybody_elses_taste_reaches_a_newcomer() {
    let mut server = Server::new();
    for person in 0..20 {
        let mut page = page(50 + u64::from(person));
        for turn in 0..10 {
            let decision = page.rank(styles(), NOW + turn).expect("ranks");
            let thumb = if decision.best == "list" { Thumb::Up } else { Thumb::Down };
            page.thumb(decision.id, Some(thumb), NOW + turn).expect("learns");
        }
        server.sync(person, &mut page, NOW);
    }
    let mut newcomer = page(99);
    server.sync(1_000, &mut newcomer, NOW);
    assert_eq!(newcomer.rank(styles(), NOW).expect("ranks").best, "list");
}
