# SPDX-License-Identifier: MIT
"""Certificates and handshakes of many kinds: the same statuses whatever TLS library libcurl has."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from servers.signed import Signed, chain_context, sign
from servers.wire import WireFactory, reply
from support.program import Program

_BROKEN = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
_HERE = ipaddress.ip_address("127.0.0.1")


ROOT = sign(ca=True)
INTERMEDIATE = sign(ROOT, ca=True)
LEAF = sign(ROOT)
DEEP = sign(INTERMEDIATE)
EXPIRED = sign(ROOT, days=(-30, -1))
EXPIRED_ROOT = sign(ca=True, days=(-30, -1))
NO_CA = sign(ROOT)
ELSEWHERE = sign(ROOT, address="127.0.0.2")
ONLY_10 = x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None)
CONSTRAINED = sign(ROOT, ONLY_10, ca=True)
SELF = sign()
CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
WEAK = sign(ROOT, key=rsa.generate_private_key(65537, 1024))
STRONG = sign(ROOT, key=rsa.generate_private_key(65537, 2048))

# What the server shows, what the app trusts, the status.
_CERTIFICATES = {
    "good": ([LEAF], ROOT.pem, 200),
    "RSA of 2048 bits": ([STRONG], ROOT.pem, 200),
    "P-521": ([sign(ROOT, key=ec.generate_private_key(ec.SECP521R1()))], ROOT.pem, 200),
    "with intermediate": ([DEEP, INTERMEDIATE], ROOT.pem, 200),
    "intermediate is trusted": ([DEEP, INTERMEDIATE], INTERMEDIATE.pem, 200),
    "pinned": ([DEEP], DEEP.pem, 200),
    "pinned, with its chain": ([DEEP, INTERMEDIATE], DEEP.pem, 200),
    "pinned, self-signed": ([SELF], SELF.pem, 200),
    "another one is pinned": ([LEAF], DEEP.pem, 60),
    "pinned but expired": ([EXPIRED], EXPIRED.pem, 60),
    "pinned but for another host": ([ELSEWHERE], ELSEWHERE.pem, 60),
    "expired": ([EXPIRED], ROOT.pem, 60),
    "not yet valid": ([sign(ROOT, days=(1, 30))], ROOT.pem, 60),
    "root is expired": ([sign(EXPIRED_ROOT)], EXPIRED_ROOT.pem, 60),
    "another host": ([ELSEWHERE], ROOT.pem, 60),
    "self-signed": ([SELF], ROOT.pem, 60),
    "intermediate is missing": ([DEEP], ROOT.pem, 60),
    "issuer is no authority": ([sign(NO_CA), NO_CA], ROOT.pem, 60),
    "for clients only": ([sign(ROOT, CLIENT)], ROOT.pem, 60),
    "name constraint violated": ([sign(CONSTRAINED), CONSTRAINED], ROOT.pem, 60),
    "RSA of 1024 bits": ([WEAK], ROOT.pem, 60),
    "text around the trust": ([LEAF], b"before\n" + ROOT.pem + b"after", 200),
    "trust with CRLF": ([LEAF], ROOT.pem.replace(b"\n", b"\r\n"), 200),
    "trust is a key": ([LEAF], ROOT.key_pem, 77),
    "trust is broken": ([LEAF], _BROKEN, 77),
    "trust is broken, then good": ([LEAF], _BROKEN + ROOT.pem, 77),
    "trust is good, then broken": ([LEAF], ROOT.pem + _BROKEN, 77),
}

Serve = Callable[..., str]


@pytest.fixture
def serve(wire: WireFactory, tmp_path: Path) -> Serve:
    """Serves with these certificates; gives the URL."""

    def start(chain: list[Signed], change: Callable[[ssl.SSLContext], None] = lambda context: None) -> str:
        context = chain_context(chain, tmp_path)
        change(context)
        return wire(reply(200, b"ok"), context).url

    return start


@pytest.mark.parametrize("kind", _CERTIFICATES)
def test_status_for_a_certificate(run_app: Program, serve: Serve, kind: str) -> None:
    chain, trust, status = _CERTIFICATES[kind]
    run = run_app(
        "r = http.get(URL, cacert=CA); show(r.status_code(), bool(r.error()), http.stats()['free'])",
        URL=serve(chain),
        CA=trust,
    )
    assert run.shown == (status, status != 200, 16)


_VERSIONS = ssl.TLSVersion


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "status"),
    [(_VERSIONS.TLSv1, 35), (_VERSIONS.TLSv1_1, 35), (_VERSIONS.TLSv1_2, 200), (_VERSIONS.TLSv1_3, 200)],
)
def test_tls_1_2_is_the_least(run_app: Program, serve: Serve, version: ssl.TLSVersion, status: int) -> None:
    def only(context: ssl.SSLContext) -> None:
        context.minimum_version = version
        context.maximum_version = version

    url = serve([LEAF], only)
    assert run_app("show(http.get(URL, cacert=CA).status_code())", URL=url, CA=ROOT.pem).shown == (status,)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["nothing", "no TLS"])
def test_handshake_that_is_not_answered_is_35(run_app: Program, answer: bytes) -> None:
    with socket.create_server((str(_HERE), 0)) as server:

        def run() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=run)
        thread.start()
        url = f"https://{_HERE}:{server.getsockname()[1]}/"
        assert run_app("show(http.get(URL, cacert=CA).status_code())", URL=url, CA=ROOT.pem).shown == (35,)
        thread.join()
