# SPDX-License-Identifier: MIT
"""Response bodies and the methods that read them: contract section 3, and max_size of section 6."""

import gzip

import pytest
from servers.wire import CLOSE, RESET, Reply, WireFactory, chunked, head, in_order, numbered_bytes, reply
from support.program import Program


def get(run_app: Program, wire: WireFactory, answer: Reply, expression: str, options: str = "") -> tuple:
    """GET this answer; returns the values of an expression with the Response r."""
    run = run_app(f"r = http.get(URL{options})\nshow({expression})", URL=wire(answer).url)
    return run.shown


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (reply(200, b"counted"), b"counted"),
        ([head(200) + b"until", 0.05, b" close", CLOSE], b"until close"),
        ([head(200, version="1.0") + b"old", CLOSE], b"old"),
        (reply(200, b"old, counted", version="1.0"), b"old, counted"),
        (head(200, "Transfer-Encoding: chunked") + chunked(b"in", b" ", b"chunks"), b"in chunks"),
        ([head(200, "Transfer-Encoding: chunked") + b"3;x=y\r\nin", 0.05, b" \r\n0\r\n\r\n"], b"in "),
        (reply(200, b""), b""),
        ([head(200), CLOSE], b""),
    ],
    ids=[
        "Content-Length",
        "no Content-Length",
        "HTTP/1.0",
        "HTTP/1.0 with Content-Length",
        "chunked",
        "chunked, extension",
        "empty",
        "nothing, then close",
    ],
)
def test_body_is_whole_however_it_is_framed(
    run_app: Program, wire: WireFactory, answer: Reply, body: bytes
) -> None:
    assert get(run_app, wire, answer, "r.status_code(), bytes(r.body()), r.error()") == (200, body, "")


@pytest.mark.parametrize("status", [204, 304])
def test_204_and_304_have_no_body_and_keep_the_connection(
    run_app: Program, wire: WireFactory, status: int
) -> None:
    server = wire(in_order(head(status, "X-A: 1"), reply(200, b"next")))
    run = run_app(
        """
        for _ in range(2):
            r = http.get(URL)
            show(r.status_code(), bytes(r.body()))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(status, b""), (200, b"next")]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "arrived"),
    [
        ([head(200, "Content-Length: 10") + b"only", CLOSE], b"only"),
        ([head(200, "Content-Length: 10"), CLOSE], b""),
        ([head(200, "Transfer-Encoding: chunked") + b"4\r\nonly\r\n", CLOSE], b"only"),
        ([head(404, "Content-Length: 10") + b"only", CLOSE], b"only"),
    ],
    ids=["counted", "counted, nothing", "chunked", "error page"],
)
def test_truncated_body_is_18_and_keeps_what_had_arrived(
    run_app: Program, wire: WireFactory, answer: Reply, arrived: bytes
) -> None:
    shown = get(run_app, wire, answer, "r.status_code(), bytes(r.body()), r.ok(), bool(r.error())")
    assert shown == (18, arrived, False, True)


def test_reset_within_the_body_is_56_and_keeps_what_had_arrived(run_app: Program, wire: WireFactory) -> None:
    answer = [head(200, "Content-Length: 10") + b"only", 0.1, RESET]
    assert get(run_app, wire, answer, "r.status_code(), bytes(r.body())") == (56, b"only")


def test_body_is_the_same_bytearray_at_each_call(run_app: Program, wire: WireFactory) -> None:
    expression = "r.body() is r.body(), r.body().append(33), bytes(r.body()), r.text()"
    assert get(run_app, wire, reply(200, b"hi"), expression) == (True, None, b"hi!", "hi!")


def test_text_is_utf8_unless_told_otherwise(run_app: Program, wire: WireFactory) -> None:
    server = wire(in_order(reply(200, "grün €".encode()), reply(200, "grün".encode("latin-1"))))
    run = run_app(
        """
        show(http.get(URL).text(), http.get(URL).text("latin-1"))
        """,
        URL=server.url,
    )
    assert run.shown == ("grün €", "grün")


def test_text_of_bytes_that_do_not_decode_is_an_error(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        try:
            http.get(URL).text()
        except ValueError:  # UnicodeError is one
            show("ValueError")
        """,
        URL=wire(reply(200, b"\xff\xfe")).url,
    )
    assert run.shown == ("ValueError",)


def test_json_is_the_decoded_body(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b'{"list": [1, 2.5, null, true, "gr\xc3\xbcn"]}')
    assert get(run_app, wire, answer, "r.json()") == ({"list": [1, 2.5, None, True, "grün"]},)


