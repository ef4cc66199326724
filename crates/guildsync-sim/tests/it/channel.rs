//! The laws of the channel's model.

use guildsync::transport::{ChannelProfile, Rate, SendResult};
use guildsync_sim::channel::{Arrivals, Burst, Channel, Meter, Violations, Weather};
use guildsync_sim::coverage::Coverage;
use guildsync_sim::dice::Dice;

const OTHERS: [usize; 4] = [1, 2, 3, 4];

struct Bench {
    channel: Channel,
    arrivals: Arrivals,
    seen: Coverage,
}

impl Bench {
    fn new(profile: ChannelProfile, weather: Weather) -> Self {
        let channel = Channel::new(profile, weather, 5, Dice::new(7));
        Self { channel, arrivals: Arrivals::default(), seen: Coverage::default() }
    }

    fn send(&mut self, now: u64, frame: &[u8]) -> SendResult {
        self.channel.send(now, 0, &OTHERS, frame, &mut self.arrivals, &mut self.seen)
    }

    /// Sends `n` small frames, a second apart, and returns how many arrivals there were.
    fn arrivals(&mut self, n: u64) -> usize {
        let mut all = 0;
        for i in 0..n {
            self.send(i * 1000, b"x");
            all += self.arrivals.at.len();
        }
        all
    }
}

#[test]
fn retail_takes_ten_frames_at_once_and_then_one_a_second() {
    let mut bench = Bench::new(ChannelProfile::retail(), Weather::calm());
    for _ in 0..10 {
        assert_eq!(bench.send(0, b"x"), SendResult::Sent);
    }
    assert_eq!(bench.channel.violations, Violations::default());
    assert_eq!(bench.send(999, b"x"), SendResult::Throttled);
    assert_eq!(bench.channel.violations.budget, 1);
    assert_eq!(bench.send(1000, b"x"), SendResult::Sent);
    assert_eq!(bench.send(1001, b"x"), SendResult::Throttled);
    assert_eq!(bench.channel.violations.budget, 2);
}

#[test]
fn no_window_of_time_takes_more_than_burst_and_rate() {
    for profile in ChannelProfile::ALL.into_iter().filter(|p| p.rate != Rate::Unlimited) {
        let mut meter = Meter::full(profile.rate, 0);
        let mut dice = Dice::new(3);
        let mut taken: Vec<(u64, u64)> = Vec::new();
        let mut now = 0;
        for _ in 0..3_000 {
            now += dice.between(0, 300);
            let bytes = dice.between(1, profile.frame_bytes_max as u64) as usize;
            meter.refill(now);
            if meter.allows(bytes) {
                meter.take(bytes);
                taken.push((now, bytes as u64));
            }
        }
        for from in (0..taken.len()).step_by(37) {
            let mut sum = 0;
            for (at, bytes) in &taken[from..taken.len().min(from + 400)] {
                let since = at - taken[from].0;
                let most = match profile.rate {
                    Rate::Frames { burst, every_ms } => {
                        sum += 1;
                        u64::from(burst) + since / u64::from(every_ms) + 1
                    }
                    Rate::Bytes { burst, per_second, overhead } => {
                        sum += bytes + u64::from(overhead);
                        u64::from(burst) + since * u64::from(per_second) / 1000 + 1
                    }
                    _ => u64::MAX,
                };
                assert!(sum <= most, "{}: {sum} in {since} ms", profile.name);
            }
        }
    }
}

#[test]
fn long_frames_and_forbidden_bytes_are_violations_and_go_nowhere() {
    let mut bench = Bench::new(ChannelProfile::retail(), Weather::calm());
    assert_eq!(bench.send(0, &[1; 256]), SendResult::TooLong);
    assert_eq!(bench.send(0, &[1, 0, 1]), SendResult::TooLong);
    assert_eq!(bench.channel.violations, Violations { budget: 0, length: 1, alphabet: 1 });
    assert!(bench.arrivals.at.is_empty());
    assert_eq!(bench.send(0, &[1; 255]), SendResult::Sent);
    let mut open = Bench::new(ChannelProfile::open(), Weather::calm());
    assert_eq!(open.send(0, &[0; 60_000]), SendResult::Sent);
}

#[test]
fn in_calm_weather_every_frame_arrives_once_in_order_within_its_latency() {
    let mut bench = Bench::new(ChannelProfile::open(), Weather::calm());
    let mut last = [0; 5];
    for now in 0..500 {
        bench.send(now, b"x");
        assert_eq!(bench.arrivals.at.len(), OTHERS.len());
        for (to, at) in &bench.arrivals.at {
            assert!((now + 40..=now + 120).contains(at) && *at >= last[*to]);
            last[*to] = *at;
        }
    }
    assert_eq!(bench.seen, Coverage::default());
}

