use super::*;
use crate::sync::Failure;

fn thumbs(page: &mut Page, count: u64) {
    for n in 0..count {
        let decision = page.rank(styles(), NOW + n).expect("ranks").id;
        page.thumb(decision, Some(Thumb::Up), NOW + n).expect("learns");
    }
}

#[test]
fn an_entry_leaves_the_outbox_only_on_the_servers_word_about_it() {
    let (mut server, mut page) = (Server::new(), page(40));
    thumbs(&mut page, 5);
    let outbound = page.begin(NOW, true).expect("sends");
    let mut reply = server.take(1, &outbound, NOW);
    reply.results.truncate(2);
    reply.results[1].outcome = Outcome::Retry;
    page.answered(outbound.request, &reply, NOW);
    assert_eq!(page.status().queued, 4);
    // All of them are on the server already: the retry finds duplicates, and nothing counts twice.
    let before = server.sums.clone();
    server.sync(1, &mut page, NOW);
    assert_eq!((page.status().queued, server.sums == before), (0, true));
}

#[test]
fn a_lost_answer_and_a_reload_send_again_without_counting_twice() {
    let (mut server, mut page) = (Server::new(), page(41));
    thumbs(&mut page, 3);
    let writes = [page.take_writes()];
    let outbound = page.begin(NOW, true).expect("sends");
    server.take(1, &outbound, NOW);
    let before = server.sums.clone();
    let mut again = reload(&writes, None, 5, NOW);
    assert_eq!(again.status().queued, 3);
    server.sync(1, &mut again, NOW);
    assert!(again.status().queued == 0 && server.sums == before);
}

#[test]
fn a_server_that_leaves_signals_waiting_is_not_asked_again_at_once() {
    let mut page = Page::new(Options { sync: Settings::default(), ..options(48) });
    page.ready();
    thumbs(&mut page, 25);
    let (mut now, mut requests) = (NOW + 10_000, 0);
    while now < NOW + 70_000 {
        if let Some(outbound) = page.begin(now, false) {
            requests += 1;
            let silent = Reply { v: PROTOCOL, server_time: now, results: vec![], weights: None, retry_after_ms: None };
            page.answered(outbound.request, &silent, now);
        }
        now = page.due().expect("will try again").max(now + 1);
    }
    assert!((2..60).contains(&requests) && page.status().queued == 25, "{requests}");
}

#[test]
fn weights_that_do_not_fit_are_asked_for_from_nothing() {
    let (mut server, mut page) = (Server::new(), page(49));
    thumbs(&mut page, 3);
    server.sync(1, &mut page, NOW);
    let have = page.weights().head();
    let head = crate::belief::Head { version: have.version + 1, hash: 1, ..have };
    let step = crate::belief::encode_delta(&server.model, have.version, head, &[]);
    assert_eq!(page.take_weights(&step).map_err(|error| error.code), Err(Code::WeightsHashMismatch));
    let outbound = page.begin(NOW, true).expect("asks");
    assert_eq!(outbound.batch.version, 0);
}

#[test]
fn a_rejected_signal_is_set_aside_and_counted() {
    let (mut server, mut page) = (Server::new(), page(42));
    thumbs(&mut page, 2);
    let outbound = page.begin(NOW, true).expect("sends");
    let mut reply = server.take(1, &outbound, NOW);
    reply.results[0].outcome = Outcome::Rejected;
    reply.results[0].code = Some("too_many_features".into());
    page.answered(outbound.request, &reply, NOW);
    let status = page.status();
    assert_eq!((status.queued, status.dropped.get("too_many_features")), (0, Some(&1)));
    assert!(!page.site().to_diff().0.is_empty(), "what was learned here stays");
}

#[test]
fn nothing_is_sent_without_consent_and_a_refusal_empties_the_outbox() {
    let mut page = Page::new(Options { consent: Consent::default(), ..options(43) });
    page.ready();
    thumbs(&mut page, 4);
    assert_eq!((page.begin(NOW, true), page.due(), page.status().queued), (None, None, 4));
    page.set_consent(Consent { share: Share::Granted, ..page.consent() });
    assert_eq!(page.begin(NOW, true).expect("sends").batch.signals.len(), 4);
    page.set_consent(Consent { share: Share::Denied, ..page.consent() });
    assert_eq!(page.status().queued, 0);
    assert!(page.take_writes().entries.iter().rev().take(4).all(|entry| entry.delivery == Delivery::Local));
}

