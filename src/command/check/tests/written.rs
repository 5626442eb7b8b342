//! An end as it is written down, and with the lines of a mend in it.

use std::fmt::Write as _;

use super::spec::{Spec, Suite};
use crate::agreement::{End, parse};

/// The format of an end that is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Swanctl,
    Libreswan,
    Toml,
}

/// A file, and the file of secrets beside it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) form: Form,
    pub(super) text: String,
    pub(super) secrets: String,
}

impl Written {
    /// The end as the program reads it.
    pub(super) fn read(&self) -> Result<End, String> {
        let beside = parse::libreswan::Beside { text: &self.secrets, file: "a.secrets" };
        let all = match self.form {
            Form::Toml => return parse::toml::read(&self.text, "a.toml").map_err(|fault| fault.to_string()),
            Form::Swanctl => {
                parse::swanctl::read(&self.text, "a.conf").map(|all| all.into_iter().map(|(name, end)| (name, Ok(end))).collect())
            }
            Form::Libreswan => parse::libreswan::read(&self.text, "a.conf", Some(beside)),
        };
        let mut ends = parse::choose(all.map_err(|fault: parse::Fault| fault.to_string())?, Some("c"))?;
        Ok(ends.remove(0))
    }

    /// With the lines of a mend; `key` stands where the lines leave a place for one.
    pub(super) fn with(&self, lines: &[String], key: &str) -> Self {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| ["OTHER-END", "BOTH-ENDS"].iter().fold(line.clone(), |line, end| replace_key(&line, end, key)))
            .collect();
        match self.form {
            // At the end of the file, as it stands.
            Form::Swanctl => {
                let gone = lines.iter().filter_map(|line| line.strip_prefix("# remove the child ")?.split(' ').next());
                let left = gone.fold(self.text.clone(), |text, child| without_child(&text, child));
                Self { text: format!("{left}\n{}\n", lines.join("\n")), ..self.clone() }
            }
            Form::Toml => Self { text: in_toml(&self.text, &lines), ..self.clone() },
            Form::Libreswan => in_ipsec_conf(self, &lines),
        }
    }
}

/// A `swanctl.conf` without a child.
fn without_child(text: &str, child: &str) -> String {
    let from = text.find(&format!("   {child} {{\n")).unwrap();
    let to = from + text[from..].find("\n   }\n").unwrap() + "\n   }\n".len();
    format!("{}{}", &text[..from], &text[to..])
}

fn replace_key(line: &str, end: &str, key: &str) -> String {
    let (Some(from), Some(to)) = (line.find("REPLACE-WITH"), line.find(end)) else { return line.to_owned() };
    format!("{}{key}{}", &line[..from], &line[to + end.len()..])
}

/// Lines of TOML instead of those of the same name.
fn in_toml(text: &str, lines: &[String]) -> String {
    let mut table = String::new();
    let mut tables: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    for line in text.lines().chain([""]).chain(lines.iter().map(String::as_str)) {
        if line.starts_with("# remove policy_rules") {
            tables[0].1.retain(|known| !known.starts_with("policy_rules"));
        } else if line.is_empty() {
            // The lines of the mend begin outside all tables.
            table.clear();
        } else if line.starts_with('[') {
            table = line.to_owned();
            if !tables.iter().any(|(name, _)| *name == table) {
                tables.push((table.clone(), Vec::new()));
            }
        } else {
            let name = line.split(" = ").next().unwrap();
            let own = &mut tables.iter_mut().find(|(name, _)| *name == table).unwrap().1;
            own.retain(|known| known.split(" = ").next() != Some(name));
            own.push(line.to_owned());
        }
    }
    tables.iter().fold(String::new(), |text, (name, lines)| format!("{text}{name}\n{}\n", lines.join("\n"))).trim_start().to_owned()
}

/// Settings of the connection instead of those of the same name.
fn in_ipsec_conf(file: &Written, lines: &[String]) -> Written {
    let mut after = file.clone();
    let mut section = "";
    for line in lines {
        if !line.starts_with(' ') {
            section = line;
            if line.contains(": PSK") {
                after.secrets = format!("{line}\n{}", after.secrets);
            }
            continue;
        }
        let name = line.trim().split('=').next().unwrap();
        let stem = name.strip_suffix('s').unwrap_or(name);
        let is_old = |known: &str| {
            known.starts_with(' ') && known.trim().split('=').next().map(|name| name.strip_suffix('s').unwrap_or(name)) == Some(stem)
        };
        let kept: Vec<&str> = after.text.lines().filter(|known| !is_old(known)).collect();
        let mut text = String::new();
        for known in kept {
            let _ = writeln!(text, "{known}");
            if known == section {
                let _ = writeln!(text, "{line}");
            }
        }
        after.text = text;
    }
    after
}

