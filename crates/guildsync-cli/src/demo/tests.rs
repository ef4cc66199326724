//! The story ends well, and every step of it is needed.

use guildsync::Config;
use guildsync::types::Time;

use super::cast::Cast;
use super::show::Show;
use super::story::{Step, tell};

/// Whether all agree at the end; tokio's clock stands still while anyone is busy.
async fn agree(n: usize, without: Option<Step>) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let start = tokio::time::Instant::now();
    let clock = move || Time(1_700_000_000_000 + start.elapsed().as_millis() as u64);
    let mut show = Show::new(true);
    let mut cast = Cast::gather(folder.path(), n, &Config::default(), None).unwrap();
    cast.invent(clock(), &mut show).unwrap();
    let ending = tell(cast, clock, without, &mut show).await.unwrap();
    assert_eq!(ending.lines.len(), n);
    ending.converged()
}

#[tokio::test(start_paused = true)]
async fn all_members_agree_in_the_end() {
    for n in [5, 12] {
        assert!(agree(n, None).await, "{n} members");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_late_join_they_do_not_agree() {
    assert!(!agree(6, Some(Step::LateJoin)).await);
}

#[tokio::test(start_paused = true)]
async fn without_the_takeover_they_do_not_agree() {
    assert!(!agree(6, Some(Step::Takeover)).await);
}

#[tokio::test(start_paused = true)]
async fn without_the_manual_sync_they_do_not_agree() {
    assert!(!agree(6, Some(Step::ManualSync)).await);
}

#[tokio::test(start_paused = true)]
async fn without_the_table_sync_they_do_not_agree() {
    assert!(!agree(6, Some(Step::TableSync)).await);
}

#[tokio::test(start_paused = true)]
async fn without_the_sheet_they_do_not_agree() {
    assert!(!agree(6, Some(Step::Sheet)).await);
}
