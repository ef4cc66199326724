//! The laws of the Lua reader and writer: round trips, cuts, limits, streams, real files.

use std::io::Read;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        any::<String>().prop_map(Key::Str),
        "[a-c]".prop_map(Key::Str),
        (-3..20i64).prop_map(Key::Int),
        any::<i64>().prop_map(Key::Int),
        any::<bool>().prop_map(Key::Bool),
        finite().prop_map(Key::Float),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, (-99..99i32).prop_map(f64::from)]
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        finite().prop_map(Value::Float),
        any::<String>().prop_map(Value::Str),
        "[\\x00-\\x20\"'\\\\\\[\\]0-9{}|-]{0,9}".prop_map(Value::Str),
    ];
    scalar.prop_recursive(5, 60, 12, |inner| {
        (vec(inner.clone(), 0..6), vec((any_key(), inner), 0..12)).prop_map(|(array, keyed)| {
            let mut table = Table::from_iter(array);
            for (key, value) in keyed {
                table.insert(key, value);
            }
            Value::Table(table)
        })
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_equal_and_prints_the_same(
        values in vec(("[a-d_][A-Z0-9_]{0,3}", any_value()), 0..4),
    ) {
        let text = print_assignments(&values).unwrap();
        // A name given twice is one global, with the later value.
        let mut table = Table::new();
        for (name, value) in values {
            table.insert(name, value);
        }
        let expected: Vec<_> = table.into_keyed().collect();
        let got = globals(&text).unwrap();
        let got_keyed: Vec<_> =
            got.iter().map(|(name, value)| (Key::Str(name.clone()), value.clone())).collect();
        prop_assert_eq!(&got_keyed, &expected);
        let again = print_assignments(&got).unwrap();
        prop_assert_eq!(globals(&again).unwrap(), got);
        prop_assert_eq!(print_assignments(&globals(&again).unwrap()).unwrap(), again);
    }

    #[test]
    fn the_compact_form_reads_back_equal_and_is_one_line(value in any_value()) {
        let text = to_compact(&value);
        prop_assert!(!text.contains(['\n', '\r']));
        prop_assert_eq!(parse_value(&text, &Limits::default()).unwrap(), value);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_a_stream_gives_what_a_slice_gives(
        bytes in prop_oneof![
            any::<Vec<u8>>(),
            "[AB=\\-{}\\[\\]\"'\\\\0-9xe., \n\r;a-z#\\x00ø]{0,40}".prop_map(String::into_bytes),
            "A = \\{[AB=\\-{}\\[\\]\"'\\\\0-9xe., \n\r;a-z#\\x00ø]{0,40}".prop_map(String::into_bytes),
        ],
        step in 1..5usize,
    ) {
        let sliced = globals(&bytes);
        let streamed = read_assignments(Trickle(&bytes, step), &Limits::default());
        prop_assert_eq!(format!("{sliced:?}"), format!("{streamed:?}"));
        let _ = parse_value(&bytes, &Limits::default());
    }
}

/// Gives a few bytes with each read.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let step = self.1.min(buffer.len());
        self.0.read(&mut buffer[..step])
    }
}

#[test]
fn limits_are_refusals() {
    let check = |text: &str, limits| parse_assignments(text, limits).unwrap_err().to_string();
    let limits = Limits { depth: 2, bytes: 40, values: 5, string_bytes: 4 };
    assert_eq!(
        check("A = {{{}}}\n", &limits),
        "line 1, column 7: tables are nested too deep, the limit is 2"
    );
    assert_eq!(check("A = {1,2,3,4,5}\n", &limits), "line 1, column 14: too large: over 5 values");
    let string = "line 1, column 5: too large: over 4 bytes in one string, name or number";
    for text in ["A = 'abcde'\n", "A = [[abcde]]\n", "A = '\\65\\65\\65\\65\\65'\n", "A = 12345\n"]
    {
        assert_eq!(check(text, &limits), string, "{text}");
    }
    assert!(check(&" ".repeat(41), &limits).ends_with("too large: over 40 bytes"));
    for text in ["A = {{1,2,3}}\n", "A = 'abcd' -- abcdefgh\n", &" ".repeat(40)] {
        parse_assignments(text, &limits).unwrap();
    }
}

