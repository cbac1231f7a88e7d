# SPDX-License-Identifier: MIT
"""Response.kind(): one word for what has failed, the same with every libcurl and TLS library."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from servers.certs import Certs
from servers.cut import Cut
from servers.digest import DigestHandler
from servers.intake import Intake
from servers.nginx import Nginx
from servers.signed import chain_context, sign
from servers.wire import CLOSE, HOLD, RESET, Reply, WireFactory, chunked, head, in_order, redirect, reply
from support.program import Program

# An app that shows the kind of a sync and of an async request.
_BOTH = """
r = http.request({method}, URL, {options})
s = http.request_async({method}, URL, None, {options}).wait()
show(r.kind(), s.kind(), r.status_code(), http.stats()["free"])
"""


@pytest.fixture
def kind(run_app: Program) -> Callable[..., str]:
    """The kind of a request's end: the same for a sync and an async one."""

    def ask(
        url: str, options: str = "timeout=20", method: str = "GET", setup: str = "", **names: object
    ) -> str:
        env = names.pop("env", None)
        code = setup + _BOTH.format(method=repr(method), options=options)
        run = run_app(code, URL=url, env=env, **names)
        one, other, status, free = run.shown
        assert one == other
        assert (one == "") == (status >= 100)
        assert free == 16
        return one

    return ask


Kind = Callable[..., str]

_ANSWERS: dict[str, tuple[Reply, str]] = {
    "whole": (reply(200, b"ok"), ""),
    "404": (reply(404, b"none"), ""),
    "closed": ([CLOSE], "closed"),
    "closed in the status line": ([b"HTTP/1.1 20", CLOSE], "closed"),
    "closed in the header": ([b"HTTP/1.1 200 OK\r\nX-A: 1\r\n", CLOSE], "truncated"),
    "closed in the body": ([head(200, "Content-Length: 10"), b"abc", CLOSE], "truncated"),
    "closed in a chunk": ([head(200, "Transfer-Encoding: chunked"), b"5\r\nabc", CLOSE], "truncated"),
    "closed behind a chunk": ([head(200, "Transfer-Encoding: chunked"), b"3\r\nabc\r\n", CLOSE], "truncated"),
    "reset": ([RESET], "reset"),
    "reset in the body": ([head(200, "Content-Length: 10"), b"abc", 0.1, RESET], "reset"),
    "no HTTP": ([b"220 mail.example ESMTP\r\n", CLOSE], "invalid_response"),
    "HTTP/9": ([b"HTTP/9.9 200 OK\r\n\r\n", CLOSE], "invalid_response"),
    "101": (head(101), "invalid_response"),
    "two lengths": (head(200, "Content-Length: 1", "Content-Length: 2"), "invalid_response"),
    "begins with a fold": ([b"HTTP/1.1 200 OK\r\n X: 1\r\n\r\n", CLOSE], "invalid_response"),
    "chunk length": ([head(200, "Transfer-Encoding: chunked"), b"zz\r\nabc\r\n", CLOSE], "invalid_chunk"),
    "chunk length beyond 64 bits": (
        [head(200, "Transfer-Encoding: chunked"), b"f" * 40 + b"\r\nabc\r\n", CLOSE],
        "invalid_chunk",
    ),
    "chunk longer than it says": (
        [head(200, "Transfer-Encoding: chunked"), b"3\r\nabcdefgh\r\n0\r\n\r\n", CLOSE],
        "invalid_chunk",
    ),
    "many fields": (head(200, *["X-A: 1"] * 200), "large_header"),
    "large field": (head(200, "X-A: " + "a" * 40_000), "large_header"),
    "line without end": ([b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 1_000_000, CLOSE], "large_header"),
    "redirect to ftp": (redirect(302, "ftp://127.0.0.1/"), "unsafe_redirect"),
    "redirect to a file": (redirect(302, "file:///etc/passwd"), "unsafe_redirect"),
    "redirect to nowhere": (redirect(302, "http://[::/"), "invalid_redirect"),
    "redirects": (redirect(302, "/"), "many_redirects"),
    "gzip that is none": (reply(200, b"abc", "Content-Encoding: gzip"), "encoding"),
}


@pytest.mark.parametrize("answer", _ANSWERS)
def test_answer(kind: Kind, wire: WireFactory, answer: str) -> None:
    steps, word = _ANSWERS[answer]
    assert kind(wire(steps).url, "compressed=True") == word


