//! The records that decisions leave.

use super::*;
use crate::consent::Outgoing;
use crate::sync::Failure;
use crate::wire::{self, Batch, Decided};

type Body = Batch<Outgoing, Decided>;

fn send(page: &mut Page, now: u64) -> Body {
    page.begin(now, true).expect("may send").batch
}

fn answer(page: &mut Page, batch: &Body) {
    let results = batch.signals.iter().map(|signal| Verdict {
        id: signal.signal().id.to_string(),
        outcome: Outcome::Ok,
        seq: Some(1),
        taught: None,
        code: None,
        detail: None,
    });
    let reply =
        Reply { v: PROTOCOL, server_time: NOW, results: results.collect(), weights: None, retry_after_ms: None };
    page.answered(batch.request, &reply, NOW);
}

fn ids(batch: &Body) -> Vec<Id> {
    batch.decisions.iter().map(|decided| decided.id).collect()
}

fn decide(page: &mut Page, count: u64) -> Vec<Id> {
    (0..count).map(|n| page.rank(styles(), NOW + n).expect("ranks").id).collect()
}

fn refused(status: u16) -> Failure {
    Failure::Status { status, retry_after_ms: None }
}

#[test]
fn every_decision_leaves_one_record_of_what_was_known_then() {
    let mut page = page(1);
    let decision = page.rank(styles(), NOW).expect("ranks");
    page.prefer(decision.id, decision.order[2].clone(), NOW).expect("is learned");
    let next = page.rank(styles(), NOW).expect("ranks");
    let batch = send(&mut page, NOW);
    assert_eq!((ids(&batch), batch.signals.len()), (vec![decision.id, next.id], 1));
    let Decided { surface, choice, held_out, kept, context, candidates, .. } = &batch.decisions[0];
    assert_eq!((&**surface, &choice.order, choice.version), ("answer", &decision.order, 0));
    assert_eq!((choice.propensity, choice.prediction), (decision.propensity, decision.scores[0]));
    assert_eq!((*held_out, *kept, context.is_empty(), candidates.len()), (false, 1.0, true, 0));
    assert!(batch.decisions.iter().all(|decided| decided.check().is_ok()));
    answer(&mut page, &batch);
    assert_eq!(ids(&send(&mut page, NOW)), [], "once it is there it is not sent again");
}

#[test]
fn what_the_uniform_share_chose_carries_all_candidates_and_without_consent_no_word() {
    let words = "my grandmother's recipe needs seven zanzibar peppercorns";
    for text in [true, false] {
        let given = options(1);
        let policy = Policy { epsilon: 1.0, ..Policy::default() };
        let mut page = Page::new(Options { policy, consent: Consent { text, ..given.consent }, ..given });
        page.ready();
        let mut request = styles();
        request.context.0.push(("prompt".into(), Value::Text(words.into())));
        request.candidates[0].text = Some(words.into());
        page.rank(request, NOW).expect("ranks");
        let batch = send(&mut page, NOW);
        let record = &batch.decisions[0];
        assert!(record.choice.explored && record.candidates.len() == 3 && !record.context.is_empty());
        let json = serde_json::to_string(&batch).expect("json");
        assert_eq!(json.contains("zanzibar"), text, "{json}");
        assert!(text || json.contains("prompt.size"), "{json}");
    }
    // What could not be kept whole is no unbiased log.
    let mut page = Page::new(Options { policy: Policy { epsilon: 1.0, ..Policy::default() }, ..options(1) });
    page.ready();
    let many = (0..65).map(|n| candidate(&format!("c{n}"), "short")).collect();
    page.rank(Request { candidates: many, ..styles() }, NOW).expect("ranks");
    let record = send(&mut page, NOW).decisions.remove(0);
    assert!(record.choice.explored && record.candidates.is_empty() && record.check().is_ok());
}

