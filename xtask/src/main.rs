#![doc = "Tasks."]
fn main() {}
