# SPDX-License-Identifier: MIT
"""Response header fields over two lines (obs-fold, RFC 9112 5.2): one value, joined with a blank."""

import gzip

import pytest
from servers.wire import CLOSE, Reply, WireFactory, by_path, chunked, head, reply
from support.program import Program

_FRAMES: dict[str, tuple[Reply, int]] = {
    "length behind its name": ([head(200, "Content-Length:\r\n 4") + b"body", CLOSE], 8),
    "length that goes on": ([head(200, "Content-Length: 4\r\n 4") + b"body", CLOSE], 8),
    "list of lengths": ([head(200, "Content-Length: 4\r\n , 4") + b"body", CLOSE], 200),
    "chunked behind its name": (
        [head(200, "Transfer-Encoding:\r\n chunked") + chunked(b"body"), CLOSE],
        8,
    ),
    "another coding behind chunked": (
        [head(200, "Transfer-Encoding: chunked\r\n , gzip") + chunked(b"body"), CLOSE],
        8,
    ),
    "first line": ([head(200, " X-A: b", "Content-Length: 4") + b"body", CLOSE], 8),
    "first line behind an interim response": (
        [head(103, "X-A: b") + head(200, "\tX-A: b", "Content-Length: 4") + b"body", CLOSE],
        8,
    ),
}


def test_value_is_joined_with_a_blank(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        'r = http.get(URL); show(r.header("x-a"), r.header("x-b"), r.header("x-c"), r.text())',
        URL=wire(reply(200, b"body", "X-A: a\r\n\tb\r\n  c ", "X-B:\r\n b", "X-C: c\r\n \t")).url,
    )
    assert run.shown == ("a b c", "b", "c", "body")


@pytest.mark.parametrize("location", ["\r\n /end", "\r\n\t/end\t\r\n ", " \r\n /end"])
def test_redirect_is_followed(run_app: Program, wire: WireFactory, location: str) -> None:
    server = wire(
        by_path({"/": reply(302, b"", f"Location:{location}", "X-A: b"), "/end": reply(200, b"end")})
    )
    run = run_app(
        "r = http.get(URL + '/'); show(r.status_code(), r.text(), r.url()[len(URL):])", URL=server.url
    )
    assert run.shown == (200, "end", "/end")


def test_coding_is_joined(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "show(http.get(URL, compressed=True).text())",
        URL=wire(reply(200, gzip.compress(b"body"), "Content-Encoding:\r\n gzip")).url,
    )
    assert run.shown == ("body",)


@pytest.mark.parametrize("frame", _FRAMES)
def test_what_libcurl_reads_line_by_line_is_8(run_app: Program, wire: WireFactory, frame: str) -> None:
    """Otherwise the body would end at the wrong place. With `file` the old file stays."""
    answer, status = _FRAMES[frame]
    (run_app.folder / "file").write_bytes(b"old")
    run = run_app(
        """
        codes = [http.get(URL).status_code(), http.get_async(URL).wait().status_code()]
        r = http.get(URL, file="file")
        with open("file") as f:
            show(codes, r.status_code(), bool(r.error()), f.read(), http.stats()["free"])
        """,
        URL=wire(answer).url,
    )
    assert run.shown == ([status] * 2, status, status == 8, "old" if status == 8 else "body", 16)


def test_cookie_loses_what_is_on_the_second_line(run_app: Program, wire: WireFactory) -> None:
    """libcurl's cookie engine reads only the first line; headers() has the whole value."""
    server = wire(reply(200, b"", "Set-Cookie: a=1; Path=/;\r\n Max-Age=0", "Set-Cookie: b=2"))
    run = run_app(
        """
        jar = http.Cookies()
        r = http.get(URL, cookies=jar)
        http.get(URL, cookies=jar)
        show(r.header("set-cookie"))
        """,
        URL=server.url,
    )
    assert run.shown == ("a=1; Path=/; Max-Age=0\nb=2",)
    sent = server.requests[1].header("Cookie") or ""
    assert sorted(sent.split("; ")) == ["a=1", "b=2"]
