# SPDX-License-Identifier: MIT
"""tools/preload: the network and the time that the host build's simulation.so makes."""

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.wire import HOLD, WireFactory, reply
from support.program import Program, Run

pytestmark = pytest.mark.needs("preload")

_GET = """
start = time.ticks_ms()
r = http.get(URL, timeout=90)
show(r.status_code(), r.kind(), time.ticks_diff(time.ticks_ms(), start), len(r.body()))
"""


class Simulated:
    """Runs apps under conditions."""

    def __init__(self, run_app: Program, library: Path) -> None:
        self._run_app = run_app
        self._library = str(library)

    def environment(self, conditions: str) -> dict[str, str]:
        """The variables that load the library."""
        return {"LD_PRELOAD": self._library, "DL7450_CONDITIONS": conditions}

    def __call__(self, conditions: str, code: str, env: dict[str, str] | None = None, **names: object) -> Run:
        """Run an app to its end."""
        return self._run_app(code, env=self.environment(conditions) | (env or {}), **names)


@pytest.fixture
def simulated(run_app: Program, binary: Path) -> Simulated:
    """Runs apps with the library that lies beside the program."""
    return Simulated(run_app, binary.parent / "simulation.so")


@pytest.mark.parametrize(
    ("condition", "status", "kind", "least", "most"),
    [
        ("online", 200, "", 0, 2000),
        ("refused", 7, "refused", 0, 500),
        ("cable-out", 7, "unreachable", 0, 500),
        ("no-answer", 28, "timeout", 90000, 90100),
        ("reset 70", 56, "reset", 0, 2000),
        ("reset 0", 56, "reset", 0, 2000),
        ("slow 10000 3000", 200, "", 12900, 18000),
        ("slow 1000", 28, "timeout", 90000, 90200),
    ],
)
def test_condition_gives_the_status_of_the_real_thing(
    simulated: Simulated, wire: WireFactory, condition: str, status: int, kind: str, least: int, most: int
) -> None:
    run = simulated(f"clock jump; network * {condition}", _GET, URL=wire(reply(200, bytes(100_000))).url)
    found, why, ms, size = run.shown
    assert (found, why) == (status, kind)
    assert least - 10 <= ms <= most
    assert size == 100_000 or status != 200
    assert run.seconds < 10


@pytest.mark.parametrize(
    ("conditions", "status", "least"),
    [
        ("network shop.example no-names", 6, 0),
        ("network * cable-out", 6, 0),
        ("network shop.example hang 20", 6, 20000),
        ("network shop.example:80 hang", 6, 30000),
        ("network * hang 100", 28, 90000),
        ("names only", 6, 0),
        ("names only; name shop.example:80 127.0.0.1 PORT", 200, 0),
        ("name shop.example 127.0.0.1 PORT; network shop.example refused", 7, 0),
        ("name shop.example 127.0.0.1 PORT; network other.example refused", 200, 0),
        ("name shop.example 127.0.0.1 PORT; network * refused; network 127.0.0.1:PORT online", 200, 0),
    ],
)
def test_names(simulated: Simulated, wire: WireFactory, conditions: str, status: int, least: int) -> None:
    conditions = conditions.replace("PORT", str(wire(reply()).port))
    found, _, ms, _ = simulated(f"clock jump; {conditions}", _GET, URL="http://shop.example/").shown
    assert found == status
    assert least - 10 <= ms < least + 2000


@pytest.mark.parametrize(
    ("url", "conditions", "status"),
    [
        ("http://192.0.2.7/", "name 192.0.2.7:80 127.0.0.1 PORT", 200),
        ("http://[2001:db8::7]:8080/", "name [2001:db8::7]:8080 127.0.0.1 PORT", 200),
        ("http://[2001:db8::7]/", "name 2001:db8::7 127.0.0.1 PORT", 200),
        ("http://192.0.2.7/", "name 192.0.2.7:81 127.0.0.1 PORT; peers only", 7),
        ("http://[2001:db8::7]/", "peers only", 7),
        ("http://127.0.0.1:PORT/", "peers only", 200),
        ("http://192.0.2.7/", "name 192.0.2.7 127.0.0.1 PORT; peers only; network 192.0.2.7 refused", 7),
    ],
)
def test_addresses_that_lead_elsewhere(
    simulated: Simulated, wire: WireFactory, url: str, conditions: str, status: int
) -> None:
    port = str(wire(reply()).port)
    url, conditions = url.replace("PORT", port), conditions.replace("PORT", port)
    assert simulated(f"clock jump; {conditions}", _GET, URL=url).shown[0] == status


