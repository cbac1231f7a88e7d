# SPDX-License-Identifier: MIT
"""An asyncio loop that waits is an idle Python: callbacks, timers, drawing, progress (contract section 5)."""

import json
from pathlib import Path

import pytest
from module.test_asyncio import asyncio_app
from servers.wire import HOLD, WireFactory, reply
from support.program import Program


def test_callbacks_and_timers_run_while_a_loop_waits_for_ever(run_app: Program, wire: WireFactory) -> None:
    """Only a callback can wake the task: the loop has no time and no stream to wait for."""
    run = run_app(
        asyncio_app(
            """
from wakeup import Timer
got = asyncio.Event()
http.get_async(URL, lambda r: (show("callback", r.status_code()), got.set()))
await got.wait()
fired = asyncio.Event()
Timer(fired.set, 20)
await fired.wait()
show("timer")
asyncio.current_task()  # raises outside of a task
"""
        ),
        URL=wire([0.05, reply()]).url,
    )
    assert run.ok().lines == [("callback", 200), ("timer",)]


def test_what_was_started_before_the_loop_runs_in_it(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        from wakeup import Timer
        Timer(lambda: seen.append("timer"), 0)
        http.get_async(URL, lambda r: seen.append("callback"))
        import asyncio
        seen = []
        async def main():
            while len(seen) < 2:
                await asyncio.sleep_ms(5)
            show(sorted(seen))
        asyncio.run(main())
        """,
        URL=wire([reply()]).url,
    )
    assert run.shown == (["callback", "timer"],)


def test_a_repeating_timer_keeps_its_grid_while_a_task_sleeps(run_app: Program) -> None:
    run = run_app(
        asyncio_app(
            """
from wakeup import Timer
fired = []
start = time.ticks_ms()
timer = Timer(lambda: fired.append(time.ticks_diff(time.ticks_ms(), start)), 30, 30)
while len(fired) < 4:
    await asyncio.sleep(0.2)
timer.cancel()
show(*fired[:4])
"""
        )
    )
    assert all(at >= 30 * (n + 1) for n, at in enumerate(run.shown))
    # A timer that had to wait for the task would fire at 200 and later.
    assert run.shown[0] < 200


def test_what_a_task_shows_is_drawn_while_it_waits(run_app: Program, tmp_path: Path) -> None:
    screen = tmp_path / "screen"
    run = run_app(
        asyncio_app(
            """
import os
from splashscreen import Splashscreen
screen = Splashscreen()
for text in ("first", "second"):
    screen.add_text_box(text)
    show("screen.json" in os.listdir(FOLDER))
    await asyncio.sleep_ms(1)
    with open(FOLDER + "/screen.json") as f:
        show(text in f.read())
"""
        ).replace("async def main", "import os\nos.mkdir(FOLDER)\n\nasync def main"),
        env={"DL7450_SCREEN": str(screen)},
        FOLDER=str(screen),
    )
    assert run.ok().lines == [(False,), (True,), (True,), (True,)]
    assert json.loads((screen / "screen.json").read_text())["drawing"] == 2


def test_progress_and_data_come_while_a_task_sleeps(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
pieces = []
numbers = []
request = http.get_async(URL, on_data=lambda chunk: pieces.append(bytes(chunk)),
    on_progress=lambda *n: numbers.append(n))
while not request.done():
    await asyncio.sleep_ms(10)
while not (numbers and b"".join(pieces) == b"streamed"):
    await asyncio.sleep_ms(1)
show(numbers[-1])
"""
        ),
        URL=wire(reply(200, b"streamed")).url,
    )
    assert run.shown == ((8, 8),)


