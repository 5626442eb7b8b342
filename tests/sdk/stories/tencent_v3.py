"""Tencent Cloud, API 3.0: tencentcloud-sdk-python-vpc with each signature and method, and tccli as a process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from .facts import Facts, Refused

CONNECTION = "vpnx-ol6bcqp0"
REGION = "ap-guangzhou"

ENDPOINT = os.environ["TUNNELCTL_TENCENT_ENDPOINT"]
ID = os.environ["TENCENTCLOUD_SECRET_ID"]
SECRET = os.environ["TENCENTCLOUD_SECRET_KEY"]


def drive(client):
    facts = Facts(client)
    if client == "tccli":
        story(facts, Tccli, "")
        return
    story(facts, Sdk, "TC3-HMAC-SHA256 POST: ")
    for signature, method in [
        ("TC3-HMAC-SHA256", "GET"),
        ("HmacSHA1", "GET"),
        ("HmacSHA1", "POST"),
        ("HmacSHA256", "GET"),
        ("HmacSHA256", "POST"),
    ]:
        by_signature(
            facts, lambda **changes: Sdk(signature=signature, method=method, **changes), f"{signature} {method}: "
        )


class Sdk:
    """The client of `tencentcloud.vpc`: requests and replies are objects."""

    def __init__(self, id=ID, secret=SECRET, region=REGION, signature=None, method=None):
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
        from tencentcloud.vpc.v20170312.vpc_client import VpcClient

        http = HttpProfile(protocol="http", endpoint=urlsplit(ENDPOINT).netloc, reqMethod=method)
        self.client = VpcClient(Credential(id, secret), region, ClientProfile(signMethod=signature, httpProfile=http))

    def call(self, action, **parameters):
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
        from tencentcloud.vpc.v20170312 import models

        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(parameters))
        try:
            reply = getattr(self.client, action)(request)
        except TencentCloudSDKException as error:
            assert re.fullmatch(r"[0-9a-f-]{36}", error.get_request_id() or ""), error
            raise Refused(error.get_code()) from error
        assert re.fullmatch(r"[0-9a-f-]{36}", reply.RequestId), reply
        return json.loads(reply.to_json_string())


class Tccli:
    """The vendor's command line tool, a process a call."""

    def __init__(self, id=ID, secret=SECRET, region=REGION):
        self.options = ["--endpoint", ENDPOINT, "--region", region, "--secretId", id, "--secretKey", secret]

    def call(self, action, **parameters):
        words = [Path(sys.executable).with_name("tccli"), "vpc", action, *self.options]
        for name, value in parameters.items():
            words += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
        ran = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        refused = re.search(
            r"\[TencentCloudSDKException\] code:(\S+) message:.* requestId:[0-9a-f-]{36}$", ran.stderr.strip()
        )
        if ran.returncode == 255 and refused:
            raise Refused(refused[1])
        if ran.returncode != 0:
            sys.exit(f"tccli {action} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return json.loads(ran.stdout)


def is_changing(reading):
    return reading["State"] == "PENDING"


def reader(cloud):
    def read():
        reply = cloud.call("DescribeVpnConnections", VpnConnectionIds=[CONNECTION])
        assert (reply["TotalCount"], len(reply["VpnConnectionSet"])) == (1, 1), reply
        return reply["VpnConnectionSet"][0]

    return read


def story(facts, cloud_with, way):
    cloud = cloud_with()
    read = reader(cloud)

    def modify(**parameters):
        return cloud.call("ModifyVpnConnectionAttribute", VpnConnectionId=CONNECTION, **parameters)

    def fact(text):
        return way + text

    facts.has(
        fact("a connection is read"),
        read(),
        {
            "VpnConnectionId": CONNECTION,
            "VpcId": "vpc-03vihbk9",
            "VpnGatewayId": "vpngw-kfldykuz",
            "State": "AVAILABLE",
            "CreatedTime": "2018-08-30 11:09:44",
            "TagSet": [],
        },
    )
    ike = {
        "IKEVersion": "IKEV2",
        "PropoEncryAlgorithm": "AES-CBC-256",
        "PropoAuthenAlgorithm": "SHA-512",
        "DhGroupName": "GROUP20",
        "LocalIdentity": "FQDN",
        "LocalFqdnName": "Hub.example",
        "IKESaLifetimeSeconds": 3600,
    }
    ipsec = {
        "EncryptAlgorithm": "AES-CBC-192",
        "IntegrityAlgorith": "SHA-384",
        "PfsDhGroup": "DH-GROUP19",
        "IPSECSaLifetimeSeconds": 7200,
        "IPSECSaLifetimeTraffic": 4294967295,
    }
    rules = [
        {"LocalCidrBlock": "10.0.0.0/24", "RemoteCidrBlock": ["10.100.2.0/24", "10.100.3.0/24"]},
        {"LocalCidrBlock": "10.0.1.0/24", "RemoteCidrBlock": ["10.100.4.0/24"]},
    ]
    plain = {
        "VpnConnectionName": "tunnel é a_b +%&",
        "PreShareKey": "a b+c&d=e%_@*~",
        "NegotiationType": "flowTrigger",
        "DpdEnable": 1,
        "DpdTimeout": "45",
        "DpdAction": "clear",
    }
    reply = modify(**plain, IKEOptionsSpecification=ike, IPSECOptionsSpecification=ipsec, SecurityPolicyDatabases=rules)
    after = facts.settled(read, is_changing)
    facts.has(fact("a change is in effect"), after, plain | {"State": "AVAILABLE"})
    facts.has(fact("so are its IKE options"), after["IKEOptionsSpecification"], ike | {"ExchangeMode": "MAIN"})
    facts.has(fact("and its IPsec options"), after["IPSECOptionsSpecification"], ipsec)
    facts.same(fact("and its rules"), after["SecurityPolicyDatabaseSet"], rules)
    facts.same(
        fact("the task of the change is done"),
        cloud.call("DescribeVpcTaskResult", TaskId=reply["RequestId"])["Status"],
        "SUCCESS",
    )
    health = {"ProbeType": "NQA", "ProbeInterval": 2000, "ProbeThreshold": 4, "ProbeTimeout": 200}
    modify(
        EnableHealthCheck=True,
        HealthCheckLocalIp="169.254.130.1",
        HealthCheckRemoteIp="169.254.130.2",
        HealthCheckConfig=health,
        DpdEnable=0,
    )
    after = facts.settled(read, is_changing)
    facts.has(
        fact("a second change leaves the rest as it was"),
        after,
        plain
        | {
            "DpdEnable": 0,
            "EnableHealthCheck": True,
            "HealthCheckLocalIp": "169.254.130.1",
            "HealthCheckConfig": health,
        },
    )
    facts.meets_busy(
        fact("a second change meanwhile is refused"),
        lambda number: modify(VpnConnectionName=f"busy-{number}"),
        read,
        is_changing,
        lambda reading: reading["VpnConnectionName"],
        ("UnsupportedOperation.InvalidState",),
    )
    errors(facts, cloud_with, way)
    for text, parameters, total in [
        (
            "a list by filter has what fits",
            {"Filters": [{"Name": "vpn-gateway-id", "Values": ["vpngw-kfldykuz"]}], "Limit": 10},
            1,
        ),
        ("and not what does not", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-other"]}]}, 0),
    ]:
        reply = cloud.call("DescribeVpnConnections", **parameters)
        facts.same(fact(text), (reply["TotalCount"], len(reply["VpnConnectionSet"])), (total, total))


def errors(facts, cloud_with, way):
    cloud = cloud_with()
    for text, code, changes in [
        ("an unknown id is refused", "ResourceNotFound", {"VpnConnectionId": "vpnx-unknown0"}),
        ("a bad id is refused", "InvalidParameterValue.Malformed", {"VpnConnectionId": "vpn-1"}),
        ("a bad word is refused", "InvalidParameterValue", {"NegotiationType": "eager"}),
        ("a long name is refused", "InvalidParameterValue.TooLong", {"VpnConnectionName": "n" * 61}),
        (
            "a short lifetime is refused",
            "InvalidParameterValue.Range",
            {"IKEOptionsSpecification": {"IKESaLifetimeSeconds": 59}},
        ),
        (
            "a customer gateway needs another gateway",
            "UnsupportedOperation.VersionNotSupported",
            {"CustomerGatewayId": "cgw-other"},
        ),
    ]:
        facts.refused(
            way + text,
            (code,),
            lambda: cloud.call("ModifyVpnConnectionAttribute", **({"VpnConnectionId": CONNECTION} | changes)),
        )
    facts.refused(
        way + "reading an unknown id is refused",
        ("ResourceNotFound",),
        lambda: cloud.call("DescribeVpnConnections", VpnConnectionIds=["vpnx-unknown0"]),
    )
    credentials(facts, cloud_with, way)
    facts.refused(way + "an unknown region is refused", ("UnsupportedRegion",), reader(cloud_with(region="ap-nowhere")))


def credentials(facts, cloud_with, way):
    facts.refused(
        way + "a wrong secret is refused", ("AuthFailure.SignatureFailure",), reader(cloud_with(secret="wrong-secret"))
    )
    facts.refused(
        way + "an unknown key is refused", ("AuthFailure.SecretIdNotFound",), reader(cloud_with(id="AKIDunknown"))
    )


def by_signature(facts, cloud_with, way):
    """One change with a list, a number and a switch in it, and the refusals that come from the signature."""
    cloud = cloud_with()
    name = f"{way[:30]} é +%&=~*"
    rules = [{"LocalCidrBlock": "10.0.0.0/24", "RemoteCidrBlock": ["10.100.7.0/24", "10.100.8.0/24"]}]
    cloud.call(
        "ModifyVpnConnectionAttribute",
        VpnConnectionId=CONNECTION,
        VpnConnectionName=name,
        PreShareKey="key_with.marks @+/=",
        EnableHealthCheck=False,
        DpdEnable=1,
        IKEOptionsSpecification={"IKESaLifetimeSeconds": 3700},
        SecurityPolicyDatabases=rules,
    )
    after = facts.settled(reader(cloud), is_changing)
    facts.has(
        way + "a change is in effect",
        after,
        {
            "VpnConnectionName": name,
            "PreShareKey": "key_with.marks @+/=",
            "EnableHealthCheck": False,
            "DpdEnable": 1,
            "SecurityPolicyDatabaseSet": rules,
        },
    )
    facts.same(way + "so is a number in it", after["IKEOptionsSpecification"]["IKESaLifetimeSeconds"], 3700)
    facts.refused(
        way + "an unknown id is refused",
        ("ResourceNotFound",),
        lambda: cloud.call("ModifyVpnConnectionAttribute", VpnConnectionId="vpnx-unknown0", VpnConnectionName=name),
    )
    facts.refused(
        way + "a bad value is refused",
        ("InvalidParameterValue",),
        lambda: cloud.call("ModifyVpnConnectionAttribute", VpnConnectionId=CONNECTION, NegotiationType="eager"),
    )
    credentials(facts, cloud_with, way)
