# SPDX-License-Identifier: MIT
"""Each request uses its own trust settings: no store, connection or terminal makes up for wrong ones."""

import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from servers.certs import Certs, server_context
from servers.wire import CLOSE, WireFactory, WireServer, reply
from support.program import Program

# Runs a program on its own terminal, on which nobody types.
_ON_A_TERMINAL = [
    sys.executable,
    "-c",
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
]


def encrypted_key(leaf: trustme.LeafCert, form: PrivateFormat) -> str:
    """The leaf's key under a password."""
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"sesame")).decode()


def encrypted_pem(pem: str) -> str:
    """The PEM text marked as encrypted (RFC 1421 4.6.1.1)."""
    begin, *rest = pem.strip().splitlines()
    marks = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF", ""]
    return "\n".join([begin, *marks, *rest, ""])


@pytest.mark.parametrize("wrapper", [[], _ON_A_TERMINAL], ids=["no terminal", "terminal"])
@pytest.mark.parametrize("kind", ["key", "key in PKCS 8", "certificate", "cacert", "behind a NUL in cacert"])
def test_encrypted_pem_fails_and_nobody_is_asked_for_its_password(
    run_app: Program, wire: WireFactory, tls: object, certs: Certs, kind: str, wrapper: list[str]
) -> None:
    """OpenSSL would ask on the terminal; libcurl 7.88.1 crashed where there was none."""
    leaf = certs.ca.issue_cert("client")
    cert, key, ca = (
        leaf.cert_chain_pems[0].bytes().decode(),
        leaf.private_key_pem.bytes().decode(),
        certs.ca_pem,
    )
    if kind == "cacert":
        ca = encrypted_pem(ca)
    elif "NUL" in kind:
        ca += "\0" + encrypted_pem(ca)
    elif kind == "certificate":
        cert = encrypted_pem(cert)
    else:
        form = PrivateFormat.PKCS8 if "8" in kind else PrivateFormat.TraditionalOpenSSL
        key = encrypted_key(leaf, form)
    run = run_app(
        """
        r = http.get(URL, cacert=CA, cert=(CERT, KEY), timeout=5)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=wire(reply(), tls).url,
        CA=ca,
        CERT=cert,
        KEY=key,
        wrapper=wrapper,
    )
    assert run.shown == (77 if "cacert" in kind else 58, 16)


def test_nul_behind_the_certificates_is_their_end(
    run_app: Program, wire: WireFactory, tls: object, certs: Certs
) -> None:
    """As programs in C have it, mbedTLS's for instance."""
    run = run_app(
        """
        cas = (CA + "\\0", CA.encode() + b"\\0", CA + "\\0\\0", "\\0" + CA)
        show(*(http.get(URL, cacert=ca).status_code() for ca in cas))
        """,
        URL=wire(reply(), tls).url,
        CA=certs.ca_pem,
    )
    assert run.shown == (200, 200, 77, 77)


# ----------------------------------------------------------------------------------------------------
# The least TLS, also to a proxy

# A PC whose OpenSSL accepts every version.
_LAX = """
openssl_conf = main
[main]
ssl_conf = ssl
[ssl]
system_default = all
[all]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("version", "status"), [("TLSv1", 35), ("TLSv1_1", 35), ("TLSv1_2", 200)])
@pytest.mark.parametrize("role", ["server", "proxy"])
def test_tls_1_2_is_the_least_whatever_the_system_allows(
    run_app: Program, wire: WireFactory, certs: Certs, tmp_path: Path, version: str, status: int, role: str
) -> None:
    context = server_context(certs.leaf)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    server = wire(reply(), context)
    (tmp_path / "openssl.cnf").write_text(_LAX)
    run = run_app(
        "show(http.get(URL, cacert=CA, proxy=PROXY).status_code())",
        URL=server.url if role == "server" else "http://dock.example/",
        PROXY="" if role == "server" else server.url,
        CA=certs.ca_pem,
        env={"OPENSSL_CONF": str(tmp_path / "openssl.cnf")},
    )
    assert run.shown == (status,)


# ----------------------------------------------------------------------------------------------------
# Kept connections are only for requests with the same trust settings


@dataclass(frozen=True)
class Place:
    """A server that is asked, and by which proxy."""

    url: str
    proxy: str
    server: WireServer


@pytest.fixture(params=["server", "https proxy"])
def place(request: pytest.FixtureRequest, wire: WireFactory, tls: ssl.SSLContext) -> Place:
    """Whose certificate is verified: the server's, or that of a proxy to a server without TLS."""
    server = wire(reply(200, b"ok"), tls)
    if request.param == "server":
        return Place(server.url, "", server)
    return Place("http://dock.example/", server.url, server)


# What each request of a row trusts, and its status.
_ROWS: dict[str, list[tuple[str, int]]] = {
    "unverified first": [("verify=False", 200), ("", 60), ("cacert=OTHER", 60), ("cacert=CA", 200)],
    "unverified with a cacert first": [
        ("verify=False, cacert=CA", 200),
        ("cacert=OTHER", 60),
        ("cacert=CA", 200),
    ],
    "unverified with a foreign cacert": [("verify=False, cacert=OTHER", 200), ("cacert=OTHER", 60), ("", 60)],
    "right first": [
        ("cacert=CA", 200),
        ("cacert=OTHER", 60),
        ("", 60),
        ("cacert='-'", 77),
        ("cacert=CA", 200),
    ],
    "more than the right": [("cacert=CA + OTHER", 200), ("cacert=OTHER", 60), ("cacert=CA", 200)],
    "pinned first": [("cacert=LEAF", 200), ("cacert=OTHER", 60), ("cacert=LEAF + OTHER", 200), ("", 60)],
    "wrong first": [("cacert=OTHER", 60), ("cacert=CA", 200), ("cacert=OTHER", 60)],
}


@pytest.mark.needs("verify_false")
@pytest.mark.parametrize("row", _ROWS)
@pytest.mark.parametrize("how", ["http.get(URL, {})", "http.get_async(URL, None, {}).wait()"])
def test_kept_connection_is_only_for_who_trusts_alike(
    run_app: Program, place: Place, certs: Certs, row: str, how: str
) -> None:
    calls = [how.format(f"proxy=PROXY, {trust}") for trust, _ in _ROWS[row]]
    run = run_app(
        "\n".join(["for _ in range(2):", *[f"    show({call}.status_code())" for call in calls]]),
        URL=place.url,
        PROXY=place.proxy,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
        LEAF=certs.leaf_pem,
    )
    assert run.returncode == 0
    assert run.lines == [(status,) for _, status in _ROWS[row] * 2]


@pytest.mark.parametrize("place_env", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_connection_that_the_system_store_trusts_is_not_for_a_foreign_cacert(
    run_app: Program, place: Place, certs: Certs, place_env: str
) -> None:
    run = run_app(
        """
        for ca in None, OTHER, "", CA, None, OTHER:
            show(http.get(URL, proxy=PROXY, cacert=ca).status_code())
        """,
        URL=place.url,
        PROXY=place.proxy,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
        env={place_env: str(certs.ca_file if place_env == "SSL_CERT_FILE" else certs.ca_folder)},
    )
    assert run.ok().lines == [(200,), (60,), (77,), (200,), (200,), (60,)]


def test_sixteen_at_once_of_whom_half_trust_the_server(run_app: Program, place: Place, certs: Certs) -> None:
    run = run_app(
        """
        for _ in range(3):
            requests = [http.get_async(URL, proxy=PROXY, cacert=ca) for ca in (CA, OTHER) * 8]
            show([request.wait().status_code() for request in requests])
        """,
        URL=place.url,
        PROXY=place.proxy,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.ok().lines == [([200, 60] * 8,)] * 3


def test_resumed_session_is_only_for_who_trusts_alike(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    """No connection is kept here, but the server offers to resume its TLS session."""
    server = wire([reply(200, b"ok", "Connection: close"), CLOSE], tls)
    run = run_app(
        """
        for ca in (CA, OTHER, None, CA, OTHER):
            show(http.get(URL, cacert=ca).status_code())
        """,
        URL=server.url,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.ok().lines == [(200,), (60,), (60,), (200,), (60,)]
    assert [request.connection for request in server.requests] == [0, 3]


def test_client_certificate_is_not_lent_to_other_requests(
    run_app: Program, wire: WireFactory, certs: Certs
) -> None:
    """Neither through a kept connection, nor a TLS session, nor for a request with a wrong key."""
    context = server_context(certs.leaf)
    context.verify_mode = ssl.CERT_REQUIRED
    certs.ca.configure_trust(context)
    server = wire(reply(200, b"known"), context)
    mine, other = (certs.ca.issue_cert(name) for name in ("mine", "other"))
    pems = [
        (leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode())
        for leaf in (mine, other)
    ]
    run = run_app(
        """
        for cert in MINE, None, (MINE[0], OTHER[1]), OTHER, MINE, None:
            show(http.get(URL, cacert=CA, cert=cert).status_code())
        """,
        URL=server.url,
        CA=certs.ca_pem,
        MINE=pems[0],
        OTHER=pems[1],
    )
    statuses = [status for (status,) in run.ok().lines]
    assert [status == 200 for status in statuses] == [True, False, False, True, True, False]
    connections = [request.connection for request in server.requests]
    assert connections[0] == connections[2] != connections[1]
