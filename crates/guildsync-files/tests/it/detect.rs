//! Formats are told by content, and what is none of them is named.

use std::io::Read;

use guildsync_files::archive::{Archive, Form};
use guildsync_files::cepgp::Traffic;
use guildsync_files::detect::{FileError, Format, detect, read};
use guildsync_files::input::InputError;
use guildsync_files::{pipe, spectrum};
use guildsync_wire::lua::LuaError;

use crate::world::{file, random_profiles};

#[test]
fn every_format_is_told_by_its_content() {
    let profiles = random_profiles(2, 20);
    let archive = |form| {
        let mut bytes = Vec::new();
        Archive::of(&profiles).write(form, &mut bytes).unwrap();
        (bytes, Format::Archive(form))
    };
    let table = [
        archive(Form::Json),
        archive(Form::Csv),
        archive(Form::Lua),
        (pipe::write(&profiles, None).unwrap().text.into_bytes(), Format::Pipe),
        (spectrum::write(&profiles, None).unwrap().text.into_bytes(), Format::Spectrum),
        (file(&[r#""Brindle", "Oakhand", "a""#]).into_bytes(), Format::Cepgp),
        (b"-- a comment\n\nTRAFFIC = {}\n".to_vec(), Format::Cepgp),
        (
            b"\xef\xbb\xbf\r\nCHANNEL = \"x\"\r\nCEPGP = { Traffic = {} }\r\n".to_vec(),
            Format::Cepgp,
        ),
        (format!("{}TRAFFIC = {{}}\n", "\n".repeat(9000)).into_bytes(), Format::Cepgp),
    ];
    for (bytes, format) in table {
        assert_eq!(detect(&bytes), Ok(format));
    }
}

#[test]
fn what_is_no_known_format_is_named_with_what_to_do() {
    let told = |bytes: &[u8]| detect(bytes).unwrap_err().to_string();
    let table: [(&[u8], &str); 12] = [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "the file is empty"),
        (&[0; 5000], "line 1, column 1: a NUL byte: the file was damaged"),
        (b"CEPGP = {\n\0\0\0\0", "line 2, column 1: a NUL byte: the file was damaged"),
        (b"1|2|a\n\0\0", "line 2, column 1: a NUL byte"),
        (b"\xff\xfeC\0E\0", "the file is UTF-16 text; save it again as UTF-8"),
        (b"DBM_Options = {\n}\n", "this is SavedVariables of another addon (it holds DBM_Options)"),
        (b"Dear guild", "the file begins with \"Dear guild\", which is no known format"),
        (b"PK\x03\x04", "the file begins with \"PK\\u{3}\\u{4}\", which is no known format"),
        (b"{ \"a\": 1 }", "this is not a guildsync archive: it has no format"),
        (b"local x = 1\n", "line 1, column 1: `local` is code; only data is read"),
        (b"1|50|\xff|b|1|1|r|p\n", "line 1, column 6: this is not UTF-8 text"),
    ];
    for (bytes, start) in table {
        assert!(told(bytes).starts_with(start), "{}", told(bytes));
    }
}

#[test]
fn a_cut_file_is_recognised_and_refused_whole() {
    let rows: Vec<String> =
        (0..60).map(|n| format!(r#""M{n}", "Oakhand", "Add EP 1", 1, 2, 3, 4, "", {n}"#)).collect();
    let text = file(&rows);
    for len in (1..text.len() - 1).step_by(7) {
        assert!(detect(&text.as_bytes()[..len]).is_err(), "{len}");
    }
    let cut = detect(&text.as_bytes()[..200]).unwrap_err();
    assert!(matches!(cut, FileError::Lua(LuaError::Truncated { .. })), "{cut}");
}

#[test]
fn nesting_without_end_is_refused_while_it_streams() {
    let deep = || b"CEPGP = ".chain(std::io::repeat(b'{').take(10_000_000));
    let error = read(deep()).unwrap_err();
    assert!(matches!(error, FileError::Lua(LuaError::TooDeep { .. })), "{error}");
    assert!(Traffic::read(deep()).is_err());
    assert!(read(std::io::repeat(b'[').take(10_000_000)).is_err(), "as JSON");
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let error = read(b"TRAFFIC = {".chain(Failing)).unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    assert!(matches!(read(Failing), Err(FileError::Input(InputError::Io { .. }))));
}
