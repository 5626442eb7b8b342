"""Tencent Cloud, API 2.0: qcloudapi-sdk-python, by GET with HmacSHA1 and by POST with HmacSHA256."""

import datetime
import ipaddress
import json
import os
import socket
import ssl
import tempfile
import threading
from urllib.parse import urlsplit

from .facts import Facts, Refused

WHERE = {"vpcId": "vpc-03vihbk9", "vpnGwId": "vpngw-kfldykuz", "vpnConnId": "vpnx-ol6bcqp0"}

ENDPOINT = urlsplit(os.environ["TUNNELCTL_TENCENT_ENDPOINT"])
ID = os.environ["TENCENTCLOUD_SECRET_ID"]
SECRET = os.environ["TENCENTCLOUD_SECRET_KEY"]


def drive(client):
    facts = Facts(client)
    host = tls_in_front_of(ENDPOINT.hostname, ENDPOINT.port)
    for method, signature in [("GET", "HmacSHA1"), ("POST", "HmacSHA256")]:
        story(
            facts,
            lambda **changes: Cloud(host, method=method, SignatureMethod=signature, **changes),
            f"{method} {signature}",
        )


class Cloud:
    """The client; it returns the reply as text and does not recognise errors of the service."""

    def __init__(self, host, **changes):
        from QcloudApi.qcloudapi import QcloudApi

        # The client's own `vpc` has its host built in; another name takes the one it is given.
        self.client = QcloudApi(
            "vpn", {"endpoint": host, "Region": "gz", "secretId": ID, "secretKey": SECRET} | changes
        )

    def call(self, action, **parameters):
        reply = json.loads(self.client.call(action, parameters))
        if int(reply["code"]) != 0:
            raise Refused(reply["code"], reply["codeDesc"])
        return reply


