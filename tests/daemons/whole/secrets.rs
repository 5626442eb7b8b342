//! `ipsec.secrets` in every form.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::libreswan::id;
use super::tunnel::{KEY, View, WRONG};
use crate::random::Random;

pub fn plain(random: &mut Random, view: &View) -> String {
    match random.below(3) {
        0 => format!(": PSK \"{KEY}\"\n"),
        1 => format!("%any %any : PSK \"{KEY}\"\n"),
        _ => format!("{} {} : PSK \"{KEY}\"\n", id(&view.own_id), id(&view.far_id)),
    }
}

/// Lines in every form; one of them, or none, has the right key.
pub fn any(random: &mut Random, view: &View) -> String {
    let count = random.pick(&[1, 1, 2, 2, 3, 4]);
    let right = random.below(count);
    let mut text = String::new();
    if random.one_in(4) {
        text.push_str("# keys of this gateway\n\n");
    }
    for place in 0..count {
        let key = if place == right && !random.one_in(12) { KEY } else { WRONG };
        line(random, view, key, &mut text);
    }
    if random.one_in(8) {
        let _ = writeln!(text, "@somebody : XAUTH \"{WRONG}\"");
    }
    text
}

fn line(random: &mut Random, view: &View, key: &str, text: &mut String) {
    let (own, far) = (id(&view.own_id), id(&view.far_id));
    let (own, far) = (own.as_str(), far.as_str());
    let forms: [&[&str]; 17] = [
        &[],
        &["%any"],
        &["%any", "%any"],
        &[own],
        &[own, "%any"],
        &["%any", far],
        &[own, far],
        &[own, far],
        &[far, own],
        &[far],
        &[own, "203.0.113.77"],
        &[far, "@other.example.com"],
        &["0.0.0.0", far],
        &[own, far, "203.0.113.77"],
        &[&own.to_uppercase(), far],
        &["%any", own, far],
        &["%any6"],
    ];
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let value = match random.below(12) {
        10 => format!("0s{}", STANDARD.encode(key)),
        11 => format!("0t{key}"),
        0 => format!("'{key}'"),
        1 => format!("0x{hex}"),
        2 => key.to_owned(),
        3 => format!("\"{key}\" # as agreed"),
        _ => format!("\"{key}\""),
    };
    let ids = random.pick(&forms).join(random.pick(&[" ", " ", " ", "  ", "\t", ", "]));
    let _ = match random.below(12) {
        0 if !ids.is_empty() => writeln!(text, "{ids}: PSK {value}"),
        1 => writeln!(text, "{ids} : PSK\n  {value}"),
        2 if !ids.is_empty() => writeln!(text, "{ids}\n\t: PSK {value}"),
        3 => writeln!(text, "{ids} :PSK {value}"),
        4 => writeln!(text, "{ids} : psk {value}"),
        5 if !ids.is_empty() => writeln!(text, "{ids}\t:\tPSK\t{value}"),
        _ => writeln!(text, "{ids} : PSK {value}"),
    };
}
