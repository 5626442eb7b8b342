"""Huawei Cloud: huaweicloudsdkvpn, with an endpoint, with a region whose project is looked up, and with credentials from the environment."""

import os
import re

from .facts import Facts, Refused

POLICY = "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"
STATIC = "1a2b3c4d-0000-4000-8000-00000000cccc"
BGP = "1a2b3c4d-0000-4000-8000-00000000bbbb"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

ENDPOINT = os.environ["TUNNELCTL_HUAWEI_ENDPOINT"]
ID = os.environ["HUAWEICLOUD_SDK_AK"]
SECRET = os.environ["HUAWEICLOUD_SDK_SK"]
PROJECT = "0123456789abcdef0123456789abcdef"  # the emulated project of cn-north-4
# As a user sets it whose SDK takes everything from the environment: the project belongs to one region.
os.environ["HUAWEICLOUD_SDK_PROJECT_ID"] = PROJECT


class Cloud:
    """The client; a request's body is given as a dict, as the client allows."""

    def __init__(self, id=ID, secret=SECRET, project=PROJECT, region=None, from_environment=False):
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.region.region import Region
        from huaweicloudsdkvpn.v5 import VpnClient

        builder = VpnClient.new_builder()
        if not from_environment:
            credentials = BasicCredentials(id, secret, project)
            builder = builder.with_credentials(credentials.with_iam_endpoint(ENDPOINT) if region else credentials)
        builder = builder.with_region(Region(region, ENDPOINT)) if region else builder.with_endpoint(ENDPOINT)
        self.client = self.guarded(builder.build)

    def guarded(self, call):
        from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

        try:
            return call()
        except ClientRequestException as error:
            assert re.fullmatch(r"[0-9a-f-]{36}", error.request_id or ""), error
            raise Refused(error.status_code, error.error_code) from error

    def call(self, operation, **parameters):
        from huaweicloudsdkvpn import v5

        request = getattr(v5, "".join(part.capitalize() for part in operation.split("_")) + "Request")(**parameters)
        return self.guarded(lambda: getattr(self.client, operation)(request))

    def show(self, id):
        return self.call("show_vpn_connection", vpn_connection_id=id).vpn_connection

    def update(self, id, **content):
        from huaweicloudsdkvpn.v5 import UpdateVpnConnectionRequestBody

        body = UpdateVpnConnectionRequestBody(vpn_connection=content)
        return self.call("update_vpn_connection", vpn_connection_id=id, body=body).vpn_connection


def is_changing(reading):
    return reading.status == "PENDING_UPDATE"


def drive(client):
    facts = Facts(client)
    cloud = Cloud()
    connection(facts, cloud)
    styles(facts, cloud)
    lists(facts, cloud)
    errors(facts, cloud)
    regions(facts)


def connection(facts, cloud):
    def read():
        return cloud.show(POLICY)

    seen = read()
    facts.has(
        "a connection is read",
        vars_of(seen),
        {
            "id": POLICY,
            "status": "ACTIVE",
            "style": "POLICY",
            "vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d",
            "ha_role": "master",
            "created_at": "2022-11-26T13:41:34.626Z",
        },
    )
    dpd = {"timeout": 30, "interval": 60, "msg": "seq-notify-hash"}
    ike = {
        "ike_version": "v2",
        "authentication_algorithm": "sha2-512",
        "encryption_algorithm": "aes-256-gcm-16",
        "dh_group": "group21",
        "lifetime_seconds": 3600,
        "peer_id_type": "fqdn",
        "peer_id": "branch.example",
    }
    ipsec = {
        "authentication_algorithm": "sha2-384",
        "encryption_algorithm": "aes-192",
        "pfs": "disable",
        "lifetime_seconds": 7200,
        "transform_protocol": "esp",
        "encapsulation_mode": "tunnel",
    }
    rules = [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]}]
    reply = cloud.update(
        POLICY,
        name="renamed-by-sdk",
        psk="Sdk-Key-2026",
        policy_rules=rules,
        peer_subnets=["192.168.1.0/24", "192.168.2.0/24"],
        ikepolicy=ike | {"dpd": dpd},
        ipsecpolicy=ipsec,
    )
    facts.same(
        "the reply of a change has the new values",
        (reply.id, reply.name, reply.ikepolicy.lifetime_seconds),
        (POLICY, "renamed-by-sdk", 3600),
    )
    after = facts.settled(read, is_changing)
    facts.has(
        "a change is in effect",
        vars_of(after),
        # The other end did not change: the tunnel between the two emulated ends is down.
        {"name": "renamed-by-sdk", "status": "DOWN", "peer_subnets": ["192.168.1.0/24", "192.168.2.0/24"]},
    )
    facts.has("so is its IKE policy", vars_of(after.ikepolicy), ike)
    facts.has("and its DPD", vars_of(after.ikepolicy.dpd), dpd)
    facts.has("and its IPsec policy", vars_of(after.ipsecpolicy), ipsec)
    facts.same(
        "rules are numbered",
        [(rule.rule_index, rule.source, rule.destination) for rule in after.policy_rules],
        [(1, "10.0.0.0/24", ["192.168.1.0/24"]), (2, "10.0.0.0/24", ["192.168.2.0/24"])],
    )
    facts.same("the time of the change is told", after.updated_at > after.created_at, True)
    cloud.update(POLICY, ikepolicy={"peer_id_type": "ip"})
    facts.same(
        "an identity falls back to the address of its gateway",
        facts.settled(read, is_changing).ikepolicy.peer_id,
        "198.51.100.164",
    )
    facts.meets_busy(
        "a second change meanwhile is refused",
        lambda number: cloud.update(POLICY, name=f"busy-{number}"),
        read,
        is_changing,
        lambda reading: reading.name,
        (400, "VPN.0306"),
    )
    cloud.update(POLICY, psk="Sdk-Key-2027")
    facts.settled(read, is_changing)
    cloud.call("reset_vpn_connection", vpn_connection_id=POLICY)
    facts.same("a connection can be reset", facts.settled(read, is_changing).status, "DOWN")


