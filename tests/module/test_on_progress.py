# SPDX-License-Identifier: MIT
"""Option on_progress: at most ten calls a second and one at the end: contract section 6."""

from pathlib import Path

import pytest
from servers.nginx import Nginx
from servers.wire import (
    CLOSE,
    HOLD,
    RESET,
    Reply,
    Step,
    WireFactory,
    chunked,
    head,
    redirect,
    reply,
)
from support.program import Program

# Three ways to get a Response r, while progress(received, total) is told.
_SYNC = "r = http.get(URL, on_progress=progress{})"
_WAIT = "r = http.get_async(URL, on_progress=progress{}).wait()"
_IDLE = "rs = []; http.get_async(URL, rs.append, on_progress=progress{}); idle.run(); r, = rs"
_HOW = pytest.mark.parametrize("how", [_SYNC, _WAIT, _IDLE], ids=["sync", "wait", "idle"])

# Each call is recorded with its time in ms.
_APP = """
import idle
calls = []
times = []


def progress(received, total):
    gc.collect()
    calls.append((received, total))
    times.append(time.ticks_ms())


"""

_DRIP_SIZE = 100
_DRIP: list[Step] = [b"x", 0.01] * _DRIP_SIZE  # a second and something


def check(calls: list[tuple[int, int]], times: list[int], received: int, total: int) -> None:
    """Check calls: numbers never decrease, there are not too many, and one at the end has the total."""
    sizes = [size for size, _ in calls]
    assert sizes == sorted(sizes)
    assert sizes[-1] == received
    assert {of for _, of in calls} == {total}
    # The last call comes at once. A call that a busy machine delays makes the next pause shorter.
    assert all(time - times[0] >= 100 * i - 50 for i, time in enumerate(times[:-1])), times


@pytest.mark.parametrize(
    ("how", "total"),
    [(_SYNC, _DRIP_SIZE), (_WAIT, _DRIP_SIZE), (_IDLE, -1)],
    ids=["sync, Content-Length", "wait, Content-Length", "idle, unknown"],
)
def test_ten_calls_a_second_and_one_at_the_end(
    run_app: Program, wire: WireFactory, how: str, total: int
) -> None:
    framing = [] if total < 0 else [f"Content-Length: {total}"]
    server = wire([head(200, *framing), *_DRIP, CLOSE])
    run = run_app(
        f"{_APP}{how.format('')}\nshow(calls, times, r.status_code(), len(r.body()), http.stats()['free'])",
        URL=server.url,
    )
    calls, times, *rest = run.shown
    assert rest == [200, _DRIP_SIZE, 16]
    check(calls, times, _DRIP_SIZE, total)
    assert 6 <= len(calls) <= 2 + (times[-1] - times[0]) // 100


def test_ten_calls_a_second_while_a_request_is_awaited(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _APP
        + """
import asyncio


async def main():
    r = await http.get_async(URL, on_progress=progress)
    show(calls, times, r.status_code())


asyncio.run(main())
""",
        URL=wire([head(200, f"Content-Length: {_DRIP_SIZE}"), *_DRIP]).url,
    )
    calls, times, status = run.shown
    assert status == 200
    check(calls, times, _DRIP_SIZE, _DRIP_SIZE)
    assert 6 <= len(calls) <= 2 + (times[-1] - times[0]) // 100


@_HOW
def test_quick_download_has_few_calls(run_app: Program, web: Nginx, how: str) -> None:
    run = run_app(f"{_APP}{how.format('')}\nshow(calls, times)", URL=f"{web.http}/12m")
    calls, times = run.shown
    check(calls, times, 12 << 20, 12 << 20)
    assert len(calls) <= 3 + (times[-1] - times[0]) // 100


@_HOW
@pytest.mark.parametrize(
    ("answer", "last"),
    [
        (reply(200, b"body"), (4, 4)),
        (reply(404, b"none"), (4, 4)),
        ([head(200), b"body", CLOSE], (4, -1)),
        (head(200, "Transfer-Encoding: chunked") + chunked(b"bo", b"dy"), (4, -1)),
        (reply(200), (0, 0)),
        (head(200, "Transfer-Encoding: chunked") + chunked(), (0, -1)),
    ],
    ids=["body", "404", "until close", "chunked", "empty", "empty chunked"],
)
def test_last_call_has_everything(
    run_app: Program, wire: WireFactory, how: str, answer: Reply, last: tuple[int, int]
) -> None:
    run = run_app(f"{_APP}{how.format('')}\nshow(calls)", URL=wire(answer).url)
    (calls,) = run.shown
    assert calls[-1] == last
    assert calls.count(last) <= 2  # when it arrived, and at the end


