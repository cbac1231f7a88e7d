# SPDX-License-Identifier: MIT
"""Response header limits: 32 KiB and 100 lines, in each place where a server or a proxy can send fields.

More than that ends with 56, or with 27 if a limit of libcurl is reached first, and takes no memory.
"""

import pytest
from servers.wire import CLOSE, HOLD, Reply, Request, WireFactory, chunked, head, in_order, reply
from support.program import Program

_LINES = 100
_REASON = len("Reason") + 1  # the reason phrase counts too, with its NUL
_BYTES = 32 * 1024 - _REASON

# How three requests end, by how many MiB the program grows, and that no slot is lost.
_MEASURE = """
def rss():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096 >> 20


http.get(WARM_UP, proxy=PROXY, timeout=1)
before = rss()
codes = []
for _ in range(3):
    r = http.get(URL, proxy=PROXY, timeout=1)
    codes.append(r.status_code())
show(codes, rss() - before, http.stats()["free"])
"""

_SMALL = b"X: v\r\n"
_LARGE = b"X-A: " + b"v" * 1000 + b"\r\n"


def statuses(run_app: Program, wire: WireFactory, answer: Reply) -> tuple[object, ...]:
    """The statuses of a GET that is answered so, and of the next one."""
    server = wire(in_order(answer, reply()))
    return run_app("show(http.get(URL).status_code(), http.get(URL).status_code())", URL=server.url).shown


@pytest.mark.parametrize(("lines", "status"), [(_LINES - 1, 200), (_LINES, 200), (_LINES + 1, 56)])
def test_100_lines_are_the_most(run_app: Program, wire: WireFactory, lines: int, status: int) -> None:
    answer = head(200, "Content-Length: 0", *["X: v"] * (lines - 1))
    assert statuses(run_app, wire, answer) == (status, 200)


@pytest.mark.parametrize(("size", "status"), [(_BYTES - 1, 200), (_BYTES, 200), (_BYTES + 1, 56)])
@pytest.mark.parametrize("lines", [1, 10], ids=["one line", "ten lines"])
def test_32_kib_are_the_most(run_app: Program, wire: WireFactory, lines: int, size: int, status: int) -> None:
    """The limit counts lines without CRLF. The engine stores a NUL after each name and value."""
    first = "Content-Length: 0"
    kept = len(first) * lines  # a name and a value are as long with two NULs as with ": "
    last = size - kept
    answer = head(200, *[f"X: {'v' * (len(first) - 3)}"] * (lines - 1), first, f"X: {'v' * (last - 3)}")
    assert statuses(run_app, wire, answer) == (status, 200)


@pytest.mark.parametrize(("size", "status"), [(_BYTES, 200), (_BYTES + 2 * _REASON, 56), (90_000, 56)])
def test_status_line_counts(run_app: Program, wire: WireFactory, size: int, status: int) -> None:
    line = b"HTTP/1.1 200 " + b"r" * (size - len(b"HTTP/1.1 200 "))
    assert statuses(run_app, wire, line + b"\r\nContent-Length: 0\r\n\r\n") == (status, 200)


@pytest.mark.parametrize(("lines", "status"), [(_LINES - 1, 200), (_LINES, 56)])
def test_trailers_count_as_header_lines(run_app: Program, wire: WireFactory, lines: int, status: int) -> None:
    answer = head(200, "Transfer-Encoding: chunked") + chunked(b"body", trailer="X: v\r\n" * lines)
    assert statuses(run_app, wire, answer) == (status, 200)


@pytest.mark.parametrize(("lines", "status"), [(_LINES, 200), (_LINES + 1, 56)])
def test_each_interim_response_has_100_lines(
    run_app: Program, wire: WireFactory, lines: int, status: int
) -> None:
    assert statuses(run_app, wire, head(103, *["X: v"] * lines) * 5 + reply()) == (status, 200)


@pytest.mark.parametrize(("size", "status"), [(_BYTES, 200), (_BYTES + 1, 56)])
def test_interim_responses_share_32_kib_with_the_answer(
    run_app: Program, wire: WireFactory, size: int, status: int
) -> None:
    last = "Content-Length: 0"
    left = size - 20_000 - len(last) - 3 * _REASON
    interim = ["X: " + "v" * (length - 3) for length in (10_000, 10_000, left)]
    answer = b"".join(head(103, line) for line in interim) + head(200, last)
    assert statuses(run_app, wire, answer) == (status, 200)


def test_folds_are_lines(run_app: Program, wire: WireFactory) -> None:
    folded = [head(200, "Content-Length: 0", "X: a" + "\r\n b" * number) for number in (98, 99)]
    assert [statuses(run_app, wire, answer) for answer in folded] == [(200, 200), (56, 200)]


_CHUNKED = head(200, "Transfer-Encoding: chunked") + b"0\r\n"

# Endless replies: the first bytes, and the bytes that are repeated.
_ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "small fields": (head(200)[:-2], _SMALL * 5000),
    "large fields": (head(200)[:-2], _LARGE * 30),
    "one field": (head(200)[:-2] + b"X: ", b"v" * 30_000),
    "folds": (head(200, "X: v")[:-2], b" v\r\n" * 7500),
    "blank folds": (head(200, "X: v")[:-2], b" \r\n" * 10_000),
    "no colon": (head(200)[:-2], b"v\r\n" * 10_000),
    "status line": (b"HTTP/1.1 200 ", b"v" * 30_000),
    "small trailers": (_CHUNKED, _SMALL * 5000),
    "large trailers": (_CHUNKED, _LARGE * 30),
    "one trailer": (_CHUNKED + b"X: ", b"v" * 30_000),
    "empty interim responses": (b"", head(103) * 1000),
    "full interim responses": (b"", head(103, *["X: v"] * _LINES) * 50),
    "large interim responses": (b"", head(103, "X: " + "v" * 30_000)),
}


@pytest.mark.needs("memory")
@pytest.mark.parametrize("kind", _ENDLESS)
@pytest.mark.parametrize("via", ["server", "proxy"])
def test_endless_fields_take_no_memory(run_app: Program, wire: WireFactory, kind: str, via: str) -> None:
    """From the server, or from a proxy that is asked for a tunnel."""
    first, again = _ENDLESS[kind]

    def answer(request: Request) -> Reply:
        if request.target == "/warm-up":
            return reply()
        if request.target == "warm-up.invalid:443":
            return [head(200), b"no TLS", CLOSE]
        return [first, *[again] * 1000, HOLD]

    server = wire(answer)
    # A first connection, so that the machine's certificates are loaded before memory is measured.
    run = run_app(
        _MEASURE,
        WARM_UP=f"{server.url}/warm-up" if via == "server" else "https://warm-up.invalid/",
        URL=server.url if via == "server" else "https://nowhere.invalid/",
        PROXY="" if via == "server" else server.url,
    )
    codes, grown, free = run.shown
    endings = {56, 27}
    if kind == "no colon":
        endings = {8, 56}  # libcurl does not take the first line as HTTP
    if via == "proxy" and "trailer" in kind:
        endings = {35, 56}  # in an established tunnel they are not TLS
    assert set(codes) <= endings
    assert grown < 4
    assert free == 16
