//! The configuration file, and which of several sources is used, against served clouds.

use std::os::unix::fs::PermissionsExt;

use crate::harness::World;
use crate::user::User;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";

const ALIYUN: &str = r#"{"current":"default","profiles":[
  {"name":"default","mode":"AK","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","region_id":"cn-shanghai"},
  {"name":"role","mode":"RamRoleArn","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","ram_role_arn":"acs:ram::1234567890123456:role/vpn","ram_session_name":"me@home","expired_seconds":900,"region_id":"cn-shanghai"},
  {"name":"chain","mode":"ChainableRamRoleArn","source_profile":"default","ram_role_arn":"acs:ram::1:role/vpn"},
  {"name":"forbidden","mode":"RamRoleArn","access_key_id":"$ALIBABA_ID","access_key_secret":"$ALIBABA_SECRET","ram_role_arn":"acs:ram::1:role/forbidden"},
  {"name":"sso","mode":"CloudSSO","access_key_id":"x","access_key_secret":"canary-sso"},
  {"name":"ecs","mode":"EcsRamRole","ram_role_name":"vpn"}]}"#;

#[test]
fn credentials_come_from_the_profile_then_the_variables_then_the_files() {
    let user = User::new();
    let (id, secret) = (user.value("ALIBABA_CLOUD_ACCESS_KEY_ID"), user.value("ALIBABA_CLOUD_ACCESS_KEY_SECRET"));
    let variables = [("ALIBABA_CLOUD_ACCESS_KEY_ID", id.as_str()), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret.as_str())];
    user.file(".alibabacloud/credentials", "[default]\naccess_key_id = $ALIBABA_ID\naccess_key_secret = $ALIBABA_SECRET\n");
    user.file(".aliyun/config.json", ALIYUN);
    user.file("secret", "$ALIBABA_SECRET\nsecond line\n");
    let config = |credentials: &str| user.config(&format!("[profiles.default.alibaba]\ncredentials = {{ {credentials} }}\n"));
    config("access_key_id = \"$ALIBABA_ID\", secret_file = \"../../secret\"");
    assert_eq!(user.source(&[ALIBABA], &variables), "~/.config/tunnelctl/config.toml:2, secret");
    config("access_key_id = \"$ALIBABA_ID\", secret_command = [\"head\", \"-n1\", \"secret\"]");
    assert_eq!(user.source(&[ALIBABA], &[("PATH", "/usr/bin:/bin")]), "~/.config/tunnelctl/config.toml:2, secret");
    config("source = \"vendor\"");
    assert!(user.source(&[ALIBABA], &variables).contains(".aliyun/config.json"));
    config("source = \"vendor\", profile = \"role\"");
    assert!(user.source(&[ALIBABA], &variables).contains("profile role"));
    config("source = \"environment\"");
    user.run(&["show", ALIBABA], &[]).expect(3);
    let named = "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    assert_eq!(user.source(&[ALIBABA], &variables), named);
    std::fs::remove_file(user.world.path().join(".config/tunnelctl/config.toml")).unwrap();
    assert_eq!(user.source(&[ALIBABA], &variables), named);
    assert!(user.source(&[ALIBABA], &[]).contains(".aliyun/config.json"));
    std::fs::remove_file(user.world.path().join(".aliyun/config.json")).unwrap();
    assert!(user.source(&[ALIBABA], &[]).contains(".alibabacloud/credentials"));
}

#[test]
fn an_inline_secret_works_with_a_warning() {
    let user = User::new();
    user.config("[profiles.default.alibaba]\ncredentials = { access_key_id = \"$ALIBABA_ID\", secret = \"$ALIBABA_SECRET\" }\n");
    let ran = user.run(&["show", ALIBABA], &[]).expect(0);
    assert!(ran.stderr.contains("warning: ") && ran.stderr.contains("config.toml:2"), "{}", ran.stderr);
}

#[test]
fn a_region_comes_from_the_ref_then_the_flag_then_profile_variable_and_file() {
    let user = User::new();
    user.file(".aliyun/config.json", &ALIYUN.replace("cn-shanghai", "cn-beijing"));
    let region = |words: &[&str], variables: &[(&str, &str)]| {
        let ran = user.run(&[&["config", "show", "alibaba", "-o", "json"], words].concat(), variables).expect(0).json();
        let found = &ran["providers"]["alibaba"]["region"];
        (found["value"].as_str().unwrap().to_owned(), found["from"].as_str().unwrap().replace(user.world.path().to_str().unwrap(), "~"))
    };
    let variable = [("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")];
    assert_eq!(region(&[], &[]), ("cn-beijing".into(), "profile default of ~/.aliyun/config.json".into()));
    assert_eq!(region(&[], &variable), ("cn-hangzhou".into(), "ALIBABA_CLOUD_REGION_ID".into()));
    user.config("default_profile = \"b\"\n[profiles.a.alibaba]\nregion = \"cn-qingdao\"\n[profiles.b.alibaba]\nregion = \"cn-shanghai\"\n");
    assert_eq!(region(&[], &variable), ("cn-shanghai".into(), "~/.config/tunnelctl/config.toml:5".into()));
    assert_eq!(region(&["--profile", "a"], &variable).0, "cn-qingdao");
    assert_eq!(region(&[], &[("TUNNELCTL_PROFILE", "a")]).0, "cn-qingdao");
    assert_eq!(region(&["--profile", "b"], &[("TUNNELCTL_PROFILE", "a")]).0, "cn-shanghai");
    assert_eq!(region(&["--region", "cn-nanjing"], &variable), ("cn-nanjing".into(), "--region".into()));
    user.run(&["show", ALIBABA], &[]).expect(0);
    let ran = user.run(&["show", ALIBABA, "--profile", "c"], &[]).expect(3);
    assert!(ran.stderr.contains("--profile \"c\": there is no such profile"), "{}", ran.stderr);
}

