use serde_json::Value as Json;

use super::*;
use crate::provider::recognise::Role;

mod clouds;
mod cuts;
pub(crate) mod wrappings;

macro_rules! fixtures {
    ($($path:literal)*) => { &[$(($path, include_str!(concat!("../../fixtures/", $path)))),*] };
}

pub(crate) const FIXTURES: &[(&str, &str)] = fixtures! {
    "alibaba/DescribeVpnConnection.attachment.reply.json"
    "alibaba/DescribeVpnConnection.dual.reply.json"
    "alibaba/DescribeVpnGateway.reply.json"
    "alibaba/ListIpsecServers.reply.json"
    "alibaba/ModifyVpnAttachmentAttribute.reply.json"
    "alibaba/ModifyVpnConnectionAttribute.reply.json"
    "alibaba/ModifyVpnConnectionAttribute.reply.xml"
    "alibaba/UpdateIpsecServer.reply.json"
    "alibaba/error-DryRunOperation.reply.json"
    "alibaba/error-InvalidName.reply.json"
    "alibaba/error-InvalidVpnConnectionInstanceId.NotFound.reply.json"
    "alibaba/error-SignatureDoesNotMatch.reply.json"
    "alibaba/error-Throttling.User.reply.xml"
    "alibaba/error-VpnConnection.Configuring.reply.json"
    "tencent/DescribeVpcTaskResult.v2.reply.json"
    "tencent/DescribeVpnConn.reply.json"
    "tencent/DescribeVpnConnections.reply.json"
    "tencent/ModifyVpnConnEx.reply.json"
    "tencent/ModifyVpnConnEx.request.txt"
    "tencent/ModifyVpnConnectionAttribute.reply.json"
    "tencent/error-5100.reply.json"
    "tencent/error-AuthFailure.v2.reply.json"
    "tencent/error-InvalidState.reply.json"
    "tencent/error-ResourceNotFound.reply.json"
    "huawei/ShowVpnConnection-bgp.reply.json"
    "huawei/UpdateVpnConnection-lifetime.request.json"
    "huawei/UpdateVpnConnection-name.request.json"
    "huawei/UpdateVpnConnection-policy-rule.request.json"
    "huawei/UpdateVpnConnection-subnet.request.json"
    "huawei/UpdateVpnConnection.reply.json"
    "huawei/error-APIGW.0301.reply.json"
    "huawei/error-APIGW.0303.reply.json"
    "huawei/error-VPN.0001.reply.json"
    "huawei/error-VPN.0003.reply.json"
    "huawei/error-code-message.reply.json"
    "huawei/error-iam.reply.json"
};

