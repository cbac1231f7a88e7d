# SPDX-License-Identifier: MIT
"""Option stream=True: the Response comes before its body, which is read from it: contract section 8."""

import gzip
import json
import zlib

import pytest
from servers.wire import (
    CLOSE,
    HOLD,
    RESET,
    Reply,
    WireFactory,
    always,
    by_path,
    chunked,
    head,
    in_order,
    redirect,
    reply,
)
from support.program import Program

# All ways to get a Response before its body.
_HOW = ["http.get(URL, stream=True{})", "http.get_async(URL, stream=True{}).wait()"]


@pytest.mark.parametrize("how", _HOW)
def test_response_comes_before_its_body(run_app: Program, wire: WireFactory, how: str) -> None:
    """The body never comes."""
    run = run_app(
        f"""
        r = {how.format("")}
        show(r.status_code(), r.reason(), r.header("a"), r.url() == URL + "/", r.error())
        show(http.stats()["free"])
        r.close()
        show(http.stats()["free"])
        """,
        URL=wire([head(206, "A: 1", "Content-Length: 5"), HOLD]).url,
    )
    assert run.ok().lines == [(206, "Reason", "1", True, ""), (15,), (16,)]


def test_callback_gets_the_response_before_its_body(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            show(r is request.response(), request.status(), r.read(4))
            r.close()

        request = http.get_async(URL, done, stream=True)
        """,
        URL=wire([head(200, "Content-Length: 8") + b"body", HOLD]).url,
    )
    assert run.shown == (True, "success", b"body")


def test_response_is_the_final_one(run_app: Program, wire: WireFactory) -> None:
    """After redirects, interim responses, and the challenge of Digest."""
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    server = wire(
        in_order(
            redirect(302, "/next"),
            [head(103, "Early: 1"), reply(401, b"no", challenge)],
            [head(103, "Early: 1"), head(200, "Late: 1", "Content-Length: 4"), b"body"],
        )
    )
    run = run_app(
        """
        r = http.get(URL, stream=True, auth=("digest", "u", "p"))
        show(r.status_code(), r.header("early"), r.header("late"), r.url() == URL + "/next", r.read())
        """,
        URL=server.url,
    )
    assert run.shown == (200, None, "1", True, b"body")


@pytest.mark.parametrize("status", [401, 407, 417])
def test_challenge_that_is_not_answered_is_the_response(
    run_app: Program, wire: WireFactory, status: int
) -> None:
    run = run_app(
        """
        r = http.get(URL, stream=True)
        show(r.status_code(), r.read())
        """,
        URL=wire(in_order(reply(status, b"why"))).url,
    )
    assert run.shown == (status, b"why")


@pytest.mark.parametrize("answer", [reply(200, b"0123456789"), head(200) + b"0123456789"])
def test_read_waits_for_all_that_was_asked(run_app: Program, wire: WireFactory, answer: bytes) -> None:
    pieces = [answer[:-10], 0.02, answer[-10:-8], 0.02, answer[-8:-3], 0.02, answer[-3:], CLOSE]
    run = run_app(
        """
        r = http.get(URL, stream=True)
        buffer = bytearray(3)
        show(r.read(0), r.read(4), r.readinto(buffer), bytes(buffer), r.readinto(buffer, 1), r.read())
        show(r.read(), r.read(1), r.readinto(buffer), r.readline(), list(r), http.stats()["free"])
        """,
        URL=wire(pieces).url,
    )
    assert run.ok().lines == [(b"", b"0123", 3, b"456", 1, b"89"), (b"", b"", 0, b"", [], 16)]


def test_more_may_be_asked_for_than_there_is_memory(run_app: Program, wire: WireFactory) -> None:
    server = wire(always(reply(200, b"short")))
    run = run_app(
        """
        before = gc.mem_alloc() + gc.mem_free()
        show(http.get(URL, stream=True).read(1 << 29), http.get(URL, stream=True).read(sys.maxsize))
        show(gc.mem_alloc() + gc.mem_free() - before < 1 << 20)
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(b"short", b"short"), (True,)]


