# SPDX-License-Identifier: MIT
"""data as an iterator: servers that do not take the whole body, cancelling, and other requests."""

import pytest
from servers.intake import Intake
from servers.wire import CLOSE, HOLD, WireFactory, reply
from support.iterator_app import APP, HOW, ok
from support.program import Program

# ------------------------------------------------------------------------------------------------
# What a server does meanwhile


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_http_1_0(run_app: Program, wire: WireFactory, version: str) -> None:
    """The answer is of HTTP/1.0, and another chunked body follows on the next connection."""
    server = wire(lambda request: [reply(200, b"old", version=version), CLOSE])
    run = run_app(
        f"{APP}show([http.post(URL, data=count(3)).text() for _ in range(3)])",
        URL=server.url,
    )
    assert run.shown == (["old"] * 3,)
    assert [request.body for request in server.requests] == [b"000111222"] * 3


@HOW
@pytest.mark.parametrize("length", [None, 300_000_000])
def test_answer_before_the_body_ends(run_app: Program, how: str, length: int | None) -> None:
    arguments = "data=endless(), headers={'Content-Length': %r}" % (length and str(length))
    with Intake(reply(413, b"too much", "Connection: close"), answer_first=True, closed_gate=True) as intake:
        run = run_app(
            f"""{APP}
def endless():
    while True:
        yield bytes(1000)


{how.format(arguments)}
show(r.status_code(), r.text(), http.stats()["free"])
""",
            URL=intake.url,
        )
        assert run.shown == (413, "too much", 16)


@HOW
def test_server_that_resets_in_the_middle(run_app: Program, how: str) -> None:
    arguments = "data=endless(), headers={'Content-Length': '300000000'}"
    with Intake(reply(200), cut_after=200_000) as intake:
        run = run_app(
            f"""{APP}
def endless():
    while True:
        yield bytes(1000)


{how.format(arguments)}
show(r.status_code(), http.stats()["free"])
""",
            URL=intake.url,
        )
        status, free = run.shown
        assert status in (52, 55, 56)
        assert free == 16


def test_pieces_are_made_when_they_are_needed(run_app: Program) -> None:
    """A server that does not read makes the iterator wait."""
    with Intake(reply(200), closed_gate=True) as intake:
        run = run_app(
            """
            made = []


            def pieces():
                for i in range(4000):
                    made.append(i)
                    yield bytes(1 << 16)


            r = http.post(URL, data=pieces(), timeout=0.5)
            show(r.status_code(), len(made) < 400)
            """,
            URL=intake.url,
        )
        assert run.shown == (28, True)


def test_time_of_the_iterator_is_no_stall(run_app: Program, wire: WireFactory) -> None:
    server = wire(ok)
    run = run_app(
        """
        def pieces():
            for i in range(3):
                compute(0.4)
                yield b"x"


        show(http.post(URL, data=pieces(), stall_timeout=0.2).status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)


def test_deadline_passes_in_the_iterator(run_app: Program, wire: WireFactory) -> None:
    server = wire(ok)
    run = run_app(
        """
        def pieces():
            yield b"x"
            compute(0.6)
            yield b"y"


        r = http.post(URL, data=pieces(), timeout=0.3)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (28, 16)


# ------------------------------------------------------------------------------------------------
# Cancelling, and other requests


@pytest.mark.parametrize("cancel", ["request.cancel()", "http.cancel_all()"])
def test_cancel_in_the_middle(run_app: Program, wire: WireFactory, cancel: str) -> None:
    server = wire(ok)
    run = run_app(
        f"""
        import idle


        def pieces():
            yield b"a"
            {cancel}
            show(http.stats()["free"])
            yield b"b"
            show("never")


        request = http.post_async(URL, show, data=pieces())
        idle.run()
        show(request.status(), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(16,), ("canceled", 16)]
    server.wait_ended(1)
    assert server.requests == []


def test_cancel_while_nothing_is_made(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        made = []
        request = http.post_async(URL, show, data=(made.append(i) or b"x" for i in range(3)))
        compute(0.1)
        show(made, request.cancel(), http.stats()["free"])
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == ([], True, 16)  # the iterator runs at idle only


def test_request_inside_an_iterator(run_app: Program, wire: WireFactory) -> None:
    """What is sent to one server comes from another one."""
    source = wire(lambda request: reply(200, request.target.encode()))
    server = wire(ok)
    run = run_app(
        """
        def pieces():
            for i in range(3):
                yield http.get("%s/%d" % (SOURCE, i)).body()


        show(http.post(URL, data=pieces()).status_code())
        """,
        URL=server.url,
        SOURCE=source.url,
    )
    assert run.shown == (200,)
    assert server.request.body == b"/0/1/2"


def test_waiting_for_itself_is_an_error(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def pieces():
            yield b"a"
            request.wait()


        request = http.post_async(URL, data=pieces())
        try:
            request.wait()
        except RuntimeError as e:
            show(str(e), http.stats()["free"])
        """,
        URL=wire(ok).url,
    )
    assert run.shown == ("wait() in a callback of the same request would never end", 16)


def test_sixteen_iterators_at_a_time(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        f"""{APP}
import idle
texts = []
for i in range(16):
    http.post_async(URL, lambda r: texts.append(r.text()), data=count(i, 2))
idle.run()
show(sorted(texts, key=len), http.stats()["free"])
""",
        URL=server.url,
    )
    assert run.shown == (["".join(f"{i}" * 2 for i in range(n)) for n in range(16)], 16)


def test_iterator_with_a_stream(run_app: Program, wire: WireFactory) -> None:
    """Both directions at a time."""
    size = 1 << 20
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        """
        got = []


        def take(view):
            got.append(len(view))


        r = http.post(URL, data=(bytes(1 << 16) for _ in range(16)), on_data=take)
        show(r.status_code(), sum(got))
        """,
        URL=server.url,
    )
    assert run.shown == (200, size)


@pytest.mark.needs("background")
def test_ctrl_c_in_an_iterator(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def pieces():
            yield b"a"
            print("ready")
            compute(20)


        try:
            http.post(URL, data=pieces())
        except KeyboardInterrupt:
            show(http.stats()["free"])
        """,
        URL=wire(ok).url,
        interrupt_at="ready",
    )
    assert run.shown == (16,)