def test_tasks_that_never_wait_do_not_keep_callbacks_waiting(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
from wakeup import Timer
seen = []
Timer(lambda: seen.append("timer"), 10)
http.get_async(URL, lambda r: seen.append("callback"))
while len(seen) < 2:
    await asyncio.sleep(0)
show(sorted(seen))
"""
        ),
        URL=wire(reply()).url,
    )
    assert run.shown == (["callback", "timer"],)


def test_each_ready_task_has_a_turn_between_two_callbacks(run_app: Program) -> None:
    """A timer that sets itself again at once must not keep the tasks waiting."""
    run = run_app(
        asyncio_app(
            """
from wakeup import Timer
turns = 0
def again():
    global timer
    timer = Timer(again, 0)
again()
while turns < 100:
    turns += 1
    await asyncio.sleep_ms(0)
timer.cancel()
show(turns)
"""
        )
    )
    assert run.shown == (100,)


CPU = """
def cpu():
    with open("/proc/self/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])

from wakeup import Timer
Timer(lambda: None, 200, 200)
http.get_async(URL, on_progress=lambda *numbers: None)
before = cpu()
await asyncio.sleep(1)
show(cpu() - before)
sys.exit()
"""


def test_a_loop_that_waits_with_timers_and_requests_burns_no_time(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(asyncio_app(CPU), URL=wire([HOLD]).url)
    assert run.shown[0] <= 10  # hundredths of a second


def test_a_loop_whose_tasks_nothing_can_wake_ends(run_app: Program) -> None:
    """As asyncio does it: run() gives None. A timer that fires meanwhile is waited for."""
    run = run_app("""
        import asyncio
        from wakeup import Timer
        async def main():
            Timer(lambda: show("fired"), 20)
            await asyncio.Event().wait()
        show(asyncio.run(main()))
        show(asyncio.run(main()))
        """)
    assert run.ok().lines == [("fired",), (None,), ("fired",), (None,)]


def test_no_other_callback_runs_in_a_callback_that_runs_a_loop(run_app: Program, wire: WireFactory) -> None:
    """The requests that its tasks await go on, also with data and progress."""
    server = wire(lambda request: reply(200, request.target.encode()))
    run = run_app(
        """
        import asyncio
        from wakeup import Timer
        inside = 0
        def guarded(name):
            def callback(*args):
                global inside
                assert not inside, name
                inside += 1
                show(name)
                inside -= 1
            return callback
        pieces = []
        def take(data):
            pieces.append(bytes(data))
        async def fetch():
            plain, streamed = await asyncio.gather(
                http.get_async(URL + "/a"), http.get_async(URL + "/b", on_data=take))
            others[:] = [http.get_async(URL + "/c", guarded("other"))]
            finish(others)
            await asyncio.sleep_ms(20)
            return bytes(plain.body()), streamed.status_code()
        def first():
            global inside
            inside += 1
            show(asyncio.run(fetch()), b"".join(pieces), len(idle_error()))
            inside -= 1
        def idle_error():
            import idle
            try:
                idle.run()
            except RuntimeError as e:
                return str(e)
        others = []
        Timer(first, 0)
        Timer(guarded("timer"), 1)
        """,
        URL=server.url,
    )
    first, *others = run.ok().lines
    assert first[:2] == ((b"/a", 200), b"/b")
    assert sorted(others) == [("other",), ("timer",)]


@pytest.mark.parametrize("caught", ["Exception", "ValueError"])
@pytest.mark.parametrize(
    "start",
    ["Timer(fail, 0)", "http.get_async('', lambda r: fail())", "asyncio.create_task(fail_later())"],
    ids=["timer", "callback", "task"],
)
def test_failure_that_nobody_awaits_is_a_fault(run_app: Program, start: str, caught: str) -> None:
    """The app's own except clause does not hide it: no code of the app waits for that exception."""
    run = run_app(f"""
        import asyncio
        from wakeup import Timer
        def fail():
            raise ValueError("broken")
        async def fail_later():
            await asyncio.sleep_ms(1)
            fail()
        async def main():
            {start}
            await asyncio.sleep(60)
        try:
            asyncio.run(main())
        except {caught}:
            show("not reached")
        show("nor this")
        """)
    assert (run.returncode, run.stdout) == (1, "")
    lines = run.stderr.splitlines()
    assert lines[-1] == "ValueError: broken"
    assert lines[-2].endswith("in fail")
    assert run.seconds < 20


def test_failure_of_a_task_that_is_awaited_is_raised_there(run_app: Program) -> None:
    run = run_app(
        asyncio_app(
            """
async def fail():
    raise ValueError("broken")

async def sleep():
    await asyncio.sleep(60)

try:
    await asyncio.create_task(fail())
except ValueError as e:
    show(str(e))
show([str(e) for e in await asyncio.gather(fail(), fail(), return_exceptions=True)])
task = asyncio.create_task(sleep())
await asyncio.sleep(0)
task.cancel()
await asyncio.sleep(0)
def handle(loop, context):
    show("handled", str(context["exception"]))

asyncio.get_event_loop().set_exception_handler(handle)
asyncio.create_task(fail())
await asyncio.sleep_ms(5)
"""
        )
    )
    assert run.ok().lines == [("broken",), (["broken", "broken"],), ("handled", "broken")]


def test_exit_in_a_task_and_in_a_callback_ends_the_app(run_app: Program) -> None:
    for start in ("Timer(lambda: sys.exit(3), 0)", "asyncio.create_task(leave())"):
        run = run_app(
            asyncio_app(
                f"""
from wakeup import Timer
async def leave():
    sys.exit(3)
{start}
await asyncio.sleep(60)
"""
            )
        )
        assert (run.returncode, run.stderr) == (3, "")