fn list<T>(items: &[T], one: impl Fn(&T) -> String, between: &str) -> String {
    items.iter().map(one).collect::<Vec<_>>().join(between)
}

/// The end in the words of `swanctl.conf`.
pub(super) fn swanctl(spec: &Spec) -> Written {
    let group = |group: &str| match group {
        "none" => String::new(),
        "group20" => "-ecp384".to_owned(),
        group => format!(
            "-{}",
            [("group2", "modp1024"), ("group5", "modp1536"), ("group14", "modp2048"), ("group15", "modp3072")]
                .iter()
                .find(|row| row.0 == group)
                .unwrap()
                .1
        ),
    };
    let hash = |suite: &Suite, is_ike: bool| match (suite.0.contains("gcm"), is_ike) {
        (true, true) => format!("-prf{}", suite.1),
        (true, false) => String::new(),
        _ => format!("-{}", suite.1),
    };
    let one = |suite: &Suite, is_ike: bool| format!("{}{}{}", suite.0, hash(suite, is_ike), group(suite.2));
    let esn = if spec.esn { "-esn" } else { "" };
    let mut text = format!(
        "connections {{\n c {{\n  version = {}\n  aggressive = {}\n  local_addrs = {}\n  remote_addrs = {}\n  proposals = {}\n  rekey_time = {}s\n  over_time = {}s\n",
        spec.version,
        if spec.aggressive { "yes" } else { "no" },
        spec.own,
        spec.far,
        list(&spec.ike, |suite| one(suite, true), ","),
        spec.ike_life * 9 / 10,
        spec.ike_life / 10,
    );
    let _ = writeln!(
        text,
        "  dpd_delay = {}s\n  encap = {}",
        if spec.dpd { 30 } else { 0 },
        if spec.encapsulation == "yes" { "yes" } else { "no" }
    );
    for (name, id) in [("local", spec.own_id), ("remote", spec.far_id)] {
        let id = id.map(|id| format!("   id = {id}\n")).unwrap_or_default();
        let _ = writeln!(text, "  {name} {{\n   auth = psk\n{id}  }}");
    }
    text.push_str("  children {\n");
    for (place, (own, far)) in spec.nets.iter().enumerate() {
        let _ = writeln!(
            text,
            "   net{place} {{\n    local_ts = {}\n    remote_ts = {}\n    esp_proposals = {}\n    mode = {}\n    life_time = {}s\n    rekey_time = {}s\n    \
             dpd_action = {}\n    start_action = {}\n    ipcomp = {}\n    sha256_96 = {}\n   }}",
            own.join(","),
            far.join(","),
            list(&spec.esp, |suite| one(suite, false) + esn, ","),
            if spec.transport { "transport" } else { "tunnel" },
            spec.child_life,
            spec.child_life * 9 / 10,
            spec.dpd_action,
            spec.start,
            if spec.compress { "yes" } else { "no" },
            if spec.truncated { "yes" } else { "no" },
        );
    }
    text.push_str("  }\n }\n}\n");
    if let Some(key) = spec.key {
        let id = if spec.key_of_peer { format!("  id = {}\n", spec.far) } else { String::new() };
        let _ = writeln!(text, "secrets {{\n ike-c {{\n{id}  secret = \"{key}\"\n }}\n}}");
    }
    Written { form: Form::Swanctl, text, secrets: String::new() }
}

