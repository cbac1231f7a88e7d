# SPDX-License-Identifier: MIT
"""One deadline over everything, 40 seconds by default: contract section 1; and section 5 on DNS."""

import pytest
from servers.preload import HANG_SECONDS
from servers.wire import HOLD, Reply, WireFactory, head
from support.program import Program

_TIMED = """
start = time.ticks_ms()
r = http.get(URL, timeout=TIMEOUT)
show(r.status_code(), time.ticks_diff(time.ticks_ms(), start) / 1000, bytes(r.body()))
"""

_STALLS: dict[str, Reply] = {
    "no answer": [HOLD],
    "within the headers": [head(200, "X-A: 1")[:-2], HOLD],
    "within the body": [head(200, "Content-Length: 10") + b"abc", HOLD],
    "dripping headers": [head(200)[:-2], *([b"X-A: 1\r\n", 0.1] * 100)],
    "dripping body": [head(200, "Content-Length: 100"), *([b"x", 0.1] * 100)],
}


@pytest.mark.parametrize("stall", _STALLS)
def test_deadline_covers_the_answer(run_app: Program, wire: WireFactory, stall: str) -> None:
    status, seconds, body = run_app(_TIMED, URL=wire(_STALLS[stall]).url, TIMEOUT=1).shown
    assert status == 28
    assert 0.9 < seconds < 3
    assert bool(body) == ("body" in stall)


def test_deadline_covers_connecting(run_app: Program, dead_port: int) -> None:
    status, seconds, _ = run_app(_TIMED, URL=f"http://127.0.0.1:{dead_port}/", TIMEOUT=1).shown
    assert status == 28
    assert 0.9 < seconds < 3


def test_deadline_covers_the_tls_handshake(run_app: Program, wire: WireFactory) -> None:
    silent = wire([HOLD])
    status, seconds, _ = run_app(_TIMED, URL=silent.url.replace("http", "https"), TIMEOUT=1).shown
    assert status == 28
    assert 0.9 < seconds < 3


def test_deadline_covers_sending_the_data(run_app: Program, deaf_port: int) -> None:
    run = run_app(
        """
        start = time.ticks_ms()
        r = http.post("http://127.0.0.1:%d/" % PORT, data=bytes(32 << 20), timeout=1)
        show(r.status_code(), time.ticks_diff(time.ticks_ms(), start) / 1000)
        """,
        PORT=deaf_port,
    )
    status, seconds = run.shown
    assert status == 28
    assert 0.9 < seconds < 3


def test_deadline_covers_a_hung_resolver(run_app: Program, hung_dns: dict[str, str]) -> None:
    run = run_app(_TIMED, URL="http://hang.invalid/", TIMEOUT=1, env=hung_dns)
    status, seconds, _ = run.shown
    assert status == 28
    assert 0.9 < seconds < 3
    assert run.seconds < HANG_SECONDS - 3  # the end of the program does not wait for the resolver


def test_timeout_may_be_a_float(run_app: Program, wire: WireFactory) -> None:
    status, seconds, _ = run_app(_TIMED, URL=wire([HOLD]).url, TIMEOUT=0.25).shown
    assert status == 28
    assert 0.2 < seconds < 2


def test_async_deadline_counts_from_the_call(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            show(r.status_code(), time.ticks_diff(time.ticks_ms(), start))

        start = time.ticks_ms()
        http.get_async(URL, done, timeout=0.5)
        compute(0.3)
        """,
        URL=wire([HOLD]).url,
    )
    status, ms = run.shown
    assert status == 28
    assert 450 < ms < 2500


def test_timeout_is_40_seconds_by_default(
    run_app: Program, wire: WireFactory, fast_clock: dict[str, str]
) -> None:
    code = _TIMED.replace(", timeout=TIMEOUT", "")
    status, seconds, _ = run_app(code, URL=wire([HOLD]).url, env=fast_clock).shown
    assert status == 28
    assert 39 < seconds < 200  # of the app's own time, which a second of ours makes 100 of


def test_timeout_0_is_none(run_app: Program, wire: WireFactory, fast_clock: dict[str, str]) -> None:
    server = wire([5.0, head(200, "Content-Length: 2") + b"ok"])  # 500 seconds of the app's own time
    status, seconds, body = run_app(_TIMED, URL=server.url, TIMEOUT=0, env=fast_clock).shown
    assert (status, body) == (200, b"ok")
    assert seconds > 400


def test_timeout_0_has_no_limit_for_connecting_either(
    run_app: Program, dead_port: int, fast_clock: dict[str, str]
) -> None:
    """libcurl by itself gives up connecting after 300 seconds."""
    run = run_app(
        """
        request = http.get_async(URL, timeout=0)
        show(request.wait(400), request.status())
        request.cancel()
        """,
        URL=f"http://127.0.0.1:{dead_port}/",
        env=fast_clock,
    )
    assert run.shown == (None, "pending")


def test_tiny_timeout_still_ends_with_28(run_app: Program, wire: WireFactory) -> None:
    status, _, _ = run_app(_TIMED, URL=wire([HOLD]).url, TIMEOUT=1e-6).shown
    assert status == 28


def test_async_calls_and_cancel_do_not_block_in_a_hung_resolver(
    run_app: Program, hung_dns: dict[str, str]
) -> None:
    run = run_app(
        """
        start = time.ticks_ms()
        requests = [http.get_async("http://hang.invalid/", show) for _ in range(16)]
        started = time.ticks_diff(time.ticks_ms(), start)
        compute(0.2)
        start = time.ticks_ms()
        canceled = [request.cancel() for request in requests]
        show(started, time.ticks_diff(time.ticks_ms(), start), canceled, http.stats()["free"])
        """,
        env=hung_dns,
    )
    started, canceling, canceled, free = run.shown
    assert started < 1000
    assert canceling < 1000
    assert (canceled, free) == ([True] * 16, 16)
    assert run.seconds < HANG_SECONDS - 3


def test_other_requests_work_while_the_resolver_hangs(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str]
) -> None:
    server = wire(head(200, "Content-Length: 0"))
    run = run_app(
        """
        hung = http.get_async("http://hang.invalid/", show)
        start = time.ticks_ms()
        codes = [http.get(URL, timeout=2).status_code(), http.get_async(URL, timeout=2).wait().status_code()]
        show(codes, time.ticks_diff(time.ticks_ms(), start) < 1500, hung.cancel())
        """,
        URL=server.url,
        env=hung_dns,
    )
    assert run.shown == ([200, 200], True, True)
