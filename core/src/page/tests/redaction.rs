//! What is found in texts and categories is nowhere kept, sent or learned.

use super::*;

/// One of each kind.
const PRIVATE: [&str; 8] = [
    "ana.lopez@example.org",
    "+49 30 1234567",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "203.0.113.42",
    "2001:db8::17",
    "ghp_9aB8cD7eF6gH5iJ4kL3mN2oP1qR0sT9uV8wX",
    "hunter:s3cr3t",
];

fn words() -> String {
    let [all @ .., credentials] = PRIVATE;
    [&all.join(" , "), " https://", credentials, "@host.example/"].concat()
}

/// A page that has been told all of it wherever words may stand, and what it wrote and sent.
fn told(consent: Consent, private: &str) -> (Page, String) {
    let mut page = Page::new(Options { consent, ..options(1) });
    page.ready();
    let text = || Value::Text(private.into());
    let mut request = styles();
    request.context = Object(vec![("prompt".into(), text()), ("who".into(), Value::Text(PRIVATE[0].into()))]);
    for candidate in &mut request.candidates {
        candidate.text = Some(private.into());
        candidate.features.0.push(("list".into(), Value::List(vec![text(), Value::Text(PRIVATE[4].into())])));
    }
    let mut all = Vec::new();
    for turn in 0..5 {
        let decision = page.rank(request.clone(), NOW + turn).expect("ranks");
        let corrected = [private, " indeed, ", PRIVATE[0]].concat();
        match turn {
            0 => page.thumb(decision.id, Some(Thumb::Up), NOW + turn),
            1 => page.correct(decision.id, Correction::of_texts(private.into(), corrected), NOW + turn),
            2 => page.prefer(decision.id, decision.order[1].clone(), NOW + turn),
            3 => page.reward(decision.id, 1.0, Some(PRIVATE[1].into()), NOW + turn),
            _ => page.correct(
                decision.id,
                Correction::of_texts("ask me now".into(), ["ask ", PRIVATE[0], " now"].concat()),
                NOW + turn,
            ),
        }
        .expect("learns");
    }
    let writes = page.take_writes();
    all.push(serde_json::to_string(&writes.entries).expect("json"));
    all.push(serde_json::to_string(&writes.decisions).expect("json"));
    all.push(serde_json::to_string(&page.export()).expect("json"));
    all.push(serde_json::to_string(&page.begin(NOW + 9, true).expect("sends").batch).expect("json"));
    (page, all.concat())
}

#[test]
fn nothing_that_is_found_is_kept_or_sent() {
    for text in [true, false] {
        let (_, written) = told(Consent { learn: true, share: Share::Granted, text }, &words());
        for private in PRIVATE {
            assert!(!written.contains(private), "{private} is kept, text: {text}");
        }
        assert!(written.contains("[email]") && written.contains("[phone]"), "{written}");
        assert_eq!(text, written.contains("[credentials]@host.example/"));
    }
}

#[test]
fn what_is_found_teaches_as_its_mark_does() {
    let consent = Consent { learn: true, share: Share::Granted, text: true };
    let marked = crate::redact::redacted(&words()).expect("found");
    let (one, _) = told(consent, &words());
    let (other, _) = told(consent, &marked);
    assert_eq!(one.mind.site().to_diff(), other.mind.site().to_diff());
}

#[test]
fn a_mark_is_no_rewrite() {
    let (page, _) = told(Consent { learn: true, share: Share::Granted, text: true }, &words());
    assert!(page.entries.values().flat_map(|entry| &entry.rewrites).all(|rewrite| !rewrite.to.contains("email")));
}

#[test]
fn what_was_stored_before_is_redacted_when_it_is_sent() {
    let json = |signal: &crate::consent::Outgoing| serde_json::to_string(signal).expect("json");
    let (mut page, _) = told(options(1).consent, "plain words of no interest to anybody at all");
    let outbound = page.begin(NOW + 99_999_999, true).map(|outbound| outbound.batch.signals);
    let stored = page.entries.values().find_map(|entry| match &entry.delivery {
        Delivery::Pending { signal } => Some(json(signal)),
        _ => None,
    });
    let dirty = stored.expect("pending").replace("plain words", "ana.lopez@example.org");
    let read: crate::consent::Outgoing = serde_json::from_str(&dirty).expect("reads");
    assert!(json(&read).contains("ana.lopez") && !json(&read.under(options(1).consent)).contains("ana.lopez"));
    drop(outbound);
}
