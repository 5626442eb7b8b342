//! Comparing what a cloud shows after a change with what was asked for, and everything else with what was there before.

use crate::model::{Connection, Key, Settings, Tunnel, Value, is_mask};

/// What the cloud shows after a change, compared with what was asked for and what was there before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verification {
    /// Asked for, and shown.
    pub in_effect: Vec<Key>,
    /// Asked for, and not shown: the cloud does not return it.
    pub unreadable: Vec<Key>,
    /// Asked for, and something else is shown.
    pub missing: Vec<Key>,
    /// Not asked for, and different from before.
    pub collateral: Vec<Key>,
    /// The same at the other tunnels of the connection, as `tunnel[slave].ike.version`.
    pub elsewhere: Vec<String>,
}

impl Verification {
    /// The paths of what was not asked for, and is different from before.
    #[must_use]
    pub fn besides(&self) -> Vec<String> {
        self.collateral.iter().map(|key| key.path().to_owned()).chain(self.elsewhere.iter().cloned()).collect()
    }
}

/// Compares what is shown after a change with what was asked for, and everything else with what was there before.
#[must_use]
pub fn verify(before: Option<&Settings>, asked: &Settings, after: &Settings) -> Verification {
    let mut seen = Verification::default();
    for (key, wanted) in asked.iter() {
        match after.get(key) {
            Some(shown) if shown == wanted => seen.in_effect.push(key),
            Some(shown) if is_masked(shown) => seen.unreadable.push(key),
            Some(_) => seen.missing.push(key),
            // The cloud returned it before: it is no secret, but gone.
            None if before.is_some_and(|before| before.has(key)) => seen.missing.push(key),
            None => seen.unreadable.push(key),
        }
    }
    if let Some(before) = before {
        seen.collateral = moved(before, asked, after).filter(|key| !asked.has(*key)).collect();
    }
    seen
}

/// What is different at the other tunnels; `tunnel` is the place of the one that was changed.
#[must_use]
pub fn elsewhere(before: &Connection, asked: &Settings, after: &Connection, tunnel: Option<usize>) -> Vec<String> {
    // A setting for both tunnels shows at each.
    let of_both: Settings =
        [Key::TunnelsBgp, Key::TunnelsBgpCidrs].into_iter().filter_map(|key| Some((key, asked.get(key)?.clone()))).collect();
    let twin = |old: &Tunnel| after.tunnels.iter().find(|new| new.id == old.id);
    let others = before.tunnels.iter().enumerate().filter(|(place, _)| Some(*place) != tunnel);
    let pairs = others.filter_map(|(_, old)| Some((old, twin(old)?)));
    let path = |old: &Tunnel, key: Key| format!("tunnel[{}].{}", old.role.as_deref().unwrap_or(&old.id), key.path());
    pairs.flat_map(|(old, new)| moved(&old.settings, &of_both, &new.settings).map(move |key| path(old, key))).collect()
}

/// What differs, except what changes by itself or follows from what was asked for.
fn moved<'a>(before: &'a Settings, asked: &'a Settings, after: &'a Settings) -> impl Iterator<Item = Key> + 'a {
    let changes_by_itself = |key: Key| matches!(key, Key::BgpState | Key::HealthCheckState);
    let differs = move |key: &Key| {
        !changes_by_itself(*key)
            && !follows_from(*key, asked)
            && before.get(*key) != after.get(*key)
            && !after.get(*key).is_some_and(is_masked)
    };
    Key::ALL.iter().copied().filter(differs)
}

/// Whether a cloud shows a mask in place of a key: it tells nothing about the key.
fn is_masked(value: &Value) -> bool {
    matches!(value, Value::Secret(secret) if is_mask(secret.expose()))
}

/// Whether a setting is derived from one that was asked for, and so changes with it.
fn follows_from(key: Key, asked: &Settings) -> bool {
    let sources: &[Key] = match key {
        Key::LocalSubnets => &[Key::PolicyRules],
        Key::RemoteSubnets => &[Key::PolicyRules],
        Key::PolicyRules => &[Key::RemoteSubnets],
        Key::IkeMode => &[Key::IkeVersion],
        Key::LocalId => &[Key::LocalIdType],
        Key::LocalIdType => &[Key::LocalId],
        Key::RemoteId => &[Key::RemoteIdType, Key::CustomerGateway],
        Key::RemoteIdType => &[Key::RemoteId],
        Key::BgpPeerAddress => &[Key::BgpTunnelCidr, Key::BgpLocalAddress, Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpPeerAsn => &[Key::CustomerGateway, Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpEnabled => &[Key::TunnelsBgp],
        Key::BgpLocalAddress => &[Key::BgpEnabled, Key::BgpTunnelCidr, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpLocalAsn | Key::BgpTunnelCidr => &[Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::TunnelsBgpCidrs => &[Key::BgpTunnelCidr],
        // Clouds fill in what a probe needs when it is turned on, and may drop it when it is turned off.
        Key::DpdTimeout | Key::DpdInterval | Key::DpdAction | Key::DpdMessage => &[Key::DpdEnabled],
        Key::HealthCheckLocal
        | Key::HealthCheckRemote
        | Key::HealthCheckInterval
        | Key::HealthCheckTimeout
        | Key::HealthCheckRetries
        | Key::HealthCheckProbe
        | Key::HealthCheckPolicy => &[Key::HealthCheckEnabled],
        _ => &[],
    };
    sources.iter().any(|source| asked.has(*source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    fn settings(rows: &[(Key, Value)]) -> Settings {
        rows.iter().cloned().collect()
    }

    #[test]
    fn what_was_shown_before_and_is_gone_is_no_secret() {
        let (one, two) = (settings(&[(Key::Name, Value::Text("a".into()))]), settings(&[(Key::Name, Value::Text("b".into()))]));
        assert_eq!(verify(Some(&one), &two, &Settings::new()).missing, [Key::Name]);
        assert_eq!(verify(Some(&Settings::new()), &two, &Settings::new()).unreadable, [Key::Name]);
    }

    #[test]
    fn what_a_cloud_fills_in_with_a_switch_is_no_other_change() {
        let asked = settings(&[(Key::HealthCheckEnabled, Value::Switch(true)), (Key::DpdEnabled, Value::Switch(true))]);
        let after =
            asked.with(&settings(&[(Key::HealthCheckLocal, Value::Text("169.254.128.1".into())), (Key::DpdTimeout, Value::Number(30))]));
        assert!(verify(Some(&Settings::new()), &asked, &after).collateral.is_empty());
        assert_eq!(verify(Some(&Settings::new()), &Settings::new(), &after).collateral.len(), 4);
    }

    #[test]
    fn the_outcome_tells_what_is_in_effect_from_what_is_not() {
        let before =
            settings(&[(Key::Name, Value::Text("a".into())), (Key::IkeLifetime, Value::Number(1)), (Key::DpdTimeout, Value::Number(9))]);
        let asked = settings(&[(Key::Name, Value::Text("b".into())), (Key::IkeLifetime, Value::Number(2)), (Key::Psk, Value::secret("k"))]);
        let after = settings(&[(Key::Name, Value::Text("b".into())), (Key::IkeLifetime, Value::Number(1))]);
        let seen = verify(Some(&before), &asked, &after);
        assert_eq!(seen.in_effect, [Key::Name]);
        assert_eq!(seen.missing, [Key::IkeLifetime]);
        assert_eq!(seen.unreadable, [Key::Psk]);
        assert_eq!(seen.collateral, [Key::DpdTimeout]);
    }
}
