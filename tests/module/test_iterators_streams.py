# SPDX-License-Identifier: MIT
"""data as an iterator, and the Response is a stream: the body is sent first, and nothing stays behind."""

from servers.intake import Intake
from servers.wire import WireFactory, reply
from support.iterator_app import APP, HOW
from support.program import Program


@HOW
def test_iterator_is_sent_and_the_stream_is_read(run_app: Program, wire: WireFactory, how: str) -> None:
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        f"""{APP}
{how.format("data=count(3), stream=True")}
show(r.status_code(), r.read(4), r.read(), http.stats()["free"])
""",
        URL=server.url,
    )
    assert run.shown == (200, b"0001", b"11222", 16)


@HOW
def test_head_before_the_body_was_sent(run_app: Program, how: str) -> None:
    """The server reads the body after it has answered. The app gets the head when its body was sent."""
    arguments = "data=count(3), headers={'Content-Length': '9'}, stream=True"
    with Intake(reply(200, b"early"), answer_first=True) as intake:
        run = run_app(
            f"{APP}{how.format(arguments)}\nshow(r.status_code(), r.read(), http.stats()['free'])\n",
            URL=intake.url,
        )
        assert run.shown == (200, b"early", 16)
        assert intake.upload.received == 9


@HOW
def test_refusal_before_the_body_was_sent(run_app: Program, how: str) -> None:
    with Intake(reply(413, b"too much", "Connection: close"), answer_first=True, closed_gate=True) as intake:
        run = run_app(
            f"""{APP}
def endless():
    while True:
        yield bytes(1000)


{how.format("data=endless(), stream=True")}
show(r.status_code(), r.read(), http.stats()["free"])
""",
            URL=intake.url,
        )
        assert run.shown == (413, b"too much", 16)


@HOW
def test_refusal_that_is_larger_than_the_stream_holds(run_app: Program, how: str) -> None:
    size = 1 << 20
    with Intake(reply(413, bytes(size)), answer_first=True, closed_gate=True) as intake:
        run = run_app(
            f"""{APP}
def endless():
    while True:
        yield bytes(1000)


{how.format("data=endless(), stream=True")}
show(r.status_code(), len(r.read()), http.stats()["free"])
""",
            URL=intake.url,
        )
        assert run.shown == (413, size, 16)


def test_sync_calls_leave_nothing_for_idle(run_app: Program, wire: WireFactory) -> None:
    """An app that is never idle makes such requests for ever."""
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        f"""{APP}
for _ in range(3):
    show(http.post(URL, data=count(2), stream=True).read(), len(http._request._live))
show(http.stats()["free"])
""",
        URL=server.url,
    )
    assert run.ok().lines == [(b"000111", 0)] * 3 + [(16,)]


def test_exception_of_the_iterator_frees_the_slot(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        f"""{APP}
def broken():
    yield b"a"
    raise KeyError("broken")


try:
    http.post(URL, data=broken(), stream=True)
except KeyError as e:
    show(str(e), len(http._request._live), http.stats()["free"])
""",
        URL=wire(reply(200, b"ok")).url,
    )
    assert run.shown == ("broken", 0, 16)