#[test]
fn loss_and_duplicates_are_as_frequent_as_they_are_said_to_be() {
    let lossy = Weather { loss: 0.2, ..Weather::calm() };
    let n = Bench::new(ChannelProfile::open(), lossy).arrivals(5_000) as f64 / 20_000.0;
    assert!((n - 0.8).abs() < 0.01, "{n}");
    let twice = Weather { duplicate: 0.1, ..Weather::calm() };
    let n = Bench::new(ChannelProfile::open(), twice).arrivals(5_000) as f64 / 20_000.0;
    assert!((n - 1.1).abs() < 0.01, "{n}");
    let burst = Burst { begins: 0.05, ends: 0.2, loss: 1.0 };
    let bursts = Weather { burst: Some(burst), ..Weather::calm() };
    // A fifth of the time is bad weather: 0.05 / (0.05 + 0.2).
    let n = Bench::new(ChannelProfile::open(), bursts).arrivals(5_000) as f64 / 20_000.0;
    assert!((n - 0.8).abs() < 0.03, "{n}");
}

#[test]
fn burst_loss_comes_in_runs() {
    let burst = Burst { begins: 0.02, ends: 0.1, loss: 1.0 };
    let weather = Weather { burst: Some(burst), ..Weather::calm() };
    let mut bench = Bench::new(ChannelProfile::open(), weather);
    let mut runs = vec![0_u32];
    for now in 0..5_000 {
        bench.send(now, b"x");
        let lost = !bench.arrivals.at.iter().any(|(to, _)| *to == 1);
        match (lost, runs.last_mut()) {
            (true, Some(run)) => *run += 1,
            _ => runs.push(0),
        }
    }
    let runs: Vec<u32> = runs.into_iter().filter(|run| *run > 0).collect();
    let mean = f64::from(runs.iter().sum::<u32>()) / runs.len() as f64;
    assert!((mean - 10.0).abs() < 2.0, "{mean}");
}

#[test]
fn a_cut_has_one_direction() {
    let mut bench = Bench::new(ChannelProfile::open(), Weather::calm());
    bench.channel.cut(0, 1);
    bench.send(0, b"x");
    assert!(!bench.arrivals.at.iter().any(|(to, _)| *to == 1));
    let Bench { channel, arrivals, seen } = &mut bench;
    channel.send(0, 1, &[0], b"x", arrivals, seen);
    assert_eq!(arrivals.at.len(), 1);
    bench.channel.mend();
    bench.send(0, b"x");
    assert_eq!(bench.arrivals.at.len(), OTHERS.len());
}

#[test]
fn a_lockdown_is_told_and_a_loading_screen_is_not() {
    let mut bench = Bench::new(ChannelProfile::open(), Weather::calm());
    bench.channel.lock(0, 1_000);
    assert_eq!(bench.send(999, b"x"), SendResult::LockedDown);
    assert_eq!(bench.send(1_000, b"x"), SendResult::Sent);
    bench.channel.mute(0, 3_000);
    assert_eq!(bench.send(2_000, b"x"), SendResult::Sent);
    assert!(bench.arrivals.at.is_empty());
    bench.channel.mute(1, 5_000);
    bench.send(4_000, b"x");
    assert_eq!(bench.arrivals.at.len(), 3);
}

#[test]
fn what_other_addons_take_is_throttled_and_no_violation() {
    let weather = Weather { foreign: 0.8, ..Weather::calm() };
    let mut bench = Bench::new(ChannelProfile::retail(), weather);
    let mut sent = 0;
    // A sender that keeps to its own budget exactly.
    for second in 0..300 {
        sent += u64::from(bench.send(second * 1000, b"x") == SendResult::Sent);
    }
    assert!((30..200).contains(&sent), "{sent}");
    assert_eq!(bench.channel.violations, Violations::default());
}

#[test]
fn after_a_restart_an_overdraft_is_excused_until_the_servers_bucket_is_full_too() {
    let mut bench = Bench::new(ChannelProfile::retail(), Weather::calm());
    (0..10).for_each(|_| assert_eq!(bench.send(0, b"x"), SendResult::Sent));
    bench.channel.excuse(0);
    assert_eq!(bench.send(1, b"x"), SendResult::Throttled);
    assert_eq!(bench.send(9_000, b"x"), SendResult::Sent);
    assert_eq!(bench.channel.violations, Violations::default());
    (0..10).for_each(|_| assert_eq!(bench.send(20_000, b"x"), SendResult::Sent));
    assert_eq!(bench.send(20_001, b"x"), SendResult::Throttled);
    assert_eq!(bench.channel.violations.budget, 1);
}
