//! Native and wasm give the same bits: one file, checked in both (the browser's check is in tests/web).

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

#[path = "golden/compute.rs"]
mod compute;

/// To write the file anew after a deliberate change of the model: `FLYWHEEL_GOLDEN=write cargo test -p flywheel-core
/// --test golden`. The model's id must change with it.
#[test]
fn the_golden_file_holds_natively() {
    let computed = serde_json::to_string_pretty(&compute::compute()).expect("json") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/golden.json");
    if std::env::var("FLYWHEEL_GOLDEN").is_ok_and(|what| what == "write") {
        std::fs::write(path, &computed).expect("writes");
    }
    assert_eq!(include_str!("golden/golden.json"), computed);
}
