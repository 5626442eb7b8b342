//! Alibaba's error codes: what they mean and what to do next.

use crate::error::Class::{Ambiguous, Auth, Busy, Clock, Final, NotFound, Rate};
use crate::provider::ErrorRow;

const AGAIN: &str = "try again in a moment";
const WAIT: &str = "wait until the change in progress is done, then try again";
const PAY: &str = "settle the account's open bills, then try again";
const QUOTA: &str = "raise the quota or delete what is no longer needed";
const RIGHTS: &str = "ask the account's owner for the RAM permission vpc:<operation> on this resource";
const LOOK: &str = "read the connection to see whether the change was made";
const BUG: &str = "report this as a bug of tunnelctl, with the request id";
const CLOCK: &str = "correct this machine's clock";
const KEY: &str = "check the access key id and secret of the profile";
const ROUTES: &str = "change the networks, or the routes that they conflict with";
const NETWORKS: &str = "give IPv4 networks in CIDR form, separated by commas";
const ASN: &str = "set the AS number of the customer gateway, or turn BGP off";

/// The codes from the pages of the operations, and those of the API gateway in front of them.
pub(super) static ERRORS: &[ErrorRow] = &[
    // Rate, busy, clock.
    ("Throttling", Rate, "the cloud received too many requests", AGAIN),
    ("Throttling.*", Rate, "the cloud received too many requests", AGAIN),
    ("Rejected.Throttling", Rate, "the cloud received too many requests", AGAIN),
    ("VpnGateway.Configuring", Busy, "another change of this VPN gateway is in progress", WAIT),
    ("VpnConnection.Configuring", Busy, "another change of this connection is in progress", WAIT),
    ("Appliance.Configuring", Busy, "another change of the gateway's appliance is in progress", WAIT),
    ("VpnTask.CONFLICT", Busy, "another task of this gateway is running", WAIT),
    ("TaskConflict", Busy, "another task is running", WAIT),
    ("OperationConflict", Busy, "operations on this resource follow each other too quickly", AGAIN),
    ("SystemBusy", Busy, "the service is busy", AGAIN),
    ("InvalidTimeStamp.Expired", Clock, "the signing time is more than 15 minutes off", CLOCK),
    ("InvalidTimeStamp.Format", Final, "the signing time is not in the format that the cloud expects", BUG),
    ("IllegalTimestamp", Clock, "the signing time is not valid", CLOCK),
    // After these it is unknown whether the request was executed.
    ("InternalError", Ambiguous, "the service had an internal error", LOOK),
    ("InternalError.*", Ambiguous, "the service had an internal error", LOOK),
    ("InternalServerError", Ambiguous, "the service had an internal error", LOOK),
    ("ServiceUnavailable", Ambiguous, "the service is not available", LOOK),
    ("ServiceUnavailable.*", Ambiguous, "the service is not available", LOOK),
    ("UnknownError", Ambiguous, "the service had an internal error", LOOK),
    ("SignatureNonceUsed", Ambiguous, "the cloud already received a request with this nonce", LOOK),
    // Credentials and permissions.
    ("SignatureDoesNotMatch", Auth, "the signature was refused", "check the secret of the profile: it does not match the access key id"),
    ("IncompleteSignature", Auth, "the signature is incomplete", "check the secret of the profile, and any proxy that changes requests"),
    ("InvalidAccessKeyId.NotFound", Auth, "there is no such access key", KEY),
    ("InvalidAccessKeyId.Inactive", Auth, "the access key is disabled", "enable the access key, or use another one"),
    ("InvalidAccessKeyId", Auth, "the access key is not valid", KEY),
    ("InvalidAccessKeyId.*", Auth, "the access key is not valid", KEY),
    ("MissingAccessKeyId", Auth, "no access key id was sent", KEY),
    ("InvalidSecurityToken.Expired", Auth, "the temporary credentials have expired", "get new temporary credentials"),
    ("InvalidSecurityToken.Malformed", Auth, "the security token is malformed", "get new temporary credentials"),
    (
        "InvalidSecurityToken.MismatchWithAccessKey",
        Auth,
        "the security token belongs to another access key",
        "use the key id, secret and token of one set",
    ),
    ("InvalidSecurityToken.*", Auth, "the security token is not valid", "get new temporary credentials"),
    ("MissingSecurityToken", Auth, "temporary credentials need their security token", "give the token with the key id and the secret"),
    ("Forbidden", Final, "no permission to operate this resource", RIGHTS),
    ("Forbidden.RAM", Final, "no permission for this operation", RIGHTS),
    ("Forbidden.SubUser", Final, "the resource was created by another account", RIGHTS),
    // The service really spells it this way.
    ("Forbbiden.SubUser", Final, "the resource was created by another account", RIGHTS),
    ("Forbidden.RiskControl", Final, "the cloud's risk control has restricted the account", "contact the vendor's support"),
    ("Forbidden.*", Final, "no permission for this operation", RIGHTS),
    ("NoPermission", Final, "no permission for this operation", RIGHTS),
    ("NoPermission.*", Final, "no permission for this operation", RIGHTS),
    // The request itself.
    ("MissingParameter", Final, "a parameter is missing", "give the parameter that the message names"),
    ("MissingParameter.*", Final, "a parameter is missing", "give the parameter that the code names"),
    ("MissingRegionId", Final, "the region is missing", "give --region"),
    ("InvalidParameter", Final, "a parameter is not valid", "correct the parameter that the message names"),
    ("InvalidParameter.*", Final, "a parameter is not valid", "correct the parameter that the code names"),
    ("InvalidAction.NotFound", Final, "the service has no such operation", "check the endpoint and the region"),
    ("InvalidApi.NotFound", Final, "the service has no such operation", "check the endpoint and the region"),
    ("InvalidVersion", Final, "the service has no such version of its API", "check the endpoint"),
    ("UnsupportedHTTPMethod", Final, "the operation does not support this HTTP method", BUG),
    ("IdempotentParameterMismatch", Final, "the client token was already used for another change", BUG),
    ("InvalidRegionId.NotFound", NotFound, "there is no such region", "give an existing region with --region"),
    ("InvalidRegionId", NotFound, "there is no such region", "give an existing region with --region"),
    // Accounts and quotas.
    ("VpnGateway.FinancialLocked", Final, "the VPN gateway is locked because of open bills", PAY),
    ("VpnConnection.FinancialLocked", Final, "the connection is locked because of open bills", PAY),
    ("Resource.QuotaFull", Final, "the quota of this resource is used up", QUOTA),
    ("CreateDbrRoutesQuotaFull.QuotaFull", Final, "the quota of destination routes is used up", QUOTA),
    ("CreatePbrRoutesQuotaFull.QuotaFull", Final, "the quota of policy routes is used up", QUOTA),
    // Things that do not exist.
    ("InvalidVpnConnectionInstanceId.NotFound", NotFound, "there is no such connection in this region", "check the id and --region"),
    ("InvalidVpnGatewayInstanceId.NotFound", NotFound, "there is no such VPN gateway in this region", "check the id and --region"),
    ("InvalidIpsecServerId.NotFound", NotFound, "there is no such IPsec server in this region", "check the id and --region"),
    ("InvalidCustomerGatewayInstanceId.NotFound", NotFound, "there is no such customer gateway in this region", "check --customer-gateway"),
    ("InvalidIDaaSInstanceId.NotFound", NotFound, "there is no such IDaaS instance", "check the server's IDaaS settings in the console"),
    // Values.
    ("InvalidName", Final, "the name is not valid", "give a name of 1 to 100 characters that does not start with http:// or https://"),
    ("VpnRouteEntry.AlreadyExists", Final, "the route already exists", ROUTES),
    ("VpnRouteEntry.Conflict", Final, "a route, connection or SSL server conflicts with the networks", ROUTES),
    ("VpnRouteEntry.BackupRoute", Final, "the active and standby routes do not match", ROUTES),
    ("VpnRouteEntry.InvalidWeight", Final, "the weight of a route is not valid", "correct the weight of the gateway's routes"),
    ("CustomerGateway.ConflictRouteEntry", Final, "the customer gateway conflicts with a route", ROUTES),
    ("NotSupportVpnConnectionParameter.IpsecPfs", Final, "the PFS group is not supported here", "choose another --ipsec-pfs"),
    (
        "NotSupportVpnConnectionParameter.IpsecAuthAlg",
        Final,
        "the integrity algorithm is not supported here",
        "choose another --ipsec-integrity",
    ),
    ("NotSupportVpnConnectionParameter.*", Final, "the value of this parameter is not supported here", "choose another value"),
    ("OperationUnsupported.IpsecPfs", Final, "the PFS group is not supported here", "choose another --ipsec-pfs"),
    ("OperationUnsupported.EnableBgp", Final, "BGP is not available in this region", "keep BGP off in this region"),
    ("OperationUnsupported.*", Final, "the operation is not supported for this resource", "use the kind that matches the resource"),
    ("MissingParameter.TunnelCidr", Final, "BGP needs the tunnel's network", "give --bgp-tunnel-cidr"),
    ("MissingParam.CustomerGatewayAsn", Final, "BGP needs an AS number at the customer gateway", ASN),
    ("MissingParam.IDaaSInstanceId", Final, "two-factor authentication needs an IDaaS instance", "set it in the console"),
    ("IllegalParam.LocalAsn", Final, "the local AS number is not valid", "give --bgp-local-asn from 1 to 4294967295"),
    ("IllegalParam.BgpConfig", Final, "the BGP settings are not valid", "give a --bgp-local-address inside --bgp-tunnel-cidr"),
    ("IllegalParam.TunnelCidr", Final, "the tunnel's network is not valid", "give a free /30 inside 169.254.0.0/16"),
    ("InvalidTunnelCidr.Malformed", Final, "the tunnel's network is malformed", "give a /30 inside 169.254.0.0/16"),
    ("IllegalParam.LocalBgpIp", Final, "the local BGP address is not valid", "give an address inside the tunnel's network"),
    ("InvalidLocalBgpIp.Malformed", Final, "the local BGP address is malformed", "give an address inside the tunnel's network"),
    ("IllegalParam.LocalSubnet", Final, "a local network is not valid", NETWORKS),
    ("IllegalParam.RemoteSubnet", Final, "a remote network is not valid", NETWORKS),
    ("IllegalParam.NetworkType", Final, "the network type is not valid", "give public or private"),
    ("IllegalParam.AuthMethod", Final, "one authentication method must stay on", "keep --psk-enabled on"),
    ("IllegalParam.ClientIpPool", Final, "the client pool is not valid", "give one IPv4 network with a prefix length of 16 to 29"),
    ("ClientIpPool.NetmaskInvalid", Final, "the client pool has a prefix length that is not allowed", "give a prefix length of 16 to 29"),
    ("ClientIpPool.SubnetInvalid", Final, "the client pool cannot be used", "choose another network for the clients"),
    ("InvalidClientIpPool.Conflict", Final, "the client pool conflicts with the VPC", "choose another network for the clients"),
    ("IllegalParam.*", Final, "the value of this parameter is not valid", "correct the parameter that the code names"),
    (
        "OperationFailed.NoRamPermission",
        Final,
        "the VPN service may not operate the IDaaS instance",
        "grant the service its role on the IDaaS instance",
    ),
    ("OperationFailed.AddVpcRoute", Final, "the VPC's route could not be added", "check the routes of the VPC"),
    // A dry run that passed; this program never treats it as an error.
    ("DryRunOperation", Final, "the dry run passed", "send the change without the dry run"),
];
