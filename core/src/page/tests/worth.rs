//! Asking rarely and well.

use super::*;
use crate::math;
use crate::rng::Rng;

const KINDS: usize = 12;

/// A person who likes some kinds of answers and not others, some of which come often.
struct Person {
    tastes: Vec<f64>,
    rng: Rng,
}

impl Person {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        // Sums of uniform numbers: near enough to a normal distribution with a standard deviation of 2.
        let tastes = (0..KINDS).map(|_| (0..12).map(|_| rng.unit()).sum::<f64>() * 2.0 - 12.0).collect();
        Self { tastes, rng }
    }

    /// A kind, the first ones oftener than the last.
    fn kind(&mut self) -> usize {
        let draw = self.rng.unit();
        ((draw * draw * KINDS as f64) as usize).min(KINDS - 1)
    }

    fn request(&mut self, kind: usize) -> Request {
        // Something that never comes again: the surest of all uncertain things, and nothing to learn.
        let once = ["n", &self.rng.next_u64().to_string()].concat();
        let features = [("kind", ["k", &kind.to_string()].concat()), ("once", once)];
        let features = features.map(|(name, value)| (name.into(), Value::Text(value.as_str().into())));
        let answer = Candidate { id: "a".into(), features: Object(features.into()), text: None };
        Request { surface: "answer".into(), candidates: vec![answer], ..Request::default() }
    }

    fn likes(&mut self, kind: usize) -> bool {
        self.rng.unit() < math::sigmoid(self.tastes[kind])
    }
}

/// Log-loss over what comes after `rounds` decisions of which those were answered that `asks` says, and how many.
fn live(seed: u64, rounds: u64, mut asks: impl FnMut(u64, bool) -> bool) -> (f64, u64) {
    let (mut person, mut page) = (Person::new(seed), page(seed));
    let mut answered = 0;
    for round in 0..rounds {
        let kind = person.kind();
        let request = person.request(kind);
        let decision = page.rank(request, NOW + round).expect("ranks");
        let liked = person.likes(kind);
        if asks(round, decision.worth_asking) {
            answered += 1;
            let thumb = if liked { Thumb::Up } else { Thumb::Down };
            page.thumb(decision.id, Some(thumb), NOW + round).expect("learns");
        }
    }
    let loss: f64 = (0..400u32)
        .map(|_| {
            let kind = person.kind();
            let request = person.request(kind);
            let score = page.rank(request, NOW + rounds).expect("ranks").scores[0];
            math::log_loss(score, math::sigmoid(person.tastes[kind]))
        })
        .sum();
    (loss / 400.0, answered)
}

#[test]
fn about_one_decision_in_ten_is_worth_asking_whether_answers_come_or_not() {
    for answers in [true, false] {
        let mut asked = 0;
        live(3, 1_000, |_, worth| {
            asked += u64::from(worth);
            worth && answers
        });
        assert!((50..=150).contains(&asked), "{asked}");
    }
}

#[test]
fn asking_when_it_is_worth_it_teaches_more_than_asking_as_often_at_random() {
    let people = 600;
    let mut gains = Vec::new();
    for seed in 0..people {
        let (well, answered) = live(seed, 200, |_, worth| worth);
        let mut rng = Rng::new(seed + 1_000);
        let mut left = answered;
        // As many, drawn without replacement.
        let (random, as_many) = live(seed, 200, |round, _| {
            let ask = rng.below((200 - round) as usize) < left as usize;
            left -= u64::from(ask);
            ask
        });
        assert_eq!(answered, as_many);
        gains.push(random - well);
    }
    let mean = gains.iter().sum::<f64>() / people as f64;
    let variance = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / (people - 1) as f64;
    let error = (variance / people as f64).sqrt();
    println!("gain {mean:.4} ± {error:.4}");
    assert!(mean > 2.0 * error, "{mean} ± {error}");
}

#[test]
fn it_goes_on_after_a_reload_and_not_before_the_storage_is_read() {
    let mut first = page(5);
    let mut person = Person::new(5);
    for round in 0..100 {
        let request = person.request(0);
        first.rank(request, NOW + round).expect("ranks");
    }
    let writes = first.take_writes();
    let mut again = reload(&[writes], None, 6, NOW + 100);
    let asked = (0..20).filter(|round| again.rank(person.request(0), NOW + 100 + round).expect("ranks").worth_asking);
    assert!(asked.count() <= 4, "the bar is where it was");
    let mut unready = Page::new(options(7));
    assert!(!unready.rank(person.request(0), NOW).expect("ranks").worth_asking);
}
