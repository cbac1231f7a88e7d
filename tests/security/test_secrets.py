# SPDX-License-Identifier: MIT
"""No text for people contains a secret: the dock shows error texts and tracebacks in public."""

import ssl
from pathlib import Path

import pytest
from servers.certs import Certs, server_context
from servers.wire import CLOSE, HOLD, RESET, Reply, WireFactory, head, redirect, reply
from support.program import Program

_BODY = b"secretbody"
_PROXY_ACCOUNT = "secretproxyuser:secretproxypassword@"

# How servers fail.
_ANSWERS: dict[str, Reply] = {
    "closed": [CLOSE],
    "reset": [RESET],
    "timeout": [HOLD],
    "no HTTP": [_BODY + b"\r\n\r\n", CLOSE],
    "bad status": [b"HTTP/9.9 secretbody\r\n\r\n", CLOSE],
    "bad length": [head(200, "Content-Length: secretbody"), CLOSE],
    "bad chunk": head(200, "Transfer-Encoding: chunked") + _BODY + b"\r\n",
    "bad content coding": head(200, "Content-Encoding: secretbody", "Content-Length: 10") + _BODY,
    "bad gzip": head(200, "Content-Encoding: gzip", "Content-Length: 10") + _BODY,
    "no colon": [b"HTTP/1.1 200 OK\r\nsecretbody\r\n\r\n", CLOSE],
    "truncated": [head(200, "Content-Length: 99") + _BODY, CLOSE],
    "too large": reply(200, _BODY * 10_000),
    "many fields": reply(200, b"", *["X: secretbody"] * 101),
    "redirects": redirect(302, "/?secretbody"),
    "redirect to a scheme": redirect(302, "ftp://secretbody:secretbody@secretbody/?secretbody"),
    "redirect to nowhere": redirect(302, "http://secretbody:secretbody@nowhere.invalid/?secretbody"),
    "redirect to no port": redirect(302, "http://secretbody:secretbody@127.0.0.1:1/?secretbody"),
    "redirect to no URL": redirect(302, "http://secretbody:secretbody@no host/?secretbody"),
    "challenge": head(401, 'WWW-Authenticate: Digest realm="secretbody", nonce="n"', "Content-Length: 0"),
}

# How URLs fail that no server is behind.
_ORIGINS = {
    "not found": "http://nowhere.invalid",
    "refused": "http://127.0.0.1:1",
    "scheme": "ftp://127.0.0.1",
    "port": "http://127.0.0.1:port",
    "host": "http://no host",
    "encoded host": "http://no%20host",
    "IPv6": "http://[::1",
    "no host": "http://",
    "no scheme": "127.0.0.1",
    "control": "http://127.0.0.1/\x01",
}

# How proxies fail.
_PROXY_ANSWERS: dict[str, Reply] = {
    "refused": head(403, "X: secretbody", "Content-Length: 0"),
    "challenge": head(407, 'Proxy-Authenticate: Digest realm="secretbody"', "Content-Length: 0"),
    "closed": [CLOSE],
    "reset": [RESET],
    "timeout": [HOLD],
    "no HTTP": [_BODY + b"\r\n\r\n", CLOSE],
    "endless fields": [head(200)[:-2], *[b"X: secretbody\r\n" * 1000] * 100],
    "no TLS in the tunnel": [head(200) + _BODY, CLOSE],
}
_PROXIES = {
    "nobody": "127.0.0.1:1",
    "not found": "nowhere.invalid:80",
    "port": "127.0.0.1:port",
    "host": "no host",
    "IPv6": "[::1",
    "no host": "",
}

# A request with many secrets, and every text that can be made of it.
_APP = """\
jar = http.Cookies()
jar.load("127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\tname\\tsecretjar")
texts = []
for auth in None, ("secretuser", "secretpassword"), ("digest", "secretuser", "secretpassword"):
    options = {
        "headers": {"X-Key": "secretheader", "Cookie": "a=secretcookie", "X-Token": "secretheader"},
        "data": b"secretdata",
        "params": {"key": "secretparams"},
        "cookies": jar,
        "auth": auth,
        "proxy": PROXY,
        "cacert": CA,
        "timeout": 0.15,
        "max_size": 50000,
        "compressed": True,
    }
    try:
        r = http.post(URL, **options)
        request = http.post_async(URL, **options)
        again = request.wait()
        for one in r, again:
            assert one.status_code() < 100 or one.status_code() == 401, one.status_code()
            assert bool(one.error()) == (one.status_code() < 100)
            texts += [one.error(), repr(one), str(one)]
        texts += [repr(request), str(request), repr(http.stats()), repr(jar), repr(one.timings())]
        for call in one.json, one.text, lambda: one.text("ascii"), lambda: one.text("secretencoding"[:2]):
            try:
                call()
            except Exception as e:
                texts += [repr(e)]
    except ValueError as e:
        texts += [repr(e)]
show(texts)
show(http.stats()["free"])
"""


