//! A new key for a live tunnel between two files, under a ping every 0.1 s.

mod ping;

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tunnelctl::testing::{Color, Output, Place, Secret, Shape, Side, Written, fingerprint};

use self::ping::Ping;
use crate::harness::{Ran, World};
use crate::lab::{Lab, Trial};

const OUTER: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];
const INNER: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 1, 0, 1), Ipv4Addr::new(10, 2, 0, 1)];
const OLD: &str = "Old-Key-Of-Both-Ends-0123456789abcdef";
const NEW: &str = "N3wKeyOfBothEndsABCDEFGHIJKLMNOPQRSTUVWXYZ01";
const INTERVAL: Duration = Duration::from_millis(100);

/// The most probes that may be lost in a row during a renegotiation: one handshake, on a machine that is also busy otherwise.
const HANDSHAKE: usize = 10;

/// Two daemons, each with a key file, and a tunnel that is up.
struct Bench {
    lab: Lab,
    ping: Ping,
}

fn conf(version: u8, side: usize) -> String {
    let far = 1 - side;
    format!(
        "connections {{\n  tunnel {{\n    version = {version}\n    local_addrs = {own}\n    remote_addrs = {peer}\n    \
         proposals = aes256-sha256-modp2048\n    local {{\n      auth = psk\n      id = {own}\n    }}\n    remote {{\n      auth = psk\n      \
         id = {peer}\n    }}\n    children {{\n      net {{\n        local_ts = {net}/24\n        remote_ts = {other}/24\n        \
         esp_proposals = aes256-sha256-modp2048\n      }}\n    }}\n  }}\n}}\nsecrets {{\n  ike-tunnel {{\n    id = {peer}\n    \
         secret = \"{OLD}\"\n  }}\n}}\n",
        own = OUTER[side],
        peer = OUTER[far],
        net = INNER[side],
        other = INNER[far],
    )
    .replace(".1/24", ".0/24")
}

