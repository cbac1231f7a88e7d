# SPDX-License-Identifier: MIT
"""data as an iterator: the app makes the body piece by piece: contract section 8."""

import hashlib
from collections.abc import Callable

import pytest
from servers.digest import DigestHandler
from servers.intake import Intake
from servers.wire import (
    CLOSE,
    RESET,
    WireFactory,
    in_order,
    numbered_bytes,
    redirect,
    reply,
)
from support.iterator_app import APP, HOW, ok
from support.program import Program


@HOW
def test_generator_is_sent_in_chunks(run_app: Program, wire: WireFactory, how: str) -> None:
    server = wire(ok)
    run = run_app(
        f"{APP}{how.format('data=count(4)')}\nshow(r.status_code(), r.text(), http.stats()['free'])",
        URL=server.url,
    )
    assert run.shown == (200, "ok", 16)
    assert server.request.chunks == [b"000", b"111", b"222", b"333"]
    assert server.request.header("Transfer-Encoding") == "chunked"
    names = [name for name, _ in server.request.headers]
    assert not {"Content-Length", "Content-Type", "Expect"} & set(names)


@HOW
def test_own_content_length(run_app: Program, wire: WireFactory, how: str) -> None:
    server = wire(ok)
    arguments = "data=count(4), headers={'content-length': '12'}"
    run = run_app(f"{APP}{how.format(arguments)}\nshow(r.status_code())", URL=server.url)
    assert run.shown == (200,)
    assert server.request.body == b"000111222333"
    assert server.request.header("Content-Length") == "12"
    assert server.request.header("Transfer-Encoding") is None


@pytest.mark.parametrize(
    ("data", "chunks"),
    [
        ("iter([b'a', 'é', bytearray(b'c'), memoryview(b'xdx')[1:2]])", [b"a", "é".encode(), b"c", b"d"]),
        ("Iterator(b'', b'a', '', b'', b'b', b'')", [b"a", b"b"]),
        ("Iterable(b'a', b'b')", [b"a", b"b"]),
        ("map(str.encode, ['a', 'b'])", [b"a", b"b"]),
        ("(piece for piece in ())", []),
        ("iter([b''])", []),
    ],
    ids=["types", "empty pieces", "iterable", "map", "nothing", "only an empty piece"],
)
def test_pieces(run_app: Program, wire: WireFactory, data: str, chunks: list[bytes]) -> None:
    server = wire(ok)
    run = run_app(f"{APP}show(http.put(URL, data={data}).status_code())", URL=server.url)
    assert run.shown == (200,)
    assert server.request.chunks == chunks
    assert server.request.method == "PUT"


def test_large_pieces_arrive_whole(run_app: Program, wire: WireFactory) -> None:
    """A piece may be larger than libcurl's buffer."""
    server = wire(ok)
    run = run_app(
        "pieces = [BODY[:1], BODY[1:200000], BODY[200000:]]\n"
        "show(http.post(URL, data=iter(pieces)).status_code())",
        URL=server.url,
        BODY=numbered_bytes(300_000),
    )
    assert run.shown == (200,)
    assert server.request.body == numbered_bytes(300_000)


@pytest.mark.needs("memory_limit")
def test_memory_is_flat(run_app: Program) -> None:
    """1 GiB through 64 KiB, with a heap and a process that do not grow."""
    size = 1 << 30
    with Intake(reply(200, b"ok")) as intake:
        run = run_app(
            """
            def rss():
                with open("/proc/self/statm") as f:
                    return int(f.read().split()[1]) * 4096


            def pieces():
                piece = bytearray(1 << 16)
                for i in range(SIZE >> 16):
                    piece[0] = i & 255
                    if i in (64, 16320):
                        sizes.append(rss())
                    yield piece


            sizes = []
            r = http.post(URL, data=pieces(), headers={"Content-Length": str(SIZE)})
            show(r.status_code(), sizes[1] - sizes[0])
            """,
            URL=intake.url,
            SIZE=size,
            heap="512K",
        )
        digest = hashlib.sha256()
        for i in range(size >> 16):
            digest.update(bytes([i & 255]) + bytes((1 << 16) - 1))
        assert intake.upload.digest.digest() == digest.digest()
    status, grown = run.shown
    assert status == 200
    assert grown < 1 << 20


