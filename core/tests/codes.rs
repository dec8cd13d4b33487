//! The codes of `core/src/error.rs` are the codes of TypeScript and of the documents.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use flywheel_core::error::Code;

fn file(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).expect(path)
}

#[test]
fn one_list_of_codes() {
    let expected: Vec<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    let types = file("js/types.ts");
    let union =
        types.split("export type ErrorCode =").nth(1).expect("the union").split("\n\n").next().expect("its end");
    let typescript: Vec<String> = union.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(typescript, expected, "js/types.ts");
    let documented: Vec<(String, u16)> = file("docs/errors.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(code, rest)| (code.to_owned(), rest.split(' ').next().and_then(|n| n.parse().ok()).expect("a status")))
        .collect();
    let expected: Vec<(String, u16)> = Code::ALL.iter().map(|c| (c.as_str().to_owned(), c.status())).collect();
    assert_eq!(documented, expected, "docs/errors.md");
}
