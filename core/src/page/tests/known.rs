//! What is known by number is ranked as what is read anew, whatever has changed in between.

use super::*;
use crate::feature::Features;
use crate::page::Decided;
use crate::rng::Rng;

/// A request of known things, and the same in words.
struct Both {
    context: u32,
    candidates: Vec<u32>,
    words: Request,
}

fn object(rng: &mut Rng, name: &str, names: usize, values: usize) -> Object {
    let mut pairs: Vec<(Str, Value)> = (0..names)
        .map(|n| (format!("{name}{n}").into(), Value::Text(format!("{name}-{}", rng.below(values)).into())))
        .collect();
    pairs.push((format!("{name} size").into(), Value::Number(rng.unit() * 4.0 - 2.0)));
    pairs.push((format!("{name} new").into(), Value::Flag(rng.below(2) == 0)));
    Object(pairs)
}

fn both(page: &mut Page, rng: &mut Rng, moments: usize) -> Both {
    let context = object(rng, "moment", 3, moments);
    let all: Vec<Candidate> = (0..4)
        .map(|n| Candidate { id: format!("c{n}").into(), features: object(rng, "style", 5, 6), text: None })
        .collect();
    let words = Request { surface: "s".into(), context, candidates: all, ..Request::default() };
    let context = page.know_context(words.context.clone(), Features::of(&words.context)).expect("a context");
    let know = |candidate: &Candidate| page.know_candidate(candidate.clone(), Features::of_candidate(candidate));
    let candidates = words.candidates.iter().map(know).collect::<Result<Vec<_>>>().expect("candidates");
    Both { context, candidates, words }
}

fn ranked(known: &mut Page, read: &mut Page, asked: &Both, now: u64) -> Decided {
    let decided = known.rank_known(&"s".into(), asked.context, &asked.candidates, now).expect("ranks");
    assert_eq!(decided, read.rank_places(asked.words.clone(), now).expect("ranks"));
    decided
}

#[test]
fn what_is_known_is_ranked_as_what_is_read_whatever_changed_in_between() {
    // Many moments do not fit into the columns at once.
    for (seed, moments) in [(1, 3), (2, 60)] {
        let (mut known, mut read, mut rng) = (page(seed), page(seed), Rng::new(seed));
        let mut servers = [Server::new(), Server::new()];
        let asked: Vec<Both> = (0..40).map(|_| both(&mut known, &mut rng, moments)).collect();
        let mut other = page(9);
        for step in 0..400u64 {
            let now = NOW + step * DAY / 50;
            let about = &asked[rng.below(asked.len())];
            let decided = ranked(&mut known, &mut read, about, now);
            let thumb = [None, Some(Thumb::Up), Some(Thumb::Down)][rng.below(3)];
            if rng.below(3) > 0 {
                known.thumb(decided.id, thumb, now).expect("learns");
                read.thumb(decided.id, thumb, now).expect("learns");
            }
            let theirs = other.rank(about.words.clone(), now).expect("ranks");
            other.thumb(theirs.id, Some(Thumb::Up), now).expect("learns");
            if step % 49 == 48 {
                let mut same = other.clone();
                for (server, (mine, other)) in
                    servers.iter_mut().zip([(&mut known, &mut other), (&mut read, &mut same)])
                {
                    server.sync(2, other, now);
                    server.sync(1, mine, now);
                }
            }
        }
        assert_eq!(known.site(), read.site());
    }
}

#[test]
fn what_is_known_is_bounded_and_what_was_forgotten_is_told() {
    let (mut page, mut rng) = (page(3), Rng::new(3));
    for round in 0..2_500u64 {
        let about = both(&mut page, &mut rng, 1_000);
        let age = page.age();
        page.rank_known(&"s".into(), about.context, &about.candidates, NOW + round).expect("ranks");
        if page.age() != age {
            let stale = page.rank_known(&"s".into(), about.context, &about.candidates, NOW + round);
            assert_eq!(stale.map_err(|error| error.code), Err(Code::Internal));
        }
    }
    assert!(page.age() >= 2, "{}", page.age());
}

#[test]
fn two_known_candidates_with_one_id_are_refused() {
    let (mut page, mut rng) = (page(4), Rng::new(4));
    let asked = both(&mut page, &mut rng, 3);
    for count in [2, 40] {
        let twice: Vec<u32> = asked.candidates.iter().cycle().take(count).copied().collect();
        let twice = if count == 2 { vec![twice[1], twice[1]] } else { twice };
        let refused = page.rank_known(&"s".into(), asked.context, &twice, NOW);
        assert_eq!(refused.map_err(|error| error.code), Err(Code::DuplicateCandidate));
    }
}
