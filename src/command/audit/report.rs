//! What `audit` found, as tables and JSON.

use serde_json::{Value as Json, json};

use crate::command::shared::context::Context;
use crate::policy::{Finding, Policy, Severity, Within};
use crate::print::output::Table;

/// Says how many findings there are in so many connections.
pub(super) fn summarize(policy: Policy, audited: usize, findings: &[Finding], context: &Context) {
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warn), count(Severity::Info));
    context.output.note(&match policy {
        Policy::Off => "policy off: nothing was audited".to_owned(),
        _ => {
            let of = match audited {
                1 => "1 connection".to_owned(),
                count => format!("{count} connections"),
            };
            format!("policy {}, {of}: error {errors}, warn {warnings}, info {infos}", policy.word())
        }
    });
    if matches!(policy, Policy::Bsi | Policy::Gm) {
        context.output.warn(&format!("policy {} is advisory: the standard's text was not read", policy.word()));
    }
}

/// A caption and a table for each tunnel with findings.
pub(super) fn tables(findings: &[Finding]) -> Vec<Table> {
    let row = |finding: &Finding| {
        let instead = finding.replacement.as_ref().map(|word| format!("; use {word} at both ends")).unwrap_or_default();
        vec![
            finding.severity().word().to_owned(),
            format!("{}\n{}", finding.key.path(), finding.value),
            format!("{}{instead}\n{}, {}{}", finding.what, finding.rule.id, finding.rule.source, within(finding)),
        ]
    };
    let head = ["SEVERITY", "FIELD\nVALUE", "FINDING\nRULE, STANDARD"].map(str::to_owned).to_vec();
    let tunnels = findings.chunk_by(|one, other| one.place == other.place);
    tunnels
        .filter_map(|tunnel| Some((tunnel.first()?.place.to_string(), tunnel)))
        .flat_map(|(place, tunnel)| {
            let caption = Table { head: Vec::new(), rows: vec![vec![place]], ..Table::default() }.keep(0);
            [caption, Table { head: head.clone(), rows: tunnel.iter().map(row).collect(), ..Table::default() }]
        })
        .collect()
}

/// The proposals that hold the value, a line each.
fn within(finding: &Finding) -> String {
    finding.within.iter().map(|within| format!("\n{within}")).collect()
}

/// A finding for programs.
pub(super) fn to_json(finding: &Finding, command: Option<String>) -> Json {
    let within = |within: &Within| json!({ "number": within.number, "of": within.of, "text": within.text });
    let mut row = json!({
        "ref": finding.place.reference,
        "tunnel": finding.place.tunnel,
        "field": finding.key.path(),
        "value": finding.value,
        "severity": finding.severity().word(),
        "rule": finding.rule.id,
        "standard": finding.rule.source,
        "finding": finding.what,
        "replacement": finding.replacement,
        "command": command,
        "proposals": Some(&finding.within).filter(|list| !list.is_empty()).map(|list| list.iter().map(within).collect::<Vec<_>>()),
    });
    if let Some(row) = row.as_object_mut() {
        row.retain(|_, value| !value.is_null());
    }
    row
}
