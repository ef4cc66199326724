//! What people do with sheets: they publish, edit what is different and what is the same at once, rename,
//! reorder, remove, import again, settle conflicts, and turn screens.

use guildsync::sections::message::What as Fetched;
use guildsync::sections::{DocumentId, ImportSpread};

use super::Story;
use super::options::Options;
use crate::corpus::sheet::{Sheet, assignments};
use crate::dice::Dice;
use crate::world::{SheetAct, World};

/// The most members that do something at the same moment.
const AT_ONCE_MAX: usize = 5;

/// How much of each thing people do: weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Users {
    /// Mean time between two things that people do, in milliseconds.
    pub every_ms: f64,
    weights: [f64; 15],
}

impl Users {
    /// Draws the habits of a raid.
    #[must_use]
    pub fn draw(story: Story, dice: &mut Dice) -> Self {
        let mut weight = |usual: f64| usual * 2.0 * dice.unit();
        let mut weights = [
            0.4 + weight(0.5), // publish
            0.5 + weight(2.0), // edit
            weight(1.0),       // edit at once
            weight(0.7),       // edit the same at once
            weight(0.4),       // rename
            weight(0.4),       // reorder
            weight(0.4),       // add
            weight(0.3),       // drop
            weight(0.5),       // import again
            weight(0.7),       // pick
            0.5 + weight(1.5), // point
            weight(0.2),       // title
            weight(0.15),      // fetch
            0.0,               // throw away
            weight(0.3),       // policies and leaders
        ];
        if story == Story::AllEdit {
            (weights[2], weights[3]) = (3.0, 3.0);
        }
        if story == Story::ThrowAway {
            weights[13] = 0.5;
        }
        Self { weights, every_ms: dice.scale(1_500.0, 20_000.0) }
    }

    /// One thing that somebody does, or several at once.
    pub(crate) fn do_something(&self, world: &mut World, options: &Options, dice: &mut Dice) {
        let mut left = dice.unit() * self.weights.iter().sum::<f64>();
        let which = self.weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        match which.unwrap_or(1) {
            0 => publish(world, options, dice),
            1 => edit(world, options, 1, false, dice),
            n @ (2 | 3) => edit(world, options, 2 + dice.below(AT_ONCE_MAX - 1), n == 3, dice),
            n @ (4 | 6 | 7 | 9) => {
                let Some((member, document)) = some(world, &options.editors, dice) else { return };
                let (nth, seed) = (dice.below(64), dice.raw());
                let (what, act) = match n {
                    4 => ("user: renames", SheetAct::Rename { document, nth, number: seed }),
                    6 => ("user: adds", SheetAct::Add { document, seed }),
                    7 => ("user: drops", SheetAct::Drop { document, nth }),
                    _ => ("user: picks", SheetAct::Pick { document, nth }),
                };
                // A structure that is picked needs the right to publish.
                if n != 9 || options.publishers.contains(&member) {
                    world.seen.hit(what);
                    world.sheet_act(member, act);
                }
            }
            n @ (5 | 11) => {
                let Some((member, document)) = some(world, &options.publishers, dice) else {
                    return;
                };
                let seed = dice.raw();
                world.seen.hit(if n == 5 { "user: reorders" } else { "user: retitles" });
                world.sheet_act(
                    member,
                    match n {
                        5 => SheetAct::Reorder { document, seed },
                        _ => SheetAct::Retitle { document, number: seed },
                    },
                );
            }
            8 => import_again(world, options, dice),
            10 => point(world, options, dice),
            12 => fetch(world, dice),
            13 => throw_away(world, dice),
            _ => change_policies(world, options, dice),
        }
    }
}

/// Publishes a sheet, or two people two, or two people the same.
pub(crate) fn publish(world: &mut World, options: &Options, dice: &mut Dice) {
    let n = if dice.happens(0.25) { 2 } else { 1 };
    for _ in 0..n {
        let (Some(member), Some(&(seed, sections))) =
            (running(world, &options.publishers, dice), dice.of(&options.sheets))
        else {
            return;
        };
        world.seen.hit(if n == 2 { "user: publishes with another" } else { "user: publishes" });
        world.publish_sheet(member, &assignments(seed, sections), options.policy.clone());
    }
}

