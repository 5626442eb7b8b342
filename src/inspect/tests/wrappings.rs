//! Every sample in every wrapping is what it is by itself, and shows no key.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;
use crate::wire::percent_encode;

/// A wrapping: its name, and how it is made.
pub(crate) type Wrapping = (&'static str, fn(&str) -> String);

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn each_line(text: &str, prefix: impl Fn(usize) -> String) -> String {
    text.trim_end().lines().enumerate().map(|(number, line)| format!("{}{line}\n", prefix(number))).collect()
}

/// In one line, as a log has it: JSON without blanks, anything else with blanks for its line ends.
fn one_line(text: &str) -> String {
    serde_json::from_str::<Json>(text).map_or_else(|_| text.trim_end().replace(['\r', '\n'], " "), |json| json.to_string())
}

/// As Python prints it.
fn python(text: &str) -> String {
    fn print(json: &Json) -> String {
        match json {
            Json::Null => "None".to_owned(),
            Json::Bool(on) => if *on { "True" } else { "False" }.to_owned(),
            Json::Number(number) => number.to_string(),
            Json::String(text) if text.contains('\'') && !text.contains('"') => format!("\"{}\"", text.replace('\\', "\\\\")),
            Json::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
            Json::Array(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(", ")),
            Json::Object(fields) => {
                format!("{{{}}}", fields.iter().map(|(name, value)| format!("'{name}': {}", print(value))).collect::<Vec<_>>().join(", "))
            }
        }
    }
    serde_json::from_str::<Json>(text).map_or_else(|_| text.to_owned(), |json| print(&json))
}

pub(crate) const WRAPPINGS: &[Wrapping] = &[
    ("a byte order mark", |text| format!("\u{feff}{text}")),
    ("line ends of Windows", |text| text.replace('\n', "\r\n")),
    ("a log line", |text| format!("2026-01-02 [worker-{{3}}] <reply> took 3ms: {text}\n done {{x}} </reply>")),
    ("body=", |text| format!("time=2026-01-02T03:04:05Z level=info body={} status=200\n", one_line(text))),
    ("reply=", |text| format!("reply={} took=3ms\n", one_line(text))),
    ("logfmt in quotes", |text| format!("level=info body={} status=200\n", quoted(text))),
    ("logfmt in quotes, one line", |text| format!("level=info msg={}\n", quoted(&one_line(text)))),
    ("JSON inside JSON", |text| json!({ "time": "t", "reply": { "body": text } }).to_string()),
    ("JSON inside JSON inside JSON", |text| json!({ "a": json!({ "b": text }).to_string() }).to_string()),
    ("escaped twice in a log", |text| format!("msg={} end\n", quoted(&quoted(text)))),
    ("escaped three times in a log", |text| format!("msg={}\n", quoted(&quoted(&quoted(text))))),
    ("an array", |text| format!("[{}]\n", if text.trim_start().starts_with('{') { text.to_owned() } else { quoted(text) })),
    ("JSON lines", |text| {
        format!(
            "{{\"level\":\"info\"}}\n{}\n{{\"level\":\"end\"}}\n",
            if text.starts_with('{') { one_line(text) } else { json!({ "m": text }).to_string() }
        )
    }),
    ("a cell of CSV", |text| format!("time,body,status\n1,\"{}\",200\n", text.replace('"', "\"\""))),
    ("a cell of CSV, one line", |text| format!("1;\"{}\";200\n", one_line(text).replace('"', "\"\""))),
    ("Python", |text| format!("DEBUG reply {}\n", python(text))),
    ("Python's list", |text| {
        format!("[{}, None]\n", if text.starts_with('{') { python(text) } else { format!("'{}'", text.replace('\n', "\\n")) })
    }),
    ("a text as Python prints it", |text| format!("b'{}'\n", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\'', "\\'"))),
    ("a prefix on every line", |text| each_line(text, |_| "app-1  | ".to_owned())),
    ("a time on every line", |text| {
        each_line(text, |number| format!("2026-01-02T03:04:{:02}.{}Z host app[12]: ", number % 60, 7 + number * 31))
    }),
    ("a first line with more", |text| each_line(text, |number| format!("app: {}", if number == 0 { "reply " } else { "" }))),
    ("a quote", |text| each_line(text, |_| "> ".to_owned())),
    ("a quote of a quote", |text| each_line(text, |_| ">> ".to_owned())),
    ("comments", |text| each_line(text, |_| "# ".to_owned())),
    ("numbered lines", |text| each_line(text, |number| format!("{:6}\t", number + 1))),
    ("grep", |text| each_line(text, |number| format!("log.txt:{}:", number + 98))),
    ("a patch", |text| each_line(text, |_| "+".to_owned())),
    ("HTML", |text| format!("<pre>{}</pre>\n", html(text))),
    ("HTML twice", |text| format!("<pre>{}</pre>\n", html(&html(text)))),
    ("HTML in a quote", |text| each_line(&html(text), |_| "> ".to_owned())),
    ("URL-encoded", |text| format!("{}\n", percent_encode(text))),
    ("URL-encoded parameter", |text| format!("GET /log?level=info&body={}&end=1 HTTP/1.1\n", percent_encode(text))),
    ("URL-encoded twice", |text| format!("body={}\n", percent_encode(&percent_encode(text)))),
    ("HAR", |text| {
        json!({ "log": { "entries": [{ "response": { "status": 200, "content": { "mimeType": "text/plain", "text": text } } }] } })
            .to_string()
    }),
    ("HAR in base64", |text| {
        json!({ "log": { "version": "1.2", "entries": [{ "response": { "content": { "encoding": "base64", "text": STANDARD.encode(text) } } }] } }).to_string()
    }),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 in lines", |text| {
        STANDARD.encode(text).as_bytes().chunks(76).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect()
    }),
    ("base64 of URLs in a log", |text| format!("level=info body={} end\n", URL_SAFE_NO_PAD.encode(text))),
    ("Markdown", |text| format!("The reply:\n\n```json\n{text}\n```\n\nWhy?\n")),
    ("indented", |text| each_line(text, |_| "        ".to_owned())),
    ("YAML", |text| format!("reply: |\n{}", each_line(text, |_| "  ".to_owned()))),
    ("curl", |text| format!("* Connected\n< content-type: text/plain\n< \n{{ [5 bytes data]\n{text}\n* Connection #0 left intact\n")),
    ("a shell's quotes", |text| format!("echo '{}' | jq .\n", text.trim_end())),
];

