//! TWRA's SavedVariables, and what its bugs leave in them.

use guildsync_files::sheets::{PackedError, SheetError, read, write_lua};
use guildsync_sections::Body;
use guildsync_wire::compress::CompressError;
use guildsync_wire::lua::LuaError;

use super::{body, label, more, sheet, told};

/// As the addon saves it: two sections, metadata, what is of its player alone.
const SAVED: &str = r#"
TWRA_SavedVariables = {
	["options"] = {
		["liveSync"] = false,
	},
}
TWRA_Assignments = {
	["currentSectionName"] = "Faerlina",
	["isExample"] = false,
	["timestamp"] = 1746000000,
	["source"] = "import",
	["data"] = {
		[1] = {
			["Section Name"] = "Faerlina",
			["Section Header"] = {
				[1] = "Icon",
				[2] = "Target",
				[3] = "Tank",
			},
			["Section Rows"] = {
				[1] = {
					[1] = "Skull",
					[2] = "Follower",
					[3] = "Brindle",
				},
				[2] = {
					[1] = "Cross",
					[2] = "Follower",
					[3] = "Group 1",
				},
			},
			["Section Metadata"] = {
				["Note"] = {
					[1] = "Silence her",
					[2] = "at twenty",
				},
				["Warning"] = {
					[1] = "No fire",
				},
				["GUID"] = {
					[1] = "0xF130003E51",
				},
				["Group Rows"] = {
					[1] = 2,
				},
			},
			["Section Player Info"] = {
				["Relevant Rows"] = {
					[1] = 1,
				},
			},
		},
		[2] = {
			["Section Name"] = "Thaddius",
			["Section Header"] = {
			},
			["Section Rows"] = {
			},
			["Section Metadata"] = {
				["Note"] = {
				},
			},
			["NeedsProcessing"] = false,
		},
	},
	["version"] = 2,
	["currentSection"] = 1,
}
TWRA_CompressedAssignments = {
	["sections"] = {
	},
}
"#;

fn one(section: &str) -> Body {
    let text = format!("TWRA_Assignments = {{ data = {{ {{ {section} }} }} }}\n");
    sheet(&text).sections.remove(0).1
}

