//! The text of an `ipsec.conf`: plain, or in the odd forms that Libreswan reads all the same.

use std::fmt::Write;

use super::swanctl::Settings;
use super::tunnel::{FOLDER, NAME, View};
use crate::random::Random;

/// How a file is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    comments: bool,
    blanks: bool,
    quotes: bool,
    /// Some settings stand in `conn %default`, before or behind.
    defaults: bool,
    /// Some come from a connection that `also=` names.
    also: bool,
    /// A value of `%default` that the connection has otherwise.
    overridden: bool,
    version: bool,
    include: bool,
    neighbour: bool,
    /// Blank lines and comments in the first column between settings.
    gaps: bool,
    /// Settings that do not matter here, in `config setup` too.
    idle: bool,
    windows: bool,
    no_setup: bool,
    /// The connection that `also=` names, and the keys, stand in files that are included.
    pub parts: bool,
}

impl Style {
    /// One to three oddities.
    pub fn any(random: &mut Random) -> Self {
        let mut style = Self::default();
        for _ in 0..random.pick(&[1, 1, 2, 3]) {
            let field = match random.below(14) {
                0 | 1 => &mut style.comments,
                2 => &mut style.blanks,
                3 => &mut style.quotes,
                4 => &mut style.defaults,
                5 => &mut style.also,
                6 => &mut style.overridden,
                7 => &mut style.version,
                8 => &mut style.include,
                9 => &mut style.neighbour,
                10 => &mut style.gaps,
                11 => &mut style.idle,
                12 => {
                    style.also = true;
                    &mut style.parts
                }
                _ => &mut style.windows,
            };
            *field = true;
        }
        style.no_setup = random.one_in(6);
        style
    }

    fn conn(&self, text: &mut String, name: &str, settings: &[(String, String)]) {
        let remark = if self.comments { " # to the office" } else { "" };
        let _ = writeln!(text, "\nconn {name}{remark}");
        for (place, (name, value)) in settings.iter().enumerate() {
            let indent = if self.blanks { "    " } else { "\t" };
            let equals = if self.blanks { " = " } else { "=" };
            let quoted = self.quotes && !value.contains('"') && place % 2 == 0;
            let value = if quoted { format!("\"{value}\"") } else { value.clone() };
            let remark = if self.comments && place % 2 == 0 { "   # as agreed" } else { "" };
            let _ = writeln!(text, "{indent}{name}{equals}{value}{remark}");
            if self.gaps && place % 4 == 1 {
                text.push_str("# until next year\n");
            }
            if self.gaps && place % 5 == 2 {
                text.push_str("\t# leftid=@old.example.com\n");
            }
        }
    }
}

/// The text of a file, and the files that it includes.
pub fn written(random: &mut Random, conn: &Settings, setup: &str, style: &Style, view: &View) -> (String, Vec<(String, String)>) {
    let mut text = String::new();
    if style.version {
        text.push_str("version 2.0\n\n");
    }
    // A file without it is as good where nobody speaks IKEv1.
    if !style.no_setup || view.v1 {
        text.push_str(setup);
        if style.idle && !setup.is_empty() {
            text.push_str("\tuniqueids=yes\n\tvirtual-private=%v4:10.0.0.0/8,%v4:192.168.0.0/16\n");
        }
    }
    let mut rest = conn.clone();
    let mut take = |names: &[&str]| -> Settings {
        let (taken, left) = rest.iter().cloned().partition(|(name, _)| names.contains(&name.as_str()));
        rest = left;
        taken
    };
    let defaults = if style.defaults { take(&["authby", "ikev2", "pfs", "keyingtries"]) } else { Settings::new() };
    let mut also = if style.also { take(&["ike", "esp", "left", "leftid"]) } else { Settings::new() };
    if style.overridden {
        also.push(("ikelifetime".to_owned(), "8h".to_owned()));
    }
    let before = random.one_in(2);
    let shared = |text: &mut String| {
        let mut defaults = defaults.clone();
        if style.overridden {
            defaults.push(("ike".to_owned(), "aes128-sha1;modp1536".to_owned()));
        }
        if !defaults.is_empty() {
            style.conn(text, "%default", &defaults);
        }
        if !also.is_empty() {
            style.conn(text, "base", &also);
        }
    };
    let mut parts = Vec::new();
    if style.parts {
        let mut part = String::new();
        shared(&mut part);
        parts.push(("office.conf".to_owned(), part));
        let _ = writeln!(text, "\ninclude {FOLDER}/*.conf");
    } else if before {
        shared(&mut text);
    }
    if !also.is_empty() {
        let at = random.below(rest.len() + 1);
        rest.insert(at, ("also".to_owned(), "base".to_owned()));
    }
    if style.idle {
        rest.extend(
            [("fragmentation", "yes"), ("rekey", "yes"), ("dpddelay", "30"), ("dpdaction", "clear"), ("mobike", "no")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
    }
    let neighbour = |text: &mut String| {
        let own = view.own.to_string();
        let settings = [
            ("authby", "secret"),
            ("ikev2", "insist"),
            ("left", own.as_str()),
            ("right", "203.0.113.50"),
            ("leftsubnet", "10.77.0.0/24"),
            ("rightsubnet", "10.78.0.0/24"),
            ("ike", "aes128-sha1;modp1536"),
        ];
        let settings: Settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        style.conn(text, "partner", &settings);
    };
    if style.neighbour && before {
        neighbour(&mut text);
    }
    style.conn(&mut text, NAME, &rest);
    if style.neighbour && !before {
        neighbour(&mut text);
    }
    if !before && !style.parts {
        shared(&mut text);
    }
    if style.include {
        text.push_str("\n# it is best to add your IPsec connections as separate files\ninclude /etc/ipsec.d/*.conf\n");
    }
    (if style.windows { text.replace('\n', "\r\n") } else { text }, parts)
}