impl Bench {
    fn start(version: u8) -> Self {
        let mut lab = Lab::start((OUTER[0].into(), OUTER[1].into())).unwrap();
        let net = |side: usize| format!("{}/24", INNER[side]).parse::<ipnet::IpNet>().unwrap().trunc();
        let trial =
            Trial { left: conf(version, 0), right: conf(version, 1), starter: Side::Left, connection: 0, wanted: vec![(net(0), net(1))] };
        let seen = lab.attempt(&trial).unwrap();
        assert_eq!(seen.verdict, "up", "{}", seen.log);
        for side in [Side::Left, Side::Right] {
            std::fs::set_permissions(lab.end(side).file(), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let own = lab.end(Side::Left).socket(IpAddr::V4(INNER[0])).unwrap();
        let far = lab.end(Side::Right).socket(IpAddr::V4(INNER[1])).unwrap();
        let ping = Ping::start(own, far);
        assert!(ping.gets_answers(5), "nothing passes");
        Self { lab, ping }
    }

    fn place(&mut self, side: Side) -> Place {
        Place { path: self.lab.end(side).file(), name: Some("ike-tunnel".to_owned()) }
    }

    /// The command that makes this end's daemon load the key of its file. Its SAs stay up.
    fn reload(&mut self, side: Side) -> String {
        let file = self.lab.end(side).file();
        self.lab.end(side).line(&format!("--load-creds --clear --noprompt --file {}", file.display()))
    }

    /// The command that makes this end drop its IKE SA and negotiate a new one.
    fn renegotiate(&mut self, side: Side) -> String {
        let end = self.lab.end(side);
        format!("{}; {}", end.line("--terminate --ike tunnel --timeout 5"), end.line("--initiate --child net --timeout 5"))
    }

    /// Writes the new key into an end's file and loads it into the daemon.
    fn change(&mut self, side: Side) {
        let place = self.place(side);
        let written = place.write_if(&fingerprint(&Secret::new(OLD)), &Secret::new(NEW)).map_err(|error| error.error(&place)).unwrap();
        assert_eq!(written, Written::Now);
        let reload = self.reload(side);
        run(&reload).unwrap();
    }

    /// Probes lost in a row while a job runs, up to ten answers after it.
    fn lost(&mut self, what: &str, job: impl FnOnce(&mut Self)) -> usize {
        let first = self.ping.sent();
        job(self);
        assert!(self.ping.gets_answers(10), "{what}: no traffic passes any more");
        let lost = self.ping.lost_since(first);
        eprintln!("{what}: {:.1} s", lost as f64 / 10.0);
        lost
    }

    /// The number that this end gives to its established IKE SA.
    fn ike(&mut self) -> String {
        let sas = self.lab.end(Side::Left).sas();
        let standing = sas.iter().filter(|sa| sa["state"] == "ESTABLISHED");
        standing.map(|sa| sa["uniqueid"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(",")
    }
}

fn run(command: &str) -> Result<(), String> {
    let output = Output::new(Shape::default(), Color::Never, true, 0);
    tunnelctl::testing::runtime::run(tunnelctl::testing::shell::run(command, "by-hand", None, &output))
        .unwrap()
        .map_err(|error| error.to_string())
}

#[test]
fn changing_the_key_on_both_ends_loses_no_more_than_one_renegotiation() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    for version in [2, 1] {
        let mut bench = Bench::start(version);
        let before = bench.ike();
        let name = |what: &str| format!("IKEv{version}, {what}");
        let quiet = bench.lost(&name("the key of one end"), |bench| bench.change(Side::Left));
        let both = bench.lost(&name("the key of the other end"), |bench| bench.change(Side::Right));
        assert!(quiet + both <= 1, "reloading keys affects no SA");
        assert_eq!(bench.ike(), before);
        let renegotiated = bench.lost(&name("a new IKE SA"), |bench| {
            let command = bench.renegotiate(Side::Left);
            run(&command).unwrap();
        });
        assert!(renegotiated <= HANDSHAKE, "{renegotiated} probes lost");
        assert_ne!(bench.ike(), before, "the tunnel runs on the new key");
    }
}

#[test]
fn a_tunnel_renegotiated_between_both_changes_stays_down_until_the_other_end_follows() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    for version in [2, 1] {
        let mut bench = Bench::start(version);
        let first = bench.ping.sent();
        bench.change(Side::Right);
        let reset = bench.lab.end(Side::Right).line("--terminate --ike tunnel --timeout 5");
        run(&reset).unwrap();
        let again = bench.lab.end(Side::Left).line("--initiate --child net --timeout 5");
        assert!(run(&again).is_err(), "IKEv{version}: the keys differ");
        bench.change(Side::Left);
        assert!(!bench.ping.gets_answers(1), "IKEv{version}: up without an initiation");
        assert_eq!(bench.ike(), "");
        let renegotiate = bench.renegotiate(Side::Left);
        run(&renegotiate).unwrap();
        assert!(bench.ping.gets_answers(10), "IKEv{version}: no traffic passes any more");
        eprintln!("IKEv{version}, the far end changed and reset first: {:.1} s", bench.ping.lost_since(first) as f64 / 10.0);
    }
}

/// Runs `rotate` with both ends' files and these reload commands.
fn rotate(world: &World, bench: &mut Bench, reloads: [&str; 2]) -> Ran {
    let files = [Side::Left, Side::Right].map(|side| bench.place(side).to_string());
    let renegotiate = bench.renegotiate(Side::Left);
    let [left, right] = reloads;
    world.run(&[
        "rotate",
        &files[0],
        &files[1],
        "--yes",
        "-o",
        "json",
        "--reload",
        left,
        "--reload",
        right,
        "--renegotiate-with",
        &renegotiate,
    ])
}

impl Bench {
    /// The keys that the files hold, which are the same.
    fn keys(&mut self) -> [String; 2] {
        let keys = [Side::Left, Side::Right].map(|side| self.place(side).open().unwrap().held.key().expose().to_owned());
        assert_eq!(keys[0], keys[1]);
        keys
    }
}

#[test]
fn rotate_gives_two_daemons_a_new_key_and_loses_no_more_than_one_renegotiation() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    for version in [2, 1] {
        let (world, mut bench) = (World::new(), Bench::start(version));
        let before = bench.ike();
        let lost = bench.lost(&format!("IKEv{version}, rotate"), |bench| {
            let reloads = [Side::Left, Side::Right].map(|side| bench.reload(side));
            let ran = rotate(&world, bench, reloads.each_ref().map(String::as_str)).expect(0);
            let [new, _] = bench.keys();
            assert_ne!(new, OLD);
            assert!(![OLD, &new].iter().any(|key| ran.stdout.contains(*key) || ran.stderr.contains(*key)));
        });
        assert!(lost <= HANDSHAKE, "{lost} probes lost");
        assert_ne!(bench.ike(), before, "the tunnel runs on the new key");
    }
}

#[test]
fn a_rotation_killed_between_two_daemons_resumes_or_rolls_back_to_a_working_tunnel() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    for (killed, way) in [(0, "resume"), (1, "resume"), (0, "rollback"), (1, "rollback")] {
        let (world, mut bench) = (World::new(), Bench::start(2));
        let flag = world.path().join("killed");
        let mut reloads = [Side::Left, Side::Right].map(|side| bench.reload(side));
        // The program is killed after it wrote the file and before the daemon loaded it.
        reloads[killed] = format!("if mkdir {} 2> /dev/null; then kill -9 $PPID; exit 1; fi; {}", flag.display(), reloads[killed]);
        let lost = bench.lost(&format!("killed at end {killed}, {way}"), |bench| {
            rotate(&world, bench, reloads.each_ref().map(String::as_str)).expect(-1);
            world.run(&["operation", way, &open(&world), "--yes"]).expect(0);
            assert_eq!(bench.keys().iter().any(|key| key == OLD), way == "rollback");
            // The daemons have loaded what the files say.
            let renegotiate = bench.renegotiate(Side::Left);
            run(&renegotiate).unwrap();
        });
        assert!(lost <= HANDSHAKE, "{lost} probes lost");
    }
}

#[test]
fn a_rotation_whose_daemon_refuses_to_reload_can_be_resumed_once_it_does() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    for refused in [0, 1] {
        let (world, mut bench) = (World::new(), Bench::start(2));
        let flag = world.path().join("back");
        let mut reloads = [Side::Left, Side::Right].map(|side| bench.reload(side));
        reloads[refused] =
            format!("if ! test -e {}; then echo 'connecting to the daemon failed' >&2; exit 3; fi; {}", flag.display(), reloads[refused]);
        let lost = bench.lost(&format!("end {refused} refuses"), |bench| {
            let ran = rotate(&world, bench, reloads.each_ref().map(String::as_str));
            assert!([8, 9].contains(&ran.code), "{}", ran.stderr);
            assert!(ran.stderr.contains("exit code 3; its last line: connecting to the daemon failed"), "{}", ran.stderr);
            std::fs::write(&flag, "").unwrap();
            world.run(&["operation", "resume", &open(&world), "--yes"]).expect(0);
            assert_ne!(bench.keys()[0], OLD);
        });
        assert!(lost <= HANDSHAKE, "{lost} probes lost");
    }
}

/// The one operation on record.
fn open(world: &World) -> String {
    let listed = world.run(&["operation", "list", "-o", "json"]).expect(0).json();
    listed["operations"][0]["operation"].as_str().unwrap().to_owned()
}
