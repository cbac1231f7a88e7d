# SPDX-License-Identifier: MIT
"""An argument cannot inject anything: it is one value of one field of one request, or a ValueError.

Each argument that reaches the wire is tried with each text that could end the value early. If it is accepted,
one request must arrive, with exactly the lines that it has without the text.
"""

from collections import Counter
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.wire import Reply, Request, WireFactory, head, reply
from support.program import Program

_SMUGGLED = "GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n"

_TEXTS = {
    "CR": "a\rb",
    "LF": "a\nb",
    "CRLF": "a\r\nb",
    "CR at the end": "a\r",
    "LF at the start": "\na",
    "NUL": "a\0b",
    "field": "a\r\nX-Evil: b",
    "field by LF": "a\nX-Evil: b",
    "field by CR": "a\rX-Evil: b",
    "fold": "a\r\n b",
    "request": f"a\r\n\r\n{_SMUGGLED}",
    "NUL and field": "a\0\r\nX-Evil: b",
    "CRLF encoded": "a%0d%0aX-Evil:%20b",
    "CRLF encoded twice": "a%250d%250aX-Evil:%2520b",
    "LF as UTF-8 of two bytes": "a\u010ab",  # ends in the byte 0x0a for who cuts
    "line separators": "a\u2028\u2029\u0085b",
    "quote": 'a"b',
    "quote and parameter": 'a"; filename="evil.sh',
    "backslash": "a\\",
    "backslash and quote": 'a\\"; name="evil',
    "semicolon": "a; b=c",
    "comma": "a, b",
    "colon": "a: b",
    "colon alone": ":",
    "blanks": "  a  ",
    "blank alone": " ",
    "empty": "",
    "tab": "a\tb",
    "controls": "a\x01\x08\x0b\x0c\x1b\x7fb",
    "Latin": "gr\xfc\xdfe",
    "astral": "\U0001f600",
    "version": "a HTTP/1.0",
    "at": "a@evil",
    "slash": "../a//b",
    "question mark": "a?b#c&d=e",
    "percent": "a%",
    "long": "x" * 20_000,
}

