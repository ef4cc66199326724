//! Tables of texts with the value or the error that they give, and of values with their text.

use super::*;

fn read(text: &str) -> Value {
    parse_value(text, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The value on one line: shows what is positional and what is keyed.
fn shown(text: &str) -> String {
    to_compact(&read(text))
}

#[test]
fn scalars() {
    let cases: &[(&str, Value)] = &[
        ("true", true.into()),
        ("false", false.into()),
        ("0", 0.into()),
        ("-0", 0.into()),
        ("- 7", Value::Int(-7)),
        ("--[[sign]]-7", Value::Int(-7)),
        ("9223372036854775807", i64::MAX.into()),
        ("-9223372036854775808", i64::MIN.into()),
        ("9223372036854775808", 9_223_372_036_854_775_808.0.into()),
        ("1630705384.247", 1_630_705_384.247.into()),
        ("2.7000000476837", 2.700_000_047_683_7.into()),
        ("3.", 3.into()),
        (".5", 0.5.into()),
        ("-.5", Value::Float(-0.5)),
        ("2.0", 2.into()),
        ("1e3", 1000.into()),
        ("5E-1", 0.5.into()),
        ("1e+2", 100.into()),
        ("0x1F", 31.into()),
        ("-0Xff", Value::Int(-255)),
        ("0xFFFFFFFFFFFFFFFF", 18_446_744_073_709_551_615.0.into()),
        ("'it''s'".get(..4).unwrap_or(""), "it".into()),
        ("'say \"hi\"'", "say \"hi\"".into()),
        ("\"it's -- no comment {[|\"", "it's -- no comment {[|".into()),
        (r#""\a\b\f\n\r\t\v\\\"\'""#, "\x07\x08\x0c\n\r\t\x0b\\\"'".into()),
        (r#""\0\65\0651\195\184""#, "\0AA1ø".into()),
        ("\"a\\\nb\\\r\nc\"", "a\nb\nc".into()),
        ("[[\nfirst\r\n]=] ]last]]", "first\n]=] ]last".into()),
        ("[==[a]]b]=]c]==]", "a]]b]=]c".into()),
        ("[[]]", "".into()),
        ("\u{feff} -- comment\n--[==[ long ]] ]==] 'x' -- end", "x".into()),
    ];
    for (text, expected) in cases {
        assert_eq!(&read(text), expected, "{text}");
    }
    // One kind of number, but the exact one is kept.
    assert!(matches!(read("2.0"), Value::Int(2)));
    assert!(matches!(read("2.5"), Value::Float(_)));
}

#[test]
fn tables_as_lua_would_fill_them() {
    let cases = [
        ("{}", "{}"),
        ("{ 'a', 2; true, }", r#"{"a", 2, true}"#),
        ("{\r\n\t\"a\", -- [1]\r\n\t[9] = 5,\r\n}", r#"{"a", [9] = 5}"#),
        ("{ 'a', [0] = true }", r#"{"a", [0] = true}"#),
        ("{ name = 1, [ [[long]] ] = 2, ['q'] = 3 }", r#"{["name"] = 1, ["long"] = 2, ["q"] = 3}"#),
        (
            "{ [true] = 1, [0.5] = 2, [2.0] = 3, [-1] = 4 }",
            "{[true] = 1, [0.5] = 2, [2] = 3, [-1] = 4}",
        ),
        ("{ nil, 'b', nil, 'd' }", r#"{[2] = "b", [4] = "d"}"#),
        ("{ 'a', nil, [5] = nil, k = nil }", r#"{"a"}"#),
        ("{ k = 1, j = 2, k = 3 }", r#"{["k"] = 3, ["j"] = 2}"#),
        ("{ k = 1, k = nil }", "{}"),
        // Positional entries are stored last, so they win over their explicit index.
        ("{ [1] = 'x', 'a' }", r#"{"a"}"#),
        ("{ 'a', [1] = 'x' }", r#"{"a"}"#),
        ("{ [2] = 'x', 'a', [2] = 'y' }", r#"{"a", [2] = "y"}"#),
        ("{ [[long]], {}, { {} } }", r#"{"long", {}, {{}}}"#),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
    // Of more than 50 the first 50 are stored before the keyed entry comes.
    let fifty = "0,".repeat(50);
    let value = read(&format!("{{ {fifty} [50] = 1, 0, [51] = 1 }}"));
    let table = value.as_table().unwrap();
    assert_eq!((table.at(50), table.at(51)), (Some(&1.into()), Some(&0.into())));
}

#[test]
fn assignments_as_lua_would_run_them() {
    let text = "\u{feff}A = 1 B = {} ; -- c\nC='x'A = nil\nB = 2;D = nil E = 1\n";
    let expected = [("B", Value::Int(2)), ("C", "x".into()), ("E", 1.into())];
    assert_eq!(globals(text).unwrap(), expected.map(|(name, value)| (name.to_owned(), value)));
    for empty in ["", " \r\n\t", "\u{feff}", "-- only a comment", "--[[ a\nb ]]"] {
        assert_eq!(globals(empty).unwrap(), [], "{empty:?}");
    }
}

#[test]
fn refusals_say_where_and_what() {
    let cut = "; WoW writes it only at logout or /reload, so do that and read it again";
    let nul = ": a NUL byte: the file was damaged while it was written (a crash, a full disk); \
               restore a copy, such as the .lua.bak beside it";
    let code = "is code; only data is read, nothing is executed";
    let cases: &[(&str, String)] = &[
        ("A = {\n\t1,", format!("line 2, column 4: the file was cut off inside a table that begins at line 1, column 5{cut}")),
        ("\nA = { \"abc", format!("line 2, column 11: the file was cut off inside a string that begins at line 2, column 7{cut}")),
        ("A = 12", format!("line 1, column 7: the file was cut off inside a number that begins at line 1, column 5{cut}")),
        ("A = tr", format!("line 1, column 7: the file was cut off inside a word that begins at line 1, column 5{cut}")),
        ("A", format!("line 1, column 2: the file was cut off inside an assignment that begins at line 1, column 1{cut}")),
        ("A = 1\n--[[ x", format!("line 2, column 7: the file was cut off inside a comment that begins at line 2, column 1{cut}")),
        ("\0\0\0\0", format!("line 1, column 1{nul}")),
        ("A = {\n1\0\0", format!("line 2, column 2{nul}")),
        ("A = \"x\0", format!("line 1, column 7{nul}")),
        ("A = f()\n", format!("line 1, column 5: `f` {code}")),
        ("A = { f }\n", format!("line 1, column 7: `f` {code}")),
        ("A = { function() end }\n", format!("line 1, column 7: `function` {code}")),
        ("local A = 1\n", format!("line 1, column 1: `local` {code}")),
        ("A = 1\nreturn A\n", format!("line 2, column 1: `return` {code}")),
        ("end = 1\n", format!("line 1, column 1: `end` {code}")),
        ("A = { end = 1 }\n", format!("line 1, column 7: `end` {code}")),
        ("os.exit()\n", format!("line 1, column 1: `os` {code}")),
        ("A = { 1 + 2 }\n", format!("line 1, column 9: `+` {code}")),
        ("A = 'a' .. 'b'\n", format!("line 1, column 9: `.` {code}")),
        ("A = - -1\n", format!("line 1, column 5: `-` {code}")),
        ("A = #B\n", format!("line 1, column 5: `#` {code}")),
        ("A = { b == 1 }\n", format!("line 1, column 7: `b ==` {code}")),
        ("A = -inf\n", "line 1, column 5: `-inf` is not a finite number".into()),
        ("A = nan\n", "line 1, column 5: `nan` is not a finite number".into()),
        ("A = 1.#INF\n", "line 1, column 5: `1.#INF` is not a finite number".into()),
        ("A = { 1e999 }\n", "line 1, column 7: `1e999` is not a finite number".into()),
        ("A = 12ab\n", "line 1, column 5: `12ab` is not a finite number".into()),
        ("A = -1..2\n", "line 1, column 5: `-1..2` is not a finite number".into()),
        ("A = 0x\n", "line 1, column 5: `0x` is not a finite number".into()),
        ("A = 'ø\\q'\n", "line 1, column 8: `\\q` is no escape in a string; a backslash itself is written `\\\\`".into()),
        ("A = '\\256'\n", "line 1, column 6: `\\256` is no escape in a string; a backslash itself is written `\\\\`".into()),
        ("A = '\\255'\n", "line 1, column 5: the string that begins here is not UTF-8 text from its byte 1 on".into()),
        ("A = 'a\nb'\n", "line 1, column 7: a line end where the string's closing quote should be".into()),
        ("A = }\n", "line 1, column 5: `}` where a value should be".into()),
        ("A = { 1 2 }\n", "line 1, column 9: `2` where `,` or `}` after an entry should be".into()),
        ("A = { 1,, }\n", "line 1, column 9: `,` where a value should be".into()),
        ("A = { [1 = 2 }\n", "line 1, column 10: `=` where `]` after the key should be".into()),
        ("A = { [1] 2 }\n", "line 1, column 11: `2` where `=` after the key should be".into()),
        ("A = { [nil] = 2 }\n", "line 1, column 8: `nil` where a key (a string, number or boolean) should be".into()),
        ("A = { [{}] = 2 }\n", "line 1, column 8: `{` where a value should be".into()),
        ("A = { [=x] = 2 }\n", "line 1, column 9: `x` where a value should be".into()),
        ("A B\n", "line 1, column 3: `B` where `=` after the name should be".into()),
        ("A, B = 1, 2\n", "line 1, column 2: `,` where `=` after the name should be".into()),
        ("1 = 2\n", "line 1, column 1: `1` where a name (as in `NAME = value`) should be".into()),
        ("ø = 2\n", "line 1, column 1: byte 0xc3 where a name (as in `NAME = value`) should be".into()),
    ];
    for (text, expected) in cases {
        let error = globals(text).unwrap_err();
        assert_eq!(&error.to_string(), expected, "{text:?}");
        assert!(expected.starts_with(&error.place().to_string()));
    }
    let alone = |text| parse_value(text, &Limits::default()).unwrap_err().to_string();
    assert_eq!(alone("nil"), "line 1, column 1: `nil` where a value should be");
    assert_eq!(alone(""), "line 1, column 1: the end of the text where a value should be");
    assert_eq!(alone("1 2"), "line 1, column 3: `2` where the end of the value should be");
    let bad = globals(b"A = \"caf\xe9\"\n").unwrap_err();
    assert_eq!(bad, LuaError::NotUtf8 { at: Place { line: 1, column: 5 }, byte: 4 });
}

#[test]
fn printing_refuses_what_lua_could_not_read() {
    let print = |name: &str, value: Value| {
        print_assignments(&[(name.to_owned(), value)]).map_err(|error| error.to_string())
    };
    for name in ["", "9a", "a b", "end", "é", "a\n"] {
        assert!(print(name, 1.into()).unwrap_err().starts_with(&format!("`{name}` cannot be")));
    }
    let row = Table::from_iter([f64::NAN, f64::INFINITY]);
    assert_eq!(to_compact(&row.clone().into()), "{NaN, inf}");
    let message = "NaN in `A` cannot be written: only finite numbers can";
    assert_eq!(print("A", row.into()).unwrap_err(), message);
    assert_eq!(
        print("A", "\0\u{1}9\"\\\u{7f}".into()).unwrap(),
        "\nA = \"\\000\\0019\\\"\\\\\\127\"\n"
    );
    assert_eq!(print("A", Table::new().into()).unwrap(), "\nA = {\n}\n");
}

#[test]
fn tables_of_many_keys_are_found_replaced_and_removed() {
    let mut table = Table::from_iter(["a", "b", "c"]);
    for n in 0..100i64 {
        assert_eq!(table.insert(format!("k{n}"), n), None);
        assert_eq!(table.insert(1000 + n, n), None);
    }
    assert_eq!((table.count(), table.array_len()), (203, 1099));
    assert_eq!(table.insert("k7", "new"), Some(7.into()));
    assert_eq!(table.insert(Key::Float(1007.0), "new"), Some(7.into()));
    assert_eq!(table.get("k7"), table.get_key(&Key::Float(1007.0)));
    assert_eq!(table.remove(&Key::Int(1099)), Some(99.into()));
    assert_eq!(table.remove(&Key::Int(1099)), None);
    assert_eq!((table.count(), table.array_len()), (202, 1098));
    assert_eq!(table.remove(&Key::Int(2)), Some("b".into()));
    assert_eq!((table.positional().len(), table.at(2), table.at(3)), (1, None, Some(&"c".into())));
    assert_eq!(table.insert(2, "back"), None);
    assert_eq!((table.named().count(), table.named().next()), (100, Some(("k0", &0.into()))));
    assert!(!table.is_empty());
    table.push("last");
    assert_eq!(table.at(1099), Some(&"last".into()));
    assert_eq!(
        (table.at(0), table.at(-1), table.at(i64::MIN), table.get("")),
        (None, None, None, None)
    );
}

#[test]
fn equality_is_luas() {
    assert_eq!(read("{1, 2, k = 3}"), read("{k = 3, [2] = 2.0, [1] = 1}"));
    assert_ne!(read("{1, 2}"), read("{1}"));
    assert_ne!(read("{1}"), read("{1, 2}"));
    assert_ne!(read("{a = 1}"), read("{b = 1}"));
    assert_ne!(read("1"), read("'1'"));
    assert_ne!(Value::Int(i64::MAX), Value::Float(i64::MAX as f64));
}