#[test]
fn a_name_of_the_configuration_works_wherever_a_ref_does() {
    let world = World::new();
    std::fs::create_dir_all(world.path().join(".config/tunnelctl")).unwrap();
    world.write(".config/tunnelctl/config.toml", &format!("[tunnels]\nhq = \"{ALIBABA}\"\nbranch = \"{TENCENT}\"\n"));
    let shown = world.emulated(&["show", "hq", "branch", "-o", "json"]).expect(0).json();
    assert_eq!(shown["connections"][1]["ref"], TENCENT);
    world.emulated(&["modify", "hq", "--name", "by-name", "--yes", "-q"]).expect(0);
    assert_eq!(world.emulated(&["wait", "hq", "-o", "json"]).expect(0).json()["connection"]["name"], "by-name");
    assert!(world.emulated(&["modify", "branhc", "--name", "x", "--yes"]).expect(2).stderr.contains("did you mean \"branch\"?"));
    assert!(world.emulated(&["show", "hk"]).expect(2).stderr.contains("[tunnels]"));
}

#[test]
fn a_listing_goes_to_all_regions_of_the_profile() {
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    user.config("[profiles.default.alibaba]\nregions = [\"cn-shanghai\", \"cn-hangzhou\"]\n");
    let listed = user.run(&["list", "-o", "json"], &[]).json();
    let regions: std::collections::BTreeSet<&str> =
        listed["connections"].as_array().unwrap().iter().map(|connection| connection["region"].as_str().unwrap()).collect();
    assert_eq!(regions.into_iter().collect::<Vec<_>>(), ["cn-hangzhou", "cn-shanghai"]);
}

#[test]
fn a_file_with_mistakes_stops_only_the_commands_that_need_it() {
    let user = User::new();
    user.config("[profiles.default.alibaba]\nregoin = \"cn-shanghai\"\ncredentials = { secret = \"canary-secret\" }\n[tunels]\n");
    for words in [vec!["show", ALIBABA], vec!["config", "show"], vec!["config", "check"], vec!["list"], vec!["modify", "hq", "--name", "x"]]
    {
        let ran = user.run(&words, &[]).expect(3);
        for complaint in ["config.toml:2:1: \"regoin\"", "did you mean \"region\"?", "config.toml:3:15: ", "config.toml:4:2: \"tunels\""] {
            assert!(ran.stderr.contains(complaint), "{complaint}: {}", ran.stderr);
        }
    }
    for words in [vec!["config", "path"], vec!["--version"], vec!["modify", "alibaba", "--help"]] {
        user.run(&words, &[]).expect(0);
    }
    let path = user.world.path().join(".config/tunnelctl/config.toml");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = user.run(&["show", ALIBABA], &[]).expect(3);
    assert!(ran.stderr.contains("can be read by other users (mode 644)") && ran.stderr.contains("next:  chmod 600 "), "{}", ran.stderr);
}

#[test]
fn config_show_names_every_source_and_runs_nothing() {
    let user = User::new();
    user.file(".tccli/default.credential", r#"{"secretId":"$TENCENT_ID","secretKey":"$TENCENT_SECRET"}"#);
    user.config(
        "[profiles.default.alibaba]\nregion = \"cn-shanghai\"\nsignature = \"acs3\"\ncredentials = { access_key_id = \"LTAIcanonical0001\", secret_command = [\"touch\", \"ran\"] }\n",
    );
    let huawei = [("HUAWEICLOUD_SDK_AK", "ak-of-huawei-0001"), ("HUAWEICLOUD_SDK_SK", "canary-huawei-secret")];
    let shown = user.run(&["config", "show", "-o", "json"], &huawei).expect(0).json();
    let from = |provider: &str, name: &str| shown["providers"][provider][name]["from"].as_str().unwrap_or_default().to_owned();
    assert!(from("alibaba", "credentials").ends_with("config.toml:4, secret from the command touch"));
    assert!(from("alibaba", "signature").ends_with("config.toml:3"));
    assert_eq!(from("alibaba", "endpoint"), "TUNNELCTL_ALIBABA_ENDPOINT");
    assert!(from("tencent", "credentials").ends_with(".tccli/default.credential"));
    assert_eq!(from("huawei", "credentials"), "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK");
    assert_eq!(shown["providers"]["huawei"]["credentials"]["value"], "key ak-o...0001");
    user.run(&["config", "show"], &huawei).expect(0);
    user.run(&["config", "check"], &[("PATH", "/usr/bin:/bin")]).expect(0);
    assert!(user.run(&["config", "check"], &[("PATH", "/none")]).expect(3).stdout.contains("there is no such program"));
    assert!(!user.world.path().join("ran").exists());
}