def test_a_day_of_polling_passes_in_seconds(simulated: Simulated, wire: WireFactory) -> None:
    run = simulated(
        "clock jump",
        """
        from wakeup import Timer

        def poll():
            http.get_async(URL, done)

        def done(response):
            statuses.append(response.status_code())
            if len(statuses) == 24 * 60:
                timer.cancel()

        statuses = []
        start = time.time()
        timer = Timer(poll, 60000, 60000)
        __import__("idle").run()
        show(statuses.count(200), time.time() - start)
        """,
        URL=wire(reply(body=b"slide")).url,
    )
    polls, seconds = run.shown
    assert polls == 1440
    assert 86399 <= seconds <= 86430
    assert run.seconds < 30


def test_an_hour_in_which_the_engines_thread_drives_passes_in_seconds(
    simulated: Simulated, wire: WireFactory
) -> None:
    """In a loop of asyncio another thread drives: it waits for a timer that is a descriptor."""
    run = simulated(
        "clock jump",
        """
        import asyncio

        async def poll():
            for _ in range(60):
                statuses.append((await http.get_async(URL)).status_code())
                await asyncio.sleep(60)

        statuses = []
        start = time.time()
        asyncio.run(poll())
        show(statuses.count(200), time.time() - start)
        """,
        URL=wire(reply(body=b"slide")).url,
    )
    polls, seconds = run.shown
    assert polls == 60
    assert 3600 <= seconds <= 3630
    assert run.seconds < 30


# One thread reads the timer while the other sets it anew, at each distance in time.
_TIMER = """
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int timer;
static atomic_bool over;

static void *read_it(void *failed) {
    uint64_t count;
    while (!over) {
        failed = read(timer, &count, sizeof(count)) == sizeof(count) ? failed : &timer;
    }
    return failed;
}

int main(void) {
    struct itimerspec soon = { .it_value.tv_nsec = 1 };
    pthread_t thread;
    void *failed;
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    pthread_create(&thread, NULL, read_it, NULL);
    for (int i = 0; i < 200000; i++) {
        for (volatile int pause = i % 997; pause > 0; pause--) {
        }
        over = i == 199999;
        timerfd_settime(timer, 0, &soon, NULL);
    }
    pthread_join(thread, &failed);
    return failed != NULL;
}
"""


@pytest.mark.parametrize("condition", ["clock jump", "clock rate 10"])
def test_timer_that_is_set_anew_while_it_is_read_ends_the_wait(
    simulated: Simulated, tmp_path: Path, condition: str
) -> None:
    program = tmp_path / "timer"
    command = [os.environ.get("CC", "cc"), "-x", "c", "-o", program, "-", "-lpthread"]
    subprocess.run(command, input=_TIMER, text=True, check=True)
    env = simulated.environment(condition)
    assert subprocess.run([program], env=env, timeout=30).returncode == 0


def test_every_kind_of_wait_is_skipped(simulated: Simulated) -> None:
    run = simulated(
        "clock jump",
        """
        import asyncio
        import select
        import socket

        def skipped(wait):
            start = time.ticks_ms()
            wait()
            return time.ticks_diff(time.ticks_ms(), start)

        async def nap():
            await asyncio.sleep(50)

        def polled():
            poller = select.poll()
            poller.register(unconnected, select.POLLIN)
            assert poller.poll(50000) == []

        unconnected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        show(skipped(lambda: time.sleep(50)), skipped(lambda: asyncio.run(nap())), skipped(polled))
        """,
    )
    assert all(49990 <= ms < 60000 for ms in run.shown)  # more by the real time that it took
    assert run.seconds < 20


def test_server_that_takes_its_time_is_waited_for(simulated: Simulated, wire: WireFactory) -> None:
    late = threading.Event()
    server = wire([lambda: late.wait(0.2), reply(body=b"late")])
    status, _, ms, size = simulated("clock jump; grace 20000", _GET, URL=server.url).shown
    assert (status, size) == (200, 4)
    assert ms < 20000


