"""Alibaba Cloud: aliyun-python-sdk-vpc (rpc-hmac-sha1) and alibabacloud-vpc20160428 (acs3-hmac-sha256, rpc-hmac-sha1)."""

import json
import os
import re
from importlib import import_module
from urllib.parse import urlsplit

from .facts import Facts, Refused

CONNECTION = {"RegionId": "cn-shanghai", "VpnConnectionId": "vco-bp1bbi27hojx80nck9k1i"}
GATEWAY = {"RegionId": "cn-shanghai", "VpnGatewayId": "vpn-bp1q8bgx4xnkm2ogj0fiu"}
ATTACHMENT = {"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-p0w5112fgnl2ihlmf"}
SERVER = {"RegionId": "cn-shanghai", "IpsecServerId": "iss-bp1bo3xuvcxo7ixll"}
DUAL = {"RegionId": "cn-beijing", "VpnConnectionId": "vco-2zedualtunnel00001"}

HOST = urlsplit(os.environ["TUNNELCTL_ALIBABA_ENDPOINT"]).netloc
ID = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
SECRET = os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]


class Classic:
    """The client of `aliyunsdkcore`: replies are JSON text."""

    SERVER_IDS = "IpsecServerIds"

    def __init__(self, id=ID, secret=SECRET, method=None):
        from aliyunsdkcore.client import AcsClient

        self.client = AcsClient(id, secret, "cn-shanghai")
        self.method = method

    def request(self, operation, parameters):
        module = import_module(f"aliyunsdkvpc.request.v20160428.{operation}Request")
        request = getattr(module, f"{operation}Request")()
        request.set_endpoint(HOST)
        if self.method:
            request.set_method(self.method)
        for name, value in parameters.items():
            # The region of the client is only a default, and has no setter of its own.
            request.add_query_param(name, value) if name == "RegionId" else getattr(request, f"set_{name}")(value)
        return request

    def call(self, operation, **parameters):
        from aliyunsdkcore.acs_exception.exceptions import ServerException

        try:
            reply = json.loads(self.client.do_action_with_exception(self.request(operation, parameters)))
        except ServerException as error:
            assert re.fullmatch(r"[0-9A-F-]{36}", error.get_request_id()), error
            raise Refused(error.get_http_status(), error.get_error_code()) from error
        assert re.fullmatch(r"[0-9A-F-]{36}", reply["RequestId"]), reply
        return reply


class Current:
    """The client of `alibabacloud_vpc20160428`: replies are objects."""

    SERVER_IDS = "IpsecServerId"

    def __init__(self, id=ID, secret=SECRET, signature=None):
        from alibabacloud_tea_openapi.models import Config
        from alibabacloud_vpc20160428.client import Client

        config = Config(
            access_key_id=id, access_key_secret=secret, region_id="cn-shanghai", endpoint=HOST, protocol="HTTP"
        )
        config.signature_algorithm = signature
        self.client = Client(config)

    def body(self, operation, **parameters):
        from alibabacloud_tea_openapi.exceptions import ClientException
        from alibabacloud_vpc20160428 import models

        request = getattr(models, f"{operation}Request")().from_map(parameters)
        try:
            body = getattr(self.client, re.sub("(?<!^)([A-Z])", r"_\1", operation).lower())(request).body
        except ClientException as error:
            assert re.fullmatch(r"[0-9A-F-]{36}", error.request_id), error
            raise Refused(error.status_code, error.code) from error
        assert re.fullmatch(r"[0-9A-F-]{36}", body.request_id), body
        return body

    def call(self, operation, **parameters):
        return self.body(operation, **parameters).to_map()


