//! A user with a home, and clouds on loopback.

use crate::harness::{Ran, World, finish};
use crate::served::Served;

/// A user whose environment has the emulator's endpoints and none of its credentials.
pub struct User {
    pub world: World,
    pub served: Served,
}

impl User {
    pub fn new() -> Self {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0"]);
        Self { world, served }
    }

    /// A value of the emulator's, by the name of its variable.
    pub fn value(&self, name: &str) -> String {
        self.served.variables.iter().find(|(known, _)| known == name).unwrap().1.clone()
    }

    pub fn file(&self, name: &str, text: &str) {
        let path = self.world.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let keys = [
            ("$ALIBABA_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
            ("$ALIBABA_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
            ("$TENCENT_ID", "TENCENTCLOUD_SECRET_ID"),
            ("$TENCENT_SECRET", "TENCENTCLOUD_SECRET_KEY"),
            ("$HUAWEI_ID", "HUAWEICLOUD_SDK_AK"),
            ("$HUAWEI_SECRET", "HUAWEICLOUD_SDK_SK"),
        ];
        let text = keys.iter().fold(text.to_owned(), |text, (mark, name)| text.replace(mark, &self.value(name)));
        let text = text.replace("$PROJECT", crate::emulator::PROJECT);
        self.world.write(name, &text);
    }

    pub fn config(&self, text: &str) {
        self.file(".config/tunnelctl/config.toml", text);
    }

    pub fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
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

    /// Reads a connection; returns the source of the credentials that the log names.
    #[track_caller]
    pub fn source(&self, words: &[&str], variables: &[(&str, &str)]) -> String {
        let mut all = vec!["show", "-v"];
        all.extend(words);
        let ran = self.run(&all, variables).expect(0);
        let line = ran.stderr.lines().find(|line| line.contains(" credentials from ")).unwrap_or_else(|| panic!("{}", ran.stderr));
        line.split(" from ").nth(1).unwrap().replace(self.world.path().to_str().unwrap(), "~")
    }
}
