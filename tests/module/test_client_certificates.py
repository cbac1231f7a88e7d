# SPDX-License-Identifier: MIT
"""Options cert (mutual TLS, with nginx) and verify: contract section 6."""

from collections.abc import Iterator
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
from nginx_servers import nginx_servers
from servers.certs import Certs
from servers.nginx import Nginx, find_nginx
from servers.wire import WireFactory, redirect, reply
from support.program import Program

_ROOT = Path(__file__).resolve().parents[2]

# Both ways to get a Response.
_HOW = ["http.get(URL, {})", "http.get_async(URL, None, {}).wait()"]

# Ports: a server that requires a certificate, and two that ask for one. Each replies with what it got.
_SERVERS = """
ssl_client_certificate {ca};
server {{
    listen 127.0.0.1:{strict} ssl;
    ssl_verify_client on;
    location /elsewhere {{ return 302 https://127.0.0.1:{asking}/; }}
    location / {{ return 200 "$ssl_client_verify"; }}
}}
server {{
    listen 127.0.0.1:{asking} ssl;
    ssl_verify_client optional_no_ca;
    location /back {{ return 302 https://127.0.0.1:{strict}/; }}
    location /self {{ return 302 /; }}
    location / {{ return 200 "$ssl_client_verify"; }}
}}
"""


@dataclass(frozen=True)
class Mutual:
    """The origins of an nginx that requires client certificates of the right CA, or asks for any."""

    strict: str
    asking: str


@pytest.fixture(scope="module")
def mutual(tmp_path_factory: pytest.TempPathFactory, certs: Certs) -> Iterator[Mutual]:
    """A real nginx with mutual TLS."""
    program = find_nginx()

    def servers(strict: int, asking: int) -> str:
        return _SERVERS.format(ca=certs.ca_file, strict=strict, asking=asking)

    with nginx_servers(program, tmp_path_factory.mktemp("mutual"), certs.leaf, 2, servers) as ports:
        strict, asking = (f"https://127.0.0.1:{port}" for port in ports)
        yield Mutual(strict, asking)


def pair(leaf: trustme.LeafCert) -> tuple[str, str]:
    """A leaf as an app passes it in cert."""
    return leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()


@pytest.fixture(scope="module")
def mine(certs: Certs) -> tuple[str, str]:
    """The client's certificate and key."""
    return pair(certs.ca.issue_cert("client.invalid"))


@pytest.fixture(scope="module")
def foreign(certs: Certs) -> tuple[str, str]:
    """A certificate and key of an authority that the server does not trust."""
    return pair(certs.other_ca.issue_cert("client.invalid"))


@pytest.mark.parametrize("how", _HOW)
def test_right_certificate_is_taken(
    run_app: Program, mutual: Mutual, certs: Certs, mine: tuple[str, str], how: str
) -> None:
    run = run_app(
        f"r = {how.format('cacert=CA, cert=CERT')}\nshow(r.status_code(), r.text(), http.stats()['free'])",
        URL=mutual.strict,
        CA=certs.ca_pem,
        CERT=mine,
    )
    assert run.shown == (200, "SUCCESS", 16)


def test_certificate_may_be_bytes_and_both_in_one_text(
    run_app: Program, mutual: Mutual, certs: Certs, mine: tuple[str, str]
) -> None:
    both = "".join(mine)
    run = run_app(
        """
        for cert in CERTS:
            show(http.get(URL, cacert=CA, cert=cert).text())
        show(http.get(URL, cacert=CA, cert=tuple(map(bytearray, CERTS[0]))).text())
        """,
        URL=mutual.strict,
        CA=certs.ca_pem,
        CERTS=[tuple(text.encode() for text in mine), (both, both)],
    )
    assert run.ok().lines == [("SUCCESS",)] * 3


def test_certificate_is_copied_at_the_call(
    run_app: Program, mutual: Mutual, certs: Certs, mine: tuple[str, str]
) -> None:
    run = run_app(
        """
        certificate, key = map(bytearray, CERT)
        request = http.get_async(URL, cacert=CA, cert=(certificate, key))
        for text in certificate, key:
            for i in range(len(text)):
                text[i] = 0
        show(request.wait().text())
        """,
        URL=mutual.strict,
        CA=certs.ca_pem,
        CERT=tuple(text.encode() for text in mine),
    )
    assert run.shown == ("SUCCESS",)


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("which", ["none", "foreign"])
def test_missing_and_foreign_certificates_are_400(
    run_app: Program, mutual: Mutual, certs: Certs, foreign: tuple[str, str], how: str, which: str
) -> None:
    run = run_app(
        f"r = {how.format('cacert=CA, cert=CERT')}\nshow(r.status_code(), http.stats()['free'])",
        URL=mutual.strict,
        CA=certs.ca_pem,
        CERT=foreign if which == "foreign" else None,
    )
    assert run.shown == (400, 16)


