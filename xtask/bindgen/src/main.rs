#![doc = "wasm-bindgen"]
fn main() {}
