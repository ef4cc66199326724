//! Word lists of the generated corpora: invented, and shaped like what guilds write.

/// First halves of character names.
pub const NAME_STARTS: [&str; 22] = [
    "Bel", "Cor", "Dra", "Eld", "Fay", "Gri", "Har", "Isen", "Jor", "Kel", "Lor", "Mor", "Nal",
    "Ond", "Per", "Quel", "Ras", "Syl", "Tor", "Uth", "Vel", "Zan",
];
/// Second halves of character names.
pub const NAME_ENDS: [&str; 20] = [
    "abras", "adin", "akar", "andis", "arion", "athas", "eastra", "edran", "elune", "enzo", "eron",
    "ethil", "idas", "imora", "innis", "odar", "oleth", "orwyn", "ulak", "ymir",
];
/// Realms, the common ones first.
pub const REALMS: [&str; 6] =
    ["Greyhollow", "Stormwatch", "Eastvale", "IronHearth", "Duskmere", "Sunreach"];
/// Raid bosses.
pub const BOSSES: [&str; 16] = [
    "Vorgath the Unbroken",
    "Lady Seraphine",
    "Grimtooth",
    "The Hollow Choir",
    "Archivist Talorn",
    "Skarn and Skoll",
    "Mistress Velith",
    "The Drowned King",
    "Ember Colossus",
    "Warlord Hakkan",
    "Ysolde",
    "The Clockwork Regent",
    "Nightmother Iss",
    "Ghaz'ruk",
    "Twin Emissaries",
    "Queen Meridra",
];
/// Pieces of loot.
pub const ITEMS: [&str; 12] = [
    "Hakkan's Broken Crown",
    "Token: Helm",
    "Token: Chest",
    "Token: Legs",
    "Regent's Mainspring",
    "Tidebound Signet",
    "Choirmaster's Baton",
    "Cloak of Long Nights",
    "Emberforged Bulwark",
    "Meridra's Last Letter",
    "Fang of Skoll",
    "Ledger of Debts",
];
/// Raids.
pub const RAIDS: [&str; 4] =
    ["Halls of the Regent", "Drowned Citadel", "Emberdeep", "Court of Meridra"];
/// Reasons that every guild has.
pub const COMMON: [&str; 6] = [
    "Standby",
    "Late arrival",
    "Correction",
    "Weekly decay 10%",
    "Officer adjustment",
    "Bonus: flasks and food",
];
/// Free text of one guild, before a member's name.
pub const FREE_TEXT: [&str; 18] = [
    "Tank swap with",
    "Crafted gear for",
    "Repaid debt to",
    "Mentored",
    "Lost roll vs",
    "Summons by",
    "Cauldrons from",
    "Covered healing for",
    "Guide written for",
    "Bank deposit by",
    "Invited",
    "Birthday bonus for",
    "Logs posted by",
    "Won bid on",
    "Farmed herbs for",
    "Repair help for",
    "Brought alt for",
    "Raid lead by",
];
/// Words of news and events, the common ones first.
pub const PROSE: [&str; 56] = [
    "guild",
    "raid",
    "tonight",
    "bring",
    "please",
    "officers",
    "members",
    "boss",
    "heroic",
    "loot",
    "bank",
    "the",
    "to",
    "and",
    "on",
    "for",
    "you",
    "we",
    "that",
    "with",
    "Sunday",
    "Thursday",
    "Tuesday",
    "flasks",
    "mats",
    "healers",
    "tanks",
    "ranged",
    "mythic",
    "farm",
    "progress",
    "signups",
    "rules",
    "welcome",
    "trial",
    "crafters",
    "orders",
    "voice",
    "channel",
    "remember",
    "before",
    "after",
    "early",
    "late",
    "thank",
    "helped",
    "start",
    "pull",
    "update",
    "addon",
    "discord",
    "event",
    "night",
    "first",
    "kill",
    "congratulations",
];
/// Character classes.
pub const CLASSES: [&str; 13] = [
    "Monk",
    "Death Knight",
    "Warrior",
    "Rogue",
    "Demon Hunter",
    "Warlock",
    "Priest",
    "Druid",
    "Paladin",
    "Mage",
    "Shaman",
    "Hunter",
    "Evoker",
];
/// Guild ranks, the common ones first.
pub const RANKS: [&str; 8] =
    ["Member", "Alt", "Initiate", "Veteran", "Raider", "Officer", "Core Raider", "Guild Master"];
/// Professions.
pub const PROFESSIONS: [&str; 11] = [
    "Alchemy",
    "Blacksmithing",
    "Enchanting",
    "Herbalism",
    "Engineering",
    "Inscription",
    "Jewelcrafting",
    "Leatherworking",
    "Tailoring",
    "Mining",
    "Skinning",
];
/// What members like.
pub const INTERESTS: [&str; 9] = [
    "Roleplay",
    "Leveling",
    "Collecting",
    "Delves",
    "Achievements",
    "Mythic+",
    "PvP",
    "Raiding",
    "Crafting",
];
/// Roles in a group.
pub const ROLES: [&str; 3] = ["Tank", "DPS", "Healer"];
