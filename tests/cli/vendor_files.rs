//! Credentials from the vendors' own files, against served clouds.

use std::os::unix::fs::PermissionsExt;

use crate::user::User;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const ALIBABA_ID: &str = "vco-bp1bbi27hojx80nck9k1i";

const ALIYUN: &str = r#"{"current":"default","profiles":[
  {"name":"default","mode":"AK","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","region_id":"cn-shanghai"},
  {"name":"role","mode":"RamRoleArn","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","ram_role_arn":"acs:ram::1234567890123456:role/vpn","ram_session_name":"me@home","expired_seconds":900,"region_id":"cn-shanghai"},
  {"name":"chain","mode":"ChainableRamRoleArn","source_profile":"default","ram_role_arn":"acs:ram::1:role/vpn"},
  {"name":"forbidden","mode":"RamRoleArn","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","ram_role_arn":"acs:ram::1:role/forbidden"},
  {"name":"sso","mode":"CloudSSO","access_key_id":"x","access_key_secret":"canary-sso"},
  {"name":"ecs","mode":"EcsRamRole","ram_role_name":"vpn"}]}"#;

#[test]
fn the_file_of_alibabas_cli_is_enough() {
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    assert_eq!(user.source(&[ALIBABA], &[]), "profile default of ~/.aliyun/config.json (mode AK)");
    // The region is in it as well.
    user.run(&["show", &format!("alibaba/{ALIBABA_ID}")], &[]).expect(0);
    for (name, mode) in [("role", "RamRoleArn"), ("chain", "ChainableRamRoleArn")] {
        let from = user.source(&[ALIBABA], &[("ALIBABA_CLOUD_PROFILE", name)]);
        assert_eq!(from, format!("profile {name} of ~/.aliyun/config.json (mode {mode})"));
    }
    user.file("elsewhere.json", ALIYUN);
    assert!(user.source(&[ALIBABA], &[("ALIBABA_CLOUD_CONFIG_FILE", "elsewhere.json")]).contains("elsewhere.json"));
    for variable in [("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE"), ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")] {
        assert!(user.run(&["show", ALIBABA], &[variable]).expect(3).stderr.contains("there are no credentials"));
    }
}

#[test]
fn a_role_is_assumed_once_in_a_run_and_its_token_goes_with_every_call() {
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    let words = ["show", "-v", ALIBABA, ALIBABA, "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf"];
    for signature in ["rpc", "acs3"] {
        let ran = user.run(&[&words[..], &["-vv", "--signature", signature]].concat(), &[("ALIBABA_CLOUD_PROFILE", "role")]).expect(0);
        for secret in ["emulatedTemporarySecret", "emulatedSecurityToken"] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{}", ran.stderr);
        }
        assert_eq!(ran.stderr.matches("AssumeRole http").count(), 1, "{}", ran.stderr);
    }
    let ran = user.run(&["show", ALIBABA], &[("ALIBABA_CLOUD_PROFILE", "forbidden")]).expect(3);
    assert!(ran.stderr.contains("to assume the role acs:ram::1:role/forbidden"), "{}", ran.stderr);
}

#[test]
fn a_mode_that_needs_a_person_or_another_machine_is_explained() {
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    let ran = user.run(&["show", ALIBABA], &[("ALIBABA_CLOUD_PROFILE", "sso")]).expect(3);
    assert!(ran.stderr.contains("CloudSSO") && ran.stderr.contains("next:"), "{}", ran.stderr);
    let nobody = ("TUNNELCTL_ALIBABA_METADATA_ENDPOINT", "http://127.0.0.1:1");
    let ran = user.run(&["show", ALIBABA], &[("ALIBABA_CLOUD_PROFILE", "ecs"), nobody]).expect(3);
    assert!(ran.stderr.contains("no credentials of an instance role"), "{}", ran.stderr);
    let ran = user.run(&["show", ALIBABA], &[("ALIBABA_CLOUD_PROFILE", "rol")]).expect(3);
    assert!(ran.stderr.contains("did you mean \"role\"?"), "{}", ran.stderr);
    user.file(".aliyun/config.json", "{\n  \"profiles\": [canary]\n}");
    let ran = user.run(&["show", ALIBABA], &[]).expect(3);
    assert!(ran.stderr.contains("config.json:2:16: "), "{}", ran.stderr);
}

#[test]
fn the_role_of_an_instance_comes_from_its_metadata_service() {
    use std::io::{Read, Write};
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    // The metadata service returns credentials of a role that is assumed here, so the emulator knows them.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (id, secret) = (user.value("ALIBABA_CLOUD_ACCESS_KEY_ID"), user.value("ALIBABA_CLOUD_ACCESS_KEY_SECRET"));
    let seen = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for body in [
            "metadata-token".to_owned(),
            format!(r#"{{"AccessKeyId":"{id}","AccessKeySecret":"{secret}","SecurityToken":"any-token","Code":"Success"}}"#),
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).unwrap();
            seen.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
        }
        seen
    });
    let from = user.source(&[ALIBABA], &[("ALIBABA_CLOUD_PROFILE", "ecs"), ("TUNNELCTL_ALIBABA_METADATA_ENDPOINT", &address)]);
    assert!(from.contains("EcsRamRole"), "{from}");
    let seen = seen.join().unwrap();
    assert!(seen[0].starts_with("PUT /latest/api/token "), "{seen:?}");
    assert!(seen[1].starts_with("GET /latest/meta-data/ram/security-credentials/vpn ") && seen[1].contains("metadata-token"), "{seen:?}");
}