#[test]
fn words_that_wait_are_taken_out_when_consent_to_text_is_withdrawn() {
    let mut page = page(44);
    let words = "the marmalade incident of nineteen seventy four was never explained to anybody";
    let request = Request {
        candidates: vec![Candidate { id: "a".into(), text: Some(words.into()), ..Candidate::default() }],
        ..styles()
    };
    let decision = page.rank(request, NOW).expect("ranks").id;
    page.thumb(decision, Some(Thumb::Up), NOW).expect("learns");
    page.set_consent(Consent { text: false, ..page.consent() });
    let outbound = page.begin(NOW, true).expect("sends");
    let body = serde_json::to_string(&outbound.batch).expect("json");
    assert!(!body.contains("marmalade") && body.contains("text.size"));
}

#[test]
fn failures_keep_everything_and_say_why() {
    let mut page = page(45);
    thumbs(&mut page, 2);
    let outbound = page.begin(NOW, true).expect("sends");
    page.failed(outbound.request, Failure::Status { status: 401, retry_after_ms: None }, "invalid_key", NOW);
    let status = page.status();
    assert_eq!((status.queued, status.failures, status.last_error.as_deref()), (2, 1, Some("invalid_key")));
}

#[test]
fn weights_with_a_wrong_hash_change_nothing() {
    let (mut server, mut page) = (Server::new(), page(46));
    thumbs(&mut page, 3);
    server.sync(1, &mut page, NOW);
    let before = scores(&mut page, NOW);
    let mut bytes = crate::belief::encode_full(&server.model, &server.weights);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(page.take_weights(&bytes).map_err(|error| error.code), Err(Code::WeightsHashMismatch));
    assert_eq!(scores(&mut page, NOW), before);
}

#[test]
fn forgetting_leaves_nothing_of_the_person() {
    let (mut server, mut page) = (Server::new(), page(47));
    thumbs(&mut page, 6);
    server.sync(1, &mut page, NOW);
    page.forget("11".repeat(16));
    let export = page.export();
    assert_eq!(page.weights().head().version, 0, "they held the person's own part");
    assert!(export.entries.is_empty() && export.decisions.is_empty() && page.site().to_diff().0.is_empty());
    thumbs(&mut page, 1);
    let outbound = page.begin(NOW, true).expect("sends");
    assert_eq!(outbound.batch.secret, "11".repeat(16), "a new person to the server");
}

#[test]
fn a_server_that_speaks_another_version_is_left_alone_for_a_day_and_nothing_is_lost() {
    let mut page = Page::new(Options { sync: Settings::default(), ..options(50) });
    page.ready();
    thumbs(&mut page, 25);
    for code in ["unsupported_protocol", "unsupported_model"] {
        let outbound = page.begin(NOW, true).expect("sends");
        page.failed(outbound.request, Failure::Status { status: 400, retry_after_ms: None }, code, NOW);
        assert_eq!((page.due(), page.status().queued), (Some(NOW + DAY), 25));
        assert_eq!(page.last_words(NOW), None);
        assert_eq!(page.status().last_error.as_deref(), Some(code));
    }
}

#[test]
fn a_clock_that_is_wrong_is_corrected_in_ids_and_not_in_what_only_differences_are_taken_of() {
    let (mut server, mut page) = (Server::new(), page(51));
    thumbs(&mut page, 1);
    let outbound = page.begin(NOW, true).expect("sends");
    let reply = server.take(1, &outbound, NOW + 40 * DAY);
    page.answered(outbound.request, &reply, NOW);
    let decision = page.rank(styles(), NOW + 1).expect("ranks").id;
    let said = page.thumb(decision, Some(Thumb::Up), NOW + 2).expect("learns");
    assert_eq!(decision.at_ms(), NOW + 40 * DAY + 1);
    let outbound = page.begin(NOW + 3, true).expect("sends");
    let sent = outbound.batch.signals.last().expect("one").signal();
    assert_eq!((sent.id, outbound.batch.sent_at - sent.at), (said, 1));
    // Half a minute may be the network's.
    let reply = server.take(1, &outbound, NOW + 30_003);
    page.answered(outbound.request, &reply, NOW + 3);
    assert_eq!(page.skew_ms, 0);
}

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
    let writes = page.take_writes();
    let full = Delivery::Dropped { code: "queue_full".into() };
    assert_eq!(writes.entries.iter().filter(|entry| entry.delivery == full).count() as u64, lost);
    assert_eq!(writes.entries.first().map(|entry| &entry.delivery), Some(&full), "the reward first");
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
