use super::*;
use crate::sync::Failure;

pub(super) fn thumbs(page: &mut Page, count: u64) {
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
