//! An end as a whole `ipsec.conf` with its `ipsec.secrets`, odd in one thing.

use tunnelctl::testing::Daemon;

use super::libreswan_text::{Style, written};
use super::secrets;
use super::swanctl::{Settings, set};
use super::tunnel::{FOLDER, File, Odd, View};
use super::words;
use crate::pluto::SETUP;
use crate::random::Random;

fn unset(settings: &mut Settings, name: &str) {
    settings.retain(|(own, _)| own != name);
}

pub fn file(random: &mut Random, view: &View, odd: Odd) -> File {
    let mut nets = vec![(vec![view.own_net], vec![view.far_net])];
    let mut conn = plain(view);
    let mut style = Style::default();
    let mut setup = SETUP;
    let mut secrets = secrets::plain(random, view);
    match odd {
        Odd::Secrets => secrets = secrets::any(random, view),
        Odd::Authentication => authentication(random, &mut conn, &mut secrets),
        Odd::Ike => algorithms(random, &mut conn, "ike", words::LIBRESWAN_IKE),
        Odd::Esp => {
            let name = if random.one_in(4) { "phase2alg" } else { "esp" };
            algorithms(random, &mut conn, name, words::LIBRESWAN_ESP);
        }
        Odd::Children => children(random, &mut conn, view, &mut nets),
        Odd::Syntax => style = Style::any(random),
        Odd::Addresses => addresses(random, &mut conn),
        Odd::Versions => setup = versions(random, &mut conn),
        Odd::Pfs => {
            unset(&mut conn, "pfs");
            if !random.one_in(3) {
                set(&mut conn, "pfs", random.pick(&["yes", "no"]));
            }
            set(
                &mut conn,
                "esp",
                random.pick(&["aes256-sha2_256", "aes256-sha2_256;modp2048", "aes256-sha2_256;dh19", "aes256-sha2_256;modp2048+dh19"]),
            );
        }
        Odd::LeftOut => {
            for name in ["type", "ikev2", "ike", "esp", "pfs", "ikelifetime", "salifetime", "leftid", "rightid"] {
                let needed = name == "ikev2" && view.v1 || name.ends_with("id") && view.own_id != view.own.to_string();
                if !needed && random.one_in(2) {
                    unset(&mut conn, name);
                }
            }
        }
        Odd::Transport => transport(random, &mut conn, view, &mut nets),
        Odd::Details => details(random, &mut conn, view),
        _ => {}
    }
    let (text, mut parts) = written(random, &conn, setup, &style, view);
    if style.parts {
        parts.push(("office.secrets".to_owned(), std::mem::replace(&mut secrets, format!("include {FOLDER}/*.secrets\n"))));
    }
    File { kind: Daemon::Libreswan, text, secrets, setup, nets, odd, parts }
}

/// An identity in its words.
pub fn id(text: &str) -> String {
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '%') { text.to_owned() } else { format!("@{text}") }
}

fn plain(view: &View) -> Settings {
    let mut conn = Settings::new();
    for (name, value) in [
        ("type", "tunnel"),
        ("authby", "secret"),
        ("ikev2", if view.v1 { "no" } else { "insist" }),
        ("left", &view.own.to_string()),
        ("leftid", &id(&view.own_id)),
        ("leftsubnet", view.own_net),
        ("right", &view.far.to_string()),
        ("rightid", &id(&view.far_id)),
        ("rightsubnet", view.far_net),
        ("ike", "aes256-sha2_256;modp2048"),
        ("esp", "aes256-sha2_256;modp2048"),
        ("pfs", "yes"),
        ("ikelifetime", "24h"),
        ("salifetime", "1h"),
        // A tunnel that fails is to fail soon, and the routes are there.
        ("keyingtries", "1"),
        ("retransmit-interval", "500"),
        ("retransmit-timeout", "2s"),
        ("leftupdown", "%disabled"),
    ] {
        set(&mut conn, name, value);
    }
    conn
}