def test_lines_go_over_the_borders_of_pieces(run_app: Program, wire: WireFactory) -> None:
    long = b"x" * 300
    pieces = [b"a", b"b\n", b"\n", b"c\nd", b"\n" + long[:129], long[129:] + b"\nla", b"st"]
    answer = [head(200), *[step for piece in pieces for step in (piece, 0.01)], CLOSE]
    run = run_app(
        """
        show(list(http.get(URL, stream=True)))
        r = http.get(URL, stream=True)
        show(r.readline(), r.readline(), r.readline(1), r.readline(9), r.readline(-1), r.readline(130))
        show(r.readline())
        """,
        URL=wire(answer).url,
    )
    assert run.ok().lines == [
        ([b"ab\n", b"\n", b"c\n", b"d\n", long + b"\n", b"last"],),
        (b"ab\n", b"\n", b"c", b"\n", b"d\n", long[:130]),
        (long[130:] + b"\n",),
    ]


def test_lines_go_round_the_ring(run_app: Program, wire: WireFactory) -> None:
    """More than the 64 KiB that wait: each place of the ring is the border once."""
    lines = b"".join(b"%d\n" % number for number in range(40000))
    run = run_app(
        """
        r = http.get(URL, stream=True)
        compute(0.1)
        show(all(int(line) == number for number, line in enumerate(r)), http.stats()["free"])
        """,
        URL=wire(reply(200, lines)).url,
    )
    assert run.shown == (True, 16)


def test_json_load_and_json(run_app: Program, wire: WireFactory) -> None:
    value = {"a": list(range(3000)), "b": "ä"}
    body = json.dumps(value).encode()
    answer = chunked(body[:1000], body[1000:])
    run = run_app(
        """
        import json
        for read in (json.load, lambda r: r.json()):
            with http.get(URL, stream=True) as r:
                value = read(r)
                show(len(value["a"]), value["b"])
        r = http.get(URL, stream=True)
        show(r.read(1), len(r.text()), r.text() == str(r.body(), "utf-8"), r.body() is r.body())
        show(http.stats()["free"])
        """,
        URL=wire(head(200, "Transfer-Encoding: chunked") + answer).url,
    )
    assert run.ok().lines == [(3000, "ä")] * 2 + [(b"{", len(body) - 1, True, True), (16,)]


