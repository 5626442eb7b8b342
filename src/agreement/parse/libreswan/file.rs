//! The lines of an `ipsec.conf`: connections with their settings, before anything is made of them.

use super::super::Fault;

/// A setting with the place of its value.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Setting {
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }
}

#[derive(Debug, Default)]
pub(super) struct Conn {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) settings: Vec<Setting>,
}

const KNOWN: &[&str] = &[
    "also",
    "type",
    "authby",
    "auto",
    "ike",
    "esp",
    "phase2",
    "phase2alg",
    "phase2-alg",
    "ikev2",
    "keyexchange",
    "aggressive",
    "aggrmode",
    "left",
    "right",
    "leftid",
    "rightid",
    "leftsubnet",
    "rightsubnet",
    "leftsubnets",
    "rightsubnets",
    "leftsourceip",
    "rightsourceip",
    "leftnexthop",
    "rightnexthop",
    "leftauth",
    "rightauth",
    "leftupdown",
    "rightupdown",
    "pfs",
    "ikelifetime",
    "salifetime",
    "keylife",
    "ipsec-lifetime",
    "lifetime",
    "rekey",
    "rekeymargin",
    "rekeyfuzz",
    "keyingtries",
    "dpddelay",
    "dpdtimeout",
    "dpdaction",
    "encapsulation",
    "forceencaps",
    "nat-keepalive",
    "narrowing",
    "compress",
    "sha2-truncbug",
    "reauth",
    "fragmentation",
    "mobike",
    "esn",
    "ikepad",
    "replay-window",
    "mtu",
    "priority",
    "initial-contact",
    "vti-interface",
    "vti-routing",
    "vti-shared",
    "ipsec-interface",
    "mark",
    "mark-in",
    "mark-out",
    "nflog-group",
    "retransmit-interval",
    "retransmit-timeout",
    "connalias",
    "hostaddrfamily",
    "clientaddrfamily",
    "nic-offload",
    "tfc",
    "accept-redirect-to",
    "send-no-esp-tfc",
    "decap-dscp",
    "nopmtudisc",
    "overlapip",
    "metric",
    "reqid",
    "modecfgpull",
    "failureshunt",
    "negotiationshunt",
];

/// The connections of a text, `%default` among them.
pub(super) fn conns(text: &str) -> Result<Vec<Conn>, Fault> {
    let mut conns: Vec<Conn> = Vec::new();
    let mut in_setup = false;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let body = line.trim_end();
        let trimmed = body.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = body.chars().count() - trimmed.chars().count();
        if indent == 0 {
            let mut words = trimmed.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("conn"), Some(name), None) => {
                    if conns.iter().any(|conn| conn.name == name) {
                        return Err(Fault::new(number, 6, format!("there are two connections {name:?}")));
                    }
                    conns.push(Conn { name: name.to_owned(), line: number, settings: Vec::new() });
                    in_setup = false;
                }
                (Some("config"), Some("setup"), None) => in_setup = true,
                (Some("version"), Some(_), None) => {}
                (Some("include"), ..) => {
                    return Err(Fault::new(number, 1, "include is not followed: give the file that holds the connection itself"));
                }
                (Some(word), ..) => return Err(Fault::new(number, 1, format!("expected conn NAME or config setup, not {word:?}"))),
                (None, ..) => {}
            }
            continue;
        }
        let Some((name, value)) = trimmed.split_once('=') else {
            return Err(Fault::new(number, indent + 1, "expected NAME=VALUE"));
        };
        if in_setup {
            continue;
        }
        let Some(conn) = conns.last_mut() else { return Err(Fault::new(number, indent + 1, "a setting before the first conn")) };
        let column = indent + name.chars().count() + 2 + value.chars().take_while(|c| c.is_whitespace()).count();
        let setting = Setting { name: name.trim().to_ascii_lowercase(), value: unquote(value.trim()).to_owned(), line: number, column };
        if !KNOWN.contains(&setting.name.as_str()) {
            return Err(Fault::new(number, indent + 1, format!("{:?} is no setting of a connection", setting.name)));
        }
        conn.settings.push(setting);
    }
    Ok(conns)
}

fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

/// The settings of a connection, with those of `also=` and `%default` behind them.
pub(super) fn whole(conn: &Conn, conns: &[Conn], defaults: Option<&Conn>) -> Result<Vec<Setting>, Fault> {
    let (mut settings, mut seen, mut next) = (Vec::new(), vec![conn.name.clone()], vec![conn]);
    while let Some(conn) = next.pop() {
        for setting in &conn.settings {
            if setting.name != "also" {
                settings.push(setting.clone());
                continue;
            }
            let other = conns.iter().find(|other| other.name == setting.value);
            let other = other.ok_or_else(|| setting.fault(format!("there is no connection {:?}", setting.value)))?;
            if seen.contains(&other.name) {
                return Err(setting.fault("also= leads back to a connection that it came from"));
            }
            seen.push(other.name.clone());
            next.push(other);
        }
    }
    settings.extend(defaults.into_iter().flat_map(|conn| conn.settings.iter().cloned()));
    Ok(settings)
}
