//! Golden files: the bytes and texts that tests compare a format with. A change of them is a change of the
//! format.
//!
//! A folder holds two files for each sample: `name.hex`, its compact bytes, and `name.txt`, its text. With
//! `GUILDSYNC_VECTORS=write` in the environment [`Golden::check`] writes them anew first. A page of documentation
//! may show some of them; [`Golden::shown_on`] checks that it shows what is in the files.

use std::fmt::Write as _;
use std::path::PathBuf;

/// A folder of golden files.
#[derive(Debug, Clone)]
pub struct Golden {
    folder: PathBuf,
}

/// Bytes as text: two digits each, sixteen a line.
#[must_use]
pub fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(16) {
        line.iter().for_each(|byte| _ = write!(text, "{byte:02x} "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

impl Golden {
    /// The folder `folder` of the crate in `manifest`, which is `env!("CARGO_MANIFEST_DIR")`.
    #[must_use]
    pub fn new(manifest: &str, folder: &str) -> Self {
        Self { folder: PathBuf::from(manifest).join(folder) }
    }

    /// Where a sample's file is; `extension` is `hex` or `txt`.
    #[must_use]
    pub fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.folder.join(name).with_extension(extension)
    }

    /// What is in a sample's file.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn read(&self, name: &str, extension: &str) -> String {
        let path = self.path(name, extension);
        std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// A sample's bytes and its text are those of its files.
    ///
    /// # Panics
    /// When they are not, or a file cannot be read or written.
    #[track_caller]
    pub fn check(&self, name: &str, bytes: &[u8], text: &str) {
        for (extension, now) in [("hex", &*dump(bytes)), ("txt", text)] {
            if std::env::var_os("GUILDSYNC_VECTORS").is_some_and(|what| what == "write") {
                let path = self.path(name, extension);
                let written = std::fs::write(&path, now);
                written.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            }
            assert_eq!(now, self.read(name, extension), "{name}.{extension} is another now");
        }
    }

    /// A page shows what is in the files: blocks whose fence is `hex` and a sample's name show its bytes, where
    /// what stands behind two blanks is said of them, and blocks whose fence is `text` and a name show its text.
    /// The names of all that are shown.
    ///
    /// # Panics
    /// When it shows something else, or a sample that is not there.
    #[track_caller]
    pub fn shown_on<'a>(&self, page: &'a str, hex: &str, text: &str) -> Vec<&'a str> {
        let mut shown = Vec::new();
        for (name, lines) in blocks(page, hex) {
            let bytes = lines.iter().map(|line| line.split("  ").next().unwrap_or_default());
            let bytes: Vec<&str> = bytes.flat_map(str::split_whitespace).collect();
            let golden = self.read(name, "hex");
            assert_eq!(bytes, golden.split_whitespace().collect::<Vec<_>>(), "{name} on the page");
            shown.push(name);
        }
        for (name, lines) in blocks(page, text) {
            assert_eq!(lines.join("\n"), self.read(name, "txt").trim_end(), "{name} on the page");
            shown.push(name);
        }
        shown
    }
}

/// The blocks of a kind: the name behind the fence, and the lines.
fn blocks<'a>(page: &'a str, kind: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let tag = line.strip_prefix("```").and_then(|tag| tag.strip_prefix(kind));
        if let Some(name) = tag.and_then(|tag| tag.strip_prefix(' ')) {
            blocks.push((name.trim(), lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Golden) {
        let folder = tempfile::tempdir().unwrap_or_else(|why| panic!("{why}"));
        let golden = Golden { folder: folder.path().to_owned() };
        for (name, text) in [("one.hex", "01 02\n"), ("one.txt", "ONE:1\n")] {
            std::fs::write(folder.path().join(name), text).unwrap_or_else(|why| panic!("{why}"));
        }
        (folder, golden)
    }

    #[test]
    fn bytes_are_dumped_sixteen_a_line() {
        assert_eq!(dump(&[]), "");
        let lines = "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n10\n";
        assert_eq!(dump(&(0..17).collect::<Vec<u8>>()), lines);
    }

    #[test]
    fn what_is_in_the_files_passes() {
        let (_folder, golden) = folder();
        golden.check("one", &[1, 2], "ONE:1\n");
        let page =
            "```of-hex one\n01  the first\n02  the second\n```\n```of-text one\nONE:1\n```\n";
        assert_eq!(golden.shown_on(page, "of-hex", "of-text"), ["one", "one"]);
        assert_eq!(golden.shown_on(page, "hex", "text"), Vec::<&str>::new());
    }

    #[test]
    #[should_panic(expected = "one.hex is another now")]
    fn other_bytes_do_not() {
        folder().1.check("one", &[1, 3], "ONE:1\n");
    }

    #[test]
    #[should_panic(expected = "one.txt is another now")]
    fn another_text_does_not() {
        folder().1.check("one", &[1, 2], "ONE:2\n");
    }

    #[test]
    #[should_panic(expected = "one on the page")]
    fn a_page_that_shows_other_bytes_does_not() {
        let _ = folder().1.shown_on("```hex one\n01 03\n```", "hex", "text");
    }

    #[test]
    #[should_panic(expected = "one on the page")]
    fn a_page_that_shows_another_text_does_not() {
        let _ = folder().1.shown_on("```text one\nONE:2\n```", "hex", "text");
    }
}
