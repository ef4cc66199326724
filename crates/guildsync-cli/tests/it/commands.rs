//! Every command: what it does, its `--json`, its `--dry-run`.

use serde_json::json;

use crate::world::World;

#[test]
fn init_creates_a_store_with_a_key_beside_it_and_says_that_it_stays() {
    let world = World::new();
    let dry = world.json("init --as oakhand --dry-run");
    assert_eq!((&dry["dry_run"], &dry["writer"]), (&json!(true), &json!(null)));
    assert_eq!(world.files(), Vec::<String>::new());

    let told = world.ok("init --as oakhand");
    assert!(told.contains("created the store guild.gsync of Oakhand"), "{told}");
    assert!(told.contains("Its key is guild.gsync.key"), "{told}");
    assert!(told.contains("never in a backup"), "{told}");
    assert_eq!(world.files(), ["guild.gsync", "guild.gsync.key"]);
    assert!(told.contains(&world.writer("guild.gsync")), "{told}");
    world.refused("init --as Oakhand", 1, &["exists already and is not overwritten"]);

    let other = world.json("--store other init");
    assert_eq!((&other["store"], &other["key"]), (&json!("other"), &json!("other.key")));
    assert_eq!(other["writer"].as_str().unwrap(), world.writer("other"));
    world.refused("--store other award Brindle 5", 1, &["add `--as NAME`", "init --as NAME"]);
    assert!(world.ok("--store other init --as Anna").contains("is Anna's from now on"));
    world.ok("--store other award Brindle 5");
}