#[test]
fn no_record_is_made_or_sent_that_is_not_allowed() {
    let given = options(1);
    let under = |share: Share| Consent { share, ..given.consent };
    let mut page = Page::new(Options { consent: under(Share::Ask), ..given.clone() });
    page.ready();
    let asked = decide(&mut page, 2);
    assert!(page.begin(NOW, true).is_none() && page.last_words(NOW).is_none());
    page.set_consent(under(Share::Granted));
    let batch = send(&mut page, NOW);
    assert_eq!(ids(&batch), asked, "what waits for the answer goes with it");
    answer(&mut page, &batch);
    // Neither what was under way, nor what waits, nor what is decided under a refusal.
    decide(&mut page, 2);
    let batch = send(&mut page, NOW);
    decide(&mut page, 2);
    page.set_consent(under(Share::Denied));
    decide(&mut page, 2);
    page.failed(batch.request, refused(503), "unavailable", NOW);
    page.set_consent(under(Share::Granted));
    let batch = send(&mut page, NOW + DAY);
    answer(&mut page, &batch);
    assert_eq!((ids(&batch), ids(&send(&mut page, NOW + DAY))), (vec![], vec![]));
    let mut page = Page::new(Options { consent: Consent { learn: false, ..given.consent }, ..given });
    page.ready();
    decide(&mut page, 2);
    page.set_consent(under(Share::Granted));
    assert_eq!(ids(&send(&mut page, NOW)), []);
}

#[test]
fn a_record_waits_again_when_its_request_fails_and_goes_once_it_is_better() {
    let mut page = page(1);
    let made = decide(&mut page, 3);
    let batch = send(&mut page, NOW);
    assert_eq!(ids(&batch), made);
    page.failed(batch.request, Failure::Network, "offline", NOW);
    let more = decide(&mut page, 1);
    // The request after a failure is as small as it can be.
    let batch = send(&mut page, NOW + DAY);
    assert_eq!(ids(&batch), []);
    answer(&mut page, &batch);
    assert_eq!(ids(&send(&mut page, NOW + DAY)), [made, more].concat());
}

#[test]
fn a_refusal_of_records_costs_no_signal_and_they_are_not_sent_again() {
    for status in [400, 413, 422] {
        let mut page = page(1);
        let decision = page.rank(styles(), NOW).expect("ranks");
        page.thumb(decision.id, Some(Thumb::Up), NOW).expect("is learned");
        let batch = send(&mut page, NOW);
        assert_eq!((batch.signals.len(), batch.decisions.len()), (1, 1));
        page.failed(batch.request, refused(status), "body_too_large", NOW);
        assert_eq!(page.status().queued, 1, "the signal still waits");
        assert!(page.outbox.due().is_none_or(|at| at <= NOW + 10_000), "and not for long");
        decide(&mut page, 1);
        let batch = send(&mut page, NOW + 10_000);
        assert_eq!((batch.signals.len(), batch.decisions.len()), (1, 0));
        answer(&mut page, &batch);
        decide(&mut page, 1);
        assert_eq!(ids(&send(&mut page, NOW + 10_000)), []);
    }
    // A refusal that has nothing to do with them is one.
    let mut page = page(1);
    let made = decide(&mut page, 1);
    let batch = send(&mut page, NOW);
    page.failed(batch.request, refused(429), "rate_limited", NOW);
    let batch = send(&mut page, NOW + DAY);
    answer(&mut page, &batch);
    assert_eq!(ids(&send(&mut page, NOW + DAY)), made);
}

