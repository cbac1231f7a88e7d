# SPDX-License-Identifier: MIT
"""URLs of an app and in a Location: characters that RFC 3986 forbids, and international names."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from servers.wire import Request, WireFactory, redirect, reply
from support.program import Program

# Characters that are not encoded, besides letters and digits; "%" if it encodes something. As in `requests`.
_STAYS = "!#$%&'()*+,/:;=?@[]~"
_BYTES = [byte for byte in range(1, 256) if byte not in b"\r\n#?%"]


def _targets(run_app: Program, wire: WireFactory, code: str, **names: object) -> list[str]:
    """What the server was asked for."""
    server = wire(reply())
    run_app(code, URL=server.url, **names).ok()
    return [request.target for request in server.requests]


def test_every_character_of_an_app_s_url_stays_or_is_encoded(run_app: Program, wire: WireFactory) -> None:
    texts = [chr(byte) for byte in _BYTES if byte < 0x80] + ["é", "€", "😀", "\u3002", "\xa0"]
    code = """
    for text in TEXTS:
        url = URL + "/a" + text + "b?c" + text + "d#e" + text + "f"
        r = http.get(url)
        assert r.status_code() == 200, text
        show(r.url()[len(URL):])
    """
    server = wire(reply())
    run = run_app(code, URL=server.url, TEXTS=texts)
    for text, (url,), request in zip(texts, run.ok().lines, server.requests, strict=True):
        encoded = quote(text, safe=_STAYS)
        assert request.target == f"/a{encoded}b?c{encoded}d", text
        assert url == f"{request.target}#e{encoded}f", text


@pytest.mark.parametrize("where", ["/{}", "/p?{}", "{url}/{}", "//{host}/{}", "?{}"])
def test_every_byte_of_a_location_stays_or_is_encoded(
    run_app: Program, wire: WireFactory, where: str
) -> None:
    """Also bytes that are not UTF-8."""

    def handler(request: Request) -> bytes:
        if request.header("X-Byte") is None:
            return reply()
        text = f"a{chr(int(request.header('X-Byte') or 0))}b"
        place = where.replace("{url}", server.url).replace("{host}", f"127.0.0.1:{server.port}")
        return redirect(302, place.replace("{}", text))

    server = wire(lambda request: handler(request) if request.target == "/start" else reply())
    run = run_app(
        """
        show([http.get(URL + "/start", {"X-Byte": str(byte)}).status_code() for byte in BYTES])
        """,
        URL=server.url,
        BYTES=_BYTES,
    )
    assert run.shown == ([200] * len(_BYTES),)
    targets = [request.target for request in server.requests if request.target != "/start"]
    assert len(targets) == len(_BYTES)
    for byte, target in zip(_BYTES, targets, strict=True):
        assert target.endswith("a" + quote(bytes([byte]), safe=_STAYS) + "b"), byte


def test_what_is_encoded_stays_and_a_percent_that_encodes_nothing_is_encoded(
    run_app: Program, wire: WireFactory
) -> None:
    urls = ["/%20%c3%A9%2F%25", "/100%", "/%zz%4", "/%25zz", "/?a=%26&b=%"]
    targets = _targets(run_app, wire, "for url in URLS: assert http.get(URL + url).ok()", URLS=urls)
    assert targets == ["/%20%c3%A9%2F%25", "/100%25", "/%25zz%254", "/%25zz", "/?a=%26&b=%25"]


def test_line_ends_and_nul_stay_errors_of_the_app(wrong: Callable) -> None:
    calls = [f"http.get(URL + '{place}{text}')" for place in ("", "?", "#") for text in ("\\r", "\\n", "\\0")]
    assert {name for name, _ in wrong(calls)} == {"ValueError"}


def test_line_ends_and_nul_of_a_location_are_blanks(run_app: Program, wire: WireFactory) -> None:
    """They are refused as in every other field (RFC 9110 5.5). The next request has none of them."""
    server = wire(lambda request: redirect(302, "/a\rX-Evil: 1") if request.target == "/" else reply())
    status, url = run_app("r = http.get(URL); show(r.status_code(), r.url())", URL=server.url).shown
    assert (status, url) in ((200, server.url + "/a%20X-Evil:%201"), (8, server.url + "/"))
    assert all(request.header("X-Evil") is None for request in server.requests)


@pytest.mark.parametrize("host", ["a b", "a\tb", "a<b", 'a"b', "a\\b", "a^b", "a{b}", "a%20b", "a`b", " "])
def test_host_with_such_a_character_is_3_and_says_so(run_app: Program, wire: WireFactory, host: str) -> None:
    server = wire(redirect(302, f"http://{host}/"))
    run = run_app(
        """
        for url in "http://" + HOST + "/", URL:
            r = http.get(url, timeout=5)
            show(r.status_code(), r.error())
        """,
        URL=server.url,
        HOST=host,
    )
    (status, text), (redirected, redirect_text) = run.ok().lines
    assert (status, redirected) == (3, 3)
    assert text
    assert redirect_text == f"redirect to a malformed URL: {text}"


_INTERNATIONAL = {
    "bücher.example": "xn--bcher-kva.example",
    "BÜCHER.Example": "xn--bcher-kva.example",
    "faß.de": "xn--fa-hia.de",
    "例。jp": "xn--fsq.jp",
    "b%C3%BCcher.example": "xn--bcher-kva.example",
}


@pytest.mark.parametrize("host", _INTERNATIONAL)
def test_international_host_has_its_ascii_form_everywhere(
    run_app: Program, wire: WireFactory, host: str
) -> None:
    """In the request, the Host field, cookies and Response.url(); status 3 if libcurl has no IDN support."""
    ascii_host = _INTERNATIONAL[host]

    def handler(request: Request) -> bytes:
        path = request.target.removeprefix(f"http://{ascii_host}")
        # The same host in both forms: one origin.
        return redirect(302, f"http://{ascii_host}/2", "Set-Cookie: a=1") if path == "/1" else reply()

    proxy = wire(handler)
    run = run_app(
        """
        jar = http.Cookies()
        r = http.get("http://" + HOST + "/1", {"X-Key": "k"}, proxy=PROXY, cookies=jar)
        show(r.status_code(), r.url(), r.error(), [cookie["domain"] for cookie in jar.list()])
        """,
        HOST=host,
        PROXY=proxy.url,
    )
    if run.shown[0] == 3:
        assert run.shown == (3, "", "an international host name needs its xn-- form here", [])
        assert proxy.requests == []
        return
    assert run.shown == (200, f"http://{ascii_host}/2", "", [ascii_host])
    assert [request.target for request in proxy.requests] == [f"http://{ascii_host}/{n}" for n in (1, 2)]
    assert [request.header("Host") for request in proxy.requests] == [ascii_host] * 2
    assert [request.header("X-Key") for request in proxy.requests] == ["k"] * 2
    assert proxy.requests[1].header("Cookie") == "a=1"


@pytest.mark.parametrize("host", ["c℀.example", "a\uff0fb.example", "a\uff20b", "\xad", "%ff.example"])
def test_international_host_cannot_hide_another_part_of_the_url(
    run_app: Program, wire: WireFactory, host: str
) -> None:
    """U+2100 means "a/c": the host would be "ca"."""
    proxy = wire(reply())
    code = "show(http.get('http://' + HOST + '/', proxy=PROXY).status_code())"
    run = run_app(code, HOST=host, PROXY=proxy.url)
    assert run.shown == (3,)
    assert proxy.requests == []
