//! Facts about Tencent Cloud that several files need: its id, the names of its operations, its regions.

use crate::model::Ref;
use crate::provider::{Profile, Target};

/// Our id of the cloud.
pub const ID: &str = "tencent";

/// The one kind: a VPN tunnel of a VPN gateway.
pub const CONNECTION: &str = "connection";

/// API 3.0.
pub mod v3 {
    /// Our name of the API.
    pub const API: &str = "v3";
    /// Version that requests name.
    pub const VERSION: &str = "2017-03-12";
    /// Modifies a connection.
    pub const MODIFY: &str = "ModifyVpnConnectionAttribute";
    /// Renegotiates a connection.
    pub const RESET: &str = "ResetVpnConnection";
    /// Reads connections.
    pub const DESCRIBE: &str = "DescribeVpnConnections";
}

/// API 2.0.
pub mod v2 {
    /// Our name of the API.
    pub const API: &str = "v2";
    /// Path of every request.
    pub const PATH: &str = "/v2/index.php";
    /// Modifies a connection.
    pub const MODIFY: &str = "ModifyVpnConnEx";
    /// Renegotiates a connection.
    pub const RESET: &str = "ResetVpnConnSA";
    /// Reads connections.
    pub const DESCRIBE: &str = "DescribeVpnConn";
    /// Reports the progress of a task. API 3.0 has an operation of the same name.
    pub const TASK: &str = "DescribeVpcTaskResult";
    /// Flag of the VPC, which every change has to name.
    pub const VPC_ID: &str = "vpc-id";
}

/// Parameters of API 2.0 that select the region or the operation, or carry the signature; API 3.0 has them in headers.
pub const COMMON_PARAMETERS: [&str; 11] = [
    "Action",
    "Region",
    "RegionId",
    "Version",
    "SecretId",
    "Token",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Nonce",
];

/// Regions, as API 3.0 names them.
pub const REGIONS: &[&str] = &[
    "ap-guangzhou",
    "ap-shanghai",
    "ap-nanjing",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-hongkong",
    "ap-singapore",
    "ap-shanghai-fsi",
    "ap-shenzhen-fsi",
    "ap-guangzhou-open",
    "ap-seoul",
    "ap-tokyo",
    "ap-bangkok",
    "ap-mumbai",
    "ap-jakarta",
    "eu-frankfurt",
    "eu-moscow",
    "na-ashburn",
    "na-siliconvalley",
    "na-toronto",
    "sa-saopaulo",
];

/// Whether a target is addressed through API 2.0.
#[must_use]
pub fn is_v2(target: &Target) -> bool {
    target.operation.api == v2::API
}

/// The ref of a target.
#[must_use]
pub fn reference_of(profile: &Profile, target: &Target) -> Ref {
    reference(Some(profile.region.clone()).filter(|region| !region.is_empty()), &target.id)
}

/// The ref of a connection.
#[must_use]
pub fn reference(region: Option<String>, id: impl Into<String>) -> Ref {
    Ref { provider: ID.to_owned(), region, kind: CONNECTION.to_owned(), id: id.into() }
}
