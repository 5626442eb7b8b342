//! Whose a document is: told by evidence, and not known without it.

use super::*;
use crate::error::Class;

#[test]
fn documents_of_others_are_not_known() {
    for text in [
        include_str!("../../../fixtures/cases/aws-reply-is-another-cloud/reply.json"),
        r#"{"VpnConnections": []}"#,
        r#"{"VpnConnections": [{"VpnConnectionId": "vpn-0a1b", "State": "available"}]}"#,
        r#"{"VpnConnection": {"VpnConnectionId": "vpn-0a1b", "State": "available", "VpnGatewayId": "vgw-1"}}"#,
        r#"{"VpnGatewayId": "vpn-1", "Status": "up"}"#,
        r#"<DescribeVpnConnectionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>f5cd-1</requestId><vpnConnectionSet/></DescribeVpnConnectionsResponse>"#,
        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>656c76696e6727</RequestId><HostId>Uuag1LuByRx9e6j5</HostId></Error>",
        r#"{"Error": {"Code": "AccessDenied", "Message": "no"}, "RequestId": "5c6e1f2a-0b3d-4c5e-8f70-92a3b4c5d6e7"}"#,
        r#"{"Code": "SomethingNew", "Message": "m"}"#,
        r#"{"error": {"code": "InvalidParameter", "message": "azure"}}"#,
        r#"{"code": "InvalidParameter", "message": "azure"}"#,
        r#"{"RequestId": "354f4ac3-8546-4516-8c8a-69e3ab73aa8a"}"#,
        r#"{"code": 0, "message": "ok", "data": {"list": []}}"#,
        r#"{"code": 404, "message": "not found"}"#,
        r#"{"Response": {"a": 1}}"#,
        r#"{"error_code": 110, "error_msg": "Access token invalid"}"#,
        r#"{"error_code": "SDK_ERROR", "error_msg": "x"}"#,
        r#"{"projects": [{"id": 1, "name": "gitlab"}]}"#,
        r#"{"vpn_connection": {"id": "r134", "peer_address": "192.0.2.1", "psk": "x", "mode": "route"}}"#,
    ] {
        let found = inspect(text);
        assert!(found.is_err(), "{text}: {found:?}");
        assert!(!found.unwrap_err().text.contains("CanaryField"), "{text}");
    }
}

