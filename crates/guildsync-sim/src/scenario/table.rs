//! The scenarios of `docs/cost.md`, and what each must take at most.
//!
//! F is the bound in frames of the busiest sender, T(F) how long they take to leave ([`super::Bound`]).
//! The members' own answers are counted apart.

use super::bound::seconds;
use super::{Corpus, Cost, Lack, Scenario};
use crate::channel::Weather;

/// What a scenario may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// So many times F frames, and, if there are seconds, the time that these take and those more.
    TimesF(f64, Option<f64>),
    /// So many seconds.
    Seconds(f64),
    /// One frame, at most so many answers to it, and, if there are seconds, less than those.
    OneRound(u64, Option<f64>),
    /// So many times the time without loss, and so many seconds more.
    TimesLossFree(f64, f64),
    /// 99 of 100 entries are with a member within so many seconds.
    Live(f64),
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is run.
    pub scenario: Scenario,
    /// What it must take at most; a row with another one is a gate that must not be passed.
    pub must: Goal,
    /// What it should take at most.
    pub aim: Goal,
    /// Whether the seed's own way is run beside it.
    pub has_rival: bool,
}

/// The rough weather: loss drawn per receiver, frames that overtake each other or come twice.
#[must_use]
pub fn rough() -> Weather {
    Weather { loss: 0.2, reorder: 0.2, duplicate: 0.1, ..Weather::calm() }
}

/// The name of the scenario in rough weather, and of the one that it is measured by.
pub const ROUGH: &str = "same 500, rough";
/// See [`ROUGH`].
pub const LOSS_FREE: &str = "same 500";

/// The rows: those of corpus I, then those of corpus R.
#[must_use]
pub fn rows() -> Vec<Row> {
    let row = |scenario, must, aim| Row { scenario, must, aim, has_rival: true };
    let new = |name, lack| Scenario::new(name, 40, lack);
    let helped = |name, lack| Scenario { helpers: 2, ..new(name, lack) };
    let slight = Weather { loss: 0.05, ..Weather::calm() };
    let (one, all) = (Lack::One(1000), Lack::One(usize::MAX));
    let same = Lack::Same(500);
    let rows = [
        row(new("in sync", Lack::Nothing), Goal::OneRound(39, Some(3.0)), Goal::OneRound(39, None)),
        Row {
            has_rival: false,
            ..row(
                new("in sync, the next heartbeat", Lack::Confirmed),
                Goal::OneRound(39, Some(3.0)),
                Goal::OneRound(0, None),
            )
        },
        row(new(LOSS_FREE, same), Goal::TimesF(1.3, Some(2.0)), Goal::TimesF(1.05, None)),
        row(
            new("tails", Lack::Tails { each: 50, writers: 3 }),
            Goal::TimesF(1.5, Some(3.0)),
            Goal::TimesF(1.1, None),
        ),
        row(new("late joiner", one), Goal::Seconds(12.0), Goal::Seconds(7.0)),
        Row {
            has_rival: false,
            ..row(helped("late joiner, helped", one), Goal::Seconds(12.0), Goal::Seconds(3.0))
        },
        row(new("first contact", all), Goal::Seconds(140.0), Goal::Seconds(119.0)),
        Row {
            has_rival: false,
            ..row(helped("first contact, helped", all), Goal::Seconds(140.0), Goal::Seconds(50.0))
        },
        row(
            new("officers", Lack::Officers { n: 10, each: 100 }),
            Goal::Seconds(20.0),
            Goal::Seconds(5.0),
        ),
        Row {
            has_rival: false,
            ..row(
                Scenario { weather: rough(), ..new(ROUGH, same) },
                Goal::TimesLossFree(2.5, 3.0),
                Goal::TimesLossFree(1.5, 3.0),
            )
        },
        Row {
            has_rival: false,
            ..row(
                Scenario { weather: slight, ..new("live", Lack::Live(100)) },
                Goal::Live(3.0),
                Goal::Live(1.5),
            )
        },
    ];
    let on_r = rows.clone().map(|row| Row {
        scenario: Scenario { corpus: Corpus::Correlated, ..row.scenario },
        // The seed's lists of ids are as long.
        has_rival: false,
        ..row
    });
    rows.into_iter().chain(on_r).collect()
}

impl Goal {
    /// Whether a run keeps it. `loss_free` is the time of the same without loss, in seconds.
    #[must_use]
    pub fn is_met(self, row: &Scenario, cost: &Cost, loss_free: f64) -> bool {
        let (frames, time) = (cost.busiest_frames as f64, cost.virtual_seconds);
        cost.converged
            && match self {
                Self::TimesF(times, slack) => {
                    let most = times * cost.bound_frames as f64;
                    frames <= most && slack.is_none_or(|slack| time <= time_of(row, most) + slack)
                }
                Self::Seconds(most) => time <= most,
                Self::OneRound(answers, most) => {
                    cost.busiest_frames == 1
                        && cost.answer_frames <= answers
                        && most.is_none_or(|most| time < most)
                }
                Self::TimesLossFree(times, slack) => time <= times * loss_free + slack,
                Self::Live(most) => cost.live_p99_ms.is_some_and(|ms| ms as f64 <= most * 1000.0),
            }
    }

    /// In words, with the numbers that it comes to.
    #[must_use]
    pub fn show(self, row: &Scenario, cost: &Cost, loss_free: f64) -> String {
        match self {
            Self::TimesF(times, slack) => {
                let most = times * cost.bound_frames as f64;
                let time = slack.map(|slack| format!(", {:.1} s", time_of(row, most) + slack));
                format!("{times} F = {most:.1}{}", time.unwrap_or_default())
            }
            Self::Seconds(most) => format!("{most} s"),
            Self::OneRound(answers, most) => {
                let time = most.map(|most| format!(", {most} s")).unwrap_or_default();
                format!("1 + {answers}{time}")
            }
            Self::TimesLossFree(times, slack) => format!("{:.1} s", times * loss_free + slack),
            Self::Live(most) => format!("p99 {most} s"),
        }
    }
}

/// T of a number of frames that need not be whole.
fn time_of(row: &Scenario, frames: f64) -> f64 {
    let whole = frames.floor();
    let (from, to) = (whole as u64, whole as u64 + 1);
    let (short, long) = (seconds(&row.channel, from), seconds(&row.channel, to));
    short + (long - short) * (frames - whole)
}