def drive(client):
    facts = Facts(client)
    if client == "alibaba-classic":
        story(facts, Classic())
        facts.refused(
            "a wrong secret is told as that: the string to sign was the same",
            (400, "InvalidAccessKeySecret"),
            lambda: Classic(secret="wrong-secret").call("DescribeVpnConnection", **CONNECTION),
        )
        facts.refused(
            "an unknown key is refused",
            (404, "InvalidAccessKeyId.NotFound"),
            lambda: Classic(id="LTAIunknown").call("DescribeVpnConnection", **CONNECTION),
        )
        for method in ["GET", "POST"]:
            by_method(facts, Classic(method=method), method)
        xml(facts, Classic())
        return
    story(facts, Current())
    objects(facts, Current())
    for signature, name in [(None, "acs3"), ("v2", "rpc")]:
        facts.refused(
            f"a wrong secret is refused, signed with {name}",
            (400, "SignatureDoesNotMatch"),
            lambda signature=signature: Current(secret="wrong-secret", signature=signature).call(
                "DescribeVpnConnection", **CONNECTION
            ),
        )
        facts.refused(
            f"an unknown key is refused, signed with {name}",
            (404, "InvalidAccessKeyId.NotFound"),
            lambda signature=signature: Current(id="LTAIunknown", signature=signature).call(
                "DescribeVpnConnection", **CONNECTION
            ),
        )
    by_method(facts, Current(signature="v2"), "rpc-hmac-sha1")


def is_updating(reading):
    return reading.get("State", reading.get("Status")) == "updating"


def story(facts, cloud):
    connection(facts, cloud)
    errors(facts, cloud)
    tokens(facts, cloud)
    attachment(facts, cloud)
    tunnels(facts, cloud)
    server(facts, cloud)
    lists(facts, cloud)


def tunnels(facts, cloud):
    def read():
        return cloud.call("DescribeVpnConnection", **DUAL)

    def both(reading):
        return reading["TunnelOptionsSpecification"]["TunnelOptions"]

    before = both(read())
    ike = {"Psk": "Slave~Psk*2/%=", "IkeVersion": "ikev2", "IkeEncAlg": "aes192", "IkePfs": "group14", "IkeLifetime": 3600}
    reply = cloud.call(
        "ModifyTunnelAttribute",
        **DUAL,
        TunnelId=before[1]["TunnelId"],
        TunnelOptionsSpecification={"EnableDpd": False, "TunnelIkeConfig": ike},
    )
    facts.has("the reply of a change of one tunnel is that tunnel", reply, {"TunnelId": before[1]["TunnelId"], "EnableDpd": False})
    after = both(facts.settled(read, is_updating))
    facts.same("the other tunnel is as it was", after[0], before[0])
    facts.has("the tunnel is changed", after[1], {"EnableDpd": "false", "State": "active"})
    facts.has("its texts are texts", after[1]["TunnelIkeConfig"], ike | {"IkeLifetime": "3600"})
    bgp = [{"LocalAsn": 65010 + place, "TunnelCidr": f"169.254.4{place}.0/30"} for place in range(2)]
    cloud.call(
        "ModifyVpnConnectionAttribute",
        **DUAL,
        EnableTunnelsBgp=True,
        TunnelOptionsSpecification=[
            {"TunnelId": tunnel["TunnelId"], "Role": tunnel["Role"], "TunnelBgpConfig": block}
            for tunnel, block in zip(after, bgp)
        ],
    )
    reading = facts.settled(read, is_updating)
    facts.same("BGP is on for both tunnels", reading["EnableTunnelsBgp"], True)
    for tunnel, block in zip(both(reading), bgp):
        facts.has("each has its network", tunnel["TunnelBgpConfig"], block | {"LocalAsn": str(block["LocalAsn"])})


