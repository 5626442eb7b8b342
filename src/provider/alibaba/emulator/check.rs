//! Checks of single values, with the codes from the vendor's pages. They are written independently of the program's own
//! rules, so that a mistake in one shows in the other.

use ipnet::Ipv4Net;

use super::reply::Failure;

/// Checks a word against those that are allowed.
pub(super) fn word(word: &str, allowed: &[&str], code: &str, name: &str) -> Result<(), Failure> {
    if allowed.contains(&word) { Ok(()) } else { Err(Failure::new(400, code, format!("The specified {name} ({word}) is invalid."))) }
}

pub(super) fn name(name: &str) -> Result<(), Failure> {
    let good = name.chars().count() <= 100 && !name.starts_with("http://") && !name.starts_with("https://");
    if good { Ok(()) } else { Err(Failure::new(400, "InvalidName", "The name is not valid")) }
}

/// Checks IPv4 networks that are separated by commas.
pub(super) fn networks(field: &str, text: &str) -> Result<(), Failure> {
    if text.split(',').all(|network| network.parse::<Ipv4Net>().is_ok()) {
        return Ok(());
    }
    Err(Failure::new(400, format!("IllegalParam.{field}"), format!("The specified \"{field}\" ({text}) is invalid.")))
}

/// Checks a client pool against its bounds and the local networks.
pub(super) fn client_pool(pool: &str, local: &str) -> Result<(), Failure> {
    let Ok(network) = pool.parse::<Ipv4Net>() else {
        return Err(Failure::new(400, "IllegalParam.ClientIpPool", format!("The specified \"ClientIpPool\" ({pool}) is invalid.")));
    };
    if !(16..=29).contains(&network.prefix_len()) {
        let message = "The netmask length of client IP pool must be greater than or equal to 16 and less than or equal to 29.";
        return Err(Failure::new(400, "ClientIpPool.NetmaskInvalid", message));
    }
    let clash =
        |text: &str| text.parse::<Ipv4Net>().is_ok_and(|other| other.contains(&network.network()) || network.contains(&other.network()));
    if local.split(',').any(clash) {
        let message = "The specified client IP pool conflicts with other resources in the same VPC.";
        return Err(Failure::new(400, "InvalidClientIpPool.Conflict", message));
    }
    Ok(())
}

/// Checks a key. An empty one counts as missing.
pub(super) fn psk(text: Option<&str>) -> Result<Option<&str>, Failure> {
    let Some(psk) = text.filter(|psk| !psk.is_empty()) else { return Ok(None) };
    if psk.len() <= 100 && psk.bytes().all(|b| b.is_ascii_graphic()) { Ok(Some(psk)) } else { Err(Failure::illegal("Psk")) }
}
