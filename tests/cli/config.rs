//! The configuration file, and credentials from the vendors' own files, against served clouds.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Ran, World, finish};
use crate::served::Served;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const ALIBABA_ID: &str = "vco-bp1bbi27hojx80nck9k1i";

/// A user whose environment has the emulator's endpoints and none of its credentials.
struct User {
    world: World,
    served: Served,
}

impl User {
    fn new() -> Self {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0"]);
        Self { world, served }
    }

    /// A value of the emulator's, by the name of its variable.
    fn value(&self, name: &str) -> String {
        self.served.variables.iter().find(|(known, _)| known == name).unwrap().1.clone()
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.world.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let keys = [
            ("$ALIBABA_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
            ("$ALIBABA_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
            ("$TENCENT_ID", "TENCENTCLOUD_SECRET_ID"),
            ("$TENCENT_SECRET", "TENCENTCLOUD_SECRET_KEY"),
            ("$HUAWEI_ID", "HUAWEICLOUD_SDK_AK"),
            ("$HUAWEI_SECRET", "HUAWEICLOUD_SDK_SK"),
            ("$PROJECT", "HUAWEICLOUD_SDK_PROJECT_ID"),
        ];
        let text = keys.iter().fold(text.to_owned(), |text, (mark, name)| text.replace(mark, &self.value(name)));
        self.world.write(name, &text);
    }

    fn config(&self, text: &str) {
        self.file(".config/tunnelctl/config.toml", text);
    }

    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.world.command();
        let endpoints = self.served.variables.iter().filter(|(name, _)| name.ends_with("ENDPOINT"));
        command.args(words).envs(endpoints.map(|(name, value)| (name.as_str(), value.as_str()))).envs(variables.iter().copied());
        let ran = finish(command, "");
        for name in ["ALIBABA_CLOUD_ACCESS_KEY_SECRET", "TENCENTCLOUD_SECRET_KEY", "HUAWEICLOUD_SDK_SK"] {
            let secret = self.value(name);
            assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "{}\n{}", ran.stdout, ran.stderr);
        }
        assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// Reads a connection, and says which source the log names.
    #[track_caller]
    fn source(&self, words: &[&str], variables: &[(&str, &str)]) -> String {
        let mut all = vec!["show", "-v"];
        all.extend(words);
        let ran = self.run(&all, variables).expect(0);
        let line = ran.stderr.lines().find(|line| line.contains(" credentials from ")).unwrap_or_else(|| panic!("{}", ran.stderr));
        line.split(" from ").nth(1).unwrap().replace(self.world.path().to_str().unwrap(), "~")
    }
}

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
fn what_needs_a_person_or_another_machine_is_explained() {
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
fn the_role_of_an_instance_is_asked_of_its_metadata() {
    use std::io::{Read, Write};
    let user = User::new();
    user.file(".aliyun/config.json", ALIYUN);
    // What the instance hands out are credentials that the emulator knows: a role's, assumed here.
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
    // As tccli writes them: the directory is closed, the files are not.
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
fn the_profiles_own_credentials_go_before_the_variables_and_those_before_the_files() {
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
fn an_inline_secret_works_and_is_warned_of() {
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
fn a_name_of_the_configuration_stands_wherever_a_ref_can() {
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
fn a_file_that_is_not_right_stops_what_needs_it_and_nothing_else() {
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
