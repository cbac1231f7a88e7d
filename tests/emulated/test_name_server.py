# SPDX-License-Identifier: MIT
"""A name server that never answers, asked by the machine's own resolver."""

from servers.wire import WireFactory, reply
from support.emulated_machine import OnMachine

_URL = "http://name.invalid/"


def test_deadline_covers_the_name_server(run_app: OnMachine) -> None:
    run = run_app(
        """
        start = time.ticks_ms()
        r = http.get(URL, timeout=1)
        show(r.status_code(), time.ticks_diff(time.ticks_ms(), start))
        """,
        URL=_URL,
    )
    status, ms = run.shown
    assert status == 28
    assert 900 < ms < 3000  # the resolver itself gives up after five seconds


def test_async_calls_and_cancel_do_not_wait_for_the_name_server(run_app: OnMachine) -> None:
    run = run_app(
        """
        start = time.ticks_ms()
        requests = [http.get_async(URL, show) for _ in range(16)]
        started = time.ticks_diff(time.ticks_ms(), start)
        time.sleep(0.3)
        start = time.ticks_ms()
        canceled = {request.cancel() for request in requests}
        show(started, time.ticks_diff(time.ticks_ms(), start), canceled, http.stats()["free"])
        """,
        URL=_URL,
    )
    started, canceling, *rest = run.shown
    assert started < 2000
    assert canceling < 1000
    assert rest == [{True}, 16]


def test_other_requests_go_on_while_the_name_server_is_silent(run_app: OnMachine, wire: WireFactory) -> None:
    run = run_app(
        """
        hung = http.get_async(NOBODY, show)
        codes = [http.get(URL, timeout=4).status_code(), http.get_async(URL, timeout=4).wait().status_code()]
        show(codes, hung.status(), hung.cancel())
        """,
        NOBODY=_URL,
        URL=wire(reply()).url,
    )
    assert run.shown == ([200, 200], "pending", True)


def test_name_that_nobody_knows_is_6(run_app: OnMachine) -> None:
    run = run_app("show(http.get(URL, timeout=30).status_code())", URL=_URL)
    assert run.shown == (6,)
