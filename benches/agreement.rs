//! How many pairs of ends `check` judges in a second: the pure function alone. `benches/README.md` explains the rows.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark stops where it fails")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use tunnelctl::testing::{End, Kind, Options, Policy, check, parse};

/// Checks of each pair, for each run of a command in the other benchmark.
const CHECKS_A_RUN: u32 = 100;
/// Runs, unless a number is given: `cargo bench -- 50`.
const RUNS: u32 = 200;

fn main() {
    // Cargo adds `--bench`.
    let runs = std::env::args().skip(1).find(|arg| arg != "--bench").map_or(RUNS, |runs| runs.parse().expect("the number of runs"));
    let checks = runs * CHECKS_A_RUN;
    println!("{:<28} {:>12} {:>12}", "pair of ends", "checks/s", "us a check");
    for (name, left, right, options) in rows() {
        let before = cpu();
        for _ in 0..checks {
            black_box(check(black_box(&left), black_box(&right), black_box(&options)));
        }
        let a_check = (cpu() - before).as_secs_f64() / f64::from(checks);
        println!("{name:<28} {:>12.0} {:>12.2}", 1.0 / a_check, a_check * 1e6);
    }
}

/// The processor time of this process, user and system; other processes do not count.
fn cpu() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let micros = [used.user_time(), used.system_time()].map(|time| time.tv_sec() * 1_000_000 + time.tv_usec());
    Duration::from_micros(micros.iter().sum::<i64>().try_into().unwrap())
}

/// The pairs that are timed, with their names.
fn rows() -> Vec<(&'static str, End, End, Options)> {
    let plain = Options::default();
    let judged = Options { policy: Some(Policy::Modern), ..Options::default() };
    let equal = end("aes256-sha256-modp2048", &["10.1.0.0/24"], &["10.2.0.0/24"]);
    let lists = end(
        "aes256gcm16-prfsha384-ecp384,aes256-aes128-sha512-sha256-sha1-ecp384-ecp256-modp4096-modp3072-modp2048",
        &["10.1.0.0/24"],
        &["10.2.0.0/24"],
    );
    let other = end("3des-md5-modp1024", &["10.1.0.0/16"], &["10.3.0.0/24"]);
    let as_cloud = |end: &End, provider: &str| End { kind: Kind::Cloud(provider.to_owned()), ..end.clone() };
    let nets: Vec<String> = (0..16).map(|net| format!("10.1.{net}.0/24")).collect();
    let nets: Vec<&str> = nets.iter().map(String::as_str).collect();
    let wide = end("aes256-sha256-modp2048", &nets, &["10.2.0.0/16"]);
    vec![
        ("two daemons, equal", equal.clone(), equal.mirrored(), plain.clone()),
        ("the same, suite judged", equal.clone(), equal.mirrored(), judged.clone()),
        ("two daemons, lists", lists.clone(), lists.mirrored(), judged.clone()),
        ("two daemons, all differs", equal.clone(), other.mirrored(), judged.clone()),
        ("two clouds, equal", as_cloud(&equal, "alibaba"), as_cloud(&equal.mirrored(), "huawei"), judged.clone()),
        ("two clouds, all differs", as_cloud(&equal, "alibaba"), as_cloud(&other.mirrored(), "huawei"), judged),
        ("two daemons, 16 nets", wide.clone(), wide.mirrored(), plain),
    ]
}

/// An end of strongSwan with these IKE proposals and nets.
fn end(proposals: &str, local: &[&str], remote: &[&str]) -> End {
    let mut text = String::new();
    let (local, remote) = (local.join(","), remote.join(","));
    write!(
        text,
        "connections {{\n a {{\n  version = 2\n  local_addrs = 192.0.2.1\n  remote_addrs = 192.0.2.2\n  proposals = {proposals}\n  \
         children {{\n   n {{\n    local_ts = {local}\n    remote_ts = {remote}\n    esp_proposals = aes256-sha256-modp2048\n   }}\n  }}\n \
         }}\n}}\nsecrets {{\n ike {{\n  secret = benchmark\n }}\n}}\n"
    )
    .expect("a string takes all");
    parse::swanctl::read(&text, "bench").expect("it is written right").pop().expect("it has a connection").1
}