#[test]
fn the_store_may_be_named_by_the_environment() {
    let world = World::new();
    world.ok("--store here init --as Anna");
    let ran = world.run_with(&["standings", "--json"], &[("GUILDSYNC_STORE", "here")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    world.refused("standings", 1, &["there is no store at guild.gsync", "`guildsync init`"]);
}

#[test]
fn award_gives_and_takes_from_one_or_many_in_hundredths() {
    let world = World::with_store();
    let told = world.ok("award Brindle,Thorn 12.5 Boss kill");
    assert!(told.contains("Oakhand gave 2 members +12.5 in \"Default\" (Boss kill)"), "{told}");
    let done = world.json("award Brindle -0.25 --as Anna");
    let entry = &done["entries"][0];
    assert_eq!(
        (&entry["before"], &entry["delta"], &entry["after"], &done["officer"]),
        (&json!(12.5), &json!(-0.25), &json!(12.25), &json!("Anna"))
    );
    assert_eq!(entry["id"], json!(format!("{}:3", world.writer("guild.gsync"))));
    assert_eq!(done["state_hash"].as_str().unwrap(), world.state("guild.gsync"));
    let standings = world.standings("guild.gsync", "Default");
    assert_eq!(standings, [("Thorn".into(), "12.5".into()), ("Brindle".into(), "12.25".into())]);
    assert!(world.ok("award Brindel 1 --dry-run").contains("New in this profile: Brindel"));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_leaves_every_byte() {
    let world = World::with_store();
    world.ok("award Brindle,Thorn 5 on time");
    world.ok("profile create Other");
    world.ok("profile create Mine --owned");
    world.ok("backup old");
    world.ok("--store b init --as Anna");
    world.ok("--store b award Moss 1");
    world.write("p.txt", "1|1630624903|Oakhand|Brindle|12.5|12.5|a|Default\n");
    let id = format!("{}:1", world.writer("guild.gsync"));
    let before = world.snapshot();
    for (line, said) in [
        ("award Brindle 5", "Oakhand gave Brindle +5"),
        (&format!("undo {id}"), "goes from 5 to 0"),
        ("import p.txt", "imported 1 entry"),
        ("profile create New", "created the open profile \"New\""),
        ("profile create New --owned", "created the profile \"New\""),
        ("profile switch Other", "\"Other\" is the active profile now"),
        ("profile rename Other New", "profile \"Other\" is called \"New\" now"),
        ("profile policy Mine sync-plan queue", "sync-plan of \"Mine\" is queue now"),
        ("profile delete Other", "forgot profile \"Other\" and its 0 entries"),
        (&format!("profile grant Mine {} Anna", "ab".repeat(16)), "Anna (writer abababab)"),
        ("merge guild.gsync b", "guild.gsync gained 1 entry, b gained 3 entries"),
        ("backup new", "copied 3 entries of guild.gsync to new"),
        ("--store new restore old", "restored 3 entries from old to new"),
        ("export --format pipe -o new", "2 entries"),
        ("--store new init", "created the store new"),
    ] {
        let told = world.ok(&format!("{line} --dry-run"));
        assert!(told.starts_with("dry run, nothing was changed"), "{line}: {told}");
        assert!(told.contains(said), "{line}: {told}");
        assert!(before == world.snapshot(), "{line} changed something");
    }
}

#[test]
fn a_dry_run_refuses_what_the_real_run_would() {
    let world = World::with_store();
    world.ok("backup old");
    world.refused("undo 00000000:1 --dry-run", 1, &["no writer here begins with"]);
    world.refused("profile delete Default --dry-run", 1, &["is the only one"]);
    world.refused("backup old --dry-run", 1, &["exists already"]);
    world.refused("restore old --dry-run", 1, &["exists already"]);
    world.refused("export --format csv -o old --dry-run", 1, &["`--force`"]);
    world.refused("init --dry-run", 1, &["exists already"]);
}

#[test]
fn undo_says_exactly_what_it_takes_back_and_takes_it_back() {
    let world = World::with_store();
    world.ok("award Brindle 20 --at 1630624903 Boss kill");
    world.ok("award Brindle -5 --at 1630624904");
    let short = format!("{}:1", &world.writer("guild.gsync")[..8]);
    let told = world.ok(&format!("undo {short} wrong member"));
    let exactly = "2021-09-02 23:21:43 Oakhand gave Brindle +20 (Boss kill)\n\
                   Brindle's total in \"Default\" goes from 15 to -5\ndone, as entry ";
    assert!(told.contains(exactly), "{told}");
    assert_eq!(world.standings("guild.gsync", "Default"), [("Brindle".into(), "-5".into())]);

    let done = world.json(&format!("undo {}:2 --as Anna", world.writer("guild.gsync")));
    assert_eq!((&done["before"], &done["after"]), (&json!(-5), &json!(0)));
    assert_eq!(done["undone"]["officer"], json!("Oakhand"));
    assert_eq!(done["undone"]["delta"], json!(-5));
}

#[test]
fn log_lists_the_newest_last_and_filters() {
    let world = World::with_store();
    world.ok("award Brindle 1 --at 2021-09-01 Boss one");
    world.ok("award Thorn 2 --at 2021-09-02 Boss two");
    world.ok("award Brindle 3 --at 2021-09-03 --as Anna decay");
    let members = |filter: &str| -> Vec<String> {
        let shown = world.json(&format!("log {filter}"));
        let lines = shown["lines"].as_array().unwrap();
        assert_eq!(shown["shown"].as_u64().unwrap(), lines.len() as u64);
        lines.iter().map(|line| line["delta"].to_string()).collect()
    };
    assert_eq!(members(""), ["1", "2", "3"]);
    assert_eq!(members("--member brindle"), ["1", "3"]);
    assert_eq!(members("--officer anna"), ["3"]);
    assert_eq!(members("--reason BOSS"), ["1", "2"]);
    assert_eq!(members("--since 2021-09-02"), ["2", "3"]);
    assert_eq!(members("--until 2021-09-02"), ["1", "2"]);
    assert_eq!(members("--limit 1"), ["3"]);
    assert_eq!(members("--member thorn --officer anna"), Vec::<String>::new());
    let told = world.ok("log --reason boss");
    assert!(told.starts_with("2 of 3 entries in \"Default\""), "{told}");
    assert!(told.contains("2021-09-02 00:00:00  Oakhand  Thorn        +2  Boss two"), "{told}");
}

#[test]
fn standings_at_a_past_moment_leave_out_what_came_later() {
    let world = World::with_store();
    world.ok("award Brindle 1 --at 2021-09-01");
    world.ok("award Brindle 2 --at 2021-09-02_10:00:00");
    world.ok("award Thorn 4 --at 2021-09-03");
    let at = |when: &str| world.json(&format!("standings --at {when}"))["standings"].clone();
    assert_eq!(at("2021-08-31"), json!([]));
    assert_eq!(at("2021-09-02_09:59:59"), json!([{"member": "Brindle", "total": 1}]));
    assert_eq!(at("2021-09-02"), json!([{"member": "Brindle", "total": 3}]));
    let now = world.json("standings");
    assert_eq!(now["standings"][0], json!({"member": "Thorn", "total": 4}));
    assert_eq!((&now["at"], &now["entries"]), (&json!(null), &json!(3)));
}

#[test]
fn backup_and_restore_bring_everything_back_under_a_new_writer() {
    let world = World::with_store();
    world.ok("award Brindle,Thorn 5");
    let (writer, state) = (world.writer("guild.gsync"), world.state("guild.gsync"));
    let copied = world.json("backup b1");
    assert_eq!((&copied["entries"], &copied["state_hash"]), (&json!(2), &json!(state)));
    assert_eq!(world.files(), ["b1", "guild.gsync", "guild.gsync.key"], "no key in a backup");
    world.refused("backup b1", 1, &["exists already and is not overwritten"]);
    world.refused("--store b1 award Brindle 5", 1, &["is a backup", "restore b1"]);
    assert_eq!(world.state("b1"), state);

    // Elsewhere, without the key: a new writer and nothing else.
    let restored = world.json("--store c restore b1");
    assert_eq!((&restored["continues"], &restored["entries"]), (&json!(false), &json!(2)));
    assert_eq!(world.state("c"), state);
    assert_ne!(world.writer("c"), writer);
    assert!(world.ok("--store c award Brindle 1").contains("Oakhand gave"), "it is still hers");

    // In the place of the lost store, where the old key still lies: it signs.
    std::fs::remove_file(world.path("guild.gsync")).unwrap();
    world.refused("award Brindle 5", 1, &["there is no store", "`guildsync init`"]);
    world.refused("init", 1, &["lies here without its store", "`guildsync restore`"]);
    let restored = world.json("restore b1");
    assert_eq!(
        (&restored["continues"], &restored["writer_before"]),
        (&json!(true), &json!(writer))
    );
    assert!(world.path(restored["old_key"].as_str().unwrap()).exists());
    let log = world.json("log");
    assert_eq!(log["lines"][2]["kind"], json!("continues"));
    assert_eq!(world.json("award Brindle 1")["entries"][0]["after"], json!(6));
    assert_eq!(world.json("verify")["ok"], json!(true));
    world.refused("restore b1", 1, &["exists already", "--one-way"]);
}

#[test]
fn verify_says_what_it_checked() {
    let world = World::with_store();
    world.ok("award Brindle,Thorn 5");
    let told = world.ok("verify");
    assert!(told.contains("guild.gsync: sound"), "{told}");
    assert!(told.contains("2 entries of 1 writer, 1 seal, the key"), "{told}");
    let one = world.json("verify");
    assert_eq!(one["ok"], json!(true));
    assert_eq!(
        (&one["entries"], &one["seals"], &one["damage"]),
        (&json!(2), &json!(1), &json!([]))
    );
    assert_eq!(one["state_hash"].as_str().unwrap(), world.state("guild.gsync"));
    assert_eq!(one["profiles"][0]["profile"], json!("Default"));
    world.ok("--store b init");
    let both = world.json("verify guild.gsync b");
    assert_eq!((&both[0]["store"], &both[1]["ok"]), (&json!("guild.gsync"), &json!(true)));
    world.refused("verify guild.gsync nowhere", 1, &["1 of 2 stores", "nowhere"]);
}

#[test]
fn output_that_nobody_reads_any_more_is_no_failure() {
    let world = World::with_store();
    world.ok("award Brindle 5");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_guildsync"))
        .args(["--store", world.path("guild.gsync").to_str().unwrap(), "log"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
