//! What the golden file holds, computed anew. Shared by the native test and the browser's.

use flywheel_core::base64;
use flywheel_core::belief::{Model, Site, Sums, Weights, encode_full};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Features, Object, form, hash, text};
use flywheel_core::fold::fold;
use flywheel_core::math;
use flywheel_core::page::{Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Correction, Thumb};
use flywheel_core::sync::Settings;
use flywheel_core::wire::{Outcome, Reply, Verdict};
use serde_json::{Value, json};

#[path = "bad.rs"]
mod bad;

/// Every bit of a number.
fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

pub fn compute() -> Value {
    json!({ "format": Model::default().id(), "math": maths(), "hashes": hashes(), "loop": turns(), "bad": bad::bad() })
}

/// Sums of many values, so that one differing bit anywhere shows.
fn maths() -> Value {
    let mut rng = Rng::new(1);
    let mut totals = [0u64; 5];
    for _ in 0..20_000 {
        let x = (rng.unit() - 0.5) * 60.0;
        let values =
            [math::exp(x), math::ln(x.abs() + 1e-9), math::sigmoid(x), math::asinh(x * 1e3), math::sqrt(x.abs())];
        for (total, value) in totals.iter_mut().zip(values) {
            *total = flywheel_core::rng::mix64(*total ^ value.to_bits());
        }
    }
    json!(totals.map(|total| format!("{total:016x}")))
}

fn hashes() -> Value {
    let mut words = Vec::new();
    text::words("text", "Grüße aus Łódź, 東京 and العربية — it's 2024!", |hash, _| words.push(hash));
    let object: Object =
        serde_json::from_str(r#"{"genre":["Drama","Sci-Fi"],"n":-3.75,"f":true,"__x":0}"#).expect("an object");
    json!({
        "category": hash::feature(hash::Kind::Category, "genre", "Drama"),
        "cross": hash::cross(1, 2),
        "words": words,
        "form": serde_json::to_value(form::form("# Hi\n- one\n- two? `x`")).expect("json"),
        "object": Features::of(&object).crossing.iter().map(|(h, x)| json!([h, bits(*x)])).collect::<Vec<_>>(),
    })
}

/// Two people, sixty turns, a server between them.
fn turns() -> Value {
    let model = Model::default();
    let (mut sums, mut weights) = (Sums::new(), Weights::new(&model));
    let mut sites = [Site::new(), Site::new()];
    let mut pages = [7, 8].map(|seed| {
        let mut page = Page::new(Options {
            model,
            policy: Policy { epsilon: 0.1, ..Policy::default() },
            sync: Settings { automatic: false, ..Settings::default() },
            consent: Consent { learn: true, share: Share::Granted, text: true },
            key: Some("pk_golden".into()),
            secret: "0".repeat(32),
            seed,
            layers: Layers::Both,
        });
        page.ready();
        page
    });
    let (mut seq, mut scores) = (0, Vec::new());
    for turn in 0..60u64 {
        let person = usize::from(turn % 2 == 1);
        let (page, now) = (&mut pages[person], 1_700_000_000_000 + turn * 1_000);
        let decision = page.rank(request(turn), now).expect("ranks");
        scores.push(bits(decision.scores[0]));
        match turn % 5 {
            0 | 3 => page.thumb(decision.id, Some(if decision.best == "b" { Thumb::Up } else { Thumb::Down }), now),
            1 => page.reward(decision.id, 0.25, None, now),
            2 => page.prefer(decision.id, "c".into(), now),
            _ => {
                let correction = Correction::of_texts("Teh colour of it".into(), "The color of it.".into());
                page.correct(decision.id, correction, now)
            }
        }
        .expect("learns");
        if turn % 6 < 2 && turn > 5 {
            let outbound = page.begin(now, true).expect("sends");
            let results = outbound.batch.signals.iter().map(|signal| {
                seq += 1;
                // Every decision is spoken about once here, so nothing is replaced.
                let folded = fold(&model, &mut sums, &mut sites[person], &Default::default(), signal.signal());
                let id = signal.signal().id.to_string();
                Verdict {
                    id,
                    outcome: Outcome::Ok,
                    seq: Some(seq),
                    taught: Some(folded.taught),
                    code: None,
                    detail: None,
                }
            });
            let reply =
                Reply { v: 1, server_time: now, results: results.collect(), weights: None, retry_after_ms: None };
            page.answered(outbound.request, &reply, now);
            for (slot, sum) in sums.sorted() {
                weights.set(slot, Weights::quantise(&model, slot, sum)).expect("inside");
            }
            weights.set_head(weights.head().version + 1, seq);
            page.take_weights(&encode_full(&model, &weights)).expect("reads");
        }
    }
    json!({
        "scores": scores,
        "sites": pages.each_ref().map(|page| base64::encode(&page.site().to_diff().to_bytes())),
        "folded": sites.each_ref().map(|site| base64::encode(&site.to_diff().to_bytes())),
        "weights": base64::encode(&encode_full(&model, &weights)),
        "hash": format!("{:016x}", weights.head().hash),
    })
}

fn request(turn: u64) -> Request {
    let candidate = |id: &str, n: u64| Candidate {
        id: id.into(),
        features: serde_json::from_value(json!({ "kind": id, "size": n as f64 * 1.5, "tags": ["x", id] }))
            .expect("object"),
        text: (n.is_multiple_of(2)).then(|| format!("Answer {id}: {n} apples and a pear?").into()),
    };
    Request {
        surface: "golden".into(),
        context: serde_json::from_value(json!({ "topic": if turn.is_multiple_of(3) { "code" } else { "prose" } }))
            .expect("object"),
        candidates: vec![candidate("a", turn), candidate("b", turn + 1), candidate("c", turn + 2)],
        ..Request::default()
    }
}
