# SPDX-License-Identifier: MIT
"""Requests in the booted machine: sync, async, sixteen, 89, cancel, timeout, redirects, faults."""

import threading
from hashlib import sha256

from machine import HOST
from servers.nginx import Nginx
from servers.wire import HOLD, Reply, WireFactory, numbered_bytes, redirect, reply
from support.emulated_machine import OnMachine

_SECONDS = 30


def test_get_and_post_give_status_headers_and_body(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(lambda request: reply(201, request.body + b"\x00\xff", "X-Name: value"))
    run = run_app(
        """
        for r in http.get(URL), http.post(URL, None, b"a\\0b"):
            show(r.status_code(), r.headers()["X-Name"], bytes(r.body()))
        """,
        URL=server.url + "/path?q=1",
    )
    assert run.ok().lines == [(201, "value", b"\x00\xff"), (201, "value", b"a\x00b\x00\xff")]
    assert [request.line for request in server.requests] == [
        "GET /path?q=1 HTTP/1.1",
        "POST /path?q=1 HTTP/1.1",
    ]


def test_1_mib_comes_byte_for_byte(run_app: OnMachine, web: Nginx) -> None:
    run = run_app(
        """
        import hashlib
        r = http.get(URL)
        show(r.status_code(), hashlib.sha256(r.body()).digest() == DIGEST)
        """,
        URL=web.http + "/1m",
        DIGEST=sha256(numbered_bytes(1 << 20)).digest(),
    )
    assert run.shown == (200, True)


def test_callbacks_run_at_idle_in_order_of_completion(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(lambda request: [0.5, reply(200, b"slow")] if request.target == "/slow" else reply())
    run = run_app(
        """
        http.get_async(URL + "/slow", lambda r: show("slow", r.status_code()))
        http.get_async(URL + "/fast", lambda r: show("fast", r.status_code()))
        compute(1)
        show("end of the main part")
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("end of the main part",), ("fast", 200), ("slow", 200)]


def test_asyncio_waits_for_requests(run_app: OnMachine, wire: WireFactory) -> None:
    run = run_app(
        """
        import asyncio

        async def main():
            responses = await asyncio.gather(*[http.get_async(URL) for _ in range(3)])
            show([r.status_code() for r in responses])

        asyncio.run(main())
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == ([200] * 3,)


def test_16_requests_are_under_way_at_once_and_the_17th_is_89(run_app: OnMachine, wire: WireFactory) -> None:
    """No answer comes before all sixteen are there."""
    arrived: list[object] = []
    complete = threading.Event()

    def answer(request: object) -> Reply:
        arrived.append(request)
        if len(arrived) == 16:
            complete.set()
        return [lambda: complete.wait(_SECONDS), reply(200, b"one of sixteen")]

    run = run_app(
        """
        def done(r):
            bodies.append(bytes(r.body()))
            if len(bodies) == 16:
                show(set(bodies), http.stats()["free"])

        bodies = []
        for _ in range(16):
            http.get_async(URL, done)
        show(http.get(URL).status_code())
        http.get_async(URL, lambda r: show(r.status_code()))
        """,
        URL=wire(answer).url,
    )
    *refused, sixteen = sorted(run.ok().lines, key=len)
    assert refused == [(89,), (89,)]
    assert sixteen == ({b"one of sixteen"}, 16)
    assert len(arrived) == 16


def test_cancelled_request_frees_its_slot_and_never_calls_back(run_app: OnMachine, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL, show) for _ in range(16)]
        time.sleep(0.3)
        start = time.ticks_ms()
        canceled = {request.cancel() for request in requests}
        show(time.ticks_diff(time.ticks_ms(), start) < 500, canceled, http.stats()["free"],
             {request.status() for request in requests})
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (True, {True}, 16, {"canceled"})


def test_server_that_does_not_answer_is_28_after_the_deadline(run_app: OnMachine, wire: WireFactory) -> None:
    run = run_app(
        """
        start = time.ticks_ms()
        r = http.get(URL, timeout=1)
        show(r.status_code(), time.ticks_diff(time.ticks_ms(), start), bool(r.error()))
        """,
        URL=wire([HOLD]).url,
    )
    status, ms, error = run.shown
    assert (status, error) == (28, True)
    assert 900 < ms < 5000


def test_port_that_refuses_is_7(run_app: OnMachine, refused_port: int) -> None:
    run = run_app("show(http.get(URL).status_code())", URL=f"http://{HOST}:{refused_port}/")
    assert run.shown == (7,)


def test_302_is_followed_and_given_when_the_app_wants_it(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(
        lambda request: redirect(302, "/new") if request.target == "/old" else reply(200, request.body)
    )
    run = run_app(
        """
        r = http.post(URL, data=b"body")
        show(r.status_code(), bytes(r.body()), r.url() == URL[:-3] + "new")
        r = http.get(URL, allow_redirects=False)
        show(r.status_code(), r.header("location"))
        """,
        URL=server.url + "/old",
    )
    assert run.ok().lines == [(200, b"", True), (302, "/new")]
    assert [request.method for request in server.requests] == ["POST", "GET", "GET"]


def test_fault_in_a_callback_is_exit_code_1_and_cancels_what_is_pending(
    run_app: OnMachine, wire: WireFactory
) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        http.get_async(URL + "/hold", show)
        http.get_async(URL, lambda r: 1 // 0)
        """,
        URL=server.url,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("Traceback")
    assert run.stderr.endswith("ZeroDivisionError: divide by zero\n")


def test_sys_exit_gives_its_code(run_app: OnMachine) -> None:
    assert run_app("sys.exit(3)").returncode == 3