#[test]
fn no_signal_stays_behind_for_a_record() {
    let mut page = page(1);
    let made = decide(&mut page, 200);
    for id in &made {
        page.thumb(*id, Some(Thumb::Up), NOW).expect("is learned");
    }
    let mut sent = 0;
    loop {
        let batch = send(&mut page, NOW);
        sent += batch.signals.len();
        assert!(batch.decisions.is_empty() || sent == made.len(), "{sent} signals were sent before");
        answer(&mut page, &batch);
        if !batch.decisions.is_empty() {
            break;
        }
    }
    assert_eq!(sent, made.len());
    // Nor do records go while signals have to wait.
    let given = options(1);
    let mut page = Page::new(Options { sync: Settings { contribute_after: (5, u64::MAX), ..given.sync }, ..given });
    page.ready();
    let id = decide(&mut page, 1)[0];
    page.thumb(id, Some(Thumb::Up), NOW).expect("is learned");
    assert!(page.last_words(NOW).is_none());
    let batch = send(&mut page, NOW);
    assert_eq!((batch.signals.len(), batch.decisions.len()), (0, 0));
}

#[test]
fn those_that_stay_stand_for_those_that_were_left_out() {
    let mut page = page(1);
    decide(&mut page, 2_000);
    let batch = send(&mut page, NOW);
    let json = serde_json::to_string(&batch).expect("json");
    assert!(batch.decisions.len() <= wire::RECORDS && json.len() < 20 * 1_024, "{} bytes", json.len());
    let mut all = batch.decisions.clone();
    answer(&mut page, &batch);
    loop {
        let batch = send(&mut page, NOW);
        answer(&mut page, &batch);
        if batch.decisions.is_empty() {
            break;
        }
        all.extend(batch.decisions);
    }
    // Each of the 2,000 stays with a chance of 1/8 to 1/16 here; five standard errors are 700 at most.
    let counted: f64 = all.iter().map(|decided| 1.0 / decided.kept).sum();
    assert!((counted - 2_000.0).abs() < 700.0, "{counted} of {} records", all.len());
    // All have gone: from here on every one leaves a record again.
    decide(&mut page, 5);
    assert!(send(&mut page, NOW).decisions.iter().all(|decided| decided.kept == 1.0));
}

#[test]
fn the_endpoint_asks_for_a_share_and_gets_it() {
    let mut page = page(1);
    page.asked(wire::Settings { decisions: 0.25, ..wire::Settings::default() });
    decide(&mut page, 400);
    let mut kept = 0;
    loop {
        let batch = send(&mut page, NOW);
        assert!(batch.decisions.iter().all(|decided| decided.kept == 0.25));
        kept += batch.decisions.len();
        answer(&mut page, &batch);
        if batch.decisions.is_empty() {
            break;
        }
    }
    // Four standard errors of 400 at 25 % are 35.
    assert!((65..=135).contains(&kept), "{kept}");
    let mut none = super::page(1);
    none.asked(wire::Settings { decisions: 0.0, ..wire::Settings::default() });
    decide(&mut none, 5);
    assert_eq!(ids(&send(&mut none, NOW)), []);
}

#[test]
fn what_was_decided_goes_when_the_page_is_left_even_if_nothing_was_said() {
    let mut page = page(1);
    assert!(page.last_words(NOW).is_none());
    let made = decide(&mut page, 3);
    let batch = page.last_words(NOW).expect("something is left to say").batch;
    assert_eq!((ids(&batch), batch.signals.len()), (made, 0));
    assert!(page.last_words(NOW).is_none(), "once");
    // What is under way in a request that may end with the page goes again.
    let mut page = super::page(2);
    let under_way = decide(&mut page, 2);
    assert_eq!(ids(&send(&mut page, NOW)), under_way);
    let batch = page.last_words(NOW).map(|outbound| ids(&outbound.batch));
    assert_eq!(batch, Some(under_way));
    // All that outlives a page together fits into what browsers share.
    let mut page = super::page(3);
    decide(&mut page, 1_500);
    let (mut bytes, mut requests) = (0, 0);
    while let Some(outbound) = page.last_words(NOW) {
        assert!(!outbound.batch.decisions.is_empty());
        bytes += serde_json::to_string(&outbound.batch).expect("json").len();
        requests += 1;
    }
    assert!(bytes < 60 * 1_024 && requests <= 9 && requests > 0, "{bytes} bytes in {requests}");
}
