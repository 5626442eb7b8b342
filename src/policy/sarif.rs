//! Findings as SARIF 2.1.0 (OASIS), the format that code-scanning services read.

use serde_json::{Value as Json, json};

use super::finding::Finding;
use super::judge::OWN;
use super::rule::Rule;
use super::shared::SHARED;
use super::standard::Policy;
use crate::model::Severity;
use crate::wire::percent_encode;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warn => "warning",
        Severity::Error => "error",
    }
}

/// The SARIF log of one audit; `command` says what to type for a finding.
#[must_use]
pub fn log(policy: Policy, findings: &[Finding], command: &dyn Fn(&Finding) -> Option<String>) -> Json {
    let rules: Vec<&Rule> = policy.rules().iter().chain(OWN).chain([&SHARED]).collect();
    let results: Vec<Json> = findings.iter().map(|finding| result(finding, &rules, command(finding))).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tunnelctl",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "properties": { "policy": policy.word() },
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Json {
    let fields: Vec<&str> = rule.keys.iter().map(|key| key.path()).collect();
    json!({
        "id": rule.id,
        "shortDescription": { "text": format!("{}: {}", fields.join(", "), rule.what) },
        "help": { "text": rule.source },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "source": rule.source },
    })
}

fn result(finding: &Finding, rules: &[&Rule], command: Option<String>) -> Json {
    let field = finding.key.path();
    let name = match &finding.place.tunnel {
        Some(tunnel) => format!("{}/{tunnel}/{field}", finding.place.reference),
        None => format!("{}/{field}", finding.place.reference),
    };
    let mend = command.map(|command| format!("; to fix it, change both ends: {command}")).unwrap_or_default();
    // A connection is not a file, but services expect one: its ref serves as a relative path.
    let path = finding.place.file.as_deref().unwrap_or(&finding.place.reference);
    let encoded = path.split('/').map(percent_encode).collect::<Vec<_>>().join("/");
    let uri = if path.starts_with('/') { format!("file://{encoded}") } else { encoded };
    let within: String = finding.within.iter().map(|within| format!(", {within}")).collect();
    // Each of several values of a field is a finding of its own.
    let fingerprint = if finding.within.is_empty() { String::new() } else { format!(":{}", finding.value) };
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rules.iter().position(|rule| rule.id == finding.rule.id),
        "level": level(finding.severity()),
        "message": { "text": format!("{field} {} {} ({}{within}){mend}", finding.value, finding.what, finding.rule.source) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri } },
            "logicalLocations": [{ "name": field, "fullyQualifiedName": name, "kind": "property" }],
        }],
        // Without the value: the same fault with another value is the same finding.
        "partialFingerprints": { "place/v1": format!("{name}:{}{fingerprint}", finding.rule.id) },
    })
}
