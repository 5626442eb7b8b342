//! Facts about Alibaba Cloud that several files of this folder need.

use crate::provider::Profile;
use crate::wire::Endpoint;

/// The cloud's id in refs, commands and the emulator's store.
pub(super) const ID: &str = "alibaba";

/// Version of the VPC API.
pub(super) const VERSION: &str = "2016-04-28";

/// Changes a connection of a VPN gateway.
pub(super) const MODIFY_CONNECTION: &str = "ModifyVpnConnectionAttribute";
/// Changes a connection of a transit router.
pub(super) const MODIFY_ATTACHMENT: &str = "ModifyVpnAttachmentAttribute";
/// Changes one tunnel of a connection of a VPN gateway.
pub(super) const MODIFY_TUNNEL: &str = "ModifyTunnelAttribute";
/// Changes an IPsec server.
pub(super) const UPDATE_SERVER: &str = "UpdateIpsecServer";
/// Reads a connection of either kind.
pub(super) const DESCRIBE_CONNECTION: &str = "DescribeVpnConnection";
/// Lists connections of both kinds.
pub(super) const LIST_CONNECTIONS: &str = "DescribeVpnConnections";
/// Lists the connections of transit routers, without their configuration.
pub(super) const LIST_ATTACHMENTS: &str = "DescribeVpnAttachments";
/// Reads IPsec servers.
pub(super) const LIST_SERVERS: &str = "ListIpsecServers";
/// Reads a VPN gateway.
pub(super) const DESCRIBE_GATEWAY: &str = "DescribeVpnGateway";

/// The gateway id that a connection without a VPN gateway reports.
pub(super) const NO_GATEWAY: &str = "vpn-not-exist";

/// The parameter that names the region.
pub(super) const REGION_PARAMETER: &str = "RegionId";

/// Parameters that carry the signature, or select the region or the operation; they say nothing about a connection.
pub(super) const COMMON_PARAMETERS: [&str; 12] = [
    REGION_PARAMETER,
    "Action",
    "Version",
    "Format",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "SignatureType",
    "Timestamp",
    "SecurityToken",
];

/// The key pair that the emulator accepts, `(id, secret)`.
pub(super) const EMULATED_KEY: (&str, &str) = ("LTAIemulatedAccessKeyId", "emulatedAlibabaSecretKey000001");

/// Signature schemes, the default first.
pub(super) const SIGNATURES: &[&str] = &["rpc", ACS3];

const ACS3: &str = "acs3";

/// Whether requests of a profile are signed with `acs3`.
pub(super) fn uses_acs3(profile: &Profile) -> bool {
    profile.signature == Some(ACS3)
}

/// Whether a connection with this `AttachType` is of the kind `attachment`.
pub(super) fn is_attachment(attach_type: &str) -> bool {
    matches!(attach_type, "CEN" | "NO_ASSOCIATED")
}

/// The endpoint of a profile: its own, or the one of its region (`vpc.<region>.aliyuncs.com`).
pub(super) fn endpoint(profile: &Profile) -> Endpoint {
    match &profile.endpoint {
        Some(endpoint) => endpoint.clone(),
        None if is_host_label(&profile.region) => Endpoint::https(format!("vpc.{}.aliyuncs.com", profile.region)),
        // There is no such region; the central endpoint answers with the matching error.
        None => Endpoint::https("vpc.aliyuncs.com"),
    }
}

/// Whether a text can be a region inside a host name.
pub(super) fn is_host_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Regions known to this version; others are let through with a note.
pub(super) const REGIONS: &[&str] = &[
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-hongkong",
    "cn-wuhan-lr",
    "cn-zhengzhou-jva",
    "cn-zhongwei",
    "cn-heyuan-acdr-1",
    "cn-beijing-finance-1",
    "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
    "cn-hangzhou-finance",
    "cn-north-2-gov-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-southeast-8",
    "ap-south-1",
    "us-east-1",
    "us-west-1",
    "us-southeast-1",
    "na-south-1",
    "eu-central-1",
    "eu-west-1",
    "me-east-1",
    "me-central-1",
    "rus-west-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_follows_the_region_unless_it_is_given() {
        let mut profile =
            Profile { region: "cn-hangzhou".into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
        assert_eq!(endpoint(&profile).to_string(), "https://vpc.cn-hangzhou.aliyuncs.com");
        profile.region = "evil.test/".into();
        assert_eq!(endpoint(&profile).to_string(), "https://vpc.aliyuncs.com");
        profile.endpoint = Some(Endpoint::parse("http://127.0.0.1:9").unwrap());
        assert_eq!(endpoint(&profile).to_string(), "http://127.0.0.1:9");
    }
}
