//! The dumps of `docs/messages.md` are golden vectors: the page is right as long as these are.

use crate::vectors::golden;

const PAGE: &str = include_str!("../../../../docs/messages.md");

#[test]
fn the_dumps_of_the_page_are_golden() {
    let shown = golden().shown_on(PAGE, "hex", "message");
    assert!(shown.len() >= 12, "{shown:?}");
}
