//! An experiment: what a shipped vocabulary would save.
//!
//! A prior is a base that everybody has: phrases that guilds of this game write, and names of its
//! story. It holds nothing of any one guild. It is measured and not shipped: on the real history it
//! saves far less than the tenth that would be worth its upkeep.

use guildsync_wire::rows::{Row, Rows, RowsBuilder};

/// The vocabulary as rows: each phrase once, with the names in turn.
#[must_use]
pub fn vocabulary() -> Rows {
    let mut rows = RowsBuilder::new(b"");
    for (at, phrase) in PHRASES.iter().enumerate() {
        let name = |at: usize| NAMES[at % NAMES.len()].as_bytes();
        rows.push(&Row {
            seq: at as u64 + 1,
            seconds: 60 * at as u64,
            actor: name(at / 9),
            target: Some(name(at)),
            delta: 1000,
            total: 1000,
            reason: phrase.as_bytes(),
            ..Row::default()
        });
    }
    rows.finish()
}

/// What is written as reasons: bosses, common words of loot logs, an addon's own phrases.
const PHRASES: [&str; 81] = [
    "Boss kill: Ragnaros",
    "Boss kill: Onyxia",
    "Boss kill: Nefarian",
    "Boss kill: C'Thun",
    "Boss kill: Kel'Thuzad",
    "Boss kill: Illidan Stormrage",
    "Boss kill: Archimonde",
    "Boss kill: Kil'jaeden",
    "Boss kill: Yogg-Saron",
    "Boss kill: The Lich King",
    "Boss kill: Anub'Rekhan",
    "Boss kill: Grand Widow Faerlina",
    "Boss kill: Maexxna",
    "Boss kill: Noth the Plaguebringer",
    "Boss kill: Heigan the Unclean",
    "Boss kill: Loatheb",
    "Boss kill: Instructor Razuvious",
    "Boss kill: Gothik the Harvester",
    "Boss kill: The Four Horsemen",
    "Boss kill: Patchwerk",
    "Boss kill: Grobbulus",
    "Boss kill: Gluth",
    "Boss kill: Thaddius",
    "Boss kill: Sapphiron",
    "Boss kill: Flame Leviathan",
    "Boss kill: Ulgrax the Devourer",
    "Boss kill: The Bloodbound Horror",
    "Boss kill: Sikran, Captain of the Sureki",
    "Boss kill: Rasha'nan",
    "Boss kill: Broodtwister Ovi'nax",
    "Boss kill: Nexus-Princess Ky'veza",
    "Boss kill: The Silken Court",
    "Boss kill: Queen Ansurek",
    "Boss kill: Vexie and the Geargrinders",
    "Boss kill: Cauldron of Carnage",
    "Boss kill: Rik Reverb",
    "Boss kill: Stix Bunkjunker",
    "Boss kill: Sprocketmonger Lockenstock",
    "Boss kill: The One-Armed Bandit",
    "Boss kill: Mug'Zee, Heads of Security",
    "Boss kill: Chrome King Gallywix",
    "Loot: Helm of the Fallen Hero",
    "Loot: Mantle of the Lost Protector",
    "Loot: Ring of the Unrepentant",
    "Loot: Leggings of the Wayward Conqueror",
    "Loot: Gauntlets of the Vanquisher",
    "Loot: Trophy of the Crusade",
    "Loot: Mark of Sanctification",
    "Loot: Jug of Mug's Moxie",
    "Attendance",
    "On time bonus",
    "Raid attendance",
    "Progression bonus",
    "Late penalty",
    "No show",
    "Standby",
    "Weekly decay",
    "Bonus: flasks and food",
    "Weekly bonus",
    "Signup bonus",
    "Sign up",
    "Discord signup",
    "Donation",
    "Add EP +10",
    "Add EP +10 (Boss Kill)",
    "Add EP +25 (On time)",
    "Add EP +50 (Attendance)",
    "Add EP +100 (Raid bonus)",
    "Add GP 100",
    "Subtract EP -10",
    "Subtract EP -25 (AFK)",
    "Add Raid EP +25 - Boss Kill",
    "Add Standby EP +25",
    "Cleared EPGP standings",
    "Decay EP -10%",
    "Crafted gear",
    "Mentored a new member",
    "Covered healing",
    "Tank swap",
    "Repair help",
    "Guild bank donation",
];

/// Characters of the story and common parts of names, on large realms.
const NAMES: [&str; 28] = [
    "Thrall-Stormrage",
    "Jaina-Area52",
    "Arthas-Illidan",
    "Sylvana-Tichondrius",
    "Anduin-MoonGuard",
    "Garrosh-Zul'jin",
    "Malfurion-Dalaran",
    "Tyrande-Proudmoore",
    "Illidan-BleedingHollow",
    "Maiev-Sargeras",
    "Velen-Thrall",
    "Rexxar-KelThuzad",
    "Muradin-Eonar",
    "Khadgar-Skywall",
    "Medivh-Alleria",
    "Shadowblaze",
    "Stormyheals",
    "Moonfire",
    "Darksoul",
    "Goldhammer",
    "Tinytank",
    "Frostbite",
    "Bloodfang",
    "Sneakystab",
    "Holylight",
    "Deathgrip",
    "Wildheart",
    "Ironfist",
];
