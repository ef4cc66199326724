//! The budget: never more than the rate in any span, and never less than it allows.

use guildsync_transport::{ChannelProfile, Rate, Throttle};
use guildsync_types::Time;
use proptest::prelude::*;

use crate::world::check_rate;

proptest! {
    #[test]
    fn no_span_sees_more_than_the_rate(
        profile in 0..ChannelProfile::ALL.len(),
        tries in proptest::collection::vec((0u64..1_500, 1usize..256, any::<bool>()), 1..300),
    ) {
        let rate = ChannelProfile::ALL[profile].rate;
        let mut throttle = Throttle::new(rate);
        let (mut now, mut sent) = (Time(1_000_000), Vec::new());
        for (pause, bytes, waits) in tries {
            now = now + if waits { pause } else { 0 };
            let ready = throttle.ready(bytes);
            let taken = throttle.take(now, bytes);
            // It says beforehand when a frame can go, to the millisecond.
            prop_assert_eq!(taken, ready <= now);
            if taken {
                sent.push((now, bytes));
            } else {
                let before = Time(ready.0 - 1);
                prop_assert!(!throttle.clone().take(before, bytes));
                prop_assert!(throttle.clone().take(ready, bytes));
            }
        }
        check_rate(rate, &sent);
    }
}

#[test]
fn a_full_bucket_goes_at_once_and_then_one_at_a_time() {
    let mut throttle = Throttle::new(ChannelProfile::retail().rate);
    let mut sent = Vec::new();
    for ms in 0..=5_000 {
        while throttle.take(Time(ms), 255) {
            sent.push(ms);
        }
    }
    assert_eq!(sent, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1_000, 2_000, 3_000, 4_000, 5_000]);
}

#[test]
fn an_emptied_bucket_fills_from_nothing_and_an_unlimited_one_never_empties() {
    let mut throttle = Throttle::new(ChannelProfile::retail().rate);
    throttle.empty(Time(500));
    assert_eq!((throttle.frames(Time(500), 1), throttle.ready(1)), (0, Time(1_500)));
    assert_eq!(throttle.frames(Time(100_000), 1), 10);
    // A clock that goes back brings nothing.
    assert!(!throttle.take(Time(0), 1));
    let mut unlimited = Throttle::new(Rate::Unlimited);
    unlimited.empty(Time(5));
    assert!((0..10_000).all(|_| unlimited.take(Time(5), 65_535)));
}

#[test]
fn what_goes_later_is_paid_for_when_it_goes() {
    // Ten frames are set aside while the disk is busy for three seconds; the bucket is full meanwhile, so
    // nothing comes in, and the eleventh waits for a second after they have gone.
    let mut throttle = Throttle::new(ChannelProfile::retail().rate);
    assert!((0..10).all(|_| throttle.reserve(Time(0), 255)));
    assert!(!throttle.reserve(Time(3_000), 255));
    (0..10).for_each(|_| throttle.settle(Time(3_000), 255, true));
    assert_eq!(throttle.ready(255), Time(4_000));
    // What did not go costs nothing.
    let mut throttle = Throttle::new(ChannelProfile::retail().rate);
    assert!((0..10).all(|_| throttle.reserve(Time(0), 255)));
    (0..10).for_each(|n| throttle.settle(Time(0), 255, n < 4));
    assert_eq!(throttle.frames(Time(0), 255), 6);
}
