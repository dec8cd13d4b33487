#![doc = "The sync endpoint."]
fn main() {}
