//! The BGP session inside a tunnel, and the networks on both sides of it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{Connection, Key, Settings};

/// A BGP session, seen from the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// The peer's AS number.
    pub own_asn: Option<u64>,
    /// The cloud's AS number.
    pub cloud_asn: Option<u64>,
    /// The peer's address.
    pub own: Option<IpAddr>,
    /// The cloud's address.
    pub cloud: IpAddr,
}

impl Session {
    /// The session of these settings; `None` if BGP is off, or the cloud does not return its address.
    pub(super) fn of(settings: &Settings, style: Option<&str>) -> Option<Self> {
        let on = settings.switch(Key::BgpEnabled) == Some(true) || style.is_some_and(|style| style.eq_ignore_ascii_case("bgp"));
        let address = |keys: [Key; 2]| keys.into_iter().filter_map(|key| settings.text(key)).find_map(host);
        let cloud = address([Key::BgpLocalAddress, Key::TunnelLocalAddress])?;
        on.then(|| Self {
            own_asn: settings.number(Key::BgpPeerAsn),
            cloud_asn: settings.number(Key::BgpLocalAsn),
            own: address([Key::BgpPeerAddress, Key::TunnelPeerAddress]),
            cloud,
        })
    }

    /// The peer's AS number, or what stands for it.
    pub(super) fn own_as(&self) -> String {
        self.own_asn.map_or("PEER-ASN".to_owned(), |asn| asn.to_string())
    }

    /// The cloud's AS number, or what stands for it.
    pub(super) fn cloud_as(&self) -> String {
        self.cloud_asn.map_or("CLOUD-ASN".to_owned(), |asn| asn.to_string())
    }
}

/// The address in a text, which may also be a network.
fn host(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<IpNet>().ok().map(|network| network.addr()))
}

/// The IPv4 networks of a field, without the default route.
pub(super) fn networks(connection: &Connection, key: Key) -> Vec<IpNet> {
    let parsed = connection.settings.list(key).iter().filter_map(|text| text.parse::<IpNet>().ok());
    parsed.filter(|network| network.addr().is_ipv4() && network.prefix_len() > 0).map(|network| network.trunc()).collect()
}

/// The peer's address inside the tunnel with its prefix, and the cloud's.
pub(super) fn inside(settings: &Settings) -> (Option<IpNet>, Option<IpAddr>) {
    let text = |keys: [Key; 2]| keys.into_iter().find_map(|key| settings.text(key));
    let cloud = text([Key::TunnelLocalAddress, Key::BgpLocalAddress]).and_then(host);
    let own = text([Key::TunnelPeerAddress, Key::BgpPeerAddress]);
    let whole = settings.text(Key::BgpTunnelCidr).and_then(|text| text.parse::<IpNet>().ok());
    let net = own.and_then(|text| {
        if text.contains('/') {
            return text.parse::<IpNet>().ok();
        }
        let own = text.parse::<IpAddr>().ok()?;
        // The clouds' networks inside a tunnel are /30: two addresses that lie in one share it.
        let small = IpNet::new(own, if own.is_ipv4() { 30 } else { 126 }).ok()?;
        let prefix = match whole.filter(|whole| whole.contains(&own)) {
            Some(whole) => whole.prefix_len(),
            None => cloud.filter(|cloud| small.contains(cloud)).map(|_| small.prefix_len())?,
        };
        IpNet::new(own, prefix).ok()
    });
    (net, cloud)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    #[test]
    fn the_prefix_of_an_inside_address_comes_from_itself_the_tunnels_network_or_a_shared_slash_30() {
        let of = |fields: &[(Key, &str)]| {
            let mut settings = Settings::default();
            fields.iter().for_each(|(key, text)| settings.set(*key, Value::Text((*text).to_owned())));
            inside(&settings).0.map(|net| net.to_string())
        };
        assert_eq!(of(&[(Key::TunnelPeerAddress, "169.254.7.2/29")]).as_deref(), Some("169.254.7.2/29"));
        assert_eq!(of(&[(Key::BgpPeerAddress, "10.9.0.6"), (Key::BgpTunnelCidr, "10.9.0.0/28")]).as_deref(), Some("10.9.0.6/28"));
        assert_eq!(of(&[(Key::BgpPeerAddress, "10.9.0.6"), (Key::BgpLocalAddress, "10.9.0.5")]).as_deref(), Some("10.9.0.6/30"));
        assert_eq!(of(&[(Key::BgpPeerAddress, "10.9.0.6"), (Key::BgpLocalAddress, "10.9.0.1")]), None);
        assert_eq!(of(&[(Key::BgpPeerAddress, "10.9.0.6\nno")]), None);
    }
}