def styles(facts, cloud):
    cloud.update(
        STATIC,
        tunnel_local_address="169.254.90.1/30",
        tunnel_peer_address="169.254.90.2/30",
        ikepolicy={"phase1_negotiation_mode": "aggressive"},
    )
    after = facts.settled(lambda: cloud.show(STATIC), is_changing)
    facts.has(
        "tunnel addresses are in effect",
        vars_of(after),
        {"tunnel_local_address": "169.254.90.1/30", "tunnel_peer_address": "169.254.90.2/30", "style": "STATIC"},
    )
    facts.has(
        "so is the mode of IKEv1",
        vars_of(after.ikepolicy),
        {"ike_version": "v1", "phase1_negotiation_mode": "aggressive"},
    )
    cloud.update(BGP, enable_hub=True)
    after = facts.settled(lambda: cloud.show(BGP), is_changing)
    facts.same("the hub is on", after.enable_hub, True)
    facts.has(
        "the BGP peer is read",
        vars_of(after.bgp_peer),
        {"peer_ip_address": "169.254.76.2", "peer_asn": 65100, "state": "Established"},
    )
    facts.same("tags are read", [(tag.key, tag.value) for tag in after.tags], [("stage", "test")])


def lists(facts, cloud):
    seen, marker = [], None
    while True:
        page = (
            cloud.call("list_vpn_connections", limit=1, marker=marker)
            if marker
            else cloud.call("list_vpn_connections", limit=1)
        )
        if not page.vpn_connections:
            break
        seen += [connection.id for connection in page.vpn_connections]
        marker = page.page_info.next_marker
    facts.same("a list is read page by page, the newest first", seen, [STATIC, BGP, POLICY])
    page = cloud.call("list_vpn_connections", vgw_id="b32d91a4-1111-4222-8333-e907174eb11d")
    facts.same(
        "a list can be filtered",
        ([connection.id for connection in page.vpn_connections], page.total_count),
        ([POLICY], 3),
    )
    gateway = cloud.call("show_vgw", vgw_id="b32d91a4-1111-4222-8333-e907174eb11d").vpn_gateway
    facts.has(
        "a gateway is read",
        vars_of(gateway),
        {"status": "ACTIVE", "attachment_type": "vpc", "ha_mode": "active-standby"},
    )


def errors(facts, cloud):
    facts.refused("reading an unknown id is refused", (404, "VPN.0004"), lambda: cloud.show(UNKNOWN))
    facts.refused("a change of an unknown id is refused", (404, "VPN.0004"), lambda: cloud.update(UNKNOWN, name="name"))
    for text, content in [
        ("a bad name", {"name": "a name"}),
        ("a bad algorithm", {"ikepolicy": {"dh_group": "group99"}}),
        ("a bad lifetime", {"ipsecpolicy": {"lifetime_seconds": 29}}),
        ("a bad key", {"psk": "short"}),
        ("a setting of another style", {"enable_hub": True}),
    ]:
        facts.refused(f"{text} is refused", (400, "VPN.0001"), lambda: cloud.update(POLICY, **content))
    facts.refused("a wrong secret is refused", (401, "APIGW.0301"), lambda: Cloud(secret="wrong-secret").show(POLICY))
    facts.refused("an unknown key is refused", (401, "APIGW.0301"), lambda: Cloud(id="UNKNOWNAK").show(POLICY))
    facts.refused("an unknown project is refused", (404, "VPN.0004"), lambda: Cloud(project="f" * 32).show(POLICY))


def regions(facts):
    from huaweicloudsdkcore.exceptions.exceptions import SdkException

    looked_up = Cloud(project=None, region="cn-north-4")
    facts.same("a region's project is looked up", looked_up.show(POLICY).id, POLICY)
    looked_up.update(POLICY, name="by-region")
    facts.same(
        "a change by region is in effect", facts.settled(lambda: looked_up.show(POLICY), is_changing).name, "by-region"
    )
    east = Cloud(project=None, region="cn-east-3")
    facts.refused("a connection is in its own region only", (404, "VPN.0004"), lambda: east.show(POLICY))
    facts.same(
        "another region has its own", east.show("1a2b3c4d-0000-4000-8000-00000000aaaa").name, "partner-of-alibaba"
    )
    for text, changes, wanted in [
        (
            "a wrong secret is refused at the lookup",
            {"region": "cn-south-1", "secret": "wrong-secret"},
            "status_code:401",
        ),
        ("a region without a project is told as that", {"region": "xx-nowhere-1"}, "Confirm that the project exists"),
    ]:
        # Here the client has one exception for everything, with the service's error in its text.
        try:
            Cloud(project=None, **changes)
            seen = "a project was found"
        except SdkException as error:
            seen = error.error_msg
        facts.holds(text, wanted in seen, seen)
    facts.same(
        "credentials and project are taken from the environment", Cloud(from_environment=True).show(POLICY).id, POLICY
    )


def vars_of(model):
    """An object's members under the names of the wire."""
    return {wire: getattr(model, name) for name, wire in model.attribute_map.items()}