/// Imports a sheet again, with some sections changed and one or the other gone.
fn import_again(world: &mut World, options: &Options, dice: &mut Dice) {
    let (Some(member), Some(&(seed, sections))) =
        (running(world, &options.publishers, dice), dice.of(&options.sheets))
    else {
        return;
    };
    let mut sheet: Sheet = assignments(seed, sections);
    for _ in 0..1 + dice.below(4) {
        let nth = dice.below(sections);
        sheet.edit(dice, nth);
    }
    if dice.happens(0.3) && sheet.sections.len() > 1 {
        let nth = dice.below(sheet.sections.len());
        sheet.sections.remove(nth);
    }
    world.seen.hit("user: imports again");
    world.publish_sheet(member, &sheet, options.policy.clone());
}

/// So many members edit at the same moment, all the same section or each its own.
pub(crate) fn edit(world: &mut World, options: &Options, n: usize, is_same: bool, dice: &mut Dice) {
    let Some((_, document)) = some(world, &options.editors, dice) else { return };
    let nth = dice.below(64);
    for i in 0..n {
        let Some(member) = running(world, &options.editors, dice) else { return };
        world.seen.hit(match (n, is_same) {
            (1, _) => "user: edits",
            (_, false) => "user: edits with others",
            (_, true) => "user: edits the same as others",
        });
        world.edit_sheet(member, document, if is_same { nth } else { nth + i }, dice.raw());
    }
}

/// A member edits, if it may.
pub(crate) fn edit_alone(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    let alone: Vec<usize> = options.editors.iter().copied().filter(|one| *one == member).collect();
    if let Some((member, document)) = some(world, &alone, dice) {
        world.edit_sheet(member, document, dice.below(64), dice.raw());
    }
}

/// Turns everyone's screen.
pub(crate) fn point(world: &mut World, options: &Options, dice: &mut Dice) {
    let Some((member, document)) = some(world, &options.pointers, dice) else { return };
    world.seen.hit("user: points");
    world.point(member, document, dice.below(64));
}

fn fetch(world: &mut World, dice: &mut Dice) {
    let all: Vec<usize> = (0..world.len()).collect();
    let Some((member, document)) = some(world, &all, dice) else { return };
    let what = match dice.below(3) {
        0 => Fetched::Everything,
        _ => Fetched::Structure,
    };
    world.seen.hit("user: fetches");
    world.sheet_act(member, SheetAct::Fetch { document, what });
}

/// Takes a document away where it is; the raid still has it.
fn throw_away(world: &mut World, dice: &mut Dice) {
    let all: Vec<usize> = (0..world.len()).collect();
    if let Some((member, document)) = some(world, &all, dice) {
        world.seen.hit("user: throws away");
        world.sheet_act(member, SheetAct::Remove(document));
    }
}

fn change_policies(world: &mut World, options: &Options, dice: &mut Dice) {
    let member = dice.below(world.len());
    if dice.happens(0.4) {
        world.seen.hit("user: new leader");
        return world.set_leader(member);
    }
    let mut config = options.configs[member].clone();
    config.enabled = dice.happens(0.8);
    config.follow = dice.happens(0.9);
    config.spread = if dice.happens(0.7) { ImportSpread::Push } else { ImportSpread::Announce };
    world.seen.hit("user: changes policies");
    let now = world.now();
    world.trace.event(now, format_args!("{member} changes its policies: {config:?}"));
    world.set_sheet_config(member, config);
}

/// One of these members whose program runs.
fn running(world: &World, members: &[usize], dice: &mut Dice) -> Option<usize> {
    dice.of(members).copied().filter(|member| world.member(*member).replica().is_some())
}

/// One of these members, and a document of its own.
fn some(world: &World, members: &[usize], dice: &mut Dice) -> Option<(usize, DocumentId)> {
    let member = running(world, members, dice)?;
    let documents: Vec<DocumentId> = world.shelf(member).iter().map(|held| held.id()).collect();
    Some((member, *dice.of(&documents)?))
}