#[test]
fn ten_million_braces_are_refused_at_the_depth_limit_and_not_read() {
    struct Counted<R>(R, usize);
    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read;
            Ok(read)
        }
    }
    let braces = std::io::repeat(b'{').take(10_000_000);
    let mut reader = Counted(b"A = ".chain(braces), 0);
    let error = read_assignments(&mut reader, &Limits::default()).unwrap_err();
    assert_eq!(error, LuaError::TooDeep { at: Place { line: 1, column: 69 }, limit: 64 });
    assert!(reader.1 < 200_000, "{} bytes were read", reader.1);

    let braces = std::io::repeat(b'{').take(10_000_000);
    let error = read_value(braces, &Limits::default()).unwrap_err().to_string();
    assert_eq!(error, "line 1, column 65: tables are nested too deep, the limit is 64");
}

#[test]
fn a_failing_reader_is_named() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let error = read_assignments(b"A = {\n".chain(Broken), &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 1: reading failed: the disk is gone");
}

#[test]
fn every_cut_is_refused_unless_it_falls_between_assignments() {
    let table = "ADDON = {\n\t[\"Log\"] = {\n\t\t{\n\t\t\t\"Brindle\", -- [1]\n\t\t\t-9.25, -- [2]\n\
                 \t\t\t[9] = 1574028258,\n\t\t}, -- [1]\n\t},\n\t[0] = true,\n\tend_time = 0x1F,\n\
                 \tn = nil, [=[long]]]=], --[[ c ]] 'ø\\10\\n',\n}";
    // With how many bytes of white space behind it an assignment is known to be whole.
    let parts = [
        (table, 0),
        ("SCALE = -1.5e-3", 1),
        ("NAME = \"Oakhand\"", 0),
        ("ON = false", 0),
        ("endless = 7", 1),
    ];
    let (mut text, mut whole) = ("\n".to_owned(), vec![0, 1]);
    for (part, behind) in parts {
        text.push_str(part);
        whole.extend(text.len() + behind..=text.len() + 1);
        text.push('\n');
    }
    let all = globals(&text).unwrap();
    assert_eq!(all.len(), parts.len());
    for cut in 0..=text.len() {
        match globals(&text.as_bytes()[..cut]) {
            Ok(some) => {
                assert!(whole.contains(&cut), "{:?} is not whole", text.get(..cut));
                assert_eq!(some, all[..some.len()]);
            }
            Err(LuaError::Truncated { .. }) => assert!(!whole.contains(&cut), "{cut} is whole"),
            Err(error) => panic!("{:?}: {error}", text.get(..cut)),
        }
    }
    for cut in [
        "A = 1\n-",
        "A = 1\n--[",
        "A = 1\n--[=",
        "A = 1\n--[[ ]",
        "A = '\\",
        "A = '\\1",
        "A = -",
        "A = [",
    ] {
        let refused = matches!(globals(cut), Err(LuaError::Truncated { .. }));
        // A comment to the line's end may end with the text.
        assert_eq!(refused, !cut.ends_with("--[") && !cut.ends_with("--[="), "{cut}");
    }
}

/// The real file, if this checkout has it beside it.
fn optional_file(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skip: optional data {name} is absent");
    }
    text
}

#[test]
fn real_files_read_in_full_and_print_byte_for_byte() {
    for (name, rows) in
        [("cepgp_wrath_traffic.lua", 7851), ("cepgp_classic_traffic_4shapes.lua", 1556)]
    {
        let Some(text) = optional_file(name) else { continue };
        let all = globals(&text).unwrap();
        let (_, addon) = all.iter().find(|(name, _)| name == "CEPGP").unwrap();
        let traffic = addon.as_table().unwrap().get("Traffic").unwrap().as_table().unwrap();
        assert_eq!((traffic.count(), traffic.array_len()), (rows, rows as i64));
        let printed = print_assignments(&all).unwrap();
        assert_eq!(globals(&printed).unwrap(), all);
        assert!(printed == text, "{name} prints differently");
    }
}
