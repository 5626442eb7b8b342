//! Saved replies: whose they are.

use super::world;

#[test]
fn a_reply_of_another_cloud_is_not_known_and_shows_no_key() {
    let world = world("aws-reply-is-another-cloud");
    let refused = world.run(&["inspect", "reply.json"]).expect(2);
    let place = "reply.json: line 1, column 1: this is not a request or reply of a known VPN operation (its fields: VpnConnections)";
    assert!(refused.stderr.contains(place), "{}", refused.stderr);
    let text = std::fs::read_to_string(world.path().join("reply.json")).unwrap();
    for input in [text.clone(), format!("aws: {}", text.replace('\n', " ")), serde_json::to_string(&text).unwrap()] {
        for format in ["table", "wide", "json", "jsonl", "yaml", "csv"] {
            let ran = world.run_with(&["inspect", "-", "-o", format, "-vv"], &[], &input).expect(2);
            let seen = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!seen.contains("CanaryFieldKey") && !seen.contains("Alibaba"), "{seen}");
        }
    }
    for command in [&["check", "reply.json", "reply.json"][..], &["audit", "reply.json"]] {
        let ran = world.run(command).expect(2);
        assert!(!ran.stderr.contains("CanaryFieldKey") && !ran.stderr.contains("Alibaba"), "{}", ran.stderr);
    }
}
