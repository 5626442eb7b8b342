//! What an end has, before it is written down in the words of one kind of end.

use super::random::Random;

/// Cipher, hash and group, in the model's words; `none` for no PFS.
pub(super) type Suite = (&'static str, &'static str, &'static str);
/// Networks behind an end, and behind its peer.
pub(super) type Nets = (Vec<&'static str>, Vec<&'static str>);

/// What an end has.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// 1, 2, or 0 for both.
    pub(super) version: u8,
    pub(super) aggressive: bool,
    pub(super) ike: Vec<Suite>,
    pub(super) esp: Vec<Suite>,
    pub(super) own: &'static str,
    pub(super) far: &'static str,
    pub(super) own_id: Option<&'static str>,
    pub(super) far_id: Option<&'static str>,
    pub(super) nets: Vec<Nets>,
    pub(super) ike_life: u64,
    pub(super) child_life: u64,
    pub(super) dpd: bool,
    pub(super) dpd_action: &'static str,
    pub(super) start: &'static str,
    pub(super) key: Option<&'static str>,
    pub(super) transport: bool,
    pub(super) esn: bool,
    pub(super) compress: bool,
    pub(super) narrowing: bool,
    pub(super) truncated: bool,
    /// `auto`, `yes` or `no`.
    pub(super) encapsulation: &'static str,
    /// Libreswan's `ikev1-policy`; none: nothing is said.
    pub(super) policy: Option<&'static str>,
    /// Whether the secret of a strongSwan names only the peer.
    pub(super) key_of_peer: bool,
}

pub(super) const OWN: &str = "192.0.2.1";
pub(super) const FAR: &str = "198.51.100.1";
const KEYS: [&str; 3] = ["A-made-up-Key-0001", "another-Made-up-key-0002", "x"];
const CIPHERS: &[&str] = &["aes128", "aes256", "aes256", "3des", "aes192"];
const HASHES: &[&str] = &["sha1", "sha256", "sha256", "sha512", "md5"];
const GROUPS: &[&str] = &["group2", "group5", "group14", "group14", "group15", "group20"];
const NEAR: &[&str] = &["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/23", "10.1.8.0/22"];
const REMOTE: &[&str] = &["10.2.0.0/24", "10.2.1.0/24", "10.2.2.0/23", "10.2.8.0/22"];

impl Spec {
    /// A left end.
    pub(super) fn new(random: &mut Random) -> Self {
        let version = random.pick(&[1, 2, 2]);
        let mut ike = vec![suite(random, true, version)];
        let mut esp = vec![suite(random, false, version)];
        if random.one_in(5) {
            ike.push(suite(random, true, version));
            esp.push(suite(random, false, version));
        }
        let first = random.below(3);
        let mut nets = vec![(vec![NEAR[first]], vec![REMOTE[first]])];
        match random.below(8) {
            0 => nets[0].0.push(NEAR[first + 1]),
            1 => nets.push((vec![NEAR[first + 1]], vec![REMOTE[first + 1]])),
            2 => nets[0].1.push(REMOTE[first + 1]),
            _ => {}
        }
        let (own_id, far_id) = random.pick(&[(None, None), (Some(OWN), Some(FAR)), (Some("left.example.com"), Some("right.example.com"))]);
        Self {
            version,
            aggressive: version == 1 && random.one_in(5),
            ike,
            esp,
            own: OWN,
            far: FAR,
            own_id,
            far_id,
            nets,
            ike_life: 28_800,
            child_life: 3600,
            dpd: true,
            dpd_action: "restart",
            start: "start",
            key: Some(KEYS[0]),
            transport: false,
            esn: false,
            compress: false,
            narrowing: false,
            truncated: false,
            encapsulation: "auto",
            policy: Some("accept"),
            key_of_peer: false,
        }
    }

    /// The other end that agrees with this one.
    pub(super) fn mirrored(&self) -> Self {
        let nets = self.nets.iter().map(|(own, far)| (far.clone(), own.clone())).collect();
        Self { own: self.far, far: self.own, own_id: self.far_id, far_id: self.own_id, nets, ..self.clone() }
    }