def connection(facts, cloud):
    def read():
        return cloud.call("DescribeVpnConnection", **CONNECTION)

    def modify(**parameters):
        return cloud.call("ModifyVpnConnectionAttribute", **CONNECTION, **parameters)

    facts.has(
        "a connection is read",
        read(),
        {
            "VpnConnectionId": CONNECTION["VpnConnectionId"],
            "VpnGatewayId": GATEWAY["VpnGatewayId"],
            "CustomerGatewayId": "cgw-bp1pvpl9r9adju6l5nxck",
            "InternetIp": "116.62.69.64",
            "AttachType": "VPNGW",
            "State": "active",
            "CreateTime": 1492753817000,
        },
    )
    ike = {
        "Psk": 'ab~!@#$%^&*()+={}[]|;:",.<>/?',
        "IkeVersion": "ikev2",
        "IkeMode": "main",
        "IkeEncAlg": "aes256",
        "IkeAuthAlg": "sha256",
        "IkePfs": "group14",
        "IkeLifetime": 3600,
        "LocalId": "hub.example",
        "RemoteId": "139.196.32.167",
    }
    ipsec = {"IpsecEncAlg": "aes192", "IpsecAuthAlg": "sha512", "IpsecPfs": "disabled", "IpsecLifetime": 7200}
    wanted = {
        "Name": "renamed by an SDK é*~+%",
        "LocalSubnet": "1.1.1.0/24,1.1.3.0/24",
        "RemoteSubnet": "2.2.2.0/24,2.2.3.0/24",
        "EffectImmediately": True,
        "EnableDpd": False,
        "EnableNatTraversal": False,
    }
    reply = modify(**wanted, IkeConfig=json.dumps(ike), IpsecConfig=json.dumps(ipsec))
    facts.has("the reply of a change has the new values", reply, wanted | {"IkeConfig": ike, "IpsecConfig": ipsec})
    after = facts.settled(read, is_updating)
    facts.has("a change is in effect", after, wanted | {"IkeConfig": ike, "IpsecConfig": ipsec})
    facts.same("the connection is active again", after["State"], "active")
    modify(EnableDpd=True, EnableNatTraversal=True, EffectImmediately=False)
    after = facts.settled(read, is_updating)
    facts.has(
        "a second change leaves the rest as it was",
        after,
        wanted | {"EnableDpd": True, "EnableNatTraversal": True, "EffectImmediately": False, "IkeConfig": ike},
    )
    facts.meets_busy(
        "a second change meanwhile meets a busy gateway",
        lambda number: modify(Name=f"busy-{number}"),
        read,
        is_updating,
        lambda reading: reading["Name"],
        (400, "VpnGateway.Configuring"),
    )
    facts.has(
        "the gateway is active again",
        facts.settled(lambda: cloud.call("DescribeVpnGateway", **GATEWAY), is_updating),
        {"Status": "active", "InternetIp": "116.62.69.64", "EnableBgp": True},
    )


def errors(facts, cloud):
    refused = facts.refused
    missing = CONNECTION | {"VpnConnectionId": "vco-doesnotexist00000"}
    for operation in ["DescribeVpnConnection", "ModifyVpnConnectionAttribute"]:
        refused(
            f"{operation} of an unknown id is refused",
            (404, "InvalidVpnConnectionInstanceId.NotFound"),
            lambda operation=operation: cloud.call(operation, **missing),
        )
    elsewhere = CONNECTION | {"RegionId": "cn-beijing"}
    refused(
        "a connection is in its own region only",
        (404, "InvalidVpnConnectionInstanceId.NotFound"),
        lambda: cloud.call("DescribeVpnConnection", **elsewhere),
    )
    nowhere = CONNECTION | {"RegionId": "cn-nowhere"}
    refused(
        "an unknown region is refused",
        (404, "InvalidRegionId.NotFound"),
        lambda: cloud.call("DescribeVpnConnection", **nowhere),
    )
    for fact, code, parameters in [
        ("a bad name is refused", "InvalidName", {"Name": "http://name"}),
        ("a bad network is refused", "IllegalParam.LocalSubnet", {"LocalSubnet": "1.1.1.0/33"}),
        (
            "a bad DH group is refused",
            "NotSupportVpnConnectionParameter.IpsecPfs",
            {"IpsecConfig": '{"IpsecPfs":"group99"}'},
        ),
    ]:
        refused(
            fact,
            (400, code),
            lambda parameters=parameters: cloud.call("ModifyVpnConnectionAttribute", **CONNECTION, **parameters),
        )
    refused(
        "the operation of the other kind is refused",
        (400, "OperationUnsupported.AttachType"),
        lambda: cloud.call("ModifyVpnAttachmentAttribute", **CONNECTION, Name="name"),
    )
    refused(
        "an unknown server is refused",
        (404, "InvalidIpsecServerId.NotFound"),
        lambda: cloud.call(
            "UpdateIpsecServer", **(SERVER | {"IpsecServerId": "iss-doesnotexist00000"}), IpsecServerName="name"
        ),
    )


