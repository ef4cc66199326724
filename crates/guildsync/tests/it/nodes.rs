//! Nodes in a group: real stores, real frames, virtual time.

use guildsync::leader::{Scope, Stage, SyncPlan};
use guildsync::tables::message::Status;
use guildsync::tables::{self, GuildName, RecordId, RecordKey, TableKind};
use guildsync::transport::memory::Hub;
use guildsync::types::{MemberName, Reason, Time};
use guildsync::wire::lua::Table;
use guildsync::{Config, Local, Node};
use tempfile::TempDir;

fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

/// Tokio's clock, which stands still while anyone has something to do.
fn clock() -> impl Fn() -> Time + Clone + Send + 'static {
    let start = tokio::time::Instant::now();
    move || Time(1_700_000_000_000 + start.elapsed().as_millis() as u64)
}

fn create(folder: &TempDir, who: &str, config: &Config) -> Local {
    Local::create(&folder.path().join(who), name(who), config.clone()).unwrap()
}

async fn award(node: &Node, target: &str) {
    let reason = Reason::new("Boss").unwrap();
    node.award(vec![name(target)], "5".parse().unwrap(), reason).await.unwrap();
}

/// Waits until no frame is under way and no node waits for anything.
async fn settle(hub: &Hub, nodes: &[Node]) {
    loop {
        hub.quiet().await;
        let Some(waiting) = nodes.iter().find(|node| node.status().borrow().is_waiting) else {
            return;
        };
        waiting.status().wait_for(|status| !status.is_waiting).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_sync_their_tables_and_tell_how_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let (clock, names) = (clock(), ["Lead", "Ann"]);
    let mut nodes = Vec::new();
    for who in names {
        let local = create(&folder, who, &Config::default());
        let node = Node::spawn(local, hub.join(name(who)), clock.clone());
        node.set_guild(guild()).await.unwrap();
        for table in [TableKind::News, TableKind::Roster] {
            let id = RecordId::new(&format!("{who}-Eonar")).unwrap();
            node.set_record(table, guild(), id, Table::new()).await.unwrap();
        }
        nodes.push(node);
    }
    hub.set_leader(name("Lead"));
    settle(&hub, &nodes).await;
    nodes[0].ask_who_is_online().await.unwrap();
    settle(&hub, &nodes).await;
    let presence = nodes[0].status().borrow().presence[&name("Ann")];
    assert_eq!((presence.status, presence.last_sync), (Status::Ready, None));
    nodes[0].start_tables(None, None).await.unwrap();
    settle(&hub, &nodes).await;
    let status = nodes[0].status().borrow().clone();
    let report = status.table_report.unwrap();
    assert_eq!((report.outcome, status.n_records), (tables::Outcome::Complete, 4));
    assert!(status.table_progress[&name("Ann")].tables.contains(&tables::TableState::Completed));
    // What is deleted is durable when the call returns, and the others hear of it.
    let key = tables::key(TableKind::News, &guild(), &RecordId::new("Ann-Eonar").unwrap());
    nodes[0].delete_record(key.clone()).await.unwrap();
    let unknown =
        nodes[0].delete_record(RecordKey { table: TableKind::Setup, ..key.clone() }).await;
    assert!(matches!(unknown, Err(guildsync::Error::Record(_))), "{unknown:?}");
    nodes[0].start_tables(Some(vec![name("Ann")]), None).await.unwrap();
    settle(&hub, &nodes).await;
    let mut hashes = Vec::new();
    for node in nodes {
        let path = node.stop().await.unwrap().store().path().to_owned();
        let stored = guildsync::store::read(&path).unwrap();
        assert!(stored.tables.get(&key).unwrap().is_deleted());
        hashes.push(stored.tables.state_hash());
    }
    assert_eq!(hashes[0], hashes[1]);
}

fn guild() -> GuildName {
    GuildName::new("Thorns-Eonar").unwrap()
}

#[tokio::test(start_paused = true)]
async fn nodes_that_meet_end_with_the_same_stores() {
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { plan, ..Config::default() };
        let hub = Hub::new();
        let (clock, names) = (clock(), ["Lead", "Ann", "Bo", "Cy"]);
        let mut nodes = Vec::new();
        for who in names {
            let local = create(&folder, who, &config);
            // Apart, each in a group of its own.
            let alone = Node::spawn(local, Hub::new().join(name(who)), clock.clone());
            award(&alone, who).await;
            nodes.push(Node::spawn(
                alone.stop().await.unwrap(),
                hub.join(name(who)),
                clock.clone(),
            ));
        }
        hub.set_leader(name("Lead"));
        settle(&hub, &nodes).await;
        award(&nodes[2], "Brindle").await;
        settle(&hub, &nodes).await;
        let progress = nodes[0].status().borrow().progress.clone();
        assert!(progress.len() == 3 && progress.values().all(|&stage| stage == Stage::Done));
        let mut hashes = Vec::new();
        for node in nodes {
            let local = node.stop().await.unwrap();
            let path = local.store().path().to_owned();
            drop(local);
            hashes.push(guildsync::store::read(&path).unwrap().profiles.state_hash());
        }
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "{plan:?} {hashes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_syncs_by_itself_and_not_while_it_is_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, clock, config) = (Hub::new(), clock(), Config::default());
    let join = |who| Node::spawn(create(&folder, who, &config), hub.join(name(who)), clock.clone());
    let alone = join("Lead");
    hub.set_leader(name("Lead"));
    award(&alone, "Brindle").await;
    settle(&hub, std::slice::from_ref(&alone)).await;
    assert_eq!(hub.traffic().frames, 0, "alone nothing is said");
    let nodes = [alone, join("Ann")];
    settle(&hub, &nodes).await;
    let n_entries = |node: &Node| node.status().borrow().n_entries;
    assert_eq!(n_entries(&nodes[1]), 1);
    assert!(nodes[0].status().borrow().counters.messages_sent >= 2);
    nodes[1].set_enabled(false).await.unwrap();
    award(&nodes[0], "Brindle").await;
    settle(&hub, &nodes).await;
    assert_eq!(n_entries(&nodes[1]), 1);
}

#[tokio::test(start_paused = true)]
async fn all_profiles_are_synced_where_the_scope_says_so() {
    use guildsync::log::Profile;
    let folder = tempfile::tempdir().unwrap();
    let config = Config { scope: Scope::All, ..Config::default() };
    let (hub, clock) = (Hub::new(), clock());
    let mut lead = create(&folder, "Lead", &config);
    let gp = Profile::open(guildsync::types::ProfileName::new("GP").unwrap());
    lead.change(|profiles| {
        profiles.add(gp.clone()).map_err(guildsync::Error::from)?;
        Ok::<_, guildsync::Error>(())
    })
    .unwrap();
    let mut nodes = vec![Node::spawn(lead, hub.join(name("Lead")), clock.clone())];
    nodes.push(Node::spawn(create(&folder, "Ann", &config), hub.join(name("Ann")), clock));
    hub.set_leader(name("Lead"));
    settle(&hub, &nodes).await;
    nodes[0].switch(gp.id).await.unwrap();
    award(&nodes[0], "Brindle").await;
    settle(&hub, &nodes).await;
    let (lead, ann) =
        (nodes.remove(0).stop().await.unwrap(), nodes.remove(0).stop().await.unwrap());
    assert_eq!(ann.profiles().state_hash(), lead.profiles().state_hash());
    assert_eq!(ann.profiles().get(&gp.id).unwrap().standings().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_no_message_changes_nothing() {
    use bytes::Bytes;
    use guildsync::transport::{Recipient, Transport};
    let folder = tempfile::tempdir().unwrap();
    let (hub, clock) = (Hub::new(), clock());
    let node =
        Node::spawn(create(&folder, "Ann", &Config::default()), hub.join(name("Ann")), clock);
    let mut stranger = hub.join(name("Bo"));
    hub.set_leader(name("Ann"));
    for frame in [&b""[..], b"\x09hello", b"\x01\xff", b"\x01\x06"] {
        stranger.send(&Recipient::Group, Bytes::copy_from_slice(frame));
    }
    drop(stranger);
    hub.quiet().await;
    assert_eq!(node.status().borrow().n_received, 4);
    assert!(node.stop().await.unwrap().profiles().active().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_award_is_durable_even_where_nobody_can_hear_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let local = create(&folder, "Ann", &Config::default());
    let path = local.store().path().to_owned();
    let node = Node::spawn(local, hub.join(name("Ann")), clock());
    // Another joins under the same name, so this end is out of the group.
    let _again = hub.join(name("Ann"));
    let award = node.award(vec![name("Bo")], "1".parse().unwrap(), Reason::default()).await;
    // Either it was on disk before the answer, or the node had stopped and says so.
    let stopped = matches!(award, Err(guildsync::Error::Stopped));
    drop(node.stop().await);
    let n = guildsync::store::read(&path).unwrap().profiles.active().len();
    assert_eq!((award.is_ok(), n), (!stopped, usize::from(!stopped)));
    assert_eq!(hub.traffic().frames, 0);
}
