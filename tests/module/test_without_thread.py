# SPDX-License-Identifier: MIT
"""An engine without a thread: waiting, asking and idling drive it (contract section 5, engine.h).

In these tests no thread can be started. `make test-threadless` runs all tests of the module on a build
without a thread.
"""

from collections.abc import Callable
from functools import partial

import pytest
from servers import preload
from servers.nginx import Nginx
from servers.wire import CLOSE, HOLD, WireFactory, head, reply
from support.program import Program, Run

RunApp = Callable[..., Run]


@pytest.fixture(scope="session")
def no_threads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which no thread can be started."""
    return preload.build("no_threads", tmp_path_factory.mktemp("no_threads"))


@pytest.fixture
def run_alone(run_app: Program, no_threads: dict[str, str]) -> RunApp:
    """Runs apps without a second thread."""

    return partial(run_app, env=no_threads)


def test_there_is_no_other_thread(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        """
        import os

        http.get_async(URL, lambda r: show(r.status_code(), len(os.listdir("/proc/self/task"))))
        """,
        URL=wire([0.2, reply()]).url,
    )
    assert run.shown == (200, 1)


@pytest.mark.parametrize(
    "question", ["request.done()", "request.status() != 'pending'", "request.response()", "held()"]
)
def test_app_that_asks_now_and_then_makes_progress(run_alone: RunApp, web: Nginx, question: str) -> None:
    """If a question moved only 16 KiB, a mebibyte would take more than 6 seconds."""
    run = run_alone(
        f"""
        def held():
            return http.stats()["bytes_held"] == 1 << 20

        request = http.get_async(URL)
        start = time.ticks_ms()
        while not {question} and time.ticks_diff(time.ticks_ms(), start) < 5000:
            time.sleep(0.1)
        show(len(request.response().body()))
        """,
        URL=f"{web.http}/1m",
    )
    assert run.shown == (1 << 20,)


def test_deadline_counts_while_the_app_computes(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        """
        request = http.get_async(URL, timeout=1)
        compute(1.2)
        start = time.ticks_ms()
        show(request.wait().status_code(), time.ticks_diff(time.ticks_ms(), start) < 800)
        """,
        URL=wire([5, reply()]).url,
    )
    assert run.shown == (28, True)


def test_requests_make_progress_though_a_timer_is_always_due(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        """
        from wakeup import Timer

        def done(r):
            timer.cancel()
            show(r.status_code())

        timer = Timer(lambda: compute(0.005), 1, 1)
        http.get_async(URL, done)
        """,
        URL=wire([0.1, reply()]).url,
        timeout=10,
    )
    assert run.shown == (200,)


def test_requests_make_progress_though_a_refused_one_is_tried_again_at_once(
    run_alone: RunApp, wire: WireFactory
) -> None:
    run = run_alone(
        """
        def again(r):
            if r.status_code() == 89:
                http.get_async(URL, again)
            else:
                show(r.status_code())

        for _ in range(17):
            http.get_async(URL, again)
        """,
        URL=wire([0.2, reply()]).url,
        timeout=10,
    )
    assert run.ok().lines == [(200,)] * 17


_ASYNCIO = """
import asyncio


async def tick():
    while True:
        await asyncio.sleep_ms(20)
        ticks.append(1)


async def fetch():
    return (await http.get_async(URL)).status_code()


ticks = []
"""


def test_tasks_and_requests_take_turns(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        _ASYNCIO
        + """
async def main():
    task = asyncio.create_task(tick())
    http.get_async(URL, lambda r: show("callback"))
    codes = await asyncio.gather(*[fetch() for _ in range(15)])
    show(set(codes), len(ticks) > 5)
    task.cancel()


asyncio.run(main())
show(asyncio.run(fetch()))
""",
        URL=wire([0.4, reply()]).url,
    )
    *both, last = run.ok().lines
    assert last == (200,)
    # The server accepts sixteen connections in any order.
    assert ("callback",) in both
    assert ({200}, True) in both


def test_tasks_run_though_each_request_completes_at_once(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        _ASYNCIO
        + """
