//! The text of a `swanctl.conf`: plain, or in the odd forms that strongSwan reads all the same.

use std::fmt::Write;

use super::swanctl::{Sections, Settings};
use super::tunnel::{FOLDER, NAME, View, WRONG};
use crate::random::Random;

/// How a file is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// `{` stands on a line of its own.
    brace_below: bool,
    comments: bool,
    quotes: bool,
    no_blanks: bool,
    /// A round and its settings stand in one line.
    one_line: bool,
    /// Settings stand in two sections of one name.
    repeated: bool,
    /// A setting stands there twice; the last one counts.
    twice: bool,
    /// Settings come from a section elsewhere.
    referred: bool,
    /// The keys stand in two sections, before and behind the connections.
    two_secrets: bool,
    /// A tunnel to somebody else, before or behind.
    neighbour: bool,
    include: bool,
    windows: bool,
    /// Settings without a value, and settings that do not matter here.
    idle: bool,
    /// The keys, or the connections too, stand in files that are included.
    parts: bool,
}

impl Style {
    /// One to three oddities.
    pub fn any(random: &mut Random) -> Self {
        let mut style = Self::default();
        for _ in 0..random.pick(&[1, 1, 2, 3]) {
            let field = match random.below(14) {
                0 => &mut style.brace_below,
                1 => &mut style.comments,
                2 => &mut style.quotes,
                3 => &mut style.no_blanks,
                4 => &mut style.one_line,
                5 => &mut style.repeated,
                6 => &mut style.twice,
                7 => &mut style.referred,
                8 => &mut style.two_secrets,
                9 => &mut style.neighbour,
                10 => &mut style.include,
                11 => &mut style.windows,
                12 => &mut style.parts,
                _ => &mut style.idle,
            };
            *field = true;
        }
        style
    }

    fn open(&self, text: &mut String, depth: usize, name: &str) {
        let indent = "  ".repeat(depth);
        let _ = match (self.brace_below, self.comments && depth == 1) {
            (true, _) => writeln!(text, "{indent}{name}\n{indent}{{"),
            (false, true) => writeln!(text, "{indent}{name} {{ # to the office"),
            (false, false) => writeln!(text, "{indent}{name} {{"),
        };
    }

    fn lines(&self, text: &mut String, depth: usize, settings: &[(String, String)]) {
        let indent = "  ".repeat(depth);
        for (place, (name, value)) in settings.iter().enumerate() {
            if self.comments && place == 0 {
                let _ = writeln!(text, "{indent}# {name} = {{ as it was");
            }
            let value = if self.quotes && !value.contains('"') { format!("\"{value}\"") } else { value.clone() };
            let equals = if self.no_blanks { "=" } else { " = " };
            let remark = match (self.comments, place % 3) {
                (true, 1) => " # as agreed",
                (true, 2) => "# as agreed",
                _ => "",
            };
            let _ = writeln!(text, "{indent}{name}{equals}{value}{remark}");
        }
    }

    fn section(&self, text: &mut String, depth: usize, name: &str, settings: &[(String, String)]) {
        let indent = "  ".repeat(depth);
        if self.one_line && settings.len() == 1 {
            let _ = writeln!(text, "{indent}{name} {{ {} = {} }}", settings[0].0, settings[0].1);
            return;
        }
        self.open(text, depth, name);
        self.lines(text, depth + 1, settings);
        let _ = writeln!(text, "{indent}}}");
    }
}