pub(super) fn told(text: &str) -> Result<String, String> {
    let all = inspect(text).map_err(|fault| fault.to_string())?;
    Ok(all
        .into_iter()
        .map(|one| {
            let found = one.found;
            let connections: Vec<Json> = found.connections.into_iter().map(|connection| connection.to_json()).collect();
            let findings: Vec<_> = found.findings.iter().map(|finding| format!("{finding:?}")).collect();
            format!(
                "{} {} {:?} {:?} {:?} {:?}\n{}\n{}\n",
                found.provider,
                found.operation,
                found.role,
                found.request_id,
                found.error,
                findings,
                json!(connections),
                json!(found.facts)
            )
        })
        .collect())
}

#[test]
fn every_sample_in_every_wrapping_is_what_it_is_by_itself() {
    assert!(WRAPPINGS.len() >= 25);
    let mut wrong = Vec::new();
    for (path, text) in FIXTURES {
        let bare = told(text).unwrap();
        for (name, wrap) in WRAPPINGS {
            let wrapped = wrap(text);
            let found = decode(wrapped.as_bytes()).map_err(|fault| fault.to_string()).and_then(|text| told(&text));
            if found.as_ref() != Ok(&bare) {
                wrong.push(format!("{path} in {name}:\n{found:?}\nbare {bare:?}\n{:.300}", wrapped));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn what_cannot_be_taken_whole_is_refused_with_its_place() {
    for (text, place) in [
        ("\n {'VpnConnectionId': 'vco-1', 'CreateTime': datetime.datetime(2026, 1, 2)}", "line 2, column "),
        ("body={\"VpnConnectionId\": \"vco-1\", \"IkeConfig\": {\"Psk\": @}, \"State\": \"active\"}", "line 1, column "),
        ("{\\\"VpnConnectionId\\\": \\\"vco-1\\\", \\\"State\\\": }", "line 1, column "),
    ] {
        let fault = inspect(text).unwrap_err().to_string();
        assert!(fault.starts_with(place), "{fault}");
    }
}