/// The end in the words of Libreswan.
pub(super) fn libreswan(spec: &Spec, turned: bool) -> Written {
    let cipher = |word: &str| if word == "aes256gcm16" { "aes_gcm256".to_owned() } else { word.to_owned() };
    let hash = |word: &str| if word.len() == 6 { format!("sha2_{}", &word[3..]) } else { word.to_owned() };
    let group = |word: &str| if word == "none" { String::new() } else { format!(";dh{}", &word[5..]) };
    let one = |suite: &Suite, is_ike: bool| {
        let aead = suite.0.contains("gcm") && !is_ike;
        format!("{}-{}{}", cipher(suite.0), if aead { "null".to_owned() } else { hash(suite.1) }, group(suite.2))
    };
    let (own, far) = if turned { ("right", "left") } else { ("left", "right") };
    let address = if turned { "%defaultroute" } else { spec.own };
    let mut text = String::new();
    if let Some(policy) = spec.policy {
        let _ = writeln!(text, "config setup\n    ikev1-policy={policy}");
    } else {
        text.push_str("config setup\n    nhelpers=0\n");
    }
    let locals: Vec<&str> = spec.nets.iter().flat_map(|nets| nets.0.clone()).collect();
    let remotes: Vec<&str> = spec.nets.iter().flat_map(|nets| nets.1.clone()).collect();
    let pfs = spec.esp.iter().any(|suite| suite.2 != "none");
    let _ = writeln!(
        text,
        "\nconn c\n    authby=secret\n    ikev2={}\n    aggressive={}\n    {own}={}\n    {far}={}\n    {own}subnets={{{}}}\n    {far}subnets={{{}}}\n    ike={}\n    esp={}\n    \
         pfs={}\n    ikelifetime={}s\n    salifetime={}s\n    dpddelay={}\n    dpdtimeout=150\n    dpdaction={}\n    auto={}\n    type={}\n    compress={}\n    narrowing={}\n    \
         sha2-truncbug={}\n    encapsulation={}\n    esn={}",
        if spec.version == 1 { "no" } else { "insist" },
        if spec.aggressive { "yes" } else { "no" },
        address,
        spec.far,
        locals.join(" "),
        remotes.join(" "),
        list(&spec.ike, |suite| one(suite, true), ","),
        list(&spec.esp, |suite| one(suite, false), ","),
        if pfs { "yes" } else { "no" },
        spec.ike_life,
        spec.child_life,
        if spec.dpd { 30 } else { 0 },
        if spec.dpd_action == "trap" { "hold" } else { spec.dpd_action },
        match spec.start {
            "start" => "start",
            "trap" => "ondemand",
            _ => "add",
        },
        if spec.transport { "transport" } else { "tunnel" },
        if spec.compress { "yes" } else { "no" },
        if spec.narrowing { "yes" } else { "no" },
        if spec.truncated { "yes" } else { "no" },
        spec.encapsulation,
        if spec.esn { "yes" } else { "no" },
    );
    let id = |id: &str| if id.parse::<std::net::IpAddr>().is_ok() { id.to_owned() } else { format!("@{id}") };
    for (side, one) in [(own, spec.own_id), (far, spec.far_id)] {
        if let Some(one) = one {
            let _ = writeln!(text, "    {side}id={}", id(one));
        }
    }
    let secrets = spec.key.map(|key| format!(": PSK \"{key}\"\n")).unwrap_or_default();
    Written { form: Form::Libreswan, text, secrets }
}

/// The end as a description in TOML.
pub(super) fn toml(spec: &Spec, kind: &str) -> Written {
    let rules =
        list(&spec.nets, |(own, far)| own.iter().map(|own| format!("\"{own}={}\"", far.join(","))).collect::<Vec<_>>().join(", "), ", ");
    let mut text = format!("kind = \"{kind}\"\naddress = \"{}\"\npeer_address = \"{}\"\npolicy_rules = [{rules}]\n", spec.own, spec.far);
    if let Some(key) = spec.key {
        let _ = writeln!(text, "psk = \"{key}\"");
    }
    let _ = writeln!(text, "negotiation = \"{}\"", if spec.start == "start" { "active" } else { "passive" });
    let version = match spec.version {
        0 => "\"ikev2\", \"ikev1\"",
        1 => "\"ikev1\"",
        _ => "\"ikev2\"",
    };
    let (ike, esp) = (spec.ike[0], spec.esp[0]);
    let _ = writeln!(
        text,
        "[ike]\nversions = [{version}]\nmode = \"{}\"\nencryption = \"{}\"\nintegrity = \"{}\"\ndh_group = \"{}\"\nlifetime_secs = {}",
        if spec.aggressive { "aggressive" } else { "main" },
        ike.0,
        ike.1,
        ike.2,
        spec.ike_life
    );
    for (name, id) in [("local_id", spec.own_id), ("remote_id", spec.far_id)] {
        if let Some(id) = id {
            let kind = if id.parse::<std::net::IpAddr>().is_ok() { "ip" } else { "fqdn" };
            let _ = writeln!(text, "{name}.type = \"{kind}\"\n{name}.value = \"{id}\"");
        }
    }
    let _ = writeln!(
        text,
        "dpd.enabled = {}\ndpd.action = \"{}\"",
        spec.dpd,
        if spec.dpd_action == "trap" { "on-traffic" } else { spec.dpd_action }
    );
    let _ = writeln!(
        text,
        "[ipsec]\nencryption = \"{}\"\nintegrity = \"{}\"\npfs = \"{}\"\nlifetime_secs = {}",
        esp.0, esp.1, esp.2, spec.child_life
    );
    Written { form: Form::Toml, text, secrets: String::new() }
}