#[test]
fn what_the_addon_saves_is_read() {
    let read = sheet(SAVED);
    let faerlina = Body {
        note: Some("Silence her\nat twenty".into()),
        warning: Some("No fire".into()),
        group_rows: vec![2],
        more: more(&[("Section Metadata.GUID", r#"{[1] = "0xF130003E51"}"#)]),
        ..body(
            &["Icon", "Target", "Tank"],
            &[&["Skull", "Follower", "Brindle"], &["Cross", "Follower", "Group 1"]],
        )
    };
    let expected = [(label("Faerlina"), faerlina), (label("Thaddius"), Body::default())];
    assert_eq!(read.sections, expected);
    assert_eq!(read.title, None, "the addon has no name for a sheet");
    let local = [
        (label("Faerlina"), more(&[("Section Player Info", r#"{["Relevant Rows"] = {[1] = 1}}"#)])),
        (label("Thaddius"), more(&[("NeedsProcessing", "false")])),
    ];
    assert_eq!(read.local, local, "what is of this player alone is given beside");
    assert_eq!(read.report.unread, ["TWRA_SavedVariables"]);
}

#[test]
fn a_sheet_is_written_as_the_addon_has_it() {
    let read = sheet(SAVED);
    let expected = r#"
TWRA_Assignments = {
	["data"] = {
		{
			["Section Name"] = "Faerlina",
			["Section Header"] = {
				"Icon", -- [1]
				"Target", -- [2]
				"Tank", -- [3]
			},
			["Section Rows"] = {
				{
					"Skull", -- [1]
					"Follower", -- [2]
					"Brindle", -- [3]
				}, -- [1]
				{
					"Cross", -- [1]
					"Follower", -- [2]
					"Group 1", -- [3]
				}, -- [2]
			},
			["Section Metadata"] = {
				["Note"] = {
					"Silence her", -- [1]
					"at twenty", -- [2]
				},
				["Warning"] = {
					"No fire", -- [1]
				},
				["Group Rows"] = {
					2, -- [1]
				},
				["GUID"] = {
					[1] = "0xF130003E51",
				},
			},
		}, -- [1]
	},
	["title"] = "Naxxramas",
	["version"] = 2,
	["timestamp"] = 0,
	["source"] = "guildsync",
	["isExample"] = false,
	["currentSection"] = 1,
	["currentSectionName"] = "Faerlina",
}
"#;
    let written = write_lua(&label("Naxxramas"), &read.sections[..1]).unwrap();
    assert_eq!(written, expected);
    assert_eq!(sheet(&written).title, Some(label("Naxxramas")));
}

#[test]
fn further_fields_go_back_to_their_places() {
    let section = r#"["Section Name"] = "A", [5] = 1, ["[5]"] = 2, Tanks = { "b", x = 0.5 },
        ["Section Metadata"] = { Note = { { "odd" } }, ["Tank Columns"] = { 3 }, [true] = "y" }"#;
    let read = one(section);
    let fields = [
        ("Section Metadata.Note", r#"{{"odd"}}"#),
        ("Section Metadata.Tank Columns", "{3}"),
        ("Section Metadata.[true]", r#""y""#),
        ("Tanks", r#"{"b", ["x"] = 0.5}"#),
        ("[\"[5]\"]", "2"),
        ("[5]", "1"),
    ];
    assert_eq!(read, Body { more: more(&fields), ..Body::default() });
    let written = write_lua(&label("T"), &[(label("A"), read.clone())]).unwrap();
    for line in ["\t\t\t[5] = 1,", "\t\t\t[\"[5]\"] = 2,", "\t\t\t\t[true] = \"y\","] {
        assert!(written.lines().any(|written| written == line), "{line} in {written}");
    }
    assert!(!written.contains("Section More"), "{written}");
    assert_eq!(sheet(&written).sections, [(label("A"), read)]);
}

/// What somebody sent as a further field may be no Lua at all. It is written as a string and stays one.
#[test]
fn c23_a_further_field_that_is_code_is_written_as_a_string() {
    let code = r#"os.execute("rm -r /")"#;
    let fields =
        [("GUID", code), ("Section Name", "1"), ("Section Metadata.Note", "{1}"), ("x", "{1,2}")];
    let sent = Body { more: more(&fields), ..Body::default() };
    let written = write_lua(&label("T"), &[(label("A"), sent.clone())]).unwrap();
    assert!(written.contains("[\"GUID\"] = \"os.execute(\\\"rm -r /\\\")\","), "{written}");
    assert_eq!(sheet(&written).sections, [(label("A"), sent)]);
}

/// The addon gives received text to `loadstring`. Here it is data or nothing.
#[test]
fn c23_code_is_refused_as_no_data() {
    let table = [
        "os.execute(\"x\")",
        "return { data = {} }",
        "os.execute(\"x\")\nTWRA_Assignments = { data = {} }\n",
        "TWRA_Assignments = os.execute(\"x\")\n",
        "TWRA_Assignments = { data = { { [\"Section Name\"] = os.execute(\"x\") } } }\n",
        "{ data = { { [\"Section Name\"] = (function() end)() } } }",
        "{ data = { { [\"Section Name\"] = \"A\" .. \"B\" } } }",
    ];
    for text in table {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, SheetError::Lua(LuaError::NotData { .. })), "{text}: {error}");
    }
    // In a cell it is text like any other.
    let cell = one(r#"["Section Name"] = "A", ["Section Header"] = { "os.execute('x')" }"#);
    assert_eq!(cell, body(&["os.execute('x')"], &[]));
}

#[test]
fn c29_holes_shift_nothing() {
    let text = r#"TWRA_Assignments = { data = {
        [7] = { ["Section Name"] = "C" },
        [2] = { ["Section Name"] = "B", ["Section Header"] = { [1] = "Icon", [3] = "Tank" },
            ["Section Rows"] = { [1] = { [3] = "Brindle" }, [3] = { "Skull" }, [4] = "" } },
        [1] = { ["Section Name"] = "A", ["Section Header"] = { "Icon", nil, "Tank" } },
        [3] = "",
    } }
"#;
    let expected = [
        (label("A"), body(&["Icon", "", "Tank"], &[])),
        (label("B"), body(&["Icon", "", "Tank"], &[&["", "", "Brindle"], &[], &["Skull"], &[]])),
        (label("C"), Body::default()),
    ];
    assert_eq!(sheet(text).sections, expected);
}

#[test]
fn c29_names_may_repeat_and_hold_quotes_and_there_may_be_more_than_100() {
    let names = ["Gate \"of\" Ash", "a,b:c", "Gate \"of\" Ash", "]] --", "it's", "ñ?B", "17"];
    let sections = (0..150).map(|n| (label(names[n % names.len()]), body(&[&n.to_string()], &[])));
    let sections: Vec<_> = sections.collect();
    let written = write_lua(&label("T"), &sections).unwrap();
    assert_eq!(sheet(&written).sections, sections);
    let number = r#"TWRA_Assignments = { data = { { ["Section Name"] = 17 } } }"#.to_owned() + "\n";
    assert_eq!(sheet(&number).sections[0].0, label("17"));
}

#[test]
fn c29_cells_that_are_no_strings_are_their_text() {
    let section = r#"["Section Name"] = "A", ["Section Rows"] = { { 8, 0.5, true, -0, "9", "" } }"#;
    assert_eq!(one(section), body(&[], &[&["8", "0.5", "true", "0", "9", ""]]));
}

#[test]
fn c29_a_section_without_header_or_rows_is_a_section() {
    assert_eq!(one(r#"["Section Name"] = "A""#), Body::default());
    let rows = one(r#"["Section Name"] = "A", ["Section Rows"] = { { "x" } }"#);
    assert_eq!(rows, body(&[], &[&["x"]]));
}

#[test]
fn notes_are_a_string_or_a_list_of_lines() {
    let note = |note: &str| {
        one(&format!("[\"Section Name\"] = \"A\", [\"Section Metadata\"] = {{ {note} }}"))
    };
    let table = [
        (r#"Note = "a""#, Some("a")),
        (r#"Note = { "a" }"#, Some("a")),
        (r#"Note = { "a", "b\nc", 3 }"#, Some("a\nb\nc\n3")),
        (r#"Note = { [1] = "a", [4] = "b" }"#, Some("a\nb")),
        (r#"Note = { "" }"#, Some("")),
        ("Note = {}", None),
        ("", None),
    ];
    for (text, expected) in table {
        let note = note(text);
        assert_eq!(note.note.as_deref(), expected, "{text}");
        assert!(note.more.is_empty(), "{text}");
    }
    for (text, field) in [
        (r#"Note = { x = "a" }"#, ("Section Metadata.Note", r#"{["x"] = "a"}"#)),
        (r#"["Group Rows"] = { "2" }"#, ("Section Metadata.Group Rows", r#"{"2"}"#)),
        (r#"["Group Rows"] = 2"#, ("Section Metadata.Group Rows", "2")),
    ] {
        assert_eq!(note(text), Body { more: more(&[field]), ..Body::default() }, "{text}");
    }
}

#[test]
fn what_has_another_shape_is_named() {
    let table = [
        ("1", "section 1: a number where a table with Section Name"),
        ("{}", "section 1: a title or a section's name is empty: give it one"),
        (r#"{ ["Section Name"] = "A\nB" }"#, "section 1: the name \"A\\nB\" holds a control"),
        (
            r#"{ ["Section Name"] = "A", ["Section Header"] = "x" }"#,
            "the header of section \"A\": a s",
        ),
        (
            r#"{ ["Section Name"] = "A", ["Section Rows"] = { 1 } }"#,
            "row 1 of section \"A\": a number",
        ),
        (
            r#"{ ["Section Name"] = "A", ["Section Rows"] = { {}, { 1, {} } } }"#,
            "column 2 in row 2 of section \"A\": a table where a text should be",
        ),
    ];
    for (section, start) in table {
        let told = told(&format!("TWRA_Assignments = {{ data = {{ {section} }} }}\n"));
        assert!(told.starts_with(start), "{told}");
    }
}

/// A section as the addon received it: packed, and not looked at yet.
fn waiting(packed: &[u8]) -> Vec<u8> {
    let head =
        br#"TWRA_Assignments = { data = { [3] = { ["Section Name"] = "A", ["Section Index"] = 3,
        NeedsProcessing = true, ["Section Metadata"] = { Note = {}, Warning = {}, GUID = {} } } } }
TWRA_CompressedAssignments = { sections = { [3] = ""#;
    [head, packed, b"\" } }\n"].concat()
}

/// `{["Section Name"]="A",["Section Header"]={[1]="Icon"}}` behind LibCompress's byte for stored text.
const STORED: &str = "AXtbIlNlY3Rpb24gTmFtZSJdPSJBIixbIlNlY3Rpb24gSGVhZGVyIl09e1sxXT0iSWNvbiJ9fQ==";

/// A section with two rows and a note in LibCompress's Huffman code.
const HUFFMAN: &str = "AyTIAABOwGiggyAWgvQQlJGgOgnhJkQ/IVkKqalQ3IbSdah8h6rdyCCUY6ieEh4TnSZ5TcpzUi2iLgv3\
    RG8ld6VmKUxX9F7JfaUOq/it0jJVTFal2aqyXFW9yiLkVJcYcLDhTkM8yiLkVJcYPM4bvztX8U4j5CWP\
    ejqNOaR5j7IIOdUlhr543Z2reOcq3mmh4b7Po55OQ39F7xfeo57OVbzTsP/qukc9nUYdDTz0eu9RFiGn\
    usSQMc975nHnKgN3hjtX8U4L9QXJYGD83nsD";

#[test]
fn c29_what_was_received_is_unpacked_behind_any_marker() {
    let packed = STORED.as_bytes();
    for marker in [&b"\xf1"[..], b"?", "ñ".as_bytes(), b""] {
        let sheet = read(waiting(&[marker, packed].concat()).as_slice()).unwrap();
        assert_eq!(sheet.sections, [(label("A"), body(&["Icon"], &[]))], "{marker:?}");
        assert_eq!(sheet.report.unpacked, ["A"]);
        let local = more(&[("NeedsProcessing", "true"), ("Section Index", "3")]);
        assert_eq!(sheet.local, [(label("A"), local)]);
    }
}

#[test]
fn what_was_received_is_unpacked_from_huffman_code() {
    let sheet = read(waiting(&[b"\xf1", HUFFMAN.as_bytes()].concat()).as_slice()).unwrap();
    let rows: [&[&str]; 2] = [&["Skull", "Brindle"], &["Cross", "Oakhand"]];
    let expected = Body { note: Some("Silence her".into()), ..body(&["Icon", "Tank"], &rows) };
    assert_eq!(sheet.sections, [(label("A"), expected)]);
}

/// Without it the section would be empty for everyone.
#[test]
fn c26_a_section_that_cannot_be_unpacked_is_refused() {
    let why = |packed: &str| match read(waiting(packed.as_bytes()).as_slice()) {
        Err(SheetError::Compressed { section, why }) => {
            assert_eq!(section, "A");
            why
        }
        other => panic!("{packed}: {other:?}"),
    };
    assert_eq!(why(""), PackedError::Missing);
    assert_eq!(why("?AX*b"), PackedError::Base64 { at: 3 });
    assert_eq!(why("AXti/w=="), PackedError::NotUtf8);
    assert_eq!(why("ATE="), PackedError::NoTable);
    assert!(matches!(why("?AwAB"), PackedError::Compress(CompressError::Truncated { .. })));
    assert!(matches!(why("AXsi"), PackedError::Lua(LuaError::Truncated { .. })));
    // C23: `os.execute("x")`.
    let code = why("AW9zLmV4ZWN1dGUoIngiKQ==");
    assert!(matches!(code, PackedError::Lua(LuaError::NotData { .. })), "{code}");
    let said = read(waiting(b"").as_slice()).unwrap_err().to_string();
    assert!(said.contains("open the sheet in the game once"), "{said}");
}

#[test]
fn a_section_that_waits_and_has_its_rows_is_read_as_it_is() {
    let section =
        r#"["Section Name"] = "A", NeedsProcessing = true, ["Section Rows"] = { { "x" } }"#;
    assert_eq!(one(section), body(&[], &[&["x"]]));
}
