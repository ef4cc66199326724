//! A recorded run is written, read back and shown.

use guildsync_sim::decode::describe;
use guildsync_sim::run::run;
use guildsync_sim::trace::{clock, read, write};

use crate::base;

#[test]
fn a_recorded_run_reads_back_and_is_shown_in_words() {
    let (_, records) = run(1, &base(), true);
    let mut file = Vec::new();
    write(&records, &mut file).unwrap();
    assert_eq!(read(file.as_slice()).unwrap(), records);
    let shown: Vec<String> = records.iter().map(|record| record.show(describe)).collect();
    assert!(shown.iter().any(|line| line.contains("ProfileAnnounce")), "{shown:?}");
    assert!(shown.iter().any(|line| line.contains("-- phase restart")));
}

#[test]
fn what_is_no_record_is_named_with_its_line() {
    let good = r#"{"kind":"event","at":1,"text":"x"}"#;
    let bad = r#"{"kind":"frame","at":1,"from":"a","to":null,"bytes":"0g","result":"Sent"}"#;
    let error = read(format!("{good}\n{bad}\n").as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("line 2 is no record"), "{error}");
    assert!(read(b"nonsense".as_slice()).is_err());
}

#[test]
fn moments_are_shown_with_days() {
    assert_eq!(clock(3_723_004), "01:02:03.004");
    assert_eq!(clock(2 * 86_400_000), "2d 00:00:00.000");
}