_CERTIFICATE, _KEY = 0, 1


def _encrypted(pem: str, form: PrivateFormat) -> str:
    """The key marked as encrypted: it needs a password, and nobody may be asked for one."""
    key = load_pem_private_key(pem.encode(), None)
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret")).decode()


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda mine, other: (mine[_CERTIFICATE], other[_KEY]),
        lambda mine, other: (mine[_CERTIFICATE], "no key"),
        lambda mine, other: (mine[_CERTIFICATE], ""),
        lambda mine, other: (mine[_CERTIFICATE], mine[_KEY][: len(mine[_KEY]) // 2]),
        lambda mine, other: (mine[_CERTIFICATE], mine[_CERTIFICATE]),
        lambda mine, other: (mine[_CERTIFICATE], _encrypted(mine[_KEY], PrivateFormat.PKCS8)),
        lambda mine, other: (mine[_CERTIFICATE], _encrypted(mine[_KEY], PrivateFormat.TraditionalOpenSSL)),
        lambda mine, other: ("no certificate", mine[_KEY]),
        lambda mine, other: ("", mine[_KEY]),
        lambda mine, other: (mine[_KEY], mine[_KEY]),
        lambda mine, other: ("", ""),
        lambda mine, other: (b"\x00\xff", b"\x00\xff"),
        lambda mine, other: (f"{_ROOT}/client.pem", f"{_ROOT}/client.key"),
    ],
    ids=[
        "key of another",
        "garbage key",
        "no key",
        "half a key",
        "certificate as key",
        "encrypted key",
        "encrypted key, old form",
        "garbage certificate",
        "no certificate",
        "key as certificate",
        "nothing",
        "binary",
        "paths",
    ],
)
def test_unusable_certificate_or_key_is_58(
    run_app: Program,
    mutual: Mutual,
    certs: Certs,
    mine: tuple[str, str],
    foreign: tuple[str, str],
    how: str,
    spoil: type,
) -> None:
    """The same if the server does not insist. No error text contains a part of a key."""
    cert = spoil(mine, foreign)
    run = run_app(
        f"r = {how.format('cacert=CA, cert=CERT')}\nshow(r.status_code(), r.error(), http.stats()['free'])",
        URL=mutual.asking,
        CA=certs.ca_pem,
        CERT=cert,
    )
    status, error, free = run.shown
    assert (status, free) == (58, 16)
    assert error
    assert not any(line in error for line in mine[_KEY].splitlines())


def test_certificate_does_not_disturb_plain_http(
    run_app: Program, wire: WireFactory, mine: tuple[str, str]
) -> None:
    assert run_app(
        "show(http.get(URL, cert=CERT).status_code())", URL=wire(reply()).url, CERT=mine
    ).shown == (200,)


def test_certificate_stays_with_its_request(
    run_app: Program, mutual: Mutual, certs: Certs, mine: tuple[str, str], foreign: tuple[str, str]
) -> None:
    """The same while there are open connections with another certificate, or with none."""
    run = run_app(
        "show([http.get(URL, cacert=CA, cert=cert).text() for cert in CERTS])",
        URL=mutual.asking,
        CA=certs.ca_pem,
        CERTS=[None, mine, mine, None, foreign, mine],
    )
    (shown,) = run.shown
    assert [text.partition(":")[0] for text in shown] == [
        "NONE",
        "SUCCESS",
        "SUCCESS",
        "NONE",
        "FAILED",
        "SUCCESS",
    ]


@pytest.mark.parametrize("how", _HOW)
def test_wrong_key_is_58_though_a_connection_with_the_right_one_is_open(
    run_app: Program,
    mutual: Mutual,
    certs: Certs,
    mine: tuple[str, str],
    foreign: tuple[str, str],
    how: str,
) -> None:
    """A request without the key must not use a connection of a request that has it."""
    run = run_app(
        f"""
        codes = []
        for CERT in CERTS:
            codes.append({how.format("cacert=CA, cert=CERT")}.status_code())
        show(codes, http.stats()["free"])
        """,
        URL=mutual.strict,
        CA=certs.ca_pem,
        CERTS=[mine, (mine[_CERTIFICATE], foreign[_KEY]), (mine[_CERTIFICATE], "no key"), mine],
    )
    assert run.shown == ([200, 58, 58, 200], 16)


