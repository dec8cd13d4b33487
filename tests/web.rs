//! What only a browser can show; runs in headless Chromium (`cargo xtask test wasm`).
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: JsValue;
}

#[wasm_bindgen_test]
fn the_tests_run_in_a_page() {
    assert!(DOCUMENT.with(JsValue::is_object));
}
