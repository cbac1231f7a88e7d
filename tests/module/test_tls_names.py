# SPDX-License-Identifier: MIT
"""The names in a certificate: RFC 9525 6.3, and the same whatever TLS library libcurl has."""

import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from servers.signed import chain_context, sign
from servers.wire import WireFactory, reply
from support.program import Program

_ROOT = sign(ca=True)
_HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
_ELSEWHERE = x509.IPAddress(ipaddress.ip_address("127.0.0.2"))
_HERE_IN_6 = x509.IPAddress(ipaddress.ip_address("::ffff:127.0.0.1"))


def _dns(name: str) -> x509.DNSName:
    """Whatever the name is."""
    return x509.DNSName._init_without_validation(name)


# The host that is asked for; the alternative names of the certificate, or its common name alone; the status.
_NAMES = [
    ("127.0.0.1", [_HERE], 200),
    ("127.0.0.1", [_ELSEWHERE], 60),
    ("127.0.0.1", [_ELSEWHERE, _HERE], 200),
    ("127.0.0.1", [_HERE_IN_6], 60),
    ("127.0.0.1", [_dns("127.0.0.1")], 60),
    ("127.0.0.1", [_dns("*.0.0.1")], 60),
    ("127.0.0.1", [_dns("*.0.0.1"), _ELSEWHERE], 60),
    ("127.0.0.1", [_dns("localhost"), _HERE], 200),
    ("127.0.0.1", [x509.UniformResourceIdentifier("127.0.0.1")], 60),
    ("127.0.0.1", [x509.RFC822Name("x@127.0.0.1")], 60),
    ("127.0.0.1", "127.0.0.1", 200),
    ("127.0.0.1", "*.0.0.1", 60),
    ("localhost", [_dns("localhost")], 200),
    ("localhost", [_dns("LocalHost")], 200),
    ("LOCALHOST", [_dns("localhost")], 200),
    ("localhost", [_dns("localhos")], 60),
    ("localhost", [_dns("*")], 60),
    ("localhost", [_dns("*host")], 60),
    ("localhost", [_dns("localhost\0.example")], 60),
    ("localhost", [_dns("localhost.")], 200),
    ("localhost.", [_dns("localhost")], 200),
    ("localhost.", [_dns("localhost.")], 200),
    ("localhost", [_HERE], 60),
    ("localhost", [x509.UniformResourceIdentifier("localhost")], 60),
    ("localhost", [x509.UniformResourceIdentifier("https://localhost/")], 60),
    ("localhost", "localhost", 200),
    ("localhost", "LOCALHOST", 200),
    ("localhost", "elsewhere", 60),
    ("a.localhost", [_dns("*.localhost")], 60),
    ("a.localhost", "*.localhost", 60),
    ("a.b.localhost", [_dns("*.b.localhost")], 200),
    ("a.b.localhost", [_dns("*.B.LOCALHOST")], 200),
    ("a.b.localhost.", [_dns("*.b.localhost")], 200),
    ("a.b.localhost", [_dns("*.b.localhost.")], 200),
    ("a.b.localhost", "*.b.localhost", 200),
    ("b.localhost", [_dns("*.b.localhost")], 60),
    ("a.a.b.localhost", [_dns("*.b.localhost")], 60),
    ("a.b.localhost", [_dns("a*.b.localhost")], 60),
    ("a.b.localhost", [_dns("*a.b.localhost")], 60),
    ("a.b.localhost", [_dns("a.*.localhost")], 60),
    ("a.b.localhost", [_dns("*.*.localhost")], 60),
    ("a.b.localhost", [_dns("**.b.localhost")], 60),
    ("a.b.localhost", [_dns(".b.localhost")], 60),
    ("a.b.localhost", [_dns("*.localhost"), _dns("*.b.localhost")], 200),
    ("xn--tda.b.localhost", [_dns("*.b.localhost")], 200),
    ("[::ffff:127.0.0.1]", [_HERE_IN_6], 200),
    ("[::ffff:127.0.0.1]", [_HERE], 60),
    ("[::ffff:127.0.0.1]", [_dns("::ffff:127.0.0.1")], 60),
]


@pytest.mark.parametrize(("host", "names", "status"), _NAMES, ids=lambda value: ascii(value)[:60])
def test_certificate_is_for_its_names_only(
    run_app: Program, wire: WireFactory, tmp_path: Path, host: str, names: list | str, status: int
) -> None:
    leaf = sign(_ROOT, names=names)
    server = wire(reply(200, b"ok"), chain_context([leaf], tmp_path))
    run = run_app(
        "r = http.get(URL, cacert=CA); show(r.status_code(), bool(r.error()), http.stats()['free'])",
        URL=f"https://{host}:{server.port}/",
        CA=_ROOT.pem,
    )
    if host.endswith(".") and run.shown[0] == 6:
        status = 6  # this machine's resolver does not know the name
    assert run.shown == (status, status != 200, 16)


@pytest.mark.parametrize(("host", "names", "status"), _NAMES[:8], ids=lambda value: ascii(value)[:60])
def test_names_hold_for_a_pinned_certificate_too(
    run_app: Program, wire: WireFactory, tmp_path: Path, host: str, names: list, status: int
) -> None:
    leaf = sign(_ROOT, names=names)
    server = wire(reply(200, b"ok"), chain_context([leaf], tmp_path))
    url = f"https://{host}:{server.port}/"
    assert run_app("show(http.get(URL, cacert=CA).status_code())", URL=url, CA=leaf.pem).shown == (status,)