def check(run_app: Program, url: str, proxy: str, ca: object, env: dict[str, str]) -> None:
    """Check that the request fails and that no text contains a secret."""
    scheme, _, rest = url.partition("://")
    account = f"{scheme}://secretuser:secretpassword@{rest}" if rest else f"secretuser:secretpassword@{url}"
    run = run_app(
        _APP, URL=f"{account}/path?key=secretquery&%73ecret=1#secretfragment", PROXY=proxy, CA=ca, env=env
    )
    (texts,), free = run.ok().lines
    assert free == (16,)
    assert texts
    for text in texts:
        assert "secret" not in text.lower()
        assert "c2VjcmV0" not in text  # "secret" in base64, as Basic sends it
        assert len(text.splitlines()) <= 1


@pytest.mark.parametrize("kind", _ANSWERS)
@pytest.mark.parametrize("by", ["itself", "an http proxy"])
def test_failure_of_a_server_tells_nothing(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str], kind: str, by: str
) -> None:
    server = wire(_ANSWERS[kind])
    if by == "itself":
        check(run_app, server.url, "", None, hung_dns)
    else:
        check(
            run_app, "http://dock.example", f"http://{_PROXY_ACCOUNT}127.0.0.1:{server.port}", None, hung_dns
        )


@pytest.mark.parametrize("kind", _ORIGINS)
def test_failure_of_a_url_tells_nothing(run_app: Program, hung_dns: dict[str, str], kind: str) -> None:
    check(run_app, _ORIGINS[kind], "", None, hung_dns)


@pytest.mark.parametrize("kind", _PROXY_ANSWERS)
def test_failure_of_a_tunnel_tells_nothing(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str], kind: str
) -> None:
    proxy = wire(_PROXY_ANSWERS[kind])
    check(run_app, "https://dock.example", f"http://{_PROXY_ACCOUNT}127.0.0.1:{proxy.port}", None, hung_dns)


@pytest.mark.parametrize("kind", _PROXIES)
@pytest.mark.parametrize(("origin", "scheme"), [("http", "http"), ("https", "http"), ("http", "https")])
def test_failure_of_a_proxy_tells_nothing(
    run_app: Program, hung_dns: dict[str, str], kind: str, origin: str, scheme: str
) -> None:
    check(run_app, f"{origin}://dock.example", f"{scheme}://{_PROXY_ACCOUNT}{_PROXIES[kind]}", None, hung_dns)


@pytest.mark.parametrize("kind", ["foreign", "other name", "expired", "system", "secret text", "no TLS"])
def test_failure_of_tls_tells_nothing(
    run_app: Program, wire: WireFactory, certs: Certs, hung_dns: dict[str, str], kind: str
) -> None:
    leaf = {"other name": certs.wrong_host_leaf, "expired": certs.expired_leaf}.get(kind, certs.leaf)
    server = wire(
        [_BODY, CLOSE] if kind == "no TLS" else reply(), None if kind == "no TLS" else server_context(leaf)
    )
    trust = {"foreign": certs.other_ca_pem, "system": None, "secret text": "secret text"}.get(
        kind, certs.ca_pem
    )
    url = f"https://127.0.0.1:{server.port}"
    check(run_app, url, "", trust, hung_dns)


@pytest.mark.parametrize("which", ["certificate", "key"])
def test_failure_of_a_client_certificate_tells_nothing_of_it(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, which: str
) -> None:
    leaf = certs.ca.issue_cert("client")
    pems = [leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()]
    spoiled = pems[which == "key"].replace("\n", "\nsecret", 2)
    run = run_app(
        "r = http.get(URL, cacert=CA, cert=CERT)\nshow(r.status_code(), r.error())",
        URL=wire(reply(), tls).url,
        CA=certs.ca_pem,
        CERT=(pems[0], spoiled) if which == "key" else (spoiled, pems[1]),
    )
    status, error = run.shown
    assert status == 58
    assert "secret" not in error
    assert not any(line in error for pem in pems for line in pem.splitlines())