def test_header_that_is_too_large_says_so(run_app: Program, wire: WireFactory) -> None:
    """libcurl says so only of some; of a long line 7.88 says that there is no memory."""
    for answer in [steps for steps, word in _ANSWERS.values() if word == "large_header"]:
        run = run_app("r = http.get(URL); show(r.status_code(), r.error())", URL=wire(answer).url)
        status, error = run.shown
        assert status in (27, 56)
        assert error == "response headers too large"


@pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["closed", "reset"])
def test_end_of_a_tls_connection(
    kind: Kind, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, ending: object
) -> None:
    with Cut(wire(reply(200, bytes(100_000)), tls).port, 20_000, ending) as cut:
        word = kind(f"https://127.0.0.1:{cut.port}", "cacert=CA", CA=certs.ca_pem)
    assert word == ("truncated" if ending is CLOSE else "reset")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://127.0.0.1/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("127.0.0.1", "url"),
        ("http://[::/", "url"),
        ("http://127.0.0.1:99999/", "url"),
    ],
)
def test_url(kind: Kind, url: str, word: str) -> None:
    assert kind(url) == word


def test_redirect_from_https_to_http(
    kind: Kind, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    server = wire(redirect(302, "http://127.0.0.1/"), tls)
    assert kind(server.url, "cacert=CA", CA=certs.ca_pem) == "unsafe_redirect"


def test_name(kind: Kind, hung_dns: dict[str, str]) -> None:
    assert kind("http://nowhere.invalid/", env=hung_dns) == "name"


def test_resolver_that_hangs(run_app: Program, hung_dns: dict[str, str]) -> None:
    run = run_app(
        """
        for _ in range(16):
            http.get("http://hang.invalid/", timeout=0.02)
        r = http.get("http://hang.invalid/")
        show(r.status_code(), r.kind())
        """,
        env=hung_dns,
    )
    assert run.shown == (6, "resolver")


def test_refused(kind: Kind, refused_url: str, wire: WireFactory) -> None:
    assert kind(refused_url) == "refused"
    assert kind(wire(redirect(302, refused_url)).url) == "refused"


def test_unreachable(kind: Kind) -> None:
    """No route: 240.0.0.0/4 is reserved, and the kernel refuses it at once."""
    assert kind("http://255.255.255.255/", "timeout=5") == "unreachable"


def test_limits(kind: Kind, wire: WireFactory, dead_port: int) -> None:
    silent = wire([HOLD]).url
    dead = f"http://127.0.0.1:{dead_port}/"
    assert kind(dead, "connect_timeout=0.1") == "connect_timeout"
    assert kind(dead, "timeout=0.1") == "timeout"
    assert kind(silent, "stall_timeout=0.1") == "stall_timeout"
    assert kind(silent, "timeout=0.1") == "timeout"


def test_large_body(kind: Kind, wire: WireFactory) -> None:
    assert kind(wire(reply(200, b"abc")).url, "max_size=2") == "large_body"
    endless = head(200, "Transfer-Encoding: chunked") + chunked(b"abc")
    assert kind(wire(endless).url, "max_size=2") == "large_body"


# ------------------------------------------------------------------------------------------------
# Proxies


def test_proxy(kind: Kind, wire: WireFactory, refused_url: str, hung_dns: dict[str, str]) -> None:
    origin = wire(reply())
    for url in origin.url, "https://origin.invalid/":
        assert kind(url, "proxy=PROXY", PROXY=refused_url) == "proxy"
        assert kind(url, "proxy=PROXY", PROXY="http://nowhere.invalid", env=hung_dns) == "proxy"
    for answer in reply(407), reply(403), reply(502), [CLOSE], [RESET]:
        assert kind("https://origin.invalid/", "proxy=PROXY", PROXY=wire(answer).url) == "proxy"
    assert kind("http://origin.invalid/", "proxy=PROXY", PROXY=wire(reply(407)).url) == ""
    assert kind("http://origin.invalid/", "proxy=PROXY", PROXY=wire([CLOSE]).url) == "closed"


# ------------------------------------------------------------------------------------------------
# TLS

_AUTHORITY = sign(ca=True)
_CERTIFICATES = {
    "expired": (sign(_AUTHORITY, days=(-30, -1)), "cert_date"),
    "not yet valid": (sign(_AUTHORITY, days=(1, 30)), "cert_date"),
    "another host": (sign(_AUTHORITY, address="127.0.0.2"), "cert_name"),
    "self-signed": (sign(), "cert_authority"),
    "another authority": (sign(sign(ca=True)), "cert_authority"),
    "intermediate is missing": (sign(sign(_AUTHORITY, ca=True)), "cert_authority"),
    "self-signed and expired": (sign(days=(-30, -1)), "cert_authority"),
    "expired, for another host": (sign(_AUTHORITY, days=(-30, -1), address="127.0.0.2"), "cert_date"),
}


@pytest.mark.parametrize("certificate", _CERTIFICATES)
def test_certificate(kind: Kind, wire: WireFactory, tmp_path: Path, certificate: str) -> None:
    signed, word = _CERTIFICATES[certificate]
    url = wire(reply(), chain_context([signed], tmp_path)).url
    assert kind(url, "cacert=CA", CA=_AUTHORITY.pem) == word


def test_certificate_of_wrong_use(kind: Kind, wire: WireFactory, tmp_path: Path) -> None:
    only_clients = sign(_AUTHORITY, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
    url = wire(reply(), chain_context([only_clients], tmp_path)).url
    assert kind(url, "cacert=CA", CA=_AUTHORITY.pem) == "cert_invalid"


def test_handshake(kind: Kind, web: Nginx, wire: WireFactory, tls: ssl.SSLContext, certs: Certs) -> None:
    assert kind(web.http.replace("http", "https")) == "tls"
    with Cut(wire(reply(), tls).port, 400, CLOSE) as cut:
        assert kind(f"https://127.0.0.1:{cut.port}", "cacert=CA", CA=certs.ca_pem) == "tls"


def test_cacert(kind: Kind, web: Nginx) -> None:
    assert kind(f"{web.https}/1k", "cacert=''") == "cacert"
    assert kind(f"{web.http}/1k", "cacert='x'") == "cacert"


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("which", ["none", "foreign", "unusable"])
def test_client_certificate(
    run_app: Program, wire: WireFactory, certs: Certs, tmp_path: Path, which: str, newest: ssl.TLSVersion
) -> None:
    """Without any certificate, TLS 1.2 servers only say that the handshake has failed. The
    server may also reset the connection before its alert is read, for it has got more bytes already."""
    context = chain_context([sign(_AUTHORITY)], tmp_path)
    context.maximum_version = newest
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=certs.ca_pem)
    foreign = sign()
    cert = {
        "none": None,
        "foreign": (foreign.pem, foreign.key_pem),
        "unusable": (b"none", b"none"),
    }[which]
    run = run_app(
        "show(http.get(URL, cacert=CA, cert=CERT).kind())",
        URL=wire(reply(), context).url,
        CA=_AUTHORITY.pem,
        CERT=cert,
    )
    (word,) = run.shown
    if which == "unusable":
        assert word == "client_cert"
    else:
        old = which == "none" and newest == ssl.TLSVersion.TLSv1_2
        assert word in ("tls" if old else "client_cert", "reset")


# ------------------------------------------------------------------------------------------------
# What is sent, and what is kept


def test_files(kind: Kind, wire: WireFactory) -> None:
    url = wire(reply(200, b"ok")).url
    assert kind(url, "file='/nowhere/file'") == "file"
    assert kind(url, "files={'f': '/nowhere/file'}", method="POST") == "upload_file"


def test_iterator(kind: Kind, wire: WireFactory) -> None:
    with Intake(reply(200)) as intake:
        for length in 2, 4:
            options = f"data=iter([b'abc']), headers={{'Content-Length': '{length}'}}"
            assert kind(intake.url, options, method="POST") == "iterator"
    assert kind(wire(redirect(307, "/")).url, "data=iter([b'abc'])", method="POST") == "rewind"


def test_auth(kind: Kind, wire: WireFactory) -> None:
    refused = "WWW-Authenticate: Digest realm=r ,nonce=n"
    assert kind(wire(reply(401, b"", refused)).url, "auth=('digest', 'u', 'p')") == "auth"
    assert kind(wire(DigestHandler()).url, "auth=('digest', 'u', 'p')") == ""


def test_seventeenth(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        show(http.get(URL).kind(), http.get_async(URL).wait().kind())
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == ("slots",) * 2


def test_kind_of_the_second_try_only(kind: Kind, wire: WireFactory) -> None:
    """A hop that had failed is sent again on a new connection: what remains is the second end."""
    server = wire(in_order(reply(200), [CLOSE], reply(200), [CLOSE], reply(200)))
    assert kind(server.url, setup="http.get(URL)\n") == ""
