//! The dumps of table messages in `docs/messages.md` are golden vectors: the page is right as long as
//! these are.

use guildsync_tables::Message;

use super::samples;
use super::vectors::golden;

const PAGE: &str = include_str!("../../../../../docs/messages.md");

#[test]
fn the_dumps_of_the_page_are_golden_and_every_message_is_there() {
    let shown_names = golden().shown_on(PAGE, "table-hex", "table-message");
    for (name, message) in samples::all() {
        let is_like = |(one, like): &(&str, _)| {
            shown_names.contains(one) && Message::name(like) == message.name()
        };
        assert!(samples::all().iter().any(is_like), "no message like {name}");
    }
}