# ------------------------------------------------------------------------------------------------
# The app's mistakes


@pytest.mark.parametrize(
    ("length", "text", "sent"),
    [
        (11, "data: the iterator contradicts Content-Length", b"000111222"),
        (9, "data: the iterator contradicts Content-Length", b"000111"),
        (13, "data: the iterator contradicts Content-Length", b"000111222333"),
    ],
    ids=["too long", "too long by a piece", "too short"],
)
@HOW
def test_content_length_that_is_wrong(
    run_app: Program, length: int, text: str, sent: bytes, how: str
) -> None:
    """The server never gets a body that looks complete."""
    with Intake(reply(200)) as intake:
        arguments = f"data=count(4), headers={{'Content-Length': '{length}'}}"
        run = run_app(
            f"{APP}{how.format(arguments)}\nshow(r.status_code(), r.error(), http.stats()['free'])",
            URL=intake.url,
        )
        assert run.shown == (26, text, 16)
        assert intake.upload.digest.digest() == hashlib.sha256(sent[: intake.upload.received]).digest()
        assert intake.upload.received < length


@pytest.mark.parametrize(
    ("pieces", "raised"),
    [
        ("[b'a', 1]", "TypeError('data: an iterator must give str or bytes-like',)"),
        ("[b'a', None]", "TypeError('data: an iterator must give str or bytes-like',)"),
        ("(b'x' * (6 // (3 - i)) for i in range(5))", "ZeroDivisionError('divide by zero',)"),
    ],
)
def test_exception_is_raised_by_a_sync_call(
    run_app: Program, wire: WireFactory, pieces: str, raised: str
) -> None:
    server = wire(ok)
    run = run_app(
        f"""
        for call in (
            lambda: http.post(URL, data=iter({pieces})),
            lambda: http.post_async(URL, data=iter({pieces})).wait(),
        ):
            try:
                call()
            except Exception as e:
                show(repr(e), http.stats()["free"], bool(http._request._live))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(raised, 16, False)] * 2
    server.wait_ended(2)
    assert server.requests == []  # no complete request


@pytest.mark.parametrize("task", [False, True])
def test_exception_of_an_async_request_is_an_app_fault(
    run_app: Program, wire: WireFactory, task: bool
) -> None:
    server = wire(ok)
    end = "await asyncio.sleep(20)" if task else "pass"
    run = run_app(
        f"""
        import asyncio


        def pieces():
            yield b"a"
            raise OSError("of the app")


        async def main():
            http.post_async(URL, lambda r: show("called"), data=pieces())
            {end}


        asyncio.run(main())
        """,
        URL=server.url,
    )
    assert run.returncode == 1
    assert "OSError: of the app" in run.stderr
    assert run.lines == []
    server.wait_ended(1)
    assert server.requests == []


@pytest.mark.parametrize("cancel", ["request.cancel()", "http.cancel_all()"])
def test_iterator_that_cancels_may_give_an_empty_piece(
    run_app: Program, wire: WireFactory, cancel: str
) -> None:
    run = run_app(
        f"""
        def pieces():
            yield b"a"
            {cancel}
            yield b""
            yield b"b"

        request = http.post_async(URL, show, data=pieces())
        show(request.wait(), request.status(), http.stats()["free"])
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (None, "canceled", 16)


def test_wrong_arguments(wrong: Callable) -> None:
    text = "data must be str, bytes-like, an open file or an iterator"
    number = "headers: Content-Length must be a number"
    raised = wrong(
        [
            "http.post(URL, data=object())",
            "http.post(URL, data=1)",
            "http.post(URL, data=[b'a'])",
            "http.post(URL, data={b'a': 1})",
            "http.post(URL, data=iter([]), headers={'Content-Length': '-1'})",
            "http.post(URL, data=iter([]), headers={'Content-Length': '1' * 19})",
            "http.post(URL, data=iter([]), headers={'Transfer-Encoding': 'chunked'})",
            "http.post(URL, data=iter([]), json=1)",
            "http.head(URL, data=iter([]))",
        ]
    )
    assert raised == [
        ("TypeError", text),
        ("TypeError", text),
        ("TypeError", text),
        ("TypeError", text),
        ("ValueError", number),
        ("ValueError", number),
        ("ValueError", "headers: Transfer-Encoding is not for apps to set"),
        ("TypeError", "data, json and form/files are bodies: give only one of them"),
        ("ValueError", "data: HEAD has no content"),
    ]


# ------------------------------------------------------------------------------------------------
# A body that would have to be sent again


@HOW
@pytest.mark.parametrize("status", [307, 308])
def test_redirect_that_repeats_the_body(run_app: Program, wire: WireFactory, how: str, status: int) -> None:
    server = wire(lambda request: redirect(status, "/again"))
    run = run_app(
        f"{APP}{how.format('data=count(3)')}\nshow(r.status_code(), r.error(), http.stats()['free'])",
        URL=server.url,
    )
    assert run.shown == (65, "data: an iterator cannot be sent another time", 16)
    assert len(server.requests) == 1


@HOW
@pytest.mark.parametrize("status", [301, 302, 303])
def test_redirect_that_drops_the_body(run_app: Program, wire: WireFactory, how: str, status: int) -> None:
    server = wire(in_order(redirect(status, "/end"), reply(200, b"end")))
    run = run_app(f"{APP}{how.format('data=count(3)')}\nshow(r.text())", URL=server.url)
    assert run.shown == ("end",)
    assert [request.method for request in server.requests] == ["POST", "GET"]
    assert server.requests[1].header("Transfer-Encoding") is None


def test_307_is_given_to_an_app_that_asks_for_it(run_app: Program, wire: WireFactory) -> None:
    server = wire(redirect(307, "/again"))
    run = run_app(
        f"{APP}show(http.post(URL, data=count(3), allow_redirects=False).status_code())", URL=server.url
    )
    assert run.shown == (307,)


def test_digest_sends_the_body_behind_the_challenge(run_app: Program, wire: WireFactory) -> None:
    server = wire(DigestHandler())
    run = run_app(
        f"{APP}r = http.post(URL, data=count(3), auth=('digest', 'user', 'secret'))\nshow(r.text())",
        URL=server.url,
    )
    assert run.shown == ("welcome",)
    assert [request.body for request in server.requests] == [b"", b"000111222"]


@HOW
def test_challenge_behind_the_body(run_app: Program, wire: WireFactory, how: str) -> None:
    """The server wants another nonce after the body."""
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="{}", qop="auth", stale=true'
    server = wire(in_order(*[reply(401, b"", challenge.format(nonce)) for nonce in "abc"]))
    arguments = "data=count(3), auth=('digest', 'user', 'secret')"
    run = run_app(
        f"{APP}{how.format(arguments)}\nshow(r.status_code(), r.error(), http.stats()['free'])",
        URL=server.url,
    )
    assert run.shown == (65, "data: an iterator cannot be sent another time", 16)
    assert [request.body for request in server.requests] == [b"", b"000111222"]


def test_connection_that_ends_after_a_request_is_not_used(run_app: Program, wire: WireFactory) -> None:
    """A connection that was used before may be dead, and the body could not be sent again."""
    server = wire(ok)
    run = run_app(
        f"{APP}http.get(URL)\nshow(http.put(URL, data=count(3)).status_code())",
        URL=server.url,
    )
    assert run.shown == (200,)
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
@pytest.mark.parametrize("method", ["put", "post"])
def test_nothing_is_sent_twice(run_app: Program, wire: WireFactory, end: object, method: str) -> None:
    server = wire(lambda request: [end])
    run = run_app(
        f"{APP}r = http.{method}(URL, data=count(3))\nshow(r.status_code(), http.stats()['free'])",
        URL=server.url,
    )
    status, free = run.shown
    assert status in (52, 56)
    assert free == 16
    assert len(server.requests) == 1
