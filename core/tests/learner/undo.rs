//! Taking back and replacing leave a person's own part as if the earlier word had never been said, to the bit, for
//! every kind of signal; and the order in which differences are added does not matter.

use super::town::{NOW, page};
use flywheel_core::belief::{Diff, Model, Site, Sums};
use flywheel_core::feature::Candidate;
use flywheel_core::fold::fold;
use flywheel_core::id::Id;
use flywheel_core::page::{Page, Request};
use flywheel_core::signal::{Correction, Feedback, Signal, Thumb};
use serde_json::json;

/// Every kind of statement about a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Up,
    Down,
    Prefer,
    CorrectText,
    CorrectShare,
    Regenerate,
    Reward,
}

const KINDS: [Kind; 7] =
    [Kind::Up, Kind::Down, Kind::Prefer, Kind::CorrectText, Kind::CorrectShare, Kind::Regenerate, Kind::Reward];

const SHOWN: &str = "Certainly! The colour of it is grey.";
const WANTED: &str = "It's gray.";

fn say(page: &mut Page, decision: Id, kind: Kind, at: u64) {
    match kind {
        Kind::Up => page.thumb(decision, Some(Thumb::Up), at).map(|_| ()),
        Kind::Down => page.thumb(decision, Some(Thumb::Down), at).map(|_| ()),
        Kind::Prefer => page.prefer(decision, "c".into(), at).map(|_| ()),
        Kind::CorrectText => page.correct(decision, Correction::of_texts(SHOWN.into(), WANTED.into()), at).map(|_| ()),
        Kind::CorrectShare => {
            page.correct(decision, Correction { share: 0.4, ..Correction::default() }, at).map(|_| ())
        }
        Kind::Regenerate => page.regenerate(decision, at).map(|_| ()),
        Kind::Reward => page.reward(decision, 0.7, Some("copied".into()), at).map(|_| ()),
    }
    .expect("learns");
}

fn request(n: u64) -> Request {
    let candidates = ["a", "b", "c"].map(|id| Candidate {
        id: id.into(),
        features: serde_json::from_value(json!({"style": id, "turn": n % 3})).expect("an object"),
        ..Candidate::default()
    });
    Request { surface: "undo".into(), candidates: candidates.into(), ..Request::default() }
}

/// A page of a person who has said one thing of each kind, and a decision about which nothing was said yet.
fn lived() -> (Page, Id) {
    let mut page = page(None);
    for (n, kind) in (0..).zip(KINDS) {
        let decision = page.rank(request(n), NOW + n).expect("ranks").id;
        say(&mut page, decision, kind, NOW + n);
    }
    let decision = page.rank(request(9), NOW + 100).expect("ranks").id;
    (page, decision)
}

#[test]
fn every_kind_of_word_that_is_taken_back_leaves_no_trace() {
    for kind in KINDS {
        let (mut page, decision) = lived();
        let before = page.site().clone();
        say(&mut page, decision, kind, NOW + 200);
        assert_ne!(page.site(), &before, "{kind:?} teaches something");
        page.thumb(decision, None, NOW + 201).expect("takes back");
        assert_eq!(page.site(), &before, "{kind:?}");
    }
}

#[test]
fn every_kind_of_word_replaces_every_other_as_if_it_had_been_the_only_one() {
    for last in KINDS.into_iter().filter(|kind| *kind != Kind::Regenerate) {
        let (mut only, decision) = lived();
        say(&mut only, decision, last, NOW + 300);
        for first in KINDS {
            let (mut both, decision) = lived();
            say(&mut both, decision, first, NOW + 200);
            say(&mut both, decision, last, NOW + 300);
            assert_eq!(both.site(), only.site(), "{first:?}, then {last:?}");
        }
    }
}

#[test]
fn the_pair_with_the_attempt_that_was_liked_later_goes_with_the_thumb() {
    let (mut page, decision) = lived();
    let (next, _) = page.regenerate(decision, NOW + 200).expect("the next attempt");
    let before = page.site().clone();
    page.thumb(next.id, Some(Thumb::Up), NOW + 300).expect("liked");
    let taught = page.site().to_diff().plus(&before.to_diff().negated());
    let alone = {
        let mut other = lived().0;
        let bare = other.rank(request(9), NOW + 200).expect("ranks").id;
        let before = other.site().clone();
        other.thumb(bare, Some(Thumb::Up), NOW + 300).expect("liked");
        other.site().to_diff().plus(&before.to_diff().negated())
    };
    assert_ne!(taught, alone, "the pair teaches more than the thumb");
    page.thumb(next.id, None, NOW + 301).expect("takes back");
    assert_eq!(page.site(), &before);
}

#[test]
fn the_server_takes_every_kind_of_word_back_to_the_bit() {
    let model = Model::default();
    let shown = Candidate { id: "a".into(), text: Some(SHOWN.into()), ..Candidate::default() };
    let over = Candidate { id: "b".into(), text: Some(WANTED.into()), ..Candidate::default() };
    let kinds = [
        Feedback::Thumb(Thumb::Up),
        Feedback::Thumb(Thumb::Down),
        Feedback::Prefer { over: over.clone() },
        Feedback::Correction(Correction::of_texts(SHOWN.into(), WANTED.into())),
        Feedback::Correction(Correction { share: 0.4, ..Correction::default() }),
        Feedback::Regenerate,
        Feedback::Reward { value: 0.7, reason: None },
    ];
    let signal = |number: u64, feedback: Feedback| Signal {
        id: Id::new(NOW, [0, number]),
        at: NOW,
        decision: Id::new(NOW, [1, number]),
        surface: "undo".into(),
        context: serde_json::from_value(json!({"topic": "code"})).expect("an object"),
        shown: shown.clone(),
        choice: None,
        earlier: Some(over.clone()),
        weight: None,
        automated: false,
        feedback,
    };
    let (mut sums, mut site) = (Sums::new(), Site::new());
    for (n, kind) in (0..).zip(&kinds) {
        let before = (sums.clone(), site.clone());
        let folded = fold(&model, &mut sums, &mut site, &Diff::default(), &signal(n, kind.clone()));
        assert_ne!(site, before.1);
        fold(&model, &mut sums, &mut site, &folded.taught, &signal(n, Feedback::Retract));
        assert!((&sums, &site) == (&before.0, &before.1), "{kind:?}");
        // And it stays for the next one.
        fold(&model, &mut sums, &mut site, &Diff::default(), &signal(n, kind.clone()));
    }
}

#[test]
fn what_is_stored_comes_to_the_same_in_any_order() {
    let (mut page, _) = lived();
    let writes = page.take_writes();
    let mut backwards = writes.entries.clone();
    backwards.reverse();
    for entries in [writes.entries, backwards] {
        let mut again = super::town::page(None);
        again.restore(None, entries, Vec::new(), NOW).expect("restores");
        assert_eq!(again.site(), page.site());
    }
}