def story(facts, cloud_with, way):
    cloud = cloud_with()

    def read():
        reply = cloud.call("DescribeVpnConn", **WHERE)
        assert (reply["totalCount"], len(reply["data"])) == (1, 1), reply
        return reply["data"][0]

    def is_changing(reading):
        return reading["vpcConnStatus"] == 2

    def modify(**parameters):
        return cloud.call("ModifyVpnConnEx", **WHERE, **parameters)

    def fact(text):
        return f"{way}: {text}"

    facts.has(
        fact("a connection is read"),
        read(),
        {
            "unVpnConnId": "vpnx-ol6bcqp0",
            "unVpnGwId": "vpngw-kfldykuz",
            "vpnGwAddress": "203.0.113.7",
            "userGwAddress": "198.51.100.7",
            "createTime": "2018-08-30 11:09:44",
        },
    )
    ike = {
        "propoEncryAlgorithm": "aes-cbc-256",
        "propoAuthenAlgorithm": "sha",
        "dhGroupName": "group14",
        "remoteIdentity": "fqdn",
        "remoteFqdnName": "Branch.example",
        "ikeSaLifetimeSeconds": 3600,
    }
    ipsec = {
        "encryptAlgorithm": "aes-cbc-128",
        "integrityAlgorith": "md5",
        "pfsDhGroup": "dh-group5",
        "ipsecSaLifetimeSeconds": 7200,
        "ipsecSaLifetimeTraffic": 2560,
    }
    name, key = f"tunnel é {method_of(way)} a_b", "a b+c&d=e%_@*~"
    data = modify(
        vpnConnName=name,
        preSharedKey=key,
        userGwCidrBlock=["10.100.2.0/24", "10.100.3.0/24"],
        IKESet=ike,
        IPsecSet=ipsec,
    )["data"]
    facts.has(
        fact("the reply of a change"),
        data,
        {
            "vpcConnId": "vpnx-ol6bcqp0",
            "vpcConnStatus": 2,
            "preSharedKey": key,
            "userGwSubnetList": ["10.100.2.0/24", "10.100.3.0/24"],
            "userGwId": 315,
        },
    )

    def task():
        return cloud.call("DescribeVpcTaskResult", taskId=data["taskId"])["data"]["status"]

    facts.same(fact("its task gets done"), facts.settled(task, lambda status: status == 2), 0)
    after = facts.settled(read, is_changing)
    facts.has(
        fact("a change is in effect"),
        after,
        {
            "vpnConnName": name,
            "preSharedKey": key,
            "sourceCidr": ["10.0.0.0/24"],
            "destinationCidr": ["10.100.2.0/24", "10.100.3.0/24"],
        },
    )
    facts.has(
        fact("so is its IKE set, in texts"),
        after["IKESet"],
        ike | {"ikeSaLifetimeSeconds": "3600", "remoteFqdnName": "Branch.example"},
    )
    facts.has(
        fact("and its IPsec set"),
        after["IPsecSet"],
        ipsec | {"ipsecSaLifetimeSeconds": "7200", "ipsecSaLifetimeTraffic": "2560"},
    )
    for form, rules in [
        ("text", json.dumps({"10.0.0.0/24": ["10.100.4.0/24"], "10.0.1.0/24": ["10.100.5.0/24"]})),
        ("an object", {"10.0.0.0/24": ["10.100.6.0/24"]}),
    ]:
        modify(spdAcl=rules, vpnConnName=f"rules as {form}")
        wanted = json.loads(rules) if isinstance(rules, str) else rules
        after = facts.settled(read, is_changing)
        facts.same(
            fact(f"rules given as {form} are in effect"),
            sorted(after["destinationCidr"]),
            sorted(sum(wanted.values(), [])),
        )
    modify(preSharedKey="@home", IKESet={"remoteIdentity": "address", "remoteAddress": "198.51.100.7"})
    facts.has(fact("a key that begins with @ is in effect"), facts.settled(read, is_changing), {"preSharedKey": "@home"})
    facts.meets_busy(
        fact("a second change meanwhile is refused"),
        lambda number: modify(vpnConnName=f"busy-{number}"),
        read,
        is_changing,
        lambda reading: reading["vpnConnName"],
        (5100, "InvalidVpnConnState"),
    )
    for text, wanted, action, parameters in [
        (
            "an unknown connection is refused",
            (5000, "InvalidVpnConn.NotFound"),
            "ModifyVpnConnEx",
            WHERE | {"vpnConnId": "vpnx-unknown0"},
        ),
        (
            "an unknown gateway is refused",
            (5000, "InvalidVpnGw.NotFound"),
            "ModifyVpnConnEx",
            WHERE | {"vpnGwId": "vpngw-unknown0"},
        ),
        (
            "an unknown VPC is refused",
            (5000, "InvalidVpc.NotFound"),
            "ModifyVpnConnEx",
            WHERE | {"vpcId": "vpc-unknown0"},
        ),
        (
            "a bad value is refused",
            (4000, "InvalidParameter"),
            "ModifyVpnConnEx",
            WHERE | {"IKESet": {"dhGroupName": "group99"}},
        ),
        ("an unknown parameter is refused", (4000, "InvalidParameter"), "ModifyVpnConnEx", WHERE | {"colour": "blue"}),
        ("an unknown region is refused", (4000, "InvalidParameter"), "DescribeVpnConn", WHERE | {"Region": "nowhere"}),
        ("an unknown action is refused", (6100, "ActionNotFound"), "PaintVpnConn", WHERE),
        ("an unknown task is refused", (5000, "InvalidTask.NotFound"), "DescribeVpcTaskResult", {"taskId": 1}),
        ("an old request is refused", (4200, "RequestExpired"), "DescribeVpnConn", WHERE | {"Timestamp": 1700000000}),
    ]:
        facts.refused(fact(text), wanted, lambda: cloud.call(action, **parameters))
    cloud.call("DescribeVpnConn", Nonce=4711 + len(way), **WHERE)
    facts.refused(
        fact("a request that comes again is refused"),
        (4500, "ReplayAttack"),
        lambda: cloud.call("DescribeVpnConn", Nonce=4711 + len(way), **WHERE),
    )
    facts.refused(
        fact("a wrong secret is refused"),
        (4100, "AuthFailure"),
        lambda: cloud_with(secretKey="wrong").call("DescribeVpnConn", **WHERE),
    )
    facts.refused(
        fact("an unknown key is refused"),
        (4104, "AuthFailure"),
        lambda: cloud_with(secretId="AKIDunknown").call("DescribeVpnConn", **WHERE),
    )


def method_of(way):
    return way.split()[0]


def tls_in_front_of(host, port):
    """A TLS listener on loopback that forwards every byte, because this client speaks only TLS. Returns its host and port."""
    with tempfile.NamedTemporaryFile("wb", suffix=".pem", delete=False) as pem:
        pem.write(certificate())
    # Python's own TLS trusts what is named here; the client uses that.
    os.environ["SSL_CERT_FILE"] = pem.name
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem.name)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(plain):
        try:
            with context.wrap_socket(plain, server_side=True) as near, socket.create_connection((host, port)) as far:
                threading.Thread(target=copy, args=(far, near), daemon=True).start()
                copy(near, far)
        except OSError:
            # A client may hang up before the end.
            pass

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def certificate():
    """A key and a certificate for 127.0.0.1 that is its own authority, for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "emulator")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    signed = (
        builder.add_extension(names, False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + signed.public_bytes(serialization.Encoding.PEM)
