//! One person alone with sync.

use crate::fixture::{Fixture, log};
use flywheel_core::belief::{Evidence, Model, Others, Prior, Site, Weights, contribution, decode};

#[tokio::test]
async fn without_their_own_part_one_person_alone_sees_nobody_in_the_sums_and_in_the_weights() {
    let model = Model::default();
    let server = Fixture::new(1);
    let mut own = Site::new();
    let mut weights = Weights::new(&model);
    for chunk in log(1, 60).remove(0).1.chunks(7) {
        let reply = server.sync(&server.batch(1, weights.head().version, chunk.to_vec())).await;
        reply.results.iter().for_each(|verdict| own.add(verdict.taught.as_ref().expect("taught")));
        let delta = reply.weights.expect("new weights").delta.expect("a small step");
        let bytes = flywheel_core::base64::decode(&delta).expect("base64");
        weights = decode(&model, &weights, &bytes).expect("applies");
        // Within quantisation: where the person alone gives the published cell, the page sees nobody else.
        let others = Others { model: &model, weights: &weights, own: &own };
        for (slot, _) in own.to_diff().0 {
            assert_eq!(others.at(slot), (1.0, 0.0), "slot {slot}");
        }
    }
    let books = server.books();
    let mut rest = books.sums("default").expect("sums").clone();
    for (slot, evidence) in own.to_diff().0 {
        rest.add(slot, -contribution(&model, slot, evidence));
    }
    assert!(rest.sorted().is_empty());
    assert!(books.sums("default").expect("sums").sorted().iter().any(|(_, sum)| *sum != Evidence::default()));
}
