use super::*;
use crate::config::file::{Hidden, Own};

fn faults(text: &str) -> Vec<String> {
    read(text, Path::new("/home/u/.config/tunnelctl/config.toml")).1.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn config(text: &str) -> Config {
    let (config, faults) = read(text, Path::new("/etc/tunnelctl/config.toml"));
    assert_eq!(faults, []);
    config
}

const WHOLE: &str = r#"
default_profile = "work"

[profiles.work.alibaba]
region = "cn-shanghai"
regions = ["cn-shanghai", "cn-hangzhou"]
endpoint = "https://vpc.example.test"
identity_endpoint = "https://sts.example.test"
signature = "ACS3"
ca_file = "ca.pem"
credentials = { source = "file", access_key_id = "LTAIx", secret_file = "secret", token_command = ["pass", "token"] }

[profiles.work.huawei]
project_id = "0123abc"
credentials = { source = "environment" }

[profiles.work.tencent]
credentials = { profile = "other" }

[profiles.other]

[tunnels]
hq = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"
branch = "tencent@ap-guangzhou/vpnx-ol6bcqp0"

[pairs.hq-branch]
left = "hq"
right = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"
"#;

#[test]
fn keys_are_read_with_their_lines() {
    let config = config(WHOLE);
    let alibaba = &config.profiles["work"]["alibaba"];
    let region = alibaba.region.as_ref().unwrap();
    assert_eq!((region.value.as_str(), region.line), ("cn-shanghai", 5));
    assert_eq!(alibaba.regions.len(), 2);
    assert_eq!(alibaba.signature.as_ref().unwrap().value, "acs3");
    assert_eq!(alibaba.ca_file.as_ref().unwrap().value, Path::new("/etc/tunnelctl/ca.pem"));
    let Own::Keys { id, secret: Hidden::File(path), token: Some(Hidden::Command(words)) } = &alibaba.credentials.as_ref().unwrap().value
    else {
        panic!("{alibaba:?}")
    };
    assert_eq!((id.as_str(), path.as_path(), words.len()), ("LTAIx", Path::new("/etc/tunnelctl/secret"), 2));
    assert!(matches!(config.profiles["work"]["huawei"].credentials.as_ref().unwrap().value, Own::Environment));
    assert!(matches!(&config.profiles["work"]["tencent"].credentials.as_ref().unwrap().value, Own::Vendor(Some(name)) if name == "other"));
    assert_eq!(config.tunnels["branch"].value.to_string(), "tencent@ap-guangzhou/vpnx-ol6bcqp0");
    assert_eq!(config.pairs["hq-branch"].value[0], "hq");
}

#[test]
fn each_error_has_line_and_column_and_names_what_is_right() {
    for (text, complaint) in [
        ("x = ", "1:"),
        ("\n  tunels = 1", "2:3: \"tunels\" is not a key of the file: did you mean \"tunnels\"?"),
        ("[profiles.a.alibaba]\nregoin = \"x\"", "2:1: \"regoin\" is not a key of [profiles.a.alibaba]: did you mean \"region\"?"),
        ("[profiles.a.alibba]", "1:13: \"alibba\" is not a key of [profiles.a]: did you mean \"alibaba\"?"),
        ("[profiles.a.alibaba]\nproject_id = \"x\"", "2:1: \"project_id\" is not a key of [profiles.a.alibaba]"),
        ("[profiles.a.alibaba]\nregion = 1", "2:10: region must be a text in quotes"),
        ("[profiles.a.alibaba]\nregion = \"X\"", "2:10: region \"X\": must be lower-case"),
        ("[profiles.a.alibaba]\nendpoint = \"http://10.0.0.1\"", "2:12: endpoint: plain http is for loopback only"),
        ("[profiles.a.alibaba]\nsignature = \"tc3\"", "2:13: signature: Alibaba Cloud has rpc, acs3"),
        ("[profiles.a.alibaba]\ncredentials = {}", "2:15: credentials of [profiles.a.alibaba]: no source is given"),
        ("[profiles.a.alibaba]\ncredentials = { source = \"keyring\" }", "2:26: source must be one of"),
        ("[profiles.a.alibaba]\ncredentials = { source = \"environment\", secret = \"s\" }", "2:41: \"secret\" cannot be used with"),
        ("[profiles.a.alibaba]\ncredentials = { secret_file = \"s\" }", "needs \"access_key_id\""),
        (
            "[profiles.a.alibaba]\ncredentials = { access_key_id = \"x\", secret_command = [\"./a\"] }",
            "must be a name on the path, or an absolute path",
        ),
        ("default_profile = \"wrok\"\n[profiles.work]", "1:19: there is no profile \"wrok\": did you mean \"work\"?"),
        ("[tunnels]\nhq = \"vco-1\"", "2:6: \"vco-1\" is not a ref"),
        ("[tunnels]\nhq = \"alibba/vco-1\"", "did you mean \"alibaba\"?"),
        ("[tunnels]\nhq = \"alibaba/conection/vco-1\"", "did you mean \"connection\"?"),
        ("[tunnels]\nhq = \"alibaba/vpn-1\"", "2:6: id \"vpn-1\": must be"),
        ("[tunnels]\n\"a/b\" = \"alibaba/vco-1\"", "2:1: tunnel \"a/b\": a name consists of"),
        ("[tunnels]\ntencent = \"alibaba/vco-1\"", "has the name of a provider"),
        ("[pairs.p]\nleft = \"hq\"", "[pairs.p] has no \"right\""),
        ("[tunnels]\nbranch = \"alibaba/vco-1\"\n[pairs.p]\nleft = \"brnach\"\nright = \"branch\"", "4:8: did you mean \"branch\" from"),
        ("tunnels = 1", "1:11: [tunnels] must be a table"),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.contains(complaint)), "{text}: {found:?}");
    }
}

#[test]
fn all_errors_are_found_at_once_and_no_secret_is_repeated() {
    let text = "tunels = 1\n[profiles.a.alibaba]\nregion = 2\ncredentials = { secret = \"canary-secret\", access_key_id = 3 }\n[tunnels]\nx = \"y\"";
    let found = faults(text);
    assert_eq!(found.len(), 4, "{found:?}");
    for broken in
        ["secret = \"canary-secret", "[a]\nsecret = canary-secret", "secret = \"canary-secret\" x", "secret = 'canary-secret'\nsecret = 1"]
    {
        let found = faults(broken);
        assert!(!found.is_empty() && !found.concat().contains("canary"), "{found:?}");
    }
}

#[test]
fn file_that_is_cut_anywhere_is_read_or_refused() {
    for end in (0..WHOLE.len()).filter(|end| WHOLE.is_char_boundary(*end)) {
        let _ = read(&WHOLE[..end], Path::new("/c"));
    }
}

#[test]
fn example_of_the_page_on_configuration_is_read_without_errors() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md"));
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = config(example);
    assert_eq!((config.profiles.len(), config.tunnels.len(), config.pairs.len()), (1, 2, 1));
}
