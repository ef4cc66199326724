//! Whatever happens to a group, once all are in it and it comes to rest, all agree.

use guildsync_leader::{Config, Event, SyncPlan};
use guildsync_types::points::Total;
use proptest::prelude::*;

use crate::raid::*;

const NAMES: [&str; 5] = ["Ann", "Bo", "Cy", "Dee", "Eli"];

#[derive(Debug, Clone)]
enum Step {
    Award(usize),
    /// The group is these (bits), led by the nth of them.
    Form(u8, usize),
    Deliver(usize),
    Manual(usize),
    Switch(usize, bool),
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..NAMES.len();
    prop_oneof![
        4 => who.clone().prop_map(Step::Award),
        3 => (1u8..32, 0usize..5).prop_map(|(bits, nth)| Step::Form(bits, nth)),
        4 => (1usize..12).prop_map(Step::Deliver),
        1 => who.clone().prop_map(Step::Manual),
        1 => (who, any::<bool>()).prop_map(|(who, on)| Step::Switch(who, on)),
        1 => Just(Step::Rest),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn once_all_are_together_and_at_rest_all_agree(
        steps in proptest::collection::vec(step(), 1..40),
        queue: bool,
        last_leader in 0usize..5,
    ) {
        let plan = if queue { SyncPlan::queue() } else { SyncPlan::Broadcast };
        let mut raid = Raid::of(&NAMES, Config { plan, ..Config::default() });
        let mut awarded = 0;
        for step in steps {
            match step {
                Step::Award(who) => {
                    raid.award(NAMES[who], "Brindle", "1");
                    awarded += 1;
                }
                Step::Form(bits, nth) => {
                    let chosen = (0..5).filter(|i| bits >> i & 1 == 1).map(|i| NAMES[i]);
                    let members: Vec<&str> = chosen.collect();
                    raid.form_led_by(&members, members[nth % members.len()]);
                }
                Step::Deliver(n) => {
                    for _ in 0..n {
                        raid.deliver_one();
                    }
                }
                Step::Manual(who) => raid.step(&name(NAMES[who]), Event::ManualSync),
                Step::Switch(who, on) => raid.step(&name(NAMES[who]), Event::SetEnabled(on)),
                Step::Rest => raid.settle(),
            }
        }
        for who in NAMES {
            raid.step(&name(who), Event::SetEnabled(true));
        }
        // Everyone leaves, and the raid forms afresh.
        raid.form(&[NAMES[last_leader]]);
        raid.form_led_by(&NAMES, NAMES[last_leader]);
        raid.settle();
        prop_assert!(raid.agree(&NAMES), "{:#?}", raid.said);
        let total = raid.log("Ann").total(&name("Brindle"));
        prop_assert_eq!(total.unwrap_or_default(), Total(awarded * 100));
    }
}