def test_server_that_is_silent_is_given_up(simulated: Simulated, wire: WireFactory) -> None:
    run = simulated("clock jump; grace 50", _GET, URL=wire([HOLD]).url)
    assert run.shown[:2] == (28, "timeout")
    assert 89990 <= run.shown[2] < 95000
    assert run.seconds < 20


def test_wrong_time_of_day(simulated: Simulated) -> None:
    assert simulated("wall 86400", "show(time.time(), time.gmtime()[:3])").shown == (86400, (1970, 1, 2))


def test_clock_that_runs_faster(simulated: Simulated) -> None:
    run = simulated("clock rate 100", "start = time.time()\ntime.sleep(20)\nshow(time.time() - start)")
    assert 20 <= run.shown[0] < 1000  # 100 s for each second that the machine is late
    assert 0.2 <= run.seconds < 10


@pytest.mark.parametrize(
    "command",
    [
        "network",
        "network *",
        "network * bad",
        "network * slow x",
        "clock",
        "clock rate 0",
        "wall",
        "nonsense 1",
    ],
)
def test_wrong_command_ends_the_program(simulated: Simulated, command: str) -> None:
    run = simulated(command, "show(1)")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"simulation: {command}: ")


class Control:
    """The other end of DL7450_SIMULATION."""

    def __init__(self, conn: socket.socket) -> None:
        self._conn = conn
        self._lines = conn.makefile()
        assert self._lines.readline().startswith("simulation 2 ")

    def __call__(self, command: str) -> list[str]:
        """Send a command; returns the words of the answer."""
        self._conn.sendall(f"{command}\n".encode())
        return self._lines.readline().split()

    def ended(self) -> bool:
        """True when the program has closed it."""
        return self._lines.read() == ""


@contextmanager
def controlled(path: Path, script: Callable[[Control], object]) -> Iterator[dict[str, str]]:
    """Run script(control) for the program that connects."""
    faults = []

    def serve() -> None:
        try:
            conn, _ = listener.accept()
            with conn:
                conn.settimeout(20)
                script(Control(conn))
        except BaseException as error:
            faults.append(error)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20)
        thread = threading.Thread(target=serve)
        thread.start()
        yield {"DL7450_SIMULATION": str(path)}
        thread.join(30)
        assert not thread.is_alive()
        if faults:
            raise faults[0]


_TIMERS = """
from wakeup import Timer
timers = [Timer(lambda ms=ms: show(ms), ms) for ms in (1000, 5000, 60000)]
"""


def test_steps_go_from_deadline_to_deadline(simulated: Simulated, tmp_path: Path) -> None:
    nexts = []

    def script(control: Control) -> None:
        assert control("nonsense 1")[0] == "error"
        for command in ("step 0", "step 3000", "step 3000", "step 3000", "forward 50000"):
            word, _, following, state = control(command)
            assert (word, state) == ("idle", "quiet")
            nexts.append(float(following) / 1000)
        control("step 60000")
        assert control.ended()

    with controlled(tmp_path / "control", script) as env:
        run = simulated("clock hold", _TIMERS, env=env)
    assert nexts == pytest.approx([1, 4, 1, 55, 5], abs=0.5)
    assert run.ok().lines == [(1000,), (5000,), (60000,)]


def test_without_its_controller_it_goes_on_in_real_time(simulated: Simulated, tmp_path: Path) -> None:
    with controlled(tmp_path / "control", lambda control: control("step 0")) as env:
        run = simulated("clock hold", "from wakeup import Timer\nTimer(lambda: show(1), 50)", env=env)
    assert run.shown == (1,)


def test_conditions_change_while_a_request_waits(
    simulated: Simulated, wire: WireFactory, tmp_path: Path
) -> None:
    def script(control: Control) -> None:
        assert control("forward 20000")[3] == "quiet"
        assert control("network * online") == ["ok"]
        assert control.ended()

    with controlled(tmp_path / "control", script) as env:
        run = simulated("clock hold; network * no-answer", _GET, env=env, URL=wire(reply()).url)
    status, _, ms, _ = run.shown
    assert status == 200
    assert 19000 <= ms < 21000  # less the time that the program needed to start