def test_json_of_something_else_is_a_valueerror(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        try:
            http.get(URL).json()
        except ValueError:
            show("ValueError")
        """,
        URL=wire(reply(200, b"<html>")).url,
    )
    assert run.shown == ("ValueError",)


@pytest.mark.parametrize(
    ("status", "ok"),
    [(200, True), (204, True), (304, True), (399, True), (400, False), (404, False), (500, False)],
)
def test_ok_is_true_for_200_to_399(run_app: Program, wire: WireFactory, status: int, ok: bool) -> None:
    answer = head(status, "Content-Length: 0")
    assert get(run_app, wire, answer, "r.status_code(), r.ok()") == (status, ok)


def test_compressed_body_arrives_as_it_was_sent(run_app: Program, wire: WireFactory) -> None:
    packed = gzip.compress(b"text" * 100)
    answer = reply(200, packed, "Content-Encoding: gzip")
    assert get(run_app, wire, answer, "bytes(r.body())") == (packed,)


def test_timings_are_seconds_and_bytes_received(run_app: Program, wire: WireFactory) -> None:
    answer = [0.2, head(200, "Content-Length: 6") + b"abc", 0.2, b"def"]
    (timings,) = get(run_app, wire, answer, "r.timings()")
    numbers = [timings[name] for name in ("dns", "connect", "tls", "first_byte", "total")]
    assert all(isinstance(number, float | int) and number >= 0 for number in numbers)
    assert timings["tls"] == 0
    assert 0.1 < timings["first_byte"] < timings["total"] - 0.1
    assert 0.3 < timings["total"] < 3
    assert 6 in timings.values()  # the bytes received


_SIZED = {
    "counted": lambda size: reply(200, numbered_bytes(size)),
    "chunked": lambda size: head(200, "Transfer-Encoding: chunked") + chunked(numbered_bytes(size)),
    "until close": lambda size: [head(200) + numbered_bytes(size), CLOSE],
}


@pytest.mark.parametrize("framing", _SIZED)
@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1004, 63), (1_000_000, 63)])
def test_more_body_than_max_size_ends_with_63(
    run_app: Program, wire: WireFactory, framing: str, size: int, status: int
) -> None:
    answer = _SIZED[framing](size)
    got, length = get(run_app, wire, answer, "r.status_code(), len(r.body())", ", max_size=1000")
    assert got == status
    assert length <= 1000


def test_max_size_counts_bytes_as_they_arrive_not_what_is_declared(
    run_app: Program, wire: WireFactory
) -> None:
    declared_only = [head(200, "Content-Length: 4000000000") + b"few", CLOSE]
    expression = "r.status_code(), bytes(r.body())"
    status, body = get(run_app, wire, declared_only, expression, ", max_size=1000")
    assert (status, body) in [(18, b"few"), (63, b""), (63, b"few")]


@pytest.mark.parametrize(
    ("option", "status"), [("", 63), (", max_size=0", 200), (", max_size=20 << 20", 200)]
)
def test_max_size_is_16_mib_by_default_and_0_is_no_limit(
    run_app: Program, wire: WireFactory, option: str, status: int
) -> None:
    answer = [head(200), *[bytes(1 << 20)] * 16, b"x", CLOSE]
    (got,) = get(run_app, wire, answer, "r.status_code()", option)
    assert got == status


def test_huge_declared_length_takes_no_memory_before_bytes_arrive(
    run_app: Program, wire: WireFactory
) -> None:
    answer = [head(200, "Content-Length: 4000000000000") + b"few", CLOSE]
    shown = get(run_app, wire, answer, "r.status_code(), bytes(r.body())", ", max_size=0")
    assert shown == (18, b"few")


_MORE = (16 << 20) + 1  # one byte more than the default of max_size


@pytest.mark.parametrize("option", ["file='down'", "on_data=lambda view: sizes.append(len(view))"])
@pytest.mark.parametrize(("status", "path"), [(200, "/large"), (404, "/missing"), (200, "/moved")])
def test_default_of_max_size_is_for_memory_alone(
    run_app: Program, wire: WireFactory, option: str, status: int, path: str
) -> None:
    """A body for a file or on_data has no limit. The body of an error answer has one."""
    answers = {
        "/large": reply(200, bytes(_MORE)),
        "/missing": reply(404, bytes(_MORE)),
        "/moved": reply(302, bytes(_MORE), "Location: /large"),
    }
    server = wire(lambda request: answers[request.target])
    run = run_app(
        f"""
        import os
        sizes = []
        r = http.get(URL, {option})
        size = os.stat("down")[6] if "down" in os.listdir() else sum(sizes)
        show(r.status_code(), size + len(r.body()))
        """,
        URL=server.url + path,
    )
    in_memory = path == "/missing" and "file" in option
    if path == "/moved":
        assert run.shown == (63, 0)
    else:
        assert run.shown == ((63, _MORE - 1) if in_memory else (status, _MORE))


@pytest.mark.parametrize("option", ["", ", file='down'", ", on_data=lambda view: None"])
@pytest.mark.parametrize("limit", [(1 << 30) + 5, (1 << 60) + 1])
def test_max_size_beyond_32_bits_is_no_small_one(
    run_app: Program, wire: WireFactory, option: str, limit: int
) -> None:
    server = wire(reply(200, bytes(100)))
    run = run_app(f"show(http.get(URL, max_size=LIMIT{option}).status_code())", URL=server.url, LIMIT=limit)
    assert run.shown == (200,)