# ----------------------------------------------------------------------------------------------------
# Tracebacks

# Calls that raise, each with a secret in or beside what is wrong.
_WRONG = [
    "http.get('http://u:secret@h/?secret\\n')",
    "http.get(b'http://u:secret@h/')",
    "http.request('secret method', 'http://u:secret@h/')",
    "http.get('http://h/', {'X-Key': 'secret\\r'})",
    "http.get('http://h/', {'X-Key': b'secret'})",
    "http.get('http://h/', {'secret key': 'value'})",
    "http.get('http://h/', {b'secret': 'value'})",
    "http.get('http://h/', ['secret'])",
    "http.post('http://h/', data=['secret'])",
    "http.post('http://h/', {'Content-Length': 'secret'}, b'secret')",
    "http.post('http://h/', {'Transfer-Encoding': 'secret'}, b'secret')",
    "http.get('http://h/', params='secret')",
    "http.get('http://h/', params=[('secret', 1, 2)])",
    "http.post('http://h/', json={'a': b'secret'})",
    "http.post('http://h/', json={b'secret': 1})",
    "http.post('http://h/', form='secret')",
    "http.post('http://h/', files={'f': ('secret', 1)})",
    "http.post('http://h/', files={'secret\\0': b'secret'})",
    "http.post('http://h/', files={'f': ('secret\\n', b'secret')})",
    "http.post('http://h/', files={'f': '/secret\\n'})",
    "http.get('http://h/', auth='secret')",
    "http.get('http://h/', auth=('secret', 'secret\\0'))",
    "http.get('http://h/', auth=('sec:ret', 'secret'))",
    "http.get('http://h/', auth=('secret', 'secret', 'secret'))",
    "http.get('http://h/', auth=(b'secret', b'secret'))",
    "http.get('http://h/', proxy='socks5://u:secret@h')",
    "http.get('http://h/', proxy='http://u:secret@h\\n')",
    "http.get('http://h/', proxy=b'http://u:secret@h')",
    "http.get('http://h/', cookies='secret')",
    "http.get('http://h/', cookies={'a': 'secret'})",
    "http.get('http://h/', cacert=['secret'])",
    "http.get('http://h/', cert='secret')",
    "http.get('http://h/', cert=(['secret'], 'secret'))",
    "http.get('http://h/', file='/secret\\0')",
    "http.get('http://h/', file=b'/secret')",
    "http.get('http://h/', timeout='secret')",
    "http.get('http://h/', max_size='secret')",
    "http.get('http://h/', verify='secret')",
    "http.get_async('http://h/', 'secret')",
    "http.Cookies().load('secret')",
    "http.Cookies().load('h\\tFALSE\\t/\\tFALSE\\t0\\ta\\tsecret;')",
    "http.Cookies().load(b'secret')",
]


def test_exception_of_a_wrong_call_tells_nothing(run_app: Program) -> None:
    attempts = "\n".join(f"attempt(lambda: {call})" for call in _WRONG)
    run = run_app(
        f"""\
def attempt(call):
    try:
        call()
        show("no exception")
    except (TypeError, ValueError) as e:
        show(repr(e))

{attempts}
"""
    )
    texts = [text for (text,) in run.ok().lines]
    assert len(texts) == len(_WRONG)
    assert [
        (call, text) for call, text in zip(_WRONG, texts, strict=True) if "no exc" in text or "secret" in text
    ] == []


@pytest.mark.parametrize("where", ["main part", "callback"])
def test_crash_screen_tells_nothing(run_app: Program, tmp_path: Path, where: str) -> None:
    """The traceback names files, lines and functions, and quotes no code."""
    crash = "http.get('http://user:secret@127.0.0.1/?secret', {'X-Key': KEY})"
    code = crash if where == "main part" else f"http.get_async('http://127.0.0.1:1/', lambda r: {crash})"
    run = run_app(code, KEY="secret\r\n", env={"DL7450_SCREEN": str(tmp_path / "screen")})
    drawn = (tmp_path / "screen/screen.json").read_text()
    assert run.returncode == 1
    for text in drawn, run.stdout, run.stderr:
        assert "secret" not in text
    assert "ValueError" in drawn
    assert "ValueError" in run.stderr
