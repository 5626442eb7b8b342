//! Error codes, with their class, their meaning and what to do.

use crate::error::Class::{Ambiguous, Auth, Busy, Clock, Final, NotFound, Rate};
use crate::provider::ErrorRow;

const TO_V3: &str = "use API 3.0: leave out --api v2";
const SLOWER: &str = "wait a moment, then try again with fewer requests per second";
const SETTLE: &str = "wait until the connection is settled, then try again";
/// Advice when nobody can tell whether the request was carried out.
pub const LOOK: &str = "read the connection before you send anything again";
const VALUE: &str = "correct the value that the message names";
const RULES: &str = "choose networks that share no address";
const PERMIT: &str = "ask an administrator of the account for the permission";
const IDS: &str = "check the id and the region";

/// The codes: of API 3.0 by name, of API 2.0 by number and by the name in `codeDesc`.
pub const ERRORS: &[ErrorRow] = &[
    // API 3.0: pace and state.
    ("RequestLimitExceeded", Rate, "too many requests per second", SLOWER),
    ("RequestLimitExceeded.*", Rate, "too many requests per second", SLOWER),
    ("RequestLimitExceeded.UinLimitExceeded", Rate, "the account sends too many requests", SLOWER),
    ("RequestLimitExceeded.GlobalRegionUinLimitExceeded", Rate, "the account sends too many requests, all regions taken together", SLOWER),
    ("RequestLimitExceeded.IPLimitExceeded", Rate, "this address sends too many requests", SLOWER),
    ("UnsupportedOperation.InvalidState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("UnsupportedOperation.VpnConnInvalidState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("UnsupportedOperation.MutexOperationTaskRunning", Busy, "another task is running", SETTLE),
    ("OperationDenied.MutexTaskRunning", Busy, "another task is running", SETTLE),
    ("ResourceInUse", Busy, "the resource is in use", SETTLE),
    ("ResourceInUse.*", Busy, "the resource is in use", SETTLE),
    ("ResourceUnavailable", Busy, "the resource is not available at present", SETTLE),
    ("ResourceUnavailable.*", Busy, "the resource is not available at present", SETTLE),
    ("ResourceBusy", Busy, "the resource is busy", SETTLE),
    // The service failed: nobody can tell whether the request was carried out.
    ("InternalError", Ambiguous, "the service failed", LOOK),
    ("InternalError.*", Ambiguous, "the service failed", LOOK),
    ("InternalServerError", Ambiguous, "the service failed", LOOK),
    ("ServiceUnavailable", Ambiguous, "the service is not available", LOOK),
    // Keys.
    ("AuthFailure.*", Auth, "the credentials were refused", "check key pair and token"),
    ("AuthFailure.SignatureExpire", Clock, "the time stamp is more than 5 minutes off", "set this machine's clock"),
    ("AuthFailure.SignatureFailure", Auth, "the signature does not match", "check the secret key"),
    ("AuthFailure.SecretIdNotFound", Auth, "there is no such SecretId", "check the SecretId; it may be disabled or deleted"),
    ("AuthFailure.InvalidSecretId", Auth, "the SecretId is not valid for this API", "use a key pair of the cloud API"),
    ("AuthFailure.TokenFailure", Auth, "the token is wrong or has expired", "get fresh temporary credentials"),
    ("AuthFailure.InvalidAuthorization", Auth, "the Authorization header was not understood", "check endpoint and signature scheme"),
    ("AuthFailure.MFAFailure", Auth, "multi-factor authentication is required", "use credentials that passed it"),
    ("AuthFailure.UnauthorizedOperation", Auth, "the key may not call this", PERMIT),
    ("UnauthorizedOperation", Final, "the key may not do this", PERMIT),
    ("UnauthorizedOperation.*", Final, "the key may not do this", PERMIT),
    // Values.
    ("InvalidParameter", Final, "a parameter is wrong", VALUE),
    ("InvalidParameter.*", Final, "a parameter is wrong", VALUE),
    ("InvalidParameter.FilterInvalidKey", Final, "there is no such filter", "use a filter that the operation supports"),
    ("InvalidParameterValue", Final, "a value is not allowed", VALUE),
    ("InvalidParameterValue.*", Final, "a value is not allowed", VALUE),
    ("InvalidParameterValue.LimitExceeded", Final, "a value is above its limit", VALUE),
    ("InvalidParameterValue.Malformed", Final, "a value has the wrong form", VALUE),
    ("InvalidParameterValue.Range", Final, "a value is out of its range", VALUE),
    ("InvalidParameterValue.TooLong", Final, "a value is too long", VALUE),
    ("InvalidParameterValue.VpnConnCidrConflict", Final, "networks of the connection conflict with others", RULES),
    ("InvalidParameterValue.VpnConnSpdCidrConflict", Final, "local and remote network of a policy rule overlap", RULES),
    (
        "InvalidParameterValue.VpnConnHealthCheckIpConflict",
        Final,
        "a health check address is taken",
        "choose other addresses with --health-check-local and --health-check-remote",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrConflict",
        Final,
        "the BGP tunnel's network is taken",
        "choose another one with --bgp-tunnel-cidr",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrMask",
        Final,
        "the prefix length of the BGP tunnel's network is not 30",
        "give a network such as 169.254.128.0/30",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported",
        Final,
        "a BGP address is outside the tunnel's network",
        "choose both addresses inside --bgp-tunnel-cidr",
    ),
    ("InvalidVpnGatewayId.Malformed", Final, "this is not the id of a VPN gateway", IDS),
    ("InvalidVpnGatewayId.NotFound", NotFound, "there is no such VPN gateway", IDS),
    ("LimitExceeded", Final, "a quota is used up", "delete something, or ask the vendor for a higher quota"),
    ("LimitExceeded.*", Final, "a quota is used up", "delete something, or ask the vendor for a higher quota"),
    ("LimitExceeded.NumberOfFilters", Final, "too many filters", "use at most 10 filters of 5 values"),
    ("MissingParameter", Final, "a parameter is missing", "give what the message names"),
    ("UnknownParameter", Final, "there is no such parameter", "leave out what the message names"),
    ("UnknownParameter.*", Final, "there is no such parameter", "leave out what the message names"),
    ("UnknownParameter.WithGuess", Final, "there is no such parameter", "use the name that the message suggests"),
    ("ResourceNotFound", NotFound, "there is no such resource in this region", IDS),
    ("ResourceNotFound.*", NotFound, "there is no such resource in this region", IDS),
    ("UnsupportedOperation", Final, "the operation is not supported here", "read the message"),
    ("UnsupportedOperation.*", Final, "the operation is not supported here", "read the message"),
    ("UnsupportedOperation.VpnConnSPDOverlap", Final, "policy rules overlap those of another connection", RULES),
    (
        "UnsupportedOperation.VpnConnCidrNotSupportedHealthCheck",
        Final,
        "a connection with policy rules cannot have a health check",
        "leave out --health-check, or use a connection with destination routes",
    ),
    (
        "UnsupportedOperation.VersionNotSupported",
        Final,
        "the VPN gateway is older than version 4.0",
        "leave the setting out, or use a gateway of version 4.0",
    ),
    (
        "UnsupportedOperation.VpnConnRouteTypeMixed",
        Final,
        "the gateway would hold connections of different route types",
        "use one route type",
    ),
    ("UnsupportedOperation.DeleteVpnConnInvalidState", Final, "the connection cannot be deleted in this state", SETTLE),
    ("UnsupportedRegion", NotFound, "there is no such region", "check --region"),
    ("InvalidAction", Final, "there is no such operation", "check endpoint and operation"),
    ("NoSuchVersion", Final, "there is no such version of the API", "check the endpoint"),
    ("ActionOffline", Final, "the operation was withdrawn", "look for its successor in the vendor's documentation"),
    ("UnsupportedProtocol", Final, "the method or the content type is not supported", "check the signature scheme"),
    ("RequestSizeLimitExceeded", Final, "the request is too large", "send fewer values at once"),
    // API 2.0 by name.
    ("InvalidVpc.NotFound", NotFound, "there is no such VPC", "check --vpc-id and the region"),
    (
        "InvalidVpnGw.NotFound",
        NotFound,
        "there is no such VPN gateway, or no such connection on it",
        "check --gateway, the id and the region",
    ),
    ("InvalidVpnConn.NotFound", NotFound, "there is no such connection", IDS),
    ("InvalidUserGw.NotFound", NotFound, "there is no such customer gateway", IDS),
    ("InvalidVpnConnState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("ActionLocked", Busy, "the resource is being changed", SETTLE),
    ("InvalidVpnConnName", Final, "the name is not allowed", "give a name of 1 to 60 characters"),
    ("VpnConnLimitExceeded", Final, "the gateway can hold no more connections", "delete one, or ask the vendor for a higher quota"),
    // API 2.0 by number.
    ("4000", Final, "a parameter is wrong or missing", VALUE),
    ("4100", Auth, "the signature does not match", "check the secret key"),
    ("4101", Auth, "a sub-account may not call this", PERMIT),
    ("4102", Auth, "a sub-account may not use this resource", PERMIT),
    ("4103", Auth, "only the main account may call this", "use the main account, or API 3.0"),
    ("4104", Auth, "the SecretId is unknown or disabled", "check the SecretId"),
    ("4105", Auth, "the token is wrong or has expired", "get fresh temporary credentials"),
    ("4106", Auth, "multi-factor authentication is required", "use credentials that passed it"),
    ("4110", Auth, "a permission is missing", PERMIT),
    ("4200", Clock, "the request has expired", "set this machine's clock"),
    ("4300", Final, "the account is blocked, or may not use this API", TO_V3),
    ("4400", Rate, "too many requests", SLOWER),
    // A copy of the request may have arrived earlier.
    ("4500", Ambiguous, "the request was seen before, or its time stamp is too far off", LOOK),
    ("4600", Final, "only HTTPS is accepted", "use an https endpoint"),
    ("5000", NotFound, "there is no such resource, or it belongs to another account", IDS),
    ("5100", Final, "the resource refused the operation", "check the state of the connection"),
    ("5200", Final, "the purchase failed", "check the vendor's console"),
    ("5300", Final, "the account balance is used up", "top up the account"),
    ("5400", Ambiguous, "only a part was carried out", LOOK),
    ("5500", Final, "the account is not certified", "certify it in the vendor's console"),
    ("6000", Ambiguous, "the service failed", LOOK),
    ("6100", Final, "the operation or the version does not exist", TO_V3),
    ("6200", Final, "the operation is suspended", TO_V3),
];
