# SPDX-License-Identifier: MIT
"""Option on_upload_progress: what of the request's body is sent: contract section 8."""

import pytest
from servers.digest import DigestHandler
from servers.intake import Intake
from servers.wire import CLOSE, WireFactory, in_order, redirect, reply
from support.program import Program

_HOW = pytest.mark.parametrize(
    "how",
    [
        "r = http.post(URL, on_upload_progress=progress, {})",
        "r = http.post_async(URL, None, on_upload_progress=progress, {}).wait()",
        "rs = []; http.post_async(URL, rs.append, on_upload_progress=progress, {}); idle.run(); r, = rs",
    ],
    ids=["sync", "wait", "idle"],
)

_APP = """
import idle
calls = []
times = []


def progress(sent, total):
    gc.collect()
    calls.append((sent, total))
    times.append(time.ticks_ms())


"""

_END = """
show(r.status_code(), calls[-1], calls == sorted(calls), {n for _, n in calls}, http.stats()["free"])
"""


@_HOW
@pytest.mark.parametrize(
    ("data", "size", "total"),
    [
        ("data=bytes(100000)", 100_000, 100_000),
        ("data='é'", 2, 2),
        ("data=(b'x' * 1000 for _ in range(100))", 100_000, -1),
        ("data=(b'x' * 1000 for _ in range(100)), headers={'Content-Length': '100000'}", 100_000, 100_000),
        ("json=[1, 2]", 6, 6),
        ("data=None", 0, 0),
    ],
    ids=["bytes", "str", "iterator", "iterator with a length", "json", "nothing"],
)
def test_last_call_has_everything(
    run_app: Program, wire: WireFactory, how: str, data: str, size: int, total: int
) -> None:
    server = wire(reply(200))
    run = run_app(_APP + how.format(data) + _END, URL=server.url)
    status, last, is_sorted, totals, free = run.shown
    assert (status, last, is_sorted, free) == (200, (size, total), True, 16)
    assert totals == {total}


def test_form_has_its_whole_size(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200))
    run = run_app(
        f"{_APP}http.post(URL, files={{'f': b'x' * 1000}}, on_upload_progress=progress)\nshow(calls[-1])",
        URL=server.url,
    )
    size = len(server.request.body)
    assert run.shown == ((size, size),)


def test_file_has_its_size(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / "f").write_bytes(bytes(50_000))
    run = run_app(
        f"{_APP}http.put(URL, data=open('f', 'rb'), on_upload_progress=progress)\nshow(calls[-1])",
        URL=wire(reply(200)).url,
    )
    assert run.shown == ((50_000, 50_000),)


def test_ten_calls_a_second_and_one_at_the_end(run_app: Program, wire: WireFactory) -> None:
    """An iterator that takes a second and something."""
    run = run_app(
        _APP
        + """
def pieces():
    for i in range(60):
        compute(0.02)
        yield b"x"


http.post(URL, data=pieces(), on_upload_progress=progress)
show(calls, times)
""",
        URL=wire(reply(200)).url,
    )
    calls, times = run.shown
    sizes = [sent for sent, _ in calls]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 60
    assert all(time - times[0] >= 100 * i - 50 for i, time in enumerate(times[:-1])), times
    assert 6 <= len(calls) <= 3 + (times[-1] - times[0]) // 100


def test_numbers_while_the_server_reads(run_app: Program) -> None:
    """The server reads nothing before the app has got a number that is neither 0 nor everything."""
    size = 64 << 20
    with Intake(reply(200), closed_gate=True) as intake:
        run = run_app(
            f"""
            calls = []


            def progress(sent, total):
                calls.append((sent, total))
                if 0 < sent < total:
                    raise OSError("seen")


            try:
                http.post(URL, data=bytes({size}), on_upload_progress=progress)
            except OSError as e:
                show(str(e), calls[-1][1], http.stats()["free"])
            """,
            URL=intake.url,
            heap="80M",
        )
        assert run.shown == ("seen", size, 16)


def test_both_directions(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, request.body * 2))
    run = run_app(
        """
        ups = []
        downs = []
        r = http.post(URL, data=bytes(1000), on_progress=lambda *n: downs.append(n),
                      on_upload_progress=lambda *n: ups.append(n))
        show(ups[-1], downs[-1])
        """,
        URL=server.url,
    )
    assert run.shown == ((1000, 1000), (2000, 2000))


@pytest.mark.parametrize(("status", "last"), [(307, (3, 3)), (303, (0, 0))])
def test_last_hop_counts(run_app: Program, wire: WireFactory, status: int, last: tuple[int, int]) -> None:
    server = wire(in_order(redirect(status, "/end"), reply(200)))
    run = run_app(
        f"{_APP}http.post(URL, data=b'abc', on_upload_progress=progress)\nshow(calls[-1])", URL=server.url
    )
    assert run.shown == (last,)


def test_digest_counts_the_body_once(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        f"{_APP}auth = 'digest', 'user', 'secret'\n"
        "r = http.post(URL, data=b'abc', auth=auth, on_upload_progress=progress)\n"
        "show(r.status_code(), calls[-1])",
        URL=wire(DigestHandler()).url,
    )
    assert run.shown == (200, (3, 3))


@_HOW
def test_failed_request_has_a_last_call(run_app: Program, wire: WireFactory, how: str) -> None:
    server = wire([CLOSE])
    run = run_app(_APP + how.format("data=b'abc'") + "\nshow(r.status_code(), calls[-1])", URL=server.url)
    assert run.shown == (52, (3, 3))


def test_refused_connection(run_app: Program, refused_url: str) -> None:
    run = run_app(
        f"{_APP}r = http.post(URL, data=b'abc', on_upload_progress=progress)\n"
        "show(r.status_code(), len(calls))",
        URL=refused_url,
    )
    assert run.shown == (7, 1)


def test_exception_ends_a_sync_call(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        try:
            http.post(URL, data=b"abc", on_upload_progress=lambda sent, total: 1 // 0)
        except ZeroDivisionError:
            show(http.stats()["free"], bool(http._request._live))
        """,
        URL=wire(reply(200)).url,
    )
    assert run.shown == (16, False)


def test_what_is_no_callable(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        for call in http.post, http.post_async:
            try:
                call(URL, on_upload_progress=1)
            except TypeError as e:
                show(str(e))
        """,
        URL=refused_url,
    )
    assert run.ok().lines == [("on_upload_progress must be callable or None",)] * 2


def test_none_is_no_callback(run_app: Program, wire: WireFactory) -> None:
    run = run_app("show(http.post(URL, on_upload_progress=None).status_code())", URL=wire(reply(200)).url)
    assert run.shown == (200,)