#[test]
fn the_credentials_file_of_alibabas_sdks_is_enough() {
    for name in [".alibabacloud/credentials", ".alibabacloud/credentials.ini"] {
        let user = User::new();
        user.file(name, "[default]\ntype = access_key\naccess_key_id = $ALIBABA_ID\naccess_key_secret = $ALIBABA_SECRET\n");
        assert_eq!(user.source(&[ALIBABA], &[]), format!("~/{name}:3, [default]"));
    }
}

#[test]
fn the_files_of_tencents_cli_are_enough_though_others_may_read_them() {
    let user = User::new();
    user.file(".tccli/default.credential", r#"{"secretId":"$TENCENT_ID","secretKey":"$TENCENT_SECRET"}"#);
    user.file(".tccli/default.configure", r#"{"_sys_param":{"region":"ap-guangzhou","output":"json"}}"#);
    let mode = |name: &str, mode| {
        std::fs::set_permissions(user.world.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // As tccli writes them: the directory is private, the files are not.
    mode(".tccli", 0o700);
    mode(".tccli/default.credential", 0o644);
    mode(".tccli/default.configure", 0o644);
    assert_eq!(user.source(&["tencent/vpnx-ol6bcqp0"], &[]), "~/.tccli/default.credential");
    mode(".tccli", 0o755);
    let ran = user.run(&["show", TENCENT], &[]).expect(3);
    assert!(ran.stderr.contains("chmod 600 "), "{}", ran.stderr);
}

#[test]
fn the_credentials_file_of_tencents_sdks_is_enough() {
    let user = User::new();
    user.file(".tencentcloud/credentials", "[default]\nsecret_id = $TENCENT_ID\nsecret_key = $TENCENT_SECRET\n");
    assert_eq!(user.source(&[TENCENT], &[]), "~/.tencentcloud/credentials:2");
}

#[test]
fn the_credentials_file_of_huaweis_sdks_is_enough() {
    let user = User::new();
    user.file(".huaweicloud/credentials", "[basic]\nak = $HUAWEI_ID\nsk = $HUAWEI_SECRET\n");
    assert_eq!(user.source(&[HUAWEI], &[]), "~/.huaweicloud/credentials:2");
    user.file(".huaweicloud/credentials", "[basic]\nak = $HUAWEI_ID\nsk = $HUAWEI_SECRET\nproject_id = $PROJECT\n");
    let ran = user.run(&["show", HUAWEI, "-v"], &[]).expect(0);
    assert!(!ran.stderr.contains("/v3/projects") && !ran.stderr.contains("KeystoneListProjects"), "{}", ran.stderr);
}

#[test]
fn the_file_of_huaweis_cli_is_enough_unless_it_is_encrypted() {
    let user = User::new();
    let text = |encrypted: &str| {
        format!(
            r#"{{"current":"default","authEncrypt":"{encrypted}","profiles":[{{"name":"default","mode":"AKSK","accessKeyId":"$HUAWEI_ID","secretAccessKey":"$HUAWEI_SECRET","securityToken":"","region":"cn-north-4"}}]}}"#
        )
    };
    user.file(".hcloud/config.json", &text("false"));
    assert_eq!(user.source(&["huawei/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"], &[]), "profile default of ~/.hcloud/config.json");
    user.file(".hcloud/config.json", &text("true"));
    let ran = user.run(&["show", HUAWEI, "-v"], &[]).expect(3);
    assert!(ran.stderr.contains("next:  hcloud configure set --cli-auth-encrypt=false"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("HTTP"), "{}", ran.stderr);
}

#[test]
fn a_file_of_odd_shape_is_named_and_shows_no_key() {
    for (file, text, end, part) in [
        (
            ".aliyun/config.json",
            r#"{"current":"a","profiles":{"a":{"access_key_id":"x","access_key_secret":"canary-x"}}}"#,
            ALIBABA,
            "must be a list",
        ),
        (
            ".aliyun/config.json",
            r#"{"current":"a","profiles":[{"name":"b","access_key_id":"x","access_key_secret":"canary-x"}]}"#,
            ALIBABA,
            "no profile \"a\"",
        ),
        (
            ".aliyun/config.json",
            r#"{"profiles":[{"name":"default","AccessKeyId":"x","AccessKeySecret":"canary-x"}]}"#,
            ALIBABA,
            "must be \"access_key_id\"",
        ),
        (".tccli/default.credential", r#"{"secret_id":"x","secret_key":"canary-x"}"#, TENCENT, "must be \"secretId\""),
        (".tccli/default.credential", r#"{"default":{"secretId":"x","secretKey":"canary-x"}}"#, TENCENT, "there is no \"secretId\""),
        (".hcloud/config.json", r#"{"accessKeyId":"x","secretAccessKey":"canary-x"}"#, HUAWEI, "no list \"profiles\""),
        (
            ".hcloud/config.json",
            r#"{"profiles":[{"name":"default","accessKeyId":["x"],"secretAccessKey":"canary-x"}]}"#,
            HUAWEI,
            "must be a text",
        ),
    ] {
        let user = User::new();
        user.file(file, text);
        let ran = user.run(&["show", end, "-vv"], &[]).expect(3);
        let named = ran.stderr.contains(file) && ran.stderr.contains(part);
        assert!(named && ran.stderr.contains("next:") && !ran.stderr.contains("canary"), "{file}: {}", ran.stderr);
        // A reply it is not, either.
        let ran = user.run(&["inspect", file], &[]).expect(2);
        assert!(ran.stderr.contains("line 1, column 1: ") && !ran.stderr.contains("canary"), "{}", ran.stderr);
    }
}
