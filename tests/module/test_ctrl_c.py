# SPDX-License-Identifier: MIT
"""Ctrl-C ends an app cleanly at any moment: promptly, with exit code 130 and a traceback."""

import pytest
from servers.wire import HOLD, WireFactory, head, reply
from support.program import Program, Run

_MOMENTS = {
    "sync request": "http.get(URL)",
    "sync request within the body": "http.get(URL + '/body')",
    "sync post of large data": "http.post(URL, data=bytes(1 << 22))",
    "wait": "http.get_async(URL, show).wait()",
    "idle": "http.get_async(URL, show)",
    "computing": "http.get_async(URL, show)\nwhile True: pass",
    "sleeping": "http.get_async(URL, show)\ntime.sleep(60)",
    "callback": "http.get_async('nonsense', lambda r: http.get(URL))",
    "full load": "for _ in range(20): http.get_async(URL)",
    "asyncio": "import asyncio\nasync def main():\n    await http.get_async(URL)\nasyncio.run(main())",
    "connecting": "http.get('http://127.0.0.1:%d/' % DEAD_PORT)",
}


def assert_says_where(run: Run) -> None:
    """Check that stderr is a traceback with frames of the app only."""
    first, *frames, reason = run.stderr.splitlines()
    assert (first, reason) == ("Traceback (most recent call last):", "KeyboardInterrupt: ")
    assert frames
    assert all('app.py", line ' in frame for frame in frames), run


@pytest.mark.parametrize("moment", _MOMENTS)
def test_ctrl_c_ends_the_app_at_once(
    run_app: Program, wire: WireFactory, dead_port: int, moment: str
) -> None:
    server = wire(lambda request: [head(200) + bytes(1000), HOLD] if request.target == "/body" else [HOLD])
    run = run_app(
        f"print('ready')\n{_MOMENTS[moment]}\n",
        URL=server.url,
        DEAD_PORT=dead_port,
        interrupt_at="ready",
    )
    assert (run.returncode, run.stdout) == (130, "ready\n")
    assert run.seconds < 4
    if moment in ("idle", "full load"):  # the main part had ended
        assert run.stderr == ""
    else:
        assert_says_where(run)


def test_ctrl_c_in_an_endless_loop_says_which(run_app: Program) -> None:
    run = run_app(
        "def f():\n    while True: pass\nprint('ready')\nf()\n", preamble=False, interrupt_at="ready"
    )
    first, module, function, reason = run.stderr.splitlines()
    assert (run.returncode, first, reason) == (
        130,
        "Traceback (most recent call last):",
        "KeyboardInterrupt: ",
    )
    assert module.endswith('app.py", line 4, in <module>')
    assert function.endswith('app.py", line 2, in f')


def test_ctrl_c_ends_a_hung_resolver_at_once(run_app: Program, hung_dns: dict[str, str]) -> None:
    run = run_app("print('ready')\nhttp.get('http://hang.invalid/')\n", env=hung_dns, interrupt_at="ready")
    assert (run.returncode, run.stdout) == (130, "ready\n")
    assert_says_where(run)
    assert run.seconds < 4


def test_app_may_catch_keyboardinterrupt_and_go_on(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply(200, b"ok"))
    run = run_app(
        """
        print("ready")
        try:
            http.get(URL + "/hold")
        except KeyboardInterrupt:
            show("caught", http.stats()["free"])
        r = http.get(URL)
        show(r.status_code(), bytes(r.body()))
        http.get_async(URL, lambda r: show("callback", r.status_code()))
        """,
        URL=server.url,
        interrupt_at="ready",
    )
    assert run.ok().lines == [("caught", 16), (200, b"ok"), ("callback", 200)]


def test_request_stays_pending_when_its_wait_is_interrupted(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        print("ready")
        request = http.get_async(URL, lambda r: show("callback", r.status_code()))
        try:
            request.wait()
        except KeyboardInterrupt:
            show("caught", request.status())
        """,
        URL=wire([1.0, reply()]).url,
        interrupt_at="ready",
    )
    assert run.ok().lines == [("caught", "pending"), ("callback", 200)]


def test_ctrl_c_that_was_caught_while_the_app_computed_ends_no_later_wait(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        print("ready")
        try:
            while True:
                pass
        except KeyboardInterrupt:
            show("caught")
        show(http.get_async(URL).wait(10).status_code())
        """,
        URL=wire([0.3, reply()]).url,
        interrupt_at="ready",
    )
    assert run.ok().lines == [("caught",), (200,)]