    /// Changes something of what the ends agreed on.
    pub(super) fn change(&mut self, random: &mut Random) {
        let value = |random: &mut Random, suite: &mut Suite, is_ike: bool| match random.below(3) {
            0 => suite.0 = random.pick(CIPHERS),
            1 => suite.1 = random.pick(HASHES),
            _ if is_ike || !random.one_in(3) => suite.2 = random.pick(GROUPS),
            _ => suite.2 = "none",
        };
        match random.below(26) {
            0..=3 => value(random, &mut self.ike[0], true),
            4..=7 => value(random, &mut self.esp[0], false),
            8 => self.version = random.pick(&[0, 1, 2]),
            9 => self.aggressive = !self.aggressive,
            10 => self.key = random.pick(&[Some(KEYS[1]), Some(KEYS[2]), None]),
            11 => self.own_id = random.pick(&[Some("other.example.com"), Some("203.0.113.50"), None]),
            12 => self.far_id = random.pick(&[Some("other.example.com"), Some("203.0.113.50"), None]),
            13 => self.far = random.pick(&["203.0.113.99", "192.0.2.77"]),
            14..=16 => self.change_nets(random),
            17 => self.ike_life = random.pick(&[1800, 3600, 86_400]),
            18 => self.child_life = random.pick(&[1800, 86_400, 43_200]),
            19 => self.dpd = false,
            20 => (self.dpd_action, self.start) = (random.pick(&["clear", "trap"]), random.pick(&["none", "trap"])),
            21 => self.start = random.pick(&["none", "trap"]),
            22 => (self.transport, self.esn) = random.pick(&[(true, false), (false, true)]),
            23 => {
                (self.compress, self.truncated, self.narrowing) =
                    random.pick(&[(true, false, false), (false, true, false), (false, false, true)])
            }
            24 => self.encapsulation = random.pick(&["yes", "no"]),
            _ => (self.policy, self.key_of_peer) = random.pick(&[(None, false), (Some("drop"), false), (Some("accept"), true)]),
        }
    }

    /// Changes a network, or how they are arranged.
    fn change_nets(&mut self, random: &mut Random) {
        let near = self.own == OWN;
        let (own, far) = if near { (NEAR, REMOTE) } else { (REMOTE, NEAR) };
        match random.below(9) {
            0 => self.nets[0].0 = vec![random.pick(own)],
            1 => self.nets[0].1 = vec![random.pick(far)],
            2 => self.nets[0].0 = vec![if near { "10.1.0.0/16" } else { "10.2.0.0/16" }],
            3 => self
                .nets
                .push((vec![if near { "10.5.0.0/24" } else { "10.6.0.0/24" }], vec![if near { "10.6.0.0/24" } else { "10.5.0.0/24" }])),
            4 => self.nets[0].0.push(if near { "10.1.64.0/24" } else { "10.2.64.0/24" }),
            5 => self.nets = vec![(vec!["172.20.1.0/24"], vec!["172.20.2.0/24"])],
            6 => {
                // Each pair in a child of its own, or all in one.
                let pairs =
                    self.nets.iter().flat_map(|(own, far)| own.iter().flat_map(|one| far.iter().map(|two| (vec![*one], vec![*two]))));
                self.nets = pairs.collect();
            }
            7 => self.nets[0].0 = own.iter().copied().take(1).collect(),
            _ => self.nets.iter_mut().for_each(|(own, _)| own.reverse()),
        }
    }
}

fn suite(random: &mut Random, is_ike: bool, version: u8) -> Suite {
    let group = if !is_ike && random.one_in(4) { "none" } else { random.pick(GROUPS) };
    if random.one_in(6) && (version == 2 || !is_ike || random.one_in(4)) {
        return ("aes256gcm16", "sha256", group);
    }
    (random.pick(CIPHERS), random.pick(HASHES), group)
}