#[test]
fn an_error_in_a_log_is_of_the_cloud_that_the_evidence_names() {
    let tencent = r#"{"Code":"UnsupportedOperation.InvalidState","Message":"The state is invalid.","RequestId":"6ef60bec-0242-43af-bb20-270359fb54a8"}"#;
    let other = r#"{"Code":"InternalError","Message":"m","RequestId":"6ef60bec-0242-43af-bb20-270359fb54a8"}"#;
    for (text, provider) in [
        (tencent.to_owned(), Some("tencent")),
        (format!("2026 ERROR [TencentCloudSDKException] {other}"), Some("tencent")),
        (format!("2026 ERROR aliyun: {other}"), Some("alibaba")),
        (other.to_owned(), None),
        (r#"{"Code":"VpnConnection.Configuring","Message":"m"}"#.to_owned(), Some("alibaba")),
        (r#"{"Code":"New.Code","Message":"m","RequestId":"7DB79D0C-5F27-4AB5-995B-79BE55102F90"}"#.to_owned(), Some("alibaba")),
        (r#"{"code":-3047,"message":"(100004)m"}"#.to_owned(), Some("tencent")),
        (r#"{"error_code":"Common.0011","error_msg":"m"}"#.to_owned(), Some("huawei")),
    ] {
        assert_eq!(inspect(&text).ok().map(|all| all[0].found.provider), provider, "{text}");
    }
}

#[test]
fn a_code_that_no_table_has_may_follow_an_execution() {
    for (text, class) in [
        (r#"{"Response":{"Error":{"Code":"OperationTimeout","Message":"m"},"RequestId":"r"}}"#, Class::Ambiguous),
        (r#"{"Response":{"Error":{"Code":"VpnConn.Timeout","Message":"m"},"RequestId":"r"}}"#, Class::Ambiguous),
        (r#"{"Code":"VpnConnection.Timeout","Message":"m","HostId":"vpc.aliyuncs.com"}"#, Class::Ambiguous),
        (r#"{"error_code":"Common.0504","error_msg":"m"}"#, Class::Final),
        ("HTTP/1.1 504 Gateway Timeout\n{\"error_code\":\"Common.0011\",\"error_msg\":\"m\"}", Class::Ambiguous),
        ("HTTP/1.1 500 x\n{\"Code\":\"New.Code\",\"Message\":\"m\",\"HostId\":\"vpc.aliyuncs.com\"}", Class::Ambiguous),
        ("HTTP/1.1 504 x\n{\"Response\":{\"Error\":{\"Code\":\"New.Code\",\"Message\":\"m\"},\"RequestId\":\"r\"}}", Class::Ambiguous),
    ] {
        assert_eq!(one(text).found.error.unwrap().class, class, "{text}");
    }
}

#[test]
fn a_message_that_echoes_a_key_is_hidden() {
    for text in [
        r#"{"Code":"InvalidPsk","Message":"The Psk CANARY-1 is not valid","HostId":"vpc.aliyuncs.com"}"#,
        r#"{"Response":{"Error":{"Code":"InvalidParameterValue","Message":"CANARY-1 is no PreShareKey"},"RequestId":"r"}}"#,
        r#"{"error_code":"VPN.0001","error_msg":"invalid request: psk CANARY-1 too short"}"#,
        r#"{"code":4000,"message":"(1)preSharedKey CANARY-1","codeDesc":"X"}"#,
    ] {
        let found = one(text).found;
        assert!(!format!("{found:?}").contains("CANARY"), "{found:?}");
    }
}

#[test]
fn configuration_text_and_odd_names_show_no_key() {
    let config = "crypto isakmp key CANARY-1 address 192.0.2.1\\nip route 0.0.0.0";
    let xml = "<?xml version='1.0'?><ike><pre_shared_key>CANARY-1</pre_shared_key></ike>";
    for fields in [
        format!("\"PeerConfig\":\"{config}\""),
        format!("\"PeerConfig\":\"{xml}\""),
        "\"Other\":\"secrets {\\n ike-a {\\n secret = CANARY-1\\n}\\n}\"".to_owned(),
        "\"Other\":\"192.0.2.1 : PSK \\\"CANARY-1\\\"\"".to_owned(),
        "\"IkeConfig\":\"{\\\"IkeVersion\\\":\\\"ikev2\\\",\\\"Psk\\\":\\\"CANARY-1\"".to_owned(),
        "\"Psk2\":\"CANARY-1\",\"Passwd\":\"CANARY-1\",\"x\":[[{\"SharedKey\":\"CANARY-1\"}]]".to_owned(),
        "\"Tags\":{\"Tag\":[{\"Key\":\"psk\",\"Value\":\"CANARY-1\"}]}".to_owned(),
        "\"Other\":\"{\\\"pre_shared_key\\\":\\\"CANARY-1\\\"}\"".to_owned(),
    ] {
        for text in [
            format!("{{\"VpnConnectionId\":\"vco-1\",\"State\":\"active\",{fields}}}"),
            format!("{{\"vpn_connection\":{{\"id\":\"i\",\"status\":\"ACTIVE\",\"ikepolicy\":{{}},{fields}}}}}"),
            format!("{{\"Response\":{{\"VpnConnectionSet\":[{{\"VpnConnectionId\":\"vpnx-1\",{fields}}}],\"RequestId\":\"r\"}}}}"),
            format!("{{\"code\":0,\"codeDesc\":\"Success\",\"data\":{{\"status\":0,{fields}}}}}"),
        ] {
            let found = one(&text).found;
            let shown =
                format!("{found:?} {:?}", found.connections.iter().map(|connection| connection.clone().to_json()).collect::<Vec<_>>());
            assert!(!shown.contains("CANARY"), "{text}\n{shown}");
        }
    }
}

/// A message of a cloud that repeats a key of this run, which nothing in the message announces.
#[test]
fn a_known_key_in_a_message_is_hidden_however_it_is_spelled() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use crate::model::{Secret, hex};
    use crate::print::gate::{scrub, watch};
    use crate::wire::percent_encode;

    let key = "Echo/Canary>7&\"<é>?";
    watch(&Secret::new(key));
    let json = |text: &str| serde_json::to_string(text).unwrap();
    // `%2F` as `%2f`, also where the percent sign is itself encoded.
    let lower =
        |text: &str| ["2F", "3E", "3C", "C3", "A9", "3F"].iter().fold(text.to_owned(), |text, hex| text.replace(hex, &hex.to_lowercase()));
    let entities = |form: fn(u32) -> String| key.chars().map(|c| form(u32::from(c))).collect::<String>();
    let units = |form: &str| key.encode_utf16().map(|unit| format!("{form}{unit:04x}")).collect::<String>();
    for spelled in [
        key.to_owned(),
        hex(key.as_bytes()).to_uppercase(),
        STANDARD.encode(key).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(key),
        lower(&percent_encode(key)),
        lower(&percent_encode(&percent_encode(key))),
        json(key),
        json(key).replace('/', "\\/"),
        json(&json(key)),
        json(&json(key).replace('/', "\\/")),
        units("\\u"),
        units("\\\\u"),
        key.replace('&', "&amp;").replace('<', "&lt;"),
        key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        entities(|code| format!("&#{code};")),
        entities(|code| format!("&#x{code:x};")),
        entities(|code| format!("&#X{code:04X};")),
    ] {
        // Also where the message is cut: nothing of the key may be left before the cut.
        for filled in [0, 180, 190, 980, 990, 995] {
            let message = format!("{}The value {spelled} is refused", "x ".repeat(filled / 2));
            let code = "\"Code\":\"InvalidVpnConnectionInstanceId.NotFound\"";
            for text in [
                format!("{{{code},\"Message\":{},\"HostId\":\"vpc.aliyuncs.com\"}}", json(&message)),
                format!(
                    "{{\"Response\":{{\"Error\":{{\"Code\":\"InvalidParameter\",\"Message\":{}}},\"RequestId\":\"r\"}}}}",
                    json(&message)
                ),
                format!("{{\"error_code\":\"VPN.0001\",\"error_msg\":{}}}", json(&message)),
            ] {
                let error = one(&text).found.error.unwrap();
                let shown = scrub(&error.message);
                let head: String = spelled.chars().take(10).collect();
                assert!(!shown.contains(&head) && !shown.contains("Canary"), "{spelled} after {filled}: {shown}");
            }
        }
    }
}