def tokens(facts, cloud):
    def modify(name):
        return cloud.call(
            "ModifyVpnConnectionAttribute", **CONNECTION, Name=name, ClientToken=f"token-of-{facts.client}"
        )

    def read():
        return cloud.call("DescribeVpnConnection", **CONNECTION)

    first = modify("with a token")
    facts.settled(read, is_updating)
    again = modify("with a token")
    facts.same("a client token returns the same reply again", {**again, "RequestId": ""}, {**first, "RequestId": ""})
    facts.has("and changes nothing a second time", read(), {"State": "active", "Name": "with a token"})
    facts.refused(
        "a client token with other parameters is refused",
        (400, "IdempotentParameterMismatch"),
        lambda: modify("another"),
    )


def attachment(facts, cloud):
    def read():
        return cloud.call("DescribeVpnConnection", **ATTACHMENT)

    def modify(**parameters):
        return cloud.call("ModifyVpnAttachmentAttribute", **ATTACHMENT, **parameters)

    health = {
        "enable": "true",
        "dip": "192.168.1.9",
        "sip": "10.1.1.9",
        "interval": "5",
        "retry": "4",
        "Policy": "reserve_route",
    }
    bgp = {"EnableBgp": "true", "LocalAsn": "45200", "TunnelCidr": "169.254.12.0/30", "LocalBgpIp": "169.254.12.1"}
    modify(Name="attached", HealthCheckConfig=json.dumps(health), BgpConfig=json.dumps(bgp), EnableDpd=False)
    after = facts.settled(read, is_updating)
    facts.has(
        "a change of an attachment is in effect",
        after,
        {"Name": "attached", "EnableDpd": False, "State": "attached", "Spec": "1000M", "AttachType": "CEN"},
    )
    facts.has(
        "its health check is in effect",
        after["VcoHealthCheck"],
        {
            "Enable": "true",
            "Dip": "192.168.1.9",
            "Sip": "10.1.1.9",
            "Interval": 5,
            "Retry": 4,
            "Policy": "reserve_route",
        },
    )
    facts.has(
        "its BGP settings are in effect",
        after["VpnBgpConfig"],
        {
            "EnableBgp": "true",
            "LocalAsn": 45200,
            "TunnelCidr": "169.254.12.0/30",
            "LocalBgpIp": "169.254.12.1",
            "PeerAsn": 65535,
        },
    )
    facts.meets_busy(
        "a second change meanwhile meets a busy attachment",
        lambda number: modify(Name=f"busy-{number}"),
        read,
        is_updating,
        lambda reading: reading["Name"],
        (400, "VpnConnection.Configuring"),
    )
    for fact, code, parameters in [
        (
            "a bad BGP network is refused",
            "InvalidTunnelCidr.Malformed",
            {"BgpConfig": '{"EnableBgp":"true","TunnelCidr":"169.254"}'},
        ),
        ("a bad network type is refused", "IllegalParam.NetworkType", {"NetworkType": "secret"}),
    ]:
        facts.refused(fact, (400, code), lambda parameters=parameters: modify(**parameters))