def test_deflate_reads_from_it(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import deflate
        show(deflate.DeflateIO(http.get(URL, stream=True), deflate.ZLIB).read() == b"hello " * 20000)
        """,
        URL=wire(reply(200, zlib.compress(b"hello " * 20000))).url,
    )
    assert run.shown == (True,)


@pytest.mark.parametrize(
    ("encoding", "body", "result"),
    [
        ("gzip", gzip.compress(b"line\n" * 50000), (200, 50000, None)),
        ("gzip", gzip.compress(b"line\n" * 50000)[:-4], (200, 50000, 61)),
        ("br", b"line\n", (61, 0, 61)),
    ],
    ids=["whole", "cut", "unknown"],
)
def test_compressed_body_is_decoded(
    run_app: Program, wire: WireFactory, encoding: str, body: bytes, result: tuple
) -> None:
    run = run_app(
        """
        r = http.get(URL, stream=True, compressed=True)
        status = r.status_code()
        lines = 0
        error = None
        try:
            for line in r:
                lines += line == b"line\\n"
        except OSError as e:
            error = e.errno
        show(status, lines, error)
        """,
        URL=wire(reply(200, body, f"Content-Encoding: {encoding}")).url,
    )
    assert run.shown == result


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("head", head(200, "Content-Length: 5", "Content-Encoding: gzip")),
        ("get", head(204)),
        ("get", head(304, "Content-Encoding: gzip")),
        ("get", reply(200, b"", "Content-Encoding: gzip")),
    ],
    ids=["HEAD", "204", "304", "empty"],
)
def test_response_without_a_body_holds_no_slot(
    run_app: Program, wire: WireFactory, method: str, answer: bytes
) -> None:
    run = run_app(
        f"""
        r = http.{method}(URL, stream=True, compressed=True)
        show(r.ok(), http.stats()["free"], r.read(), r.error(), bytes(r.body()))
        """,
        URL=wire(answer).url,
    )
    assert run.shown == (True, 16, b"", "", b"")


@pytest.mark.parametrize(
    ("answer", "options", "status"),
    [
        ([head(200, "Content-Length: 20") + b"line\npart", CLOSE], "", 18),
        ([head(200, "Content-Length: 20") + b"line\npart", HOLD], ", timeout=0.3", 28),
        ([head(200, "Content-Length: 20") + b"line\npart", 0.1, RESET], "", 56),
        ([head(200, "Content-Length: 20") + b"line\npart more", HOLD], ", max_size=9", 63),
    ],
    ids=["cut", "deadline", "reset", "max_size"],
)
@pytest.mark.parametrize("how", _HOW)
def test_failure_in_the_middle_comes_after_the_bytes_before_it(
    run_app: Program, wire: WireFactory, how: str, answer: Reply, options: str, status: int
) -> None:
    run = run_app(
        f"""
        r = {how.format(options)}
        before = r.status_code()
        show(before, r.readline(), r.readline(), r.status_code() in (200, {status}))
        one = lambda: r.read(1)
        for read in (r.read, r.readline, one, lambda: next(r), lambda: r.readinto(bytearray(1)), r.body):
            try:
                show(read())
            except OSError as e:
                show(e.errno, e.args[1] == r.error() != "", r.status_code(), r.header("content-length"))
        show(http.stats()["free"])
        """,
        URL=wire(answer).url,
    )
    failed = (status, True, status, "20")
    assert run.ok().lines == [(200, b"line\n", b"part", True), *[failed] * 6, (16,)]


@pytest.mark.parametrize("read", ["r.read()", "r.body()", "r.json()", "r.text()"])
def test_a_part_never_looks_like_the_whole(run_app: Program, wire: WireFactory, read: str) -> None:
    run = run_app(
        f"""
        r = http.get(URL, stream=True)
        try:
            show({read})
        except OSError as e:
            show(e.errno, http.stats()["free"])
        """,
        URL=wire([head(200, "Content-Length: 20") + b"1", 0.05, b"2", CLOSE]).url,
    )
    assert run.shown == (18, 16)


@pytest.mark.parametrize("how", _HOW)
def test_failure_before_the_header_is_the_response(run_app: Program, refused_url: str, how: str) -> None:
    run = run_app(
        f"""
        r = {how.format("")}
        try:
            r.read()
        except OSError as e:
            show(r.status_code(), e.errno, e.args[1] == r.error(), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (7, 7, True, 16)


def test_deadline_passes_while_nobody_reads(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        r = http.get(URL, stream=True, timeout=0.3)
        settle(0.5)
        show(r.status_code(), r.read(4))
        try:
            r.read(1)
        except OSError as e:
            show(e.errno, r.status_code(), http.stats()["free"])
        """,
        URL=wire([head(200, "Content-Length: 20") + b"part", HOLD]).url,
    )
    assert run.ok().lines == [(200, b"part"), (28, 28, 16)]


@pytest.mark.parametrize(
    ("options", "size", "result"),
    [
        ("", 17 << 20, 63),
        (", max_size=18 << 20", 17 << 20, 17 << 20),
        (", max_size=1 << 20", 2 << 20, 63),
        (", max_size=0", 17 << 20, 17 << 20),
    ],
)
def test_body_keeps_within_max_size(
    run_app: Program, wire: WireFactory, options: str, size: int, result: int
) -> None:
    """Without the option there is no limit for a stream, but there is one for what goes to memory."""
    run = run_app(
        f"""
        r = http.get(URL, stream=True{options})
        try:
            show(len(r.body()), http.stats()["free"])
        except OSError as e:
            show(e.errno, http.stats()["free"], r.status_code(), r.error()[:25])
        """,
        URL=wire(reply(200, bytes(size))).url,
    )
    assert run.shown[:2] == (result, 16)
    assert run.shown[2:] in ((), (63, "body larger than max_size"))


def test_closed_stream_is_told_from_an_empty_one(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def attempt(r, read):
            try:
                show(read(r))
            except ValueError as e:
                show("ValueError", "stream" in str(e))

        reads = (lambda r: r.read(), lambda r: r.read(1), lambda r: r.readline(), next,
                 lambda r: r.readinto(bytearray(1)))
        with http.get(URL, stream=True) as closed:
            show(closed.read(1), type(closed).__name__)
        closed.close()
        stale = http.get(URL, stream=True)
        http.cancel_all()
        for r in (closed, stale, http.get(URL)):
            for read in reads:
                attempt(r, read)
        attempt(closed, lambda r: r.body())
        show(closed.status_code(), closed.error(), http.stats()["free"])
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.ok().lines == [(b"b", "Response"), *[("ValueError", True)] * 16, (200, "", 16)]


def test_redirects_are_in_the_history(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        by_path(
            {
                "/": reply(302, b"body", "Location: /one?q=1", "A: 1", "A: 2"),
                "/one?q=1": b"HTTP/1.1 307\r\nLocation: /two\r\nContent-Length: 0\r\n\r\n",
                "/two": b"HTTP/1.0 200 Alles gut \xfc\r\nContent-Length: 2\r\n\r\nok",
            }
        )
    )
    run = run_app(
        """
        def what(h):
            return h.status_code(), h.reason(), h.url()[len(URL):], h.header("a"), bytes(h.body())

        for options in ({}, {"stream": True}):
            r = http.get(URL, **options)
            show(list(map(what, r.history())), r.reason(), r.history() is r.history(), bytes(r.body()))
        show(http.get(URL, max_redirects=1).history()[0].reason())
        show(http.get(URL + "/two").history())
        r = http.get(URL, allow_redirects=False)
        show(r.status_code(), r.history())
        """,
        URL=server.url,
    )
    hops = [(302, "Reason", "/", "1, 2", b""), (307, "", "/one?q=1", None, b"")]
    assert run.ok().lines == [
        *[(hops, "Alles gut ü", True, b"ok")] * 2,
        ("Reason",),
        ([],),
        (302, []),
    ]


@pytest.mark.parametrize(
    ("line", "reason"), [("HTTP/1.1 200", ""), ("HTTP/1.1 200 ", ""), ("HTTP/1.0 299  So so ", " So so")]
)
def test_reason_is_the_server_s(run_app: Program, wire: WireFactory, line: str, reason: str) -> None:
    answer = f"{line}\r\nContent-Length: 0\r\n\r\n".encode()
    run = run_app("r = http.get(URL); show(r.reason(), r.headers())", URL=wire(answer).url)
    assert run.shown == (reason, {"Content-Length": "0"})


def test_failure_has_no_reason(run_app: Program, refused_url: str) -> None:
    run = run_app("r = http.get(URL); show(r.reason(), r.history())", URL=refused_url)
    assert run.shown == ("", [])


def test_stream_that_reads_from_the_response_closes_it(run_app: Program, wire: WireFactory) -> None:
    app = """
        import deflate
        r = http.get(URL, stream=True)
        deflate.DeflateIO(r, deflate.RAW, 15, True).close()
        show(http.stats()["free"])
        r.read(1)
    """
    run = run_app(app, URL=wire([head(200, "Content-Length: 9"), HOLD]).url)
    assert run.lines == [(16,)]
    assert "ValueError: the stream is closed" in run.stderr


def test_stream_can_be_polled_when_the_app_has_closed_its_standard_input(
    run_app: Program, wire: WireFactory
) -> None:
    """Descriptor 0 is free then. It means that there is none, and would never be closed."""
    app = """
        import os, select
        http.get(URL)
        open(0).close()
        for _ in range(3):
            r = http.get(URL, stream=True)
            poll = select.poll()
            poll.register(r, select.POLLIN)
            show([event for _, event in poll.poll()], bytes(r.read()))
        os.stat("/proc/self/fd/0")
    """
    run = run_app(app, URL=wire(reply(200, b"body")).url)
    assert run.lines == [([1], b"body")] * 3
    assert "OSError: [Errno 2] ENOENT" in run.stderr
