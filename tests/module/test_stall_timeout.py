# SPDX-License-Identifier: MIT
"""Option stall_timeout: the time without a byte in either direction: contract section 8."""

import socket
import threading
import time
from contextlib import suppress

import pytest
from servers.wire import HOLD, Reply, Step, WireFactory, head, numbered_bytes, redirect, reply
from support.program import Program

_HOW = [
    "r = http.get(URL, {})",
    "r = http.get_async(URL, {}).wait()",
    "rs = []; http.get_async(URL, rs.append, {}); import idle; idle.run(); r, = rs",
]

_TIMED = """
start = time.ticks_ms()
{}
show(r.status_code(), time.ticks_diff(time.ticks_ms(), start), r.error(), len(r.body()), http.stats()["free"])
"""

_OPTIONS = "stall_timeout=0.3, timeout=20"
_TEXT = "no byte within stall_timeout"

_STALLS: dict[str, tuple[Reply, int]] = {
    "no answer": ([HOLD], 0),
    "within the headers": ([head(200, "X-A: 1")[:-2], HOLD], 0),
    "within the body": ([head(200, "Content-Length: 10") + b"abc", HOLD], 3),
    "within a redirect": ([redirect(302, "/")[:-5], HOLD], 0),
}


@pytest.mark.parametrize("stall", _STALLS)
def test_server_that_stops(run_app: Program, wire: WireFactory, stall: str) -> None:
    answer, length = _STALLS[stall]
    run = run_app(_TIMED.format(_HOW[len(stall) % 3].format(_OPTIONS)), URL=wire(answer).url)
    status, ms, error, arrived, free = run.shown
    assert (status, error, arrived, free) == (28, _TEXT, length, 16)
    assert 290 <= ms < 1500


_SLOW: dict[str, list[Step]] = {
    "lines": [head(200, "Content-Length: 0")[:-2], *([b"X-A: 1\r\n", 0.15] * 4), b"\r\n"],
    "body": [head(200, "Content-Length: 6"), *([b"x", 0.15] * 6)],
}


@pytest.mark.parametrize("how", _HOW, ids=["sync", "wait", "idle"])
@pytest.mark.parametrize("slow", _SLOW)
def test_slow_server_is_no_stall(run_app: Program, wire: WireFactory, how: str, slow: str) -> None:
    status, ms, *_ = run_app(_TIMED.format(how.format(_OPTIONS)), URL=wire(_SLOW[slow]).url).shown
    assert status == 200
    assert ms > 500


@pytest.mark.needs("tcp_info")
def test_byte_of_a_line_is_a_byte(run_app: Program, wire: WireFactory) -> None:
    """libcurl sees whole lines; the kernel counts bytes."""
    drip: list[Step] = [step for byte in b"X-A: 12345" for step in (bytes([byte]), 0.1)]
    server = wire([head(200, "Content-Length: 0")[:-2], *drip, b"\r\n\r\n"])
    status, ms, *_ = run_app(_TIMED.format(_HOW[0].format(_OPTIONS)), URL=server.url).shown
    assert status == 200
    assert ms > 700


def test_upload_that_nobody_reads(run_app: Program, deaf_port: int) -> None:
    code = _TIMED.format(f"r = http.post(URL, data=bytes(16 << 20), {_OPTIONS})")
    status, ms, error, _, free = run_app(code, URL=f"http://127.0.0.1:{deaf_port}/").shown
    assert (status, error, free) == (28, _TEXT, 16)
    assert 290 <= ms < 2000


class SlowReader:
    """A server that reads a request of a known size bit by bit, with a pause before each bit."""

    SIZE = 2 << 20
    BIT = 1 << 18
    PAUSE = 0.15

    def __enter__(self) -> "SlowReader":
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # else the kernel reads all
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self._listener.settimeout(20)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        with suppress(OSError):
            conn, _ = self._listener.accept()
            with conn:
                conn.settimeout(20)
                left = self.SIZE
                while left > 0:
                    time.sleep(self.PAUSE)
                    bit = left - self.BIT
                    while left > max(bit, 0) and (data := conn.recv(1 << 16)):
                        left -= len(data)
                conn.sendall(reply(200, b"ok"))
                conn.recv(1 << 16)


@pytest.mark.needs("tcp_info")
def test_slow_reader_is_no_stall(run_app: Program) -> None:
    """libcurl has written the last mebibytes long before the kernel has sent them."""
    options = f"{_OPTIONS}, data=bytes({SlowReader.SIZE})"
    with SlowReader() as server:
        status, ms, error, *_ = run_app(_TIMED.format(_HOW[0].format(options)), URL=server.url).shown
    assert (status, error) == (200, "")
    assert ms > 700


def test_connecting_is_not_counted(run_app: Program, dead_port: int) -> None:
    code = _TIMED.format("r = http.get(URL, stall_timeout=0.2, timeout=0.6)")
    status, ms, error, *_ = run_app(code, URL=f"http://127.0.0.1:{dead_port}/").shown
    assert status == 28
    assert "stall_timeout" not in error
    assert ms >= 590


def test_time_of_an_app_that_does_not_read_is_not_counted(run_app: Program, wire: WireFactory) -> None:
    """The app takes 64 KiB and then computes for longer than the limit, again and again."""
    size = 4 << 20
    server = wire(reply(200, numbered_bytes(size)))
    run = run_app(
        """
        taken = []


        def take(view):
            taken.append(len(view))
            if len(taken) <= 3:
                compute(0.5)


        r = http.get(URL, on_data=take, stall_timeout=0.3)
        show(r.status_code(), r.error(), sum(taken))
        """,
        URL=server.url,
    )
    assert run.shown == (200, "", size)


@pytest.mark.needs("background")
def test_pending_bytes_of_an_app_that_computes(run_app: Program, wire: WireFactory) -> None:
    """Less than a full stream waits, and the server sends the rest when the app has computed."""
    server = wire([head(200, "Content-Length: 6") + b"abc", 0.9, b"def"])
    run = run_app(
        """
        import idle
        taken = []
        http.get_async(URL, lambda r: show(r.status_code(), r.error(), b"".join(taken)),
                       on_data=lambda view: taken.append(bytes(view)), stall_timeout=0.5)
        compute(0.7)
        idle.run()
        """,
        URL=server.url,
    )
    assert run.shown == (200, "", b"abcdef")


def test_server_that_stops_while_a_stream_is_read(run_app: Program, wire: WireFactory) -> None:
    server = wire([head(200, "Content-Length: 6") + b"abc", HOLD])
    code = "taken = []\n" + _TIMED.format(
        f"r = http.get(URL, on_data=lambda view: taken.append(bytes(view)), {_OPTIONS})"
    )
    status, ms, error, _, free = run_app(code, URL=server.url).shown
    assert (status, error, free) == (28, _TEXT, 16)
    assert 290 <= ms < 1500


def test_reused_connection_is_not_stalled(run_app: Program, wire: WireFactory) -> None:
    """The time between two requests does not count."""
    run = run_app(
        """
        codes = []
        for _ in range(3):
            codes.append(http.get(URL, stall_timeout=0.3).status_code())
            time.sleep(0.4)
        show(codes)
        """,
        URL=(server := wire(lambda request: [0.1, reply()])).url,
    )
    assert run.shown == ([200] * 3,)
    assert server.connections == 1


@pytest.mark.parametrize("none", ["None", "0", "1e9"])
def test_no_limit(run_app: Program, wire: WireFactory, none: str) -> None:
    run = run_app(f"show(http.get(URL, stall_timeout={none}).status_code())", URL=wire([0.2, reply()]).url)
    assert run.shown == (200,)