#[track_caller]
fn one(text: &str) -> Inspected {
    let mut all = inspect(text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A fixture's name tells cloud, operation or error code, and role.
#[test]
fn every_fixture_is_recognised_as_its_name_says() {
    for (path, text) in FIXTURES {
        let (cloud, file) = path.split_once('/').unwrap();
        let found = one(text).found;
        assert_eq!(found.provider, cloud, "{path}");
        assert_eq!(found.role, if path.contains("request") { Role::Request } else { Role::Reply }, "{path}");
        match file.strip_prefix("error-") {
            Some("DryRunOperation.reply.json") => assert!(found.error.is_none() && found.facts.contains_key("dry_run")),
            Some(_) => assert!(found.error.is_some(), "{path}"),
            None => {
                let operation = file.split(['.', '-']).next().unwrap();
                assert_eq!(found.operation, operation, "{path}: {}", found.told_by);
                assert!(found.error.is_none(), "{path}");
            }
        }
    }
}

#[test]
fn the_samples_violate_only_one_rule() {
    for (path, text) in FIXTURES {
        let found = one(text).found;
        // Alibaba's samples have two networks with IKEv1, against the vendor's own rule.
        let others: Vec<_> = found.findings.iter().filter(|finding| !finding.rule.contains("ikev1 supports one on each side")).collect();
        assert!(others.is_empty(), "{path}: {others:?}");
    }
}

#[test]
fn a_document_is_found_in_a_log() {
    for (path, text) in FIXTURES.iter().filter(|(path, _)| !path.ends_with(".txt")) {
        let crlf = text.replace('\n', "\r\n");
        let plain = one(text).found;
        for log in [
            format!("\u{feff}{text}"),
            format!("2026-01-02 [worker-{{3}}] <reply> map{{a:b}} took 3ms: {crlf} done {{x}} </reply>"),
            format!("2026-01-02 {{\"level\":\"info\"}}\n{text}\n{{\"level\":\"end\"}}"),
        ] {
            let bytes = log.as_bytes();
            let found = one(&decode(bytes).unwrap()).found;
            assert_eq!((found.operation, found.connections.len()), (plain.operation.clone(), plain.connections.len()), "{path}");
        }
        let wrapped = serde_json::json!({ "time": "t", "reply": { "body": text } }).to_string();
        assert_eq!(one(&wrapped).found.connections.len(), plain.connections.len(), "{path}");
    }
}

#[test]
fn each_json_line_is_a_document() {
    let line = |id: &str| format!(r#"{{"VpnConnectionId":"vco-{id}","State":"active","IkeConfig":{{"IkeLifetime":86400}}}}"#);
    let all = inspect(&format!("{}\n{}\n", line("a"), line("b"))).unwrap();
    let ids: Vec<&str> = all.iter().map(|one| one.found.connections[0].reference.id.as_str()).collect();
    assert_eq!((ids, all[1].line), (vec!["vco-a", "vco-b"], 2));
    let cut = format!("{}\n{}", line("a"), &line("b")[..40]);
    assert!(inspect(&cut).unwrap_err().text.contains("incomplete"));
    let all = salvage(&cut).unwrap();
    assert!(all.len() == 2 && all[0].cut.is_none() && all[1].cut.is_some(), "{all:?}");
}

#[test]
fn every_document_in_a_wrapper_is_found() {
    let wrapped = r#"{"items":[{"VpnConnectionId":"vco-a","State":"active"},{"VpnConnectionId":"vco-b","State":"active"}],"note":"x"}"#;
    assert_eq!(inspect(wrapped).unwrap().len(), 2);
}

#[test]
fn utf_16_with_a_byte_order_mark_is_read() {
    let text = FIXTURES[5].1;
    let little: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&little).unwrap(), text);
    assert!(decode(&little[..little.len() - 1]).is_err());
}

#[test]
fn a_request_tells_region_operation_and_settings() {
    let text = "POST /?Action=ModifyVpnConnectionAttribute&Version=2016-04-28 HTTP/1.1\r\nHost: vpc.aliyuncs.com\r\n\r\n\
                RegionId=cn-shanghai&VpnConnectionId=vco-1&IkeConfig=%7B%22Psk%22%3A%22canary-key%22%2C%22IkeLifetime%22%3A90000%7D&Signature=sig-canary";
    let found = one(text).found;
    let connection = &found.connections[0];
    assert_eq!(
        (found.operation.as_str(), connection.reference.to_string().as_str()),
        ("ModifyVpnConnectionAttribute", "alibaba@cn-shanghai/vco-1")
    );
    assert_eq!(found.findings.len(), 1, "{:?}", found.findings);
    assert_eq!((found.findings[0].field.as_str(), found.findings[0].rule.as_str()), ("ike.lifetime_secs", "must be 0 to 86400 s"));
    let seen = format!("{found:?} {}", connection.to_json());
    assert!(!seen.contains("canary"), "{seen}");
    let huawei = "PUT https://vpn.cn-north-4.myhuaweicloud.com/v5/0123/vpn-connection/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3\n\n\
                  {\"vpn_connection\":{\"psk\":\"canary\",\"ikepolicy\":{\"lifetime_seconds\":59}}}";
    let found = one(huawei).found;
    assert_eq!(found.connections[0].reference.to_string(), "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3");
    let fields: Vec<&str> = found.findings.iter().map(|finding| finding.field.as_str()).collect();
    assert_eq!(fields, ["psk", "ike.lifetime_secs"]);
    assert!(!format!("{found:?}").contains("canary"));
    let tencent = r#"X-TC-Region: ap-guangzhou {"VpnConnectionId":"vpnx-1","DpdEnable":1,"DpdTimeout":"29"}"#;
    let found = one(tencent).found;
    assert_eq!((found.operation.as_str(), found.role), ("ModifyVpnConnectionAttribute", Role::Request));
    assert_eq!(
        (found.findings[0].field.as_str(), found.connections[0].reference.region.as_deref()),
        ("ike.dpd.timeout_secs", Some("ap-guangzhou"))
    );
}

#[test]
fn a_request_for_one_tunnel_shows_that_tunnel() {
    let text = "Action=ModifyTunnelAttribute&VpnConnectionId=vco-1&TunnelId=tun-1&\
                TunnelOptionsSpecification.TunnelIkeConfig.IkePfs=group24&TunnelOptionsSpecification.TunnelIkeConfig.Psk=canary-1";
    let found = one(text).found;
    assert_eq!((found.connections[0].tunnels[0].id.as_str(), found.findings[0].field.as_str()), ("tun-1", "ike.dh_group"));
    assert!(!format!("{found:?}").contains("canary"));
}

#[test]
fn rule_violations_are_reported() {
    let rows = [
        (r#""IkeConfig":{"IkePfs":"group24"}"#, "ike.dh_group", "no longer accepted"),
        (r#""IkeConfig":{"IkeLifetime":86401}"#, "ike.lifetime_secs", "must be 0 to 86400 s"),
        (r#""IkeConfig":{"IkeLifetime":"soon"}"#, "ike.lifetime_secs", "cannot be read"),
        (r#""IkeConfig":{"IkeEncAlg":"aes","IkeAuthAlg":"sm3"}"#, "ike.integrity", "ShangMi gateways only"),
        (r#""IkeConfig":{"IkeEncAlg":"blowfish"}"#, "ike.encryption", "is not one of aes128"),
        (r#""VpnBgpConfig":{"TunnelCidr":"169.254.3.0/30"}"#, "bgp.tunnel_cidr", "except 169.254.0.0"),
        (r#""IkeConfig":{"IkeVersion":"ikev1","IkeMode":"main","RemoteId":"name.example.test"}"#, "ike.remote_id.value", "IP address"),
    ];
    for (fields, field, rule) in rows {
        let found = one(&format!(r#"{{"VpnConnectionId":"vco-1","State":"active",{fields}}}"#)).found;
        let finding = found.findings.first().unwrap_or_else(|| panic!("{fields}"));
        assert!(finding.field == field && finding.rule.contains(rule), "{finding:?}");
    }
    let huawei = one(r#"{"vpn_connection":{"id":"i","status":"ACTIVE","style":"STATIC","tunnel_local_address":"169.254.195.1/30",
        "policy_rules":[{"source":"10.0.0.0/24","destination":["10.1.0.0/24"]}],"ipsecpolicy":{"encryption_algorithm":"sm4"}}}"#);
    let fields: Vec<&str> = huawei.found.findings.iter().map(|finding| finding.field.as_str()).collect();
    assert_eq!(fields, ["tunnel_local_address", "policy_rules", "ipsec.encryption"]);
}

#[test]
fn other_texts_are_refused() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    let deeper = format!("{}1", r#"{"a":"#.repeat(100_000));
    for (text, part) in [
        ("", "it is empty"),
        (" \r\n", "it is empty"),
        ("hello", "no JSON object"),
        ("{\"a\": 1}", "line 1, column 1: this is not a request"),
        ("\n {\n \"VpnConnectionId\": \"vco-1\",\n \"State\": }", "line 4, column 11: the JSON is broken"),
        ("[1, 2", "no JSON object"),
        (deep.as_str(), "more than 64 levels"),
        (deeper.as_str(), "the JSON is broken"),
        ("<Error><Code>&x;</Code></Error>", "the XML is broken"),
        ("<Error><Code>A</Code>", "the XML is incomplete"),
        ("<html><body>502 Bad Gateway</body></html>", "no JSON object"),
    ] {
        let fault = inspect(text).unwrap_err().to_string();
        assert!(fault.contains(part), "{:.60}: {fault}", text);
    }
    for bytes in [&b"\xff\xfe\x00"[..], b"\x1f\x8b\x08", b"\x00\x01", b"\x89PNG\r\n", b"{\"a\":\"\xff\"}"] {
        assert!(decode(bytes).is_err(), "{bytes:?}");
    }
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    assert!(inspect(&long).unwrap_err().text.len() < 200);
}

#[test]
fn more_documents_than_fit_into_memory_are_refused() {
    let text = format!("{}\n", r#"{"code":0,"codeDesc":"Success","taskId":"1"}"#).repeat(search::MOST + 1);
    let fault = inspect(&text).unwrap_err().to_string();
    assert!(fault.ends_with("line 10001, column 1: it contains more than 10000 documents; split it"), "{fault}");
}