# Calls of which a part is the text T, and what an error must name.
_ARGUMENTS = {
    "method": ("http.request(T, URL)", "method"),
    "method with data": ("http.request(T, URL, data=b'content')", "method"),
    "path": ("http.get(URL + '/' + T)", "url"),
    "query": ("http.get(URL + '/?' + T)", "url"),
    "fragment": ("http.get(URL + '/#' + T)", "url"),
    "user info": ("http.get(URL.replace('://', '://' + T + ':pw@'))", "url"),
    "password in the URL": ("http.get(URL.replace('://', '://user:' + T + '@'))", "url"),
    "port": ("http.get(URL + T)", "url"),
    "params name": ("http.get(URL, params={T: 'v'})", "params"),
    "params value": ("http.get(URL, params={'n': T})", "params"),
    "params list": ("http.get(URL, params=[('n', [T, T])])", "params"),
    "params bytes": ("http.get(URL, params={'n': T.encode()})", "params"),
    "header name": ("http.get(URL, {T: 'v'})", "headers"),
    "header name and None": ("http.get(URL, {T: None})", "headers"),
    "header name X-": ("http.get(URL, {'X-' + T: 'v'})", "headers"),
    "header value": ("http.get(URL, {'X-A': T})", "headers"),
    "Content-Type": ("http.post(URL, {'Content-Type': T}, b'content')", "headers"),
    "Host": ("http.get(URL, {'Host': T})", "headers"),
    "Authorization": ("http.get(URL, {'Authorization': T})", "headers"),
    "Cookie": ("http.get(URL, {'Cookie': T})", "headers"),
    "User-Agent": ("http.get(URL, {'User-Agent': T})", "headers"),
    "Expect": ("http.post(URL, {'Expect': T}, b'content', timeout=5)", "headers"),
    "Range": ("http.get(URL, {'Range': T})", "headers"),
    "Connection": ("http.get(URL, {'Connection': T})", "headers"),
    "Content-Length": ("http.post(URL, {'Content-Length': T}, b'content')", "headers"),
    "Transfer-Encoding": ("http.post(URL, {'Transfer-Encoding': T}, b'content')", "headers"),
    "data": ("http.post(URL, data=T)", "data"),
    "json": ("http.post(URL, json={T: T})", "json"),
    "form name": ("http.post(URL, form={T: 'v'})", "form"),
    "form value": ("http.post(URL, form={'n': T})", "form"),
    "part name": ("http.post(URL, files={T: b'content'})", "files"),
    "part name of a form": ("http.post(URL, form={T: 'v'}, files={'f': b'content'})", "files: a name"),
    "part value": ("http.post(URL, form={'n': T}, files={'f': b'content'})", "files"),
    "part content": ("http.post(URL, files={'f': T.encode()})", "files"),
    "part file name": ("http.post(URL, files={'f': (T, b'content')})", "files"),
    "part type": ("http.post(URL, files={'f': ('name', b'content', T)})", "files"),
    "part path": ("http.post(URL, files={'f': ('name', T)})", "files"),
    "Basic user": ("http.get(URL, auth=(T, 'pw'))", "auth"),
    "Basic password": ("http.get(URL, auth=('user', T))", "auth"),
    "Digest user": ("http.get(URL + '/digest', auth=('digest', T, 'pw'))", "auth"),
    "Digest password": ("http.get(URL + '/digest', auth=('digest', 'user', T))", "auth"),
    "cookie name": ("http.get(URL, cookies=jar(T, 'v'))", "text"),
    "cookie value": ("http.get(URL, cookies=jar('n', T))", "text"),
    "cookie path": ("http.get(URL + '/benign', cookies=jar('n', 'v', '/' + T))", "text"),
    "cookie domain": ("http.get(URL, cookies=jar('n', 'v', '/', T))", "text"),
    "proxy path": ("http.get('http://dock.example/', proxy=URL + '/' + T)", "proxy"),
    "proxy user": ("http.get('http://dock.example/', proxy=URL.replace('://', '://' + T + ':pw@'))", "proxy"),
    "URL by a proxy": ("http.get('http://dock.example/' + T, proxy=URL)", "url"),
    "host by a proxy": ("http.get('http://' + T + '/', proxy=URL)", "url"),
    "host by a tunnel": ("http.get('https://' + T + '/', proxy=URL)", "url"),
    "user agent by a tunnel": ("http.get('https://dock.example/', {'User-Agent': T}, proxy=URL)", "headers"),
    "cacert": ("http.get(URL, cacert=CA + T)", "cacert"),
    "cert": ("http.get(URL, cert=(CA + T, CA + T))", "cert"),
}

_NO_TUNNEL = 56  # what answer() brings

# In these a text may change the URL's host: that is another URL and no injection.
_UP_TO_HOST = (
    "user info",
    "password in the URL",
    "port",
    "proxy user",
    "host by a proxy",
    "host by a tunnel",
)
_ENDS_AUTHORITY = set("/?#@\\")

_APP = """\
def jar(name, value, path="/", domain="127.0.0.1"):
    cookies = http.Cookies()
    cookies.load("\\t".join([domain, "FALSE", path, "FALSE", "0", name, value]))
    return cookies


for T in TEXTS:
    http.get(URL + "/next")
    try:
        r = {call}
        show(r.status_code(), "", http.stats()["free"])
    except (TypeError, ValueError) as e:
        show(type(e).__name__, str(e), http.stats()["free"])
"""


def answer(request: Request) -> Reply:
    """200 to everybody, but for Digest, and no tunnel."""
    if request.method == "CONNECT":
        return head(403, "Content-Length: 0")
    if request.target == "/digest" and request.header("Authorization") is None:
        challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"'
        return head(401, challenge, "Content-Length: 0")
    return reply()


