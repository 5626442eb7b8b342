//! Blocks are sent whole, and with the key.

use serde_json::{Value as Json, json};

use super::*;
use crate::model::{Key, Value};
use crate::provider::alibaba::testing::settings;
use crate::provider::alibaba::wire::modify;

#[test]
fn a_touched_block_is_completed_from_the_current_settings() {
    let target = attachment_target();
    let current = read(&target, &ATTACHMENT.replace("1234***", "k-canary-1"));
    let change = settings(&target, &[(Key::IkeDhGroup, "group14"), (Key::HealthCheckRetries, "5"), (Key::DpdEnabled, "off")]);
    let call = modify(&profile(REGION, None), &edit(&target, Some(&current), &change)).unwrap();
    let json = |name: &str| -> Json { serde_json::from_str(&parameter_of(&call.request, name).unwrap()).unwrap() };
    assert_eq!(
        json("IkeConfig"),
        json!({
            "Psk": "k-canary-1", "IkeVersion": "ikev1", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha1", "IkePfs": "group14",
            "IkeLifetime": 86400, "LocalId": "47.XX.XX.1", "RemoteId": "47.XX.XX.2",
        })
    );
    assert_eq!(
        json("HealthCheckConfig"),
        json!({ "enable": "true", "sip": "10.1.1.1", "dip": "192.168.1.1", "interval": "3", "retry": "5", "Policy": "revoke_route" })
    );
    assert_eq!(parameter_of(&call.request, "EnableDpd").as_deref(), Some("false"));
    assert_eq!(parameter_of(&call.request, "ClientToken").as_deref(), Some("token-1"));
    assert_eq!(parameter_of(&call.request, "IpsecConfig"), None);
    let change = settings(&target, &[(Key::BgpLocalAsn, "1.0")]);
    let call = modify(&profile(REGION, None), &edit(&target, Some(&current), &change)).unwrap();
    assert_eq!(
        serde_json::from_str::<Json>(&parameter_of(&call.request, "BgpConfig").unwrap()).unwrap(),
        json!({ "EnableBgp": "true", "LocalAsn": "65536", "TunnelCidr": "169.254.11.0/30", "LocalBgpIp": "169.254.11.1" })
    );
    assert_eq!(parameter_of(&call.request, "IkeConfig"), None);
}

#[test]
fn a_key_that_cannot_be_read_must_be_given() {
    let target = attachment_target();
    let masked = read(&target, ATTACHMENT);
    let change = settings(&target, &[(Key::IkeLifetime, "60")]);
    for current in [Some(&masked), None] {
        let violations = modify(&profile(REGION, None), &edit(&target, current, &change)).unwrap_err();
        assert_eq!(violations[0].setting, "--psk-file");
        assert!(violations[0].rule.contains("--psk-stdin"));
    }
    for (shown, readable) in [("pg***x5", false), ("pgw6dy7d****", false), ("", false), ("pg*x*5", true)] {
        let mut current = masked.clone();
        current.settings.set(Key::Psk, Value::secret(shown));
        assert_eq!(modify(&profile(REGION, None), &edit(&target, Some(&current), &change)).is_ok(), readable, "{shown}");
    }
    let with_key = settings(&target, &[(Key::IkeLifetime, "60"), (Key::Psk, "k")]);
    assert!(modify(&profile(REGION, None), &edit(&target, None, &with_key)).is_ok());
    let without_block = settings(&target, &[(Key::Name, "a")]);
    assert!(modify(&profile(REGION, None), &edit(&target, None, &without_block)).is_ok());
    assert!(modify(&profile(REGION, None), &edit(&target, Some(&masked), &change.with(&with_key).redacted())).is_ok());
}

#[test]
fn a_servers_key_goes_with_every_change_of_more_than_the_name() {
    let target = server_target();
    let current = read(&target, SERVERS);
    let pool = settings(&target, &[(Key::ClientPool, "10.1.0.0/24")]);
    let call = modify(&profile(REGION, None), &edit(&target, Some(&current), &pool)).unwrap();
    assert_eq!(parameter_of(&call.request, "Psk").as_deref(), Some("Cfd123-canary"));
    assert_eq!(parameter_of(&call.request, "ClientIpPool").as_deref(), Some("10.1.0.0/24"));
    assert!(modify(&profile(REGION, None), &edit(&target, None, &pool)).is_err());
    let name = settings(&target, &[(Key::Name, "a")]);
    let call = modify(&profile(REGION, None), &edit(&target, None, &name)).unwrap();
    assert_eq!(form(&call.request).len(), 4);
    assert_eq!(parameter_of(&call.request, "IpsecServerName").as_deref(), Some("a"));
    let mut keyless = current.clone();
    keyless.settings.set(Key::PskEnabled, Value::Switch(false));
    keyless.settings.remove(Key::Psk);
    let call = modify(&profile(REGION, None), &edit(&target, Some(&keyless), &pool)).unwrap();
    assert_eq!(parameter_of(&call.request, "Psk"), None);
}