async def main():
    task = asyncio.create_task(tick())
    start = time.ticks_ms()
    while len(ticks) < 3 and time.ticks_diff(time.ticks_ms(), start) < 3000:
        request = http.get_async(URL)
        while not request.done():
            pass
        await request
    show(len(ticks))
    task.cancel()


asyncio.run(main())
""",
        URL=wire(reply()).url,
    )
    assert run.shown == (3,)


def test_streams_and_requests_take_turns(run_alone: RunApp, wire: WireFactory) -> None:
    """The data of the stream is delivered although nothing else happens."""
    server = wire(
        lambda request: [0.02, reply(200, b"by hand"), CLOSE] if request.target == "/" else [0.6, reply()]
    )
    run = run_alone(
        _ASYNCIO
        + """
async def by_hand():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
    await writer.drain()
    return (await reader.read()).endswith(b"by hand")


async def main():
    request = http.get_async(URL + "/slow")
    show(await by_hand(), await by_hand(), await by_hand(), request.status())
    show((await request).status_code())


asyncio.run(main())
""",
        URL=server.url,
        PORT=server.port,
    )
    assert run.ok().lines == [(True, True, True, "pending"), (200,)]


_SWITCHES = """
import asyncio


def switches():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])


async def watch(read):
    before = switches()
    data = await read
    show(data, switches() - before < 20)


"""


_READERS = {
    "loop": """
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(b"GET /late HTTP/1.0\\r\\n\\r\\n")
    await writer.drain()
    while await reader.readline() != b"\\r\\n":
        pass
""",
    "response": """
    reader = asyncio.StreamReader(await http.get_async(URL + "/late", stream=True))
""",
}


@pytest.mark.needs("threadless")
@pytest.mark.parametrize("stream", _READERS)
def test_stream_ends_the_wait_for_requests(run_app: RunApp, wire: WireFactory, stream: str) -> None:
    """The loop does not look again and again: in a second that would be 50 waits, or more."""
    server = wire(lambda request: [head(200), 1.0, b"late", CLOSE] if request.target == "/late" else [HOLD])
    run = run_app(
        _SWITCHES
        + f"""
async def main():
    request = http.get_async(URL)
    {_READERS[stream].strip()}
    await watch(reader.read(4))
    await watch(reader.read(4))  # the end
    request.cancel()


asyncio.run(main())
""",
        URL=server.url,
        PORT=server.port,
        timeout=10,
    )
    assert run.ok().lines == [(b"late", True), (b"", True)]


def test_stream_that_another_task_closes_ends_the_wait(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        """
        import asyncio


        async def read(reader):
            try:
                return await reader.read(1)
            except OSError as e:
                return e.errno


        async def main():
            request = http.get_async(URL)
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            task = asyncio.create_task(read(reader))
            await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()
            show(await task)
            request.cancel()


        asyncio.run(main())
        """,
        URL=(server := wire([HOLD])).url,
        PORT=server.port,
        timeout=10,
    )
    assert run.ok().lines == [(9,)]  # EBADF


def test_stream_without_a_descriptor_has_its_turns(run_alone: RunApp, wire: WireFactory) -> None:
    run = run_alone(
        """
        import asyncio
        import io


        class Late(io.IOBase):
            def __init__(self):
                self.polls = 0

            def ioctl(self, request, argument):
                if request != 3:  # MP_STREAM_POLL
                    return -1
                self.polls += 1
                return argument if self.polls > 10 else 0

            def readline(self):
                return b"late\\n"


        async def main():
            request = http.get_async(URL)
            show(await asyncio.StreamReader(Late()).readline())
            request.cancel()


        asyncio.run(main())
        """,
        URL=wire([HOLD]).url,
        timeout=10,
    )
    assert run.ok().lines == [(b"late\n",)]
