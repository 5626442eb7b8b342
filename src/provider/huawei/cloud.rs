//! Facts about the cloud that the files of this folder share: id, regions, hosts, names of operations.

use crate::model::Ref;
use crate::provider::Profile;
use crate::wire::Endpoint;

/// Id of the cloud in refs and commands.
pub(super) const ID: &str = "huawei";

/// `GET /v5/{project_id}/vpn-connection`.
pub(super) const LIST: &str = "ListVpnConnections";
/// `GET /v5/{project_id}/vpn-connection/{vpn_connection_id}`.
pub(super) const SHOW: &str = "ShowVpnConnection";
/// `PUT /v5/{project_id}/vpn-connection/{vpn_connection_id}`.
pub(super) const UPDATE: &str = "UpdateVpnConnection";
/// `POST /v5/{project_id}/vpn-connection/{vpn_connection_id}/reset`.
pub(super) const RESET: &str = "ResetVpnConnection";
/// `GET /v3/projects`, of the identity service.
pub(super) const PROJECTS: &str = "KeystoneListProjects";

/// Regions known when this version was released.
pub(super) const REGIONS: &[&str] = &[
    "ae-ad-1",
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "cn-east-2",
    "cn-east-3",
    "cn-east-4",
    "cn-east-5",
    "cn-north-1",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-north-11",
    "cn-north-12",
    "cn-south-1",
    "cn-south-2",
    "cn-south-4",
    "cn-southwest-2",
    "cn-southwest-3",
    "eu-west-101",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "na-mexico-1",
    "ru-moscow-1",
    "sa-brazil-1",
    "tr-west-1",
];

/// The VPN service of a profile.
#[must_use]
pub(super) fn endpoint(profile: &Profile) -> Endpoint {
    profile.endpoint.clone().unwrap_or_else(|| service("vpn", &profile.region))
}

/// The identity service (IAM) of a profile.
#[must_use]
pub(super) fn identity_endpoint(profile: &Profile) -> Endpoint {
    profile.identity_endpoint.clone().unwrap_or_else(|| service("iam", &profile.region))
}

fn service(name: &str, region: &str) -> Endpoint {
    // The European site has its own domain for its regions eu-west-1xx.
    let domain = if region.starts_with("eu-west-1") { "myhuaweicloud.eu" } else { "myhuaweicloud.com" };
    Endpoint::https(format!("{name}.{region}.{domain}"))
}

/// The ref of a connection of this cloud.
pub(super) fn reference(region: Option<&str>, kind: &str, id: &str) -> Ref {
    Ref { provider: ID.to_owned(), region: region.map(str::to_owned), kind: kind.to_owned(), id: id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::huawei::testing::profile;

    #[test]
    fn endpoints_follow_the_region_unless_they_are_given() {
        for (region, vpn, iam) in [
            ("cn-north-4", "https://vpn.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"),
            ("eu-west-101", "https://vpn.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"),
            ("eu-west-0", "https://vpn.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"),
        ] {
            assert_eq!(endpoint(&profile(region)).to_string(), vpn);
            assert_eq!(identity_endpoint(&profile(region)).to_string(), iam);
        }
        let own = Profile { endpoint: Some(Endpoint::https("a.test")), identity_endpoint: Some(Endpoint::https("b.test")), ..profile("x") };
        assert_eq!((endpoint(&own).authority.as_str(), identity_endpoint(&own).authority.as_str()), ("a.test", "b.test"));
    }
}