def lines(request: Request) -> list[bytes]:
    """The request line and the header lines, nothing of which may hold a line end or a NUL."""
    top, _, body = request.raw.partition(b"\r\n\r\n")
    found = top.split(b"\r\n")
    assert len(found[0].split(b" ")) == 3, found[0]
    for line in found:
        assert not {0, 10, 13} & set(line), line
    assert body == request.body
    return found


def shape(request: Request) -> Counter[bytes]:
    """The names of the header fields, and of those of each part; quotes in a part's fields are part of it."""
    fields = lines(request)[1:]
    names = Counter(field.partition(b":")[0].lower() for field in fields)
    boundary = (request.header("Content-Type") or "").partition("boundary=")[2].encode()
    if boundary and request.body:
        parts = request.body.split(b"--" + boundary)
        assert (parts[0], parts[-1]) == (b"", b"--\r\n")
        for part in parts[1:-1]:
            for field in part.partition(b"\r\n\r\n")[0].removeprefix(b"\r\n").split(b"\r\n"):
                assert not {0, 10, 13} & set(field), field
                part_name = field.partition(b":")[0].lower()
                quotes = field.count(b'"') if part_name == b"content-disposition" else 0
                names[b"part " + part_name + b'"' * quotes] += 1
    return names


@pytest.mark.parametrize("argument", _ARGUMENTS)
def test_text_from_elsewhere_stays_one_value(
    run_app: Program, wire: WireFactory, certs: Certs, argument: str
) -> None:
    call, name = _ARGUMENTS[argument]
    texts = {"benign": "benign"} | _TEXTS
    if argument in _UP_TO_HOST:
        texts = {kind: text for kind, text in texts.items() if not _ENDS_AUTHORITY & set(text)}
    server = wire(answer)
    run = run_app(
        _APP.replace("{call}", call), URL=server.url, TEXTS=list(texts.values()), CA=certs.ca_pem, timeout=60
    )
    groups: list[list[Request]] = []
    for request in server.requests:
        if request.target == "/next":
            groups.append([])
        else:
            groups[-1].append(request)
    plain = shape(server.requests[0])
    usual = sum((shape(request) for request in groups[0]), Counter()) or plain
    for (kind, text), (status, error, free), requests in zip(
        texts.items(), run.ok().lines, groups, strict=True
    ):
        assert free == 16, kind
        if isinstance(status, str):
            assert error.startswith(name), kind
            assert len(text) < 9 or text not in error, kind
            assert requests == [], kind
        elif status < 100 and status != _NO_TUNNEL:
            assert requests == [], kind
        else:
            got = sum((shape(request) for request in requests), Counter())
            own_name = {text.lower().encode(), b"x-" + text.lower().encode()} if "name" in argument else set()
            assert set(got - usual) <= own_name, kind
            assert len(requests) == max(len(groups[0]), 1), kind


_FILE_NAMES = {kind: text[-200:] for kind, text in _TEXTS.items() if text and not {"/", "\0"} & set(text)}


@pytest.mark.parametrize("kind", _FILE_NAMES)
def test_a_files_own_name_stays_one_value(
    run_app: Program, wire: WireFactory, tmp_path: Path, kind: str
) -> None:
    """The last part of the path is sent as file name."""
    name = _FILE_NAMES[kind]
    (tmp_path / name).write_bytes(b"content")
    server = wire(reply())
    run = run_app(
        """
        try:
            show(http.post(URL, files={"f": PATH}).status_code())
        except ValueError as e:
            show(str(e))
        """,
        URL=server.url,
        PATH=str(tmp_path / name),
    )
    if {"\r", "\n"} & set(name):
        assert run.shown[0].startswith("files: a path")
        assert server.requests == []
    else:
        assert run.shown == (200,)
        assert shape(server.request)[b'part content-disposition""""'] == 1
