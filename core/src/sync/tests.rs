//! What must hold of an outbox.

use super::*;

fn outbox(signals: u64) -> Outbox {
    let mut outbox = Outbox::new(Settings::default());
    outbox.set_open(true);
    for n in 0..signals {
        outbox.push(Id::new(n, [n, n]), 1_000, 500, true);
    }
    outbox
}

const REQUEST: Id = Id::new(1, [2, 3]);

#[test]
fn a_batch_goes_by_count_by_bytes_by_time_or_when_asked() {
    let mut fresh = outbox(1);
    fresh.last_exchange = Some(0);
    assert_eq!(fresh.due(), Some(6_000));
    assert_eq!(fresh.begin(5_999, REQUEST, false), None);
    assert_eq!(fresh.clone().begin(5_999, REQUEST, true).map(|ids| ids.len()), Some(1));
    assert_eq!(fresh.begin(6_000, REQUEST, false).map(|ids| ids.len()), Some(1));
    let mut full = outbox(20);
    full.last_exchange = Some(0);
    assert_eq!(full.begin(1_000, REQUEST, false).map(|ids| ids.len()), Some(20));
    let mut heavy = outbox(0);
    heavy.last_exchange = Some(0);
    heavy.push(REQUEST, 1_000, 60_000, false);
    assert_eq!(heavy.begin(1_000, REQUEST, false), Some(vec![REQUEST]));
}

#[test]
fn the_first_exchange_is_at_once_and_only_one_is_under_way() {
    let mut outbox = outbox(0);
    assert_eq!(outbox.begin(0, REQUEST, false), Some(vec![]));
    assert_eq!(outbox.begin(0, REQUEST, true), None);
    assert!(outbox.answered(10, REQUEST, None).is_some());
    assert!(outbox.answered(10, REQUEST, None).is_none(), "an answer counts once");
    assert_eq!(outbox.due(), Some(10 + 300_000));
}

#[test]
fn nothing_goes_while_it_is_closed() {
    let mut outbox = outbox(50);
    outbox.set_open(false);
    assert_eq!((outbox.due(), outbox.begin(1 << 40, REQUEST, true)), (None, None));
}

#[test]
fn failures_wait_longer_up_to_a_cap_and_nothing_leaves_the_outbox() {
    let (mut outbox, mut rng) = (outbox(5), Rng::new(9));
    let mut now = 0;
    for _ in 0..40 {
        assert!(outbox.begin(now, REQUEST, true).is_some());
        let failure = Failure::Status { status: 500, retry_after_ms: None };
        assert!(outbox.failed(now, REQUEST, failure, &mut rng).is_empty());
        let due = outbox.due().expect("will try again");
        assert!(due > now && due <= now + BACK_OFF_MS.1 + BACK_OFF_MS.0);
        now = due;
    }
    assert_eq!(outbox.len(), 5);
    let failure = Failure::Status { status: 503, retry_after_ms: Some(400_000) };
    assert!(outbox.begin(now, REQUEST, false).is_some());
    outbox.failed(now, REQUEST, failure, &mut rng);
    assert!(outbox.due() >= Some(now + 400_000));
}

#[test]
fn a_batch_that_is_too_large_is_halved_down_to_one_which_is_set_aside() {
    let (mut outbox, mut rng) = (outbox(16), Rng::new(9));
    let large = Failure::Status { status: 413, retry_after_ms: None };
    for expected in [16, 8, 4, 2] {
        assert_eq!(outbox.begin(9_000, REQUEST, true).map(|ids| ids.len()), Some(expected));
        assert!(outbox.failed(9_000, REQUEST, large, &mut rng).is_empty());
    }
    assert_eq!(outbox.begin(9_000, REQUEST, true).map(|ids| ids.len()), Some(1));
    assert_eq!(outbox.failed(9_000, REQUEST, large, &mut rng).len(), 1);
    assert_eq!(outbox.len(), 15);
}

#[test]
fn explicit_feedback_goes_first_when_not_all_fits() {
    let mut outbox = outbox(0);
    for n in 0..10 {
        outbox.push(Id::new(n, [0, 0]), 0, 5_000, n >= 6);
    }
    let times: Vec<u64> = outbox.begin(0, REQUEST, true).expect("sends").iter().map(Id::at_ms).collect();
    assert_eq!(times, [6, 7, 8, 9]);
}