@_HOW
@pytest.mark.parametrize(
    ("answer", "options", "last", "status"),
    [
        ([head(200, "Content-Length: 10") + b"some", CLOSE], "", (4, 10), 18),
        ([head(200, "Transfer-Encoding: chunked") + b"4\r\nsome\r\n", CLOSE], "", (4, -1), 18),
        ([head(200, "Content-Length: 10") + b"some", HOLD], ", timeout=0.3", (4, 10), 28),
        ([head(200, "Content-Length: 10") + b"some", 0.05, RESET], "", (4, 10), 56),
        (reply(200, b"somewhat"), ", max_size=4", (4, 8), 63),
        ([HOLD], ", timeout=0.1", (0, -1), 28),
        ([CLOSE], "", (0, -1), 52),
    ],
    ids=["truncated", "truncated chunks", "timeout", "reset", "max_size", "no answer", "closed"],
)
def test_failure_ends_with_what_had_arrived(
    run_app: Program,
    wire: WireFactory,
    how: str,
    answer: Reply,
    options: str,
    last: tuple[int, int],
    status: int,
) -> None:
    run = run_app(
        f"{_APP}{how.format(options)}\nshow(calls[-1], r.status_code(), http.stats()['free'])",
        URL=wire(answer).url,
    )
    assert run.shown == (last, status, 16)


def test_redirects_do_not_count(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: redirect(302, "/end") if request.target == "/" else reply(200, b"end"))
    run = run_app(f"{_APP}{_SYNC.format('')}\nshow(set(calls))", URL=server.url)
    assert run.shown == ({(3, 3)},)


def test_progress_with_file(run_app: Program, web: Nginx, tmp_path: Path) -> None:
    run = run_app(f"{_APP}{_SYNC.format(', file=FILE')}\nshow(calls, times)", URL=f"{web.http}/12m", FILE="f")
    check(*run.shown, 12 << 20, 12 << 20)
    assert (tmp_path / "f").stat().st_size == 12 << 20


@_HOW
def test_progress_with_on_data(run_app: Program, web: Nginx, how: str) -> None:
    """The data that a call reports was delivered, or is delivered next."""
    run = run_app(
        f"""{_APP}
def take(view):
    global size
    size += len(view)


size = 0
{how.format(", on_data=take")}
show(calls, times, size, r.status_code())
""",
        URL=f"{web.http}/1m",
    )
    calls, times, size, status = run.shown
    assert (size, status) == (1 << 20, 200)
    check(calls, times, 1 << 20, 1 << 20)


def test_progress_comes_before_completion_and_not_while_python_computes(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        log = []
        http.get_async(URL, lambda r: show(log), on_progress=lambda *numbers: log.append(numbers))
        compute(0.3)
        http.get(URL)
        http.get_async(URL).wait()
        show(log)
        """,
        URL=f"{web.http}/1m",
    )
    assert run.ok().lines == [([],), ([(1 << 20, 1 << 20)],)]


def test_exception_is_raised_from_a_sync_call(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def progress(received, total):
            raise ValueError("broken")

        for _ in range(17):
            try:
                http.get(URL, on_progress=progress)
            except ValueError as e:
                text = str(e)
        show(text, http.stats()["free"])
        """,
        URL=wire([head(200, "Content-Length: 100") + b"some", HOLD]).url,
    )
    assert run.shown == ("broken", 16)


def test_exception_of_an_async_request_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def inner(received, total):
            raise RuntimeError("broken callback")

        http.get_async(URL, show, on_progress=inner)
        http.get_async(URL, show)
        """,
        URL=wire([head(200, "Content-Length: 100") + b"some", HOLD]).url,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.rstrip().endswith("RuntimeError: broken callback")
    assert "in inner" in run.stderr


@pytest.mark.parametrize("cancel", ["request.cancel()", "http.cancel_all()"])
def test_nothing_comes_after_cancel_in_on_progress(run_app: Program, web: Nginx, cancel: str) -> None:
    run = run_app(
        f"""
        def progress(received, total):
            {cancel}
            show(request.status(), http.stats()["free"])

        request = http.get_async(URL, show, on_progress=progress)
        compute(0.2)
        """,
        URL=f"{web.http}/1m",
    )
    assert run.shown == ("canceled", 16)


@pytest.mark.parametrize("function", ["get", "get_async"])
@pytest.mark.parametrize("value", ["1", "'print'", "[print]", "True"])
def test_wrong_on_progress_raises_and_takes_no_slot(
    run_app: Program, function: str, value: str, refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, on_progress={value})
        except TypeError as e:
            show("on_progress" in str(e), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (True, 16)


def test_refused_request_ends_with_nothing_of_unknown(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        show(http.get(URL, on_progress=show).status_code())
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.ok().lines == [(0, -1), (89,)]