def server(facts, cloud):
    def read():
        servers = cloud.call(
            "ListIpsecServers", RegionId=SERVER["RegionId"], **{cloud.SERVER_IDS: [SERVER["IpsecServerId"]]}
        )["IpsecServers"]
        assert len(servers) == 1, servers
        return servers[0]

    def gateway():
        return cloud.call("DescribeVpnGateway", RegionId=SERVER["RegionId"], VpnGatewayId="vpn-bp1servergateway00001")

    def update(**parameters):
        return cloud.call("UpdateIpsecServer", **SERVER, **parameters)

    before = read()
    facts.has(
        "a server is read",
        before,
        {
            "IpsecServerId": SERVER["IpsecServerId"],
            "MaxConnections": 5,
            "MultiFactorAuthEnabled": False,
            "PskEnabled": True,
        },
    )
    facts.refused(
        "a dry run that passes is an error of its own",
        (400, "DryRunOperation"),
        lambda: update(ClientIpPool="10.5.0.0/24", DryRun="true"),
    )
    facts.refused(
        "a dry run that does not pass says why",
        (400, "ClientIpPool.NetmaskInvalid"),
        lambda: update(ClientIpPool="10.5.0.0/30", DryRun="true"),
    )
    facts.same("a dry run changes nothing", read(), before)
    update(IpsecServerName="renamed at once")
    facts.same("a new name is there at once", read()["IpsecServerName"], "renamed at once")
    ike = {
        "IkeVersion": "ikev2",
        "IkeMode": "main",
        "IkeEncAlg": "aes256",
        "IkeAuthAlg": "sha512",
        "IkePfs": "group14",
        "IkeLifetime": 3600,
        "LocalId": "116.62.70.1",
        "RemoteId": "road.example",
    }
    update(
        ClientIpPool="10.6.0.0/24",
        Psk="Road/Warrior+2026=",
        IkeConfig=json.dumps(ike),
        EffectImmediately=True,
        DryRun="false",
    )
    facts.settled(gateway, is_updating)
    facts.has(
        "a change of a server is in effect",
        read(),
        {"ClientIpPool": "10.6.0.0/24", "Psk": "Road/Warrior+2026=", "EffectImmediately": True, "IkeConfig": ike},
    )
    facts.meets_busy(
        "a second change of a server meanwhile meets a busy gateway",
        lambda number: update(ClientIpPool=f"10.{100 + number % 100}.0.0/24"),
        gateway,
        is_updating,
        lambda _: None,
        (400, "VpnGateway.Configuring"),
    )


def lists(facts, cloud):
    page = cloud.call("DescribeVpnConnections", RegionId="cn-shanghai", PageNumber=1, PageSize=10)
    facts.has("a list of connections has its numbers", page, {"PageNumber": 1, "PageSize": 10, "TotalCount": 1})
    facts.same(
        "and its connections",
        [row["VpnConnectionId"] for row in page["VpnConnections"]["VpnConnection"]],
        [CONNECTION["VpnConnectionId"]],
    )
    tunnels = cloud.call("DescribeVpnConnection", **DUAL)["TunnelOptionsSpecification"]["TunnelOptions"]
    facts.same("two tunnels are read", [tunnel["Role"] for tunnel in tunnels], ["master", "slave"])
    facts.has(
        "tunnels have texts for switches",
        tunnels[0],
        {"EnableDpd": "true", "EnableNatTraversal": "true", "State": "active"},
    )
    facts.has("and for lifetimes", tunnels[0]["TunnelIkeConfig"], {"IkeLifetime": "86400", "IkeVersion": "ikev2"})


def by_method(facts, cloud, name):
    """One change and one refusal, by another way to sign or to send."""
    cloud.call("ModifyVpnConnectionAttribute", **CONNECTION, Name=f"by {name} +%&=é")
    after = facts.settled(lambda: cloud.call("DescribeVpnConnection", **CONNECTION), is_updating)
    facts.same(f"a change by {name} is in effect", after["Name"], f"by {name} +%&=é")
    facts.refused(
        f"a bad value by {name} is refused",
        (400, "InvalidName"),
        lambda: cloud.call("ModifyVpnConnectionAttribute", **CONNECTION, Name="https://"),
    )


def xml(facts, cloud):
    """The classic client can ask for XML, and then returns it unparsed."""
    from xml.etree import ElementTree

    request = cloud.request("DescribeVpnConnection", CONNECTION)
    request.set_accept_format("XML")
    status, _, body = cloud.client.get_response(request)
    root = ElementTree.fromstring(body)
    facts.same(
        "XML is answered with XML",
        (status, root.tag, root.findtext("IkeConfig/IkeVersion")),
        (200, "DescribeVpnConnectionResponse", "ikev2"),
    )


def objects(facts, cloud):
    """The current client's objects have the values under its own names."""
    body = cloud.body("DescribeVpnConnection", **ATTACHMENT)
    facts.same(
        "the objects of a reply are filled",
        (body.vpn_bgp_config.local_asn, body.ipsec_config.ipsec_lifetime, body.enable_nat_traversal),
        (45200, 86400, True),
    )