fn authentication(random: &mut Random, conn: &mut Settings, secrets: &mut String) {
    match random.below(10) {
        0 | 1 => unset(conn, "authby"),
        2 => set(conn, "authby", "rsasig"),
        3 => set(conn, "authby", "secret|rsasig"),
        4 => set(conn, "authby", "rsasig,secret"),
        5 => {
            unset(conn, "authby");
            set(conn, "leftauth", "secret");
            set(conn, "rightauth", "secret");
        }
        6 => {
            unset(conn, "authby");
            set(conn, "leftauth", random.pick(&["secret", "rsasig"]));
            set(conn, "rightauth", random.pick(&["secret", "rsasig"]));
        }
        7 => set(conn, "authby", random.pick(&["psk", "never", "null", "ecdsa", "rsa-sha2", "SECRET"])),
        8 => {
            set(conn, "leftrsasigkey", "%cert");
            set(conn, "rightrsasigkey", "%cert");
            if random.one_in(2) {
                unset(conn, "authby");
            }
        }
        _ => secrets.clear(),
    }
}

fn addresses(random: &mut Random, conn: &mut Settings) {
    match random.below(4) {
        0 => set(conn, "left", "%defaultroute"),
        1 => set(conn, "right", "%any"),
        2 => {
            set(conn, "left", "%defaultroute");
            unset(conn, random.pick(&["leftid", "rightid"]));
        }
        // Which side is its own a daemon finds by the addresses.
        _ => {
            for (name, _) in conn.iter_mut() {
                let other = name.strip_prefix("left").map(|rest| format!("right{rest}"));
                let other = other.or_else(|| name.strip_prefix("right").map(|rest| format!("left{rest}")));
                *name = other.unwrap_or_else(|| name.clone());
            }
        }
    }
}

fn algorithms(random: &mut Random, conn: &mut Settings, name: &str, list: &[&str]) {
    unset(conn, if name == "ike" { "ike" } else { "esp" });
    if !random.one_in(5) {
        set(conn, name, random.pick(list));
    }
    if name != "ike" && random.one_in(2) {
        set(conn, "pfs", "no");
    }
}

fn children(random: &mut Random, conn: &mut Settings, view: &View, nets: &mut Vec<(Vec<&'static str>, Vec<&'static str>)>) {
    let left = view.own_net.starts_with("10.1.");
    let (own, far) = if left { ("10.1.8.0/24", "10.2.8.0/24") } else { ("10.2.8.0/24", "10.1.8.0/24") };
    let list = |one: &str, other: &str, style: usize| match style {
        0 => format!("{one},{other}"),
        1 => format!("{{{one} {other}}}"),
        2 => format!("\"{one}, {other}\""),
        _ => format!("{{{one},{other},}}"),
    };
    let style = random.below(4);
    if random.one_in(2) {
        unset(conn, "leftsubnet");
        set(conn, "leftsubnets", &list(view.own_net, own, style));
        nets.push((vec![own], vec![view.far_net]));
    } else {
        unset(conn, "rightsubnet");
        set(conn, "rightsubnets", &list(view.far_net, far, style));
        nets.push((vec![view.own_net], vec![far]));
    }
}

/// Which version it speaks; what Libreswan reads of that when it starts.
fn versions(random: &mut Random, conn: &mut Settings) -> &'static str {
    unset(conn, "ikev2");
    let word = random.pick(&["", "insist", "yes", "no", "never", "permit", "propose", "no", "no"]);
    if !word.is_empty() {
        set(conn, "ikev2", word);
    }
    random.pick(&[SETUP, SETUP, "", "config setup\n\tikev1-policy=drop\n", "config setup\n\tikev1-policy=reject\n"])
}

fn transport(random: &mut Random, conn: &mut Settings, view: &View, nets: &mut Vec<(Vec<&'static str>, Vec<&'static str>)>) {
    set(conn, "type", "transport");
    if random.one_in(2) {
        unset(conn, "leftsubnet");
        unset(conn, "rightsubnet");
        *nets = vec![(vec![view.own_host()], vec![view.far_host()])];
    }
}

/// Settings of ESP and of its encapsulation.
fn details(random: &mut Random, conn: &mut Settings, view: &View) {
    match random.below(8) {
        0 | 1 => set(conn, "esn", random.pick(&["yes", "no", "either"])),
        2 => set(conn, "replay-window", random.pick(&["0", "32", "128"])),
        3 | 4 => set(conn, "encapsulation", random.pick(&["yes", "no", "auto"])),
        5 => set(conn, "forceencaps", random.pick(&["yes", "no"])),
        6 => set(conn, "compress", random.pick(&["yes", "no"])),
        _ if view.v1 => set(conn, random.pick(&["aggressive", "aggrmode"]), random.pick(&["yes", "no"])),
        _ => set(conn, random.pick(&["sha2-truncbug", "narrowing", "mobike"]), random.pick(&["yes", "no"])),
    }
}