def test_certificate_is_not_shown_to_another_origin(
    run_app: Program, mutual: Mutual, certs: Certs, mine: tuple[str, str], wire: WireFactory
) -> None:
    """The same after a redirect back to the first origin."""
    plain = wire(redirect(302, f"{mutual.asking}/"))
    run = run_app(
        """
        for url in URLS:
            r = http.get(url, cacert=CA, cert=CERT)
            show(r.status_code(), r.text()[:7])
        """,
        URLS=[f"{mutual.strict}/elsewhere", f"{mutual.asking}/self", f"{mutual.asking}/back", plain.url],
        CA=certs.ca_pem,
        CERT=mine,
    )
    assert run.ok().lines == [(200, "NONE"), (200, "SUCCESS"), (400, "<html>\r"), (200, "NONE")]


_WRONG = [
    "'pem'",
    "b'pem'",
    "('pem',)",
    "('a', 'b', 'c')",
    "['a', 'b']",
    "(1, 'b')",
    "('a', None)",
    "1",
    "()",
]


@pytest.mark.parametrize("function", ["get", "get_async"])
def test_wrong_cert_raises_and_takes_no_slot(run_app: Program, function: str, refused_url: str) -> None:
    calls = "\n".join(f"attempt(lambda: http.{function}(URL, cert={value}))" for value in _WRONG)
    code = """\
def attempt(call):
    try:
        call()
    except TypeError as e:
        show("cert" in str(e), http.stats()["free"])

"""
    assert run_app(code + calls, URL=refused_url).ok().lines == [(True, 16)] * len(_WRONG)


@pytest.mark.needs("verify_false")
@pytest.mark.parametrize("how", _HOW)
def test_verify_false_takes_any_server_and_warns_once(
    run_app: Program, wire: WireFactory, web: Nginx, certs: Certs, how: str
) -> None:
    run = run_app(
        f"""
        for URL in URLS * 2:
            r = {how.format("verify=False")}
            show(r.status_code(), r.error())
        r = {how.format("verify=False, cacert=OTHER")}
        show(r.status_code(), http.stats()["free"])
        """,
        URLS=[f"{web.https}/1k", f"{web.https.replace('127.0.0.1', 'localhost')}/1k"],
        OTHER=certs.other_ca_pem,
    )
    assert run.returncode == 0
    assert run.lines == [(200, "")] * 4 + [(200, 16)]
    assert len(run.stderr.splitlines()) == 1
    assert "verify=False" in run.stderr


@pytest.mark.parametrize("options", ["", "verify=True", "verify=True, timeout=10"])
def test_verify_true_is_the_default(run_app: Program, web: Nginx, options: str) -> None:
    """There is no warning either."""
    run = run_app(f"show(http.get(URL, {options}).status_code())", URL=web.https)
    assert run.shown == (60,)


@pytest.mark.needs("verify_false")
def test_connection_that_was_not_verified_is_not_used_by_who_verifies(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        show([http.get(URL, verify=verify).status_code() for verify in (False, True, False, True)])
        show([http.get_async(URL, verify=verify).wait().status_code() for verify in (False, True)])
        show(http.get(URL).status_code(), http.stats()["free"])
        """,
        URL=f"{web.https}/1k",
    )
    assert run.returncode == 0
    assert run.lines == [([200, 60, 200, 60],), ([200, 60],), (60, 16)]


@pytest.mark.needs("verify_false")
def test_verify_false_holds_for_each_hop(run_app: Program, web: Nginx, wire: WireFactory) -> None:
    server = wire(redirect(302, f"{web.https}/1k"))
    run = run_app(
        "show([http.get(URL, verify=verify).status_code() for verify in (False, True)])", URL=server.url
    )
    assert run.lines == [([200, 60],)]


@pytest.mark.parametrize("function", ["get", "get_async"])
@pytest.mark.parametrize("value", ["0", "None", "'no'", "[]"])
def test_wrong_verify_raises_and_takes_no_slot(
    run_app: Program, function: str, value: str, refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, verify={value})
        except TypeError as e:
            show("verify" in str(e), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (True, 16)
