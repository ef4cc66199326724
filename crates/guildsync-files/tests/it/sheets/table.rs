//! Sheets as CSV, as spreadsheets and people write them.

use guildsync_files::sheets::{SheetError, write_csv};
use guildsync_sections::Body;

use super::{body, label, more, sheet, told};

#[test]
fn a_sheet_is_one_table() {
    let faerlina = Body {
        note: Some("Silence her\nat \"twenty\", not later".into()),
        warning: Some(String::new()),
        group_rows: vec![2, 3],
        more: more(&[("Section Metadata.GUID", r#"{"0xF1"}"#)]),
        ..body(
            &["Icon", "Tank"],
            &[&["Skull", "Brindle"], &["Cross", ""], &["#note"], &["##", "a", "b"]],
        )
    };
    let sections = [
        (label("Faerlina"), faerlina),
        (label("Gate, \"Ash\""), body(&["", ""], &[&[""], &[], &["#1", "x", "#end"]])),
        (label("Faerlina"), Body::default()),
    ];
    let expected = r##"Section,#title,Naxxramas
Faerlina,Icon,Tank
Faerlina,Skull,Brindle
Faerlina,Cross,
Faerlina,##note,#end
Faerlina,###,a,b
Faerlina,#note,Silence her
Faerlina,#note,"at ""twenty"", not later"
Faerlina,#warning,
Faerlina,#groups,2,3
Faerlina,#more,Section Metadata.GUID,"{""0xF1""}"
"Gate, ""Ash""",,,#end
"Gate, ""Ash""",,#end
"Gate, ""Ash""",#end
"Gate, ""Ash""",#1,x,##end
Faerlina,#new
Faerlina
"##;
    assert_eq!(write_csv(&label("Naxxramas"), &sections).unwrap(), expected);
    let read = sheet(expected);
    assert_eq!(read.sections, sections);
    assert_eq!(read.title, Some(label("Naxxramas")));

    // A spreadsheet makes all rows as long as the longest, and may end lines as Windows does.
    let filled: String = expected.lines().map(|line| format!("{line},,,,\r\n")).collect();
    assert_eq!(sheet(&filled).sections, sections);
    assert_eq!(sheet(&format!("{filled},,,,\r\n")).sections, sections, "an empty row says nothing");
}

#[test]
fn people_write_tables_too() {
    let expected = [
        (label("A"), body(&["Icon", "Tank"], &[&["Skull", "Brindle"], &["", ""], &["Cross", ""]])),
        (label("B"), body(&["Tank"], &[&["Oak"]])),
    ];
    let table = [
        "Section,1,2\nA,Icon,Tank\nA,Skull,Brindle\nA\nA,Cross\nB,Tank\nB,Oak\n",
        "Section\nA,Icon,Tank\nB,Tank\nA,Skull,Brindle\nA,,\nA,Cross,\nB,Oak",
        "Section;;\r\nA;Icon;Tank\r\nA;Skull;Brindle\r\nA;;\r\nA;Cross;\r\nB;Tank;\r\nB;Oak;",
        "Section\t\nA\tIcon\tTank\nA\tSkull\tBrindle\nA\t\nA\tCross\t\n\nB\tTank\nB\t\"Oak\"\n",
    ];
    for text in table {
        assert_eq!(sheet(text).sections, expected, "{text}");
    }
    let marks = sheet("Section,#Title,T\nA,#Note,a\nA,#NOTE,b\nA,#groups, 1 ,,2\nA,Icon\nA,#1\n");
    let note = Some("a\nb".into());
    let expected = Body { note, group_rows: vec![1, 2], ..body(&["Icon"], &[&["#1"]]) };
    assert_eq!(marks.sections, [(label("A"), expected)]);
    assert_eq!(marks.title, Some(label("T")));
}

#[test]
fn a_line_that_cannot_be_is_named() {
    let table = [
        ("A,x\n,y", "line 3: the first column is empty: put the section's name there"),
        ("A,#note,left, then right", "line 2: #note has more cells than 1: put a text in quotes"),
        ("A,#more,a,b,c", "line 2: #more has more cells than 2"),
        ("A\n\nA,#groups,1,two", "line 4: \"two\" is no number of a row: write 1, 2 ..."),
        ("A,\"x\ny\"\n\"B\nC\",x", "line 4: the name \"B\\nC\" holds a control character"),
        ("A,\"x\nB,y\n", "line 3: a quotation mark has no partner: the file was cut off"),
    ];
    for (lines, start) in table {
        let text = format!("Section\n{lines}");
        for text in [text.replace('\n', "\r\n"), text] {
            let told = told(&text).replace("\\r", "");
            assert!(told.starts_with(start), "{told}");
        }
    }
    let nul = write_csv(&label("T"), &[(label("A"), body(&["\0"], &[]))]);
    assert_eq!(nul, Err(SheetError::Nul { section: "A".into() }));
}
