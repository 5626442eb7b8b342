//! An end as a whole `swanctl.conf`, odd in one thing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tunnelctl::testing::Daemon;

use super::swanctl_text::{Style, written};
use super::tunnel::{File, KEY, Odd, View, WRONG};
use super::words;
use crate::random::Random;

/// Settings in order.
pub type Settings = Vec<(String, String)>;

/// The sections of a file.
pub struct Sections {
    pub connection: Settings,
    pub local: Settings,
    pub remote: Settings,
    pub children: Vec<(String, Settings)>,
    pub secrets: Vec<(String, Settings)>,
}

pub fn set(settings: &mut Settings, name: &str, value: &str) {
    settings.retain(|(own, _)| own != name);
    settings.push((name.to_owned(), value.to_owned()));
}

fn unset(settings: &mut Settings, name: &str) {
    settings.retain(|(own, _)| own != name);
}

fn settings(list: &[(&str, &str)]) -> Settings {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn file(random: &mut Random, view: &View, odd: Odd) -> File {
    let mut nets = vec![(vec![view.own_net], vec![view.far_net])];
    let mut sections = plain(random, view);
    let mut style = Style::default();
    match odd {
        Odd::Secrets => {
            if random.one_in(3) {
                set(&mut sections.remote, "id", "%any");
            } else if random.one_in(2) {
                unset(&mut sections.remote, "id");
            }
            sections.secrets = secrets(random, view);
        }
        Odd::Authentication => {
            for round in [&mut sections.local, &mut sections.remote] {
                match random.below(4) {
                    0 => set(round, "auth", "pubkey"),
                    1 if random.one_in(2) => unset(round, "auth"),
                    _ => {}
                }
            }
            if random.one_in(4) {
                sections.secrets.clear();
            }
        }
        Odd::Ike => proposals(random, &mut sections.connection, "proposals", words::SWANCTL_IKE),
        Odd::Esp => proposals(random, &mut sections.children[0].1, "esp_proposals", words::SWANCTL_ESP),
        Odd::Children => children(random, &mut sections, view, &mut nets),
        Odd::Syntax => style = Style::any(random),
        Odd::Addresses => addresses(random, &mut sections, view),
        Odd::Lifetimes => lifetimes(random, &mut sections),
        Odd::Transport => {
            set(&mut sections.children[0].1, "mode", "transport");
            if random.one_in(2) {
                unset(&mut sections.children[0].1, "local_ts");
                unset(&mut sections.children[0].1, "remote_ts");
                nets = vec![(vec![view.own_host()], vec![view.far_host()])];
            }
        }
        Odd::LeftOut => left_out(random, &mut sections, view),
        _ => {}
    }
    if odd == Odd::Details {
        details(random, &mut sections, view);
    }
    let (text, parts) = written(random, &sections, &style, view);
    File { kind: Daemon::Strongswan, text, secrets: String::new(), setup: "", nets, odd, parts }
}

fn plain(random: &mut Random, view: &View) -> Sections {
    let id = |text: &str| text.to_owned();
    let mut connection = settings(&[("version", if view.v1 { "1" } else { "2" })]);
    set(&mut connection, "local_addrs", &view.own.to_string());
    set(&mut connection, "remote_addrs", &view.far.to_string());
    set(&mut connection, "proposals", "aes256-sha256-modp2048");
    let round = |own: &str| settings(&[("auth", "psk"), ("id", own)]);
    let child = settings(&[("local_ts", view.own_net), ("remote_ts", view.far_net), ("esp_proposals", "aes256-sha256-modp2048")]);
    let mut secret = settings(&[("secret", &format!("\"{KEY}\""))]);
    if random.one_in(3) {
        set(&mut secret, "id-1", &id(&view.own_id));
        set(&mut secret, "id-2", &id(&view.far_id));
    }
    Sections {
        connection,
        local: round(&view.own_id),
        remote: round(&view.far_id),
        children: vec![("net".to_owned(), child)],
        secrets: vec![("ike-1".to_owned(), secret)],
    }
}

/// Sections of keys in every form; one of them, or none, has the right one.
fn secrets(random: &mut Random, view: &View) -> Vec<(String, Settings)> {
    let count = random.pick(&[1, 1, 2, 2, 3, 4]);
    let right = random.below(count);
    let mut list = Vec::new();
    for place in 0..count {
        let is_right = place == right && !random.one_in(12);
        let mut section = Settings::new();
        let (own, far) = (view.own_id.as_str(), view.far_id.as_str());
        let forms: [&[&str]; 19] = [
            &[],
            &["%any"],
            &[own],
            &[far],
            &[far, own],
            &[own, far],
            &["203.0.113.77"],
            &[own, "203.0.113.77"],
            &[far, "other.example.com"],
            &[own, "%any"],
            &["other.example.com", "%any"],
            &["*.example.com"],
            &["*.example.com", own],
            &["0.0.0.0"],
            &["%any4", far],
            &["%any6"],
            &["::", own],
            &["*"],
            &["keyid:office"],
        ];
        for (number, id) in random.pick(&forms).iter().enumerate() {
            let name = if number == 0 && random.one_in(3) { "id".to_owned() } else { format!("id-{}", number + 1) };
            let id = if random.one_in(4) { format!("\"{id}\"") } else { (*id).to_owned() };
            section.push((name, id));
        }
        let key = if is_right { KEY } else { WRONG };
        let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = STANDARD.encode(key);
        let value = random.pick(&[
            format!("\"{key}\""),
            format!("\"{key}\""),
            key.to_owned(),
            format!("0x{hex}"),
            format!("\"0x{hex}\""),
            format!("0s{base64}"),
            format!("0X{}", hex.to_uppercase()),
        ]);
        let at = random.below(section.len() + 1);
        section.insert(at, ("secret".to_owned(), value));
        // The key of another method is none of IKE's.
        let kind = if !is_right && random.one_in(8) { "eap" } else { "ike" };
        list.push((format!("{kind}-{}", random.pick(&["a", "b", "office", "2"]).to_owned() + &place.to_string()), section));
    }
    list
}

fn proposals(random: &mut Random, settings: &mut Settings, name: &str, list: &[&str]) {
    match random.below(6) {
        0 => unset(settings, name),
        1 => set(settings, name, "default"),
        2 => {
            let text = [random.pick(list), random.pick(list)].join(random.pick(&[",", ", ", " , "]));
            set(settings, name, &text);
        }
        3 => set(settings, name, &format!("{}, default", random.pick(list))),
        _ => set(settings, name, random.pick(list)),
    }
}

fn children(random: &mut Random, sections: &mut Sections, view: &View, nets: &mut Vec<(Vec<&'static str>, Vec<&'static str>)>) {
    let left = view.own_net.starts_with("10.1.");
    let more = if left {
        [("10.1.8.0/24", "10.2.8.0/24"), ("10.1.9.0/24", "10.2.9.0/24")]
    } else {
        [("10.2.8.0/24", "10.1.8.0/24"), ("10.2.9.0/24", "10.1.9.0/24")]
    };
    set(&mut sections.children[0].1, "esp_proposals", random.pick(words::SWANCTL_ESP));
    for (place, (own, far)) in more.into_iter().take(1 + random.below(2)).enumerate() {
        let mut child = settings(&[("local_ts", own), ("remote_ts", far)]);
        set(&mut child, "esp_proposals", random.pick(words::SWANCTL_ESP));
        let at = if random.one_in(3) { 0 } else { sections.children.len() };
        sections.children.insert(at, (format!("more{place}"), child));
        nets.insert(at, (vec![own], vec![far]));
    }
}

fn addresses(random: &mut Random, sections: &mut Sections, view: &View) {
    let (own, far) = (view.own, view.far);
    let net = if far.to_string().starts_with("192") { "192.0.2.0/24" } else { "198.51.100.0/24" };
    let local = [
        format!("{own}"),
        format!("{own}, %any"),
        "%any".to_owned(),
        format!("{own},203.0.113.9"),
        "0.0.0.0".to_owned(),
        "%any4".to_owned(),
    ];
    let remote = [
        format!("{far}, %any"),
        format!("{far},203.0.113.9"),
        format!("203.0.113.9, {far}"),
        "%any".to_owned(),
        format!("{far},{net}"),
        net.to_owned(),
        "203.0.113.9,203.0.113.10".to_owned(),
        format!("{far}-{far}"),
        "0.0.0.0/0".to_owned(),
    ];
    set(&mut sections.connection, "local_addrs", &random.pick(&local));
    set(&mut sections.connection, "remote_addrs", &random.pick(&remote));
    if random.one_in(3) {
        unset(&mut sections.connection, random.pick(&["local_addrs", "remote_addrs"]));
    }
}

/// Settings of ESP and of its encapsulation.
fn details(random: &mut Random, sections: &mut Sections, view: &View) {
    let child = &mut sections.children[0].1;
    match random.below(5) {
        0 | 1 if view.kernel => {
            let words = ["aes256-sha256-modp2048-esn", "aes256-sha256-modp2048-noesn", "aes256-sha256-modp2048-esn-noesn"];
            set(child, "esp_proposals", random.pick(&words));
        }
        0 | 2 => set(&mut sections.connection, "encap", random.pick(&["yes", "no"])),
        1 => set(child, "ipcomp", random.pick(&["yes", "no"])),
        3 if view.kernel => set(child, "sha256_96", random.pick(&["yes", "no"])),
        _ => {
            set(&mut sections.connection, "mobike", random.pick(&["yes", "no"]));
            set(&mut sections.connection, "fragmentation", random.pick(&["yes", "no", "force", "accept"]));
            if view.v1 && random.one_in(2) {
                set(&mut sections.connection, "aggressive", random.pick(&["yes", "no"]));
            }
        }
    }
}

fn lifetimes(random: &mut Random, sections: &mut Sections) {
    let child = &mut sections.children[0].1;
    for name in ["rekey_time", "life_time", "rand_time"] {
        if !random.one_in(3) {
            set(child, name, random.pick(&["0", "0s", "1h", "3600", "3600s", "60m", "8h", "1d"]));
        }
    }
    for name in ["rekey_time", "reauth_time", "over_time", "rand_time", "dpd_delay", "dpd_timeout"] {
        if random.one_in(2) {
            set(&mut sections.connection, name, random.pick(&["0", "0s", "30", "1h", "86400", "24h"]));
        }
    }
}

/// Settings that most files have, left to the daemon.
fn left_out(random: &mut Random, sections: &mut Sections, view: &View) {
    for name in ["version", "local_addrs", "proposals"] {
        if random.one_in(2) {
            unset(&mut sections.connection, name);
        }
    }
    for (round, own) in [(&mut sections.local, view.own.to_string()), (&mut sections.remote, view.far.to_string())] {
        if round.iter().any(|(name, value)| name == "id" && *value == own) && random.one_in(2) {
            unset(round, "id");
        }
    }
    if random.one_in(2) {
        unset(&mut sections.children[0].1, "esp_proposals");
    }
    if random.one_in(6) {
        sections.secrets[0].1 = settings(&[("secret", &format!("\"{WRONG}\""))]);
    }
}