/// The text of a file, and the files that it includes.
pub fn written(random: &mut Random, sections: &Sections, style: &Style, view: &View) -> (String, Vec<(String, String)>) {
    let mut text = String::new();
    if style.comments {
        text.push_str("# made for the tunnel to the other site\n\n");
    }
    if style.referred {
        let mut common = sections.connection.clone();
        common.retain(|(name, _)| name != "remote_addrs");
        style.section(&mut text, 0, "common", &common);
    }
    if style.two_secrets {
        let other: Settings = vec![("id".to_owned(), "203.0.113.50".to_owned()), ("secret".to_owned(), format!("\"{WRONG}\""))];
        style.open(&mut text, 0, "secrets");
        style.section(&mut text, 1, "ike-other", &other);
        text.push_str("}\n");
    }
    style.open(&mut text, 0, "connections");
    let before = style.neighbour && random.one_in(2);
    if before {
        neighbour(&mut text, style, view);
    }
    let mut settings = sections.connection.clone();
    if style.twice {
        let name = random.pick(&["proposals", "remote_addrs", "version"]);
        let wrong = match name {
            "proposals" => "aes128-sha1-modp1536",
            "version" => {
                if view.v1 {
                    "2"
                } else {
                    "1"
                }
            }
            _ => "203.0.113.9",
        };
        settings.insert(0, (name.to_owned(), wrong.to_owned()));
    }
    if style.idle {
        settings.extend(
            [("aggressive", ""), ("mobike", "yes"), ("unique", "replace"), ("fragmentation", "yes"), ("send_cert", "never")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
    }
    let name = if style.referred {
        settings.retain(|(name, _)| name == "remote_addrs");
        format!("{NAME} : common")
    } else {
        NAME.to_owned()
    };
    style.open(&mut text, 1, &name);
    if style.repeated {
        let half = settings.split_off(settings.len() / 2);
        style.lines(&mut text, 2, &settings);
        text.push_str("  }\n");
        if random.one_in(2) {
            text.push_str("}\n");
            style.open(&mut text, 0, "connections");
        }
        style.open(&mut text, 1, NAME);
        style.lines(&mut text, 2, &half);
    } else {
        style.lines(&mut text, 2, &settings);
    }
    let round = |name: &str| if style.idle { format!("{name}-1") } else { name.to_owned() };
    style.section(&mut text, 2, &round("local"), &sections.local);
    style.section(&mut text, 2, &round("remote"), &sections.remote);
    style.open(&mut text, 2, "children");
    for (name, child) in &sections.children {
        let mut child = child.clone();
        if style.idle {
            child.extend(
                [("dpd_action", "clear"), ("close_action", "none"), ("updown", "")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
        }
        style.section(&mut text, 3, name, &child);
    }
    text.push_str("    }\n  }\n");
    if style.neighbour && !before {
        neighbour(&mut text, style, view);
    }
    text.push_str("}\n");
    let mut parts = Vec::new();
    if style.parts && !style.referred && random.one_in(2) {
        parts.push(("10-office.conf".to_owned(), std::mem::take(&mut text)));
    }
    let before_keys = text.len();
    if !sections.secrets.is_empty() {
        style.open(&mut text, 0, "secrets");
        for (name, section) in &sections.secrets {
            style.section(&mut text, 1, name, section);
        }
        text.push_str("}\n");
    }
    if style.parts {
        parts.push(("20-keys.conf".to_owned(), text.split_off(before_keys)));
        let _ = writeln!(text, "# the tunnels\ninclude {FOLDER}/*.conf");
    }
    if style.include {
        text.push_str("\n# Include config snippets\ninclude conf.d/*.conf\n");
    }
    (if style.windows { text.replace('\n', "\r\n") } else { text }, parts)
}

/// A connection to somebody else, with a key of its own elsewhere.
fn neighbour(text: &mut String, style: &Style, view: &View) {
    let own = |list: &[(&str, &str)]| -> Settings { list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() };
    style.open(text, 1, "z-partner");
    let address = view.own.to_string();
    style.lines(
        text,
        2,
        &own(&[("version", "2"), ("local_addrs", &address), ("remote_addrs", "203.0.113.50"), ("proposals", "aes128-sha1-modp1536")]),
    );
    style.section(text, 2, "local", &own(&[("auth", "psk")]));
    style.section(text, 2, "remote", &own(&[("auth", "psk"), ("id", "203.0.113.50")]));
    style.open(text, 2, "children");
    style.section(text, 3, "z", &own(&[("local_ts", "10.77.0.0/24"), ("remote_ts", "10.78.0.0/24"), ("esp_proposals", "aes128-sha1")]));
    text.push_str("    }\n  }\n");
}