#[test]
fn when_the_page_is_left_what_matters_most_goes_in_what_room_browsers_leave() {
    let mut outbox = outbox(0);
    for n in 0..20 {
        outbox.push(Id::new(n, [0, 0]), 0, 5_000, n >= 10);
    }
    let other = |n| Id::new(n, [7, 7]);
    let times = |ids: Option<Vec<Id>>| ids.map(|ids| ids.iter().map(Id::at_ms).collect::<Vec<_>>());
    assert_eq!(times(outbox.begin(0, REQUEST, true)), Some(vec![10, 11, 12, 13]));
    // What is under way may end with the page, so it goes again; 60 KiB hold seven more beside it.
    assert_eq!(times(outbox.last_words(0, other(1))), Some(vec![10, 11, 12, 13]));
    assert_eq!(times(outbox.last_words(0, other(2))), Some(vec![14, 15, 16, 17]));
    assert_eq!(times(outbox.last_words(0, other(4))), Some(vec![0, 18, 19]));
    assert_eq!(outbox.last_words(0, other(3)), None);
    // An answer makes room.
    let said = outbox.answered(0, other(1), None).expect("was under way");
    said.into_iter().for_each(|id| outbox.remove(id));
    assert_eq!(times(outbox.last_words(0, other(3))), Some(vec![1, 2, 3, 4]));
    let mut heavy = self::outbox(0);
    heavy.push(REQUEST, 0, 70_000, true);
    heavy.push(other(1), 0, 100, false);
    assert_eq!(heavy.last_words(0, other(2)), Some(vec![other(1)]), "what is too large for it waits");
}

#[test]
fn a_full_queue_loses_the_oldest_that_nobody_said_in_so_many_words_first() {
    let mut outbox = outbox(0);
    outbox.settings.queue_bytes = 5_000;
    for n in 0..12 {
        outbox.push(Id::new(n, [0, 0]), n, 1_000, n % 2 == 0);
    }
    let gone: Vec<(u64, Code)> = outbox.overflow(20).iter().map(|(id, code)| (id.at_ms(), *code)).collect();
    assert_eq!(gone, [1, 3, 5, 7, 9, 11, 0].map(|n| (n, Code::QueueFull)));
    assert_eq!((outbox.bytes, outbox.len()), (5_000, 5));
    // After 30 days only what somebody said stays.
    outbox.push(Id::new(20, [0, 0]), 20, 10, false);
    outbox.settings.queue_bytes = 9_000;
    assert_eq!(outbox.overflow(20 + KEEP_MS), []);
    assert_eq!(outbox.overflow(21 + KEEP_MS), [(Id::new(20, [0, 0]), Code::TooOld)]);
    assert_eq!(outbox.len(), 5);
}

#[test]
fn an_endpoint_that_was_never_reached_is_tried_three_times_then_left_alone() {
    let mut rng = Rng::new(9);
    let mut fail = |heard: bool, failure| {
        let (mut outbox, mut now) = (outbox(1), 0);
        outbox.heard = heard;
        let mut waits = Vec::new();
        for _ in 0..4 {
            assert!(outbox.begin(now, REQUEST, true).is_some());
            outbox.failed(now, REQUEST, failure, &mut rng);
            waits.push(outbox.due().expect("comes back") - now);
            now += waits[waits.len() - 1];
        }
        waits
    };
    let blocked = fail(false, Failure::Network);
    assert!(blocked[1] < 10_000 && blocked[2] >= BLOCKED.1 && blocked[3] >= BLOCKED.1);
    assert!(fail(true, Failure::Network).iter().all(|wait| *wait < 20_000), "the network is just away");
    assert_eq!(fail(true, Failure::Unspoken), [DAY_MS; 4]);
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_the_page_waiting() {
    const YEAR_MS: u64 = 365 * DAY_MS;
    let mut outbox = outbox(1);
    outbox.push(Id::new(YEAR_MS, [0, 0]), YEAR_MS, 10, true);
    outbox.last_exchange = Some(YEAR_MS);
    outbox.not_before = YEAR_MS;
    assert_eq!(outbox.begin(2_000, REQUEST, false), None);
    assert_eq!(outbox.due(), Some(2_000 + DAY_MS));
    assert!(outbox.begin(2_000 + DAY_MS, REQUEST, false).is_some());
}

#[test]
fn what_is_held_waits_and_weights_are_asked_for_all_the_same() {
    let mut outbox = outbox(30);
    outbox.hold(true);
    assert_eq!(outbox.begin(0, REQUEST, true), Some(vec![]));
    assert!(outbox.answered(0, REQUEST, None).is_some());
    assert_eq!((outbox.due(), outbox.last_words(0, REQUEST)), (Some(300_000), None));
    outbox.hold(false);
    assert_eq!(outbox.due(), Some(0));
}
