# SPDX-License-Identifier: MIT
"""An iperf3 client. Stand-in on the PC for the vendor's module `iperf`: it measures this machine's network.

The documentation does not have this module; the rules come from the vendor's samples. A test is what iperf3
does without options, over five intervals of a second: one TCP stream to the server. The protocol is that of
iperf3 3.x. The result is a dict as iperf3's JSON: start, intervals, end, and error when it failed; what only
a kernel knows (retransmits, congestion window) is missing.

A test that runs keeps the app running.
"""

import errno
import json
import os
import time

import _tcp
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

_INTERVALS = 5
_INTERVAL_MS = 1000
_BLOCK = bytes(128 << 10)
_TURN_MS = 20  # the longest time that a step sends without a pause
_ANSWER_MS = 10000  # the longest time without an answer
# The states of the protocol, one byte each.
_TEST_START, _TEST_RUNNING, _TEST_END = 1, 2, 4
_PARAM_EXCHANGE, _CREATE_STREAMS, _SERVER_TERMINATE = 9, 10, 11
_EXCHANGE_RESULTS, _DISPLAY_RESULTS, _DONE = 13, 14, 16
_REFUSALS = {
    255: "the server is busy running a test. try again later",
    254: "the server has reported an error",
    _SERVER_TERMINATE: "the server has terminated",
}

_running: "list[_Test]" = []


class IperfClient:
    """Measures the bandwidth to the iperf3 server at hostname (str) and port (int)."""

    def __init__(self, hostname: str, port: int = 5201) -> None:
        if not isinstance(hostname, str):
            raise TypeError("hostname must be a str")
        if not isinstance(port, int) or not 0 < port < 65536:
            raise TypeError("port must be an int from 1 to 65535")
        self._hostname = hostname
        self._port = port

    def run(self, on_complete: Callable[[dict[str, Any]], object] | None = None) -> None:
        """Start a test; on_complete(result) is called when Python is idle, also when it failed."""
        if on_complete is not None and not callable(on_complete):
            raise TypeError("on_complete must be callable")
        _running.append(_Test(self._hostname, self._port, on_complete))

    def __repr__(self) -> str:
        return "<stand-in for an IperfClient: %s:%d>" % (self._hostname, self._port)


class _Test:
    _control: _tcp.Connection | Any
    _stream: _tcp.Connection | Any
    result: dict[str, Any]

    def __init__(self, host: str, port: int, on_complete: Callable[[dict[str, Any]], object] | None) -> None:
        self._address = (host, port)
        self.on_complete = on_complete
        self._cookie = os.urandom(18).hex().encode() + b"\0"
        self._control = self._stream = None
        self._greeted = self._opened = False
        self._input = b""
        self._expected: int | None = None  # the length of the server's results, while they come
        self._sends = False
        self._bytes = 0
        self._at = time.ticks_add(time.ticks_ms(), _ANSWER_MS)  # the end of the interval, or of waiting
        self.result = {"start": {"connecting_to": {"host": host, "port": port}}, "intervals": [], "end": {}}

    # Returns True if there was anything to do.
    def step(self) -> bool:
        if self._control is None:
            self._control = _tcp.Connection(*self._address)
        if not self._greeted:
            if not self._control.connected():
                return self._wait()
            self._greeted = True
            self._control.send(self._cookie)
        self._control.send()
        if self._stream and not self._opened and self._stream.connected():
            self._opened = True
            self._stream.send(self._cookie)
        data = self._control.receive()
        self._input += data
        while self._input and self._server():
            pass
        if self._sends:
            return self._send()
        return bool(data) or self._wait()

    def _wait(self) -> bool:
        if time.ticks_diff(time.ticks_ms(), self._at) >= 0:
            raise OSError("the server does not answer")
        return False

    def _server(self) -> bool:
        # Does what the server's next bytes ask for. False: they have not all come.
        if self._expected is not None:
            return self._results()
        state = self._input[0]
        self._input = self._input[1:]
        self._at = time.ticks_add(time.ticks_ms(), _ANSWER_MS)
        if state in _REFUSALS:
            raise OSError(_REFUSALS[state])
        if state == _PARAM_EXCHANGE:
            seconds = _INTERVALS * _INTERVAL_MS // 1000
            self._say({"tcp": True, "omit": 0, "time": seconds, "num": 0, "blockcount": 0, "parallel": 1,
                       "len": len(_BLOCK), "pacing_timer": 1000, "client_version": "3.12"})  # fmt: skip
        elif state == _CREATE_STREAMS:
            self._stream = _tcp.Connection(*self._address)
        elif state == _TEST_RUNNING:
            self._sends = True
            self._first_us = self._start_us = time.ticks_us()
            self._at = time.ticks_add(time.ticks_ms(), _INTERVAL_MS)
        elif state == _EXCHANGE_RESULTS:
            self._say(self._own_results())
            self._expected = 0
        elif state == _DISPLAY_RESULTS:
            self._control.send(bytes([_DONE]))
            raise EOFError
        elif state != _TEST_START:
            raise OSError("the server has sent an unknown state: %d" % state)
        return True

    def _results(self) -> bool:
        if len(self._input) < 4:
            return False
        end = 4 + int.from_bytes(self._input[:4], "big")
        if len(self._input) < end:
            return False
        theirs = json.loads(self._input[4:end])["streams"][0]
        self._input = self._input[end:]
        self._expected = None
        sent = _sum(0, self._seconds(), self._sent(), True)
        received = _sum(0, theirs.get("end_time") or self._seconds(), theirs["bytes"], False)
        self.result["end"] = {
            "streams": [{"sender": sent, "receiver": received}],
            "sum_sent": sent,
            "sum_received": received,
        }
        return True

    def _own_results(self) -> dict[str, Any]:
        stream: dict[str, Any] = {
            "id": 1,
            "bytes": self._sent(),
            "retransmits": -1,
            "jitter": 0,
            "errors": 0,
            "packets": 0,
        }
        stream.update(start_time=0, end_time=self._seconds())
        cpu = {"cpu_util_total": 0, "cpu_util_user": 0, "cpu_util_system": 0}
        return dict(cpu, sender_has_retransmits=0, streams=[stream])

    def _say(self, values: dict[str, Any]) -> None:
        data = json.dumps(values).encode()
        self._control.send(len(data).to_bytes(4, "big") + data)

    def _send(self) -> bool:
        busy = False
        start = time.ticks_ms()
        while self.due() > 0 and time.ticks_diff(time.ticks_ms(), start) < _TURN_MS:
            if self._stream.send():
                return busy  # the idle loop goes on when the rest can be sent
            self._bytes += len(_BLOCK)
            self._stream.send(_BLOCK)
            busy = True
        if time.ticks_diff(self._at, time.ticks_ms()) <= 0:
            self._end_interval()
            busy = True
        return busy

    def _end_interval(self) -> None:
        now = time.ticks_us()
        begin = time.ticks_diff(self._start_us, self._first_us) / 1e6
        end = time.ticks_diff(now, self._first_us) / 1e6
        value = _sum(begin, end, self._bytes, True)
        self.result["intervals"].append({"streams": [dict(value, socket=1)], "sum": value})
        self._start_us = now
        self._bytes = 0
        self._at = time.ticks_add(time.ticks_ms(), _INTERVAL_MS)
        if len(self.result["intervals"]) == _INTERVALS:
            self._sends = False
            self._at = time.ticks_add(time.ticks_ms(), _ANSWER_MS)
            self._control.send(bytes([_TEST_END]))

    def _sent(self) -> int:
        return sum(interval["sum"]["bytes"] for interval in self.result["intervals"])

    def _seconds(self) -> float:
        intervals = self.result["intervals"]
        return intervals[-1]["sum"]["end"] if intervals else 0

    def due(self) -> int:
        return max(0, time.ticks_diff(self._at, time.ticks_ms()))

    def close(self) -> None:
        for connection in (self._stream, self._control):
            if connection:
                connection.close()


def _sum(begin: float, end: float, count: int, sender: bool) -> dict[str, Any]:
    seconds = end - begin
    return {
        "start": begin,
        "end": end,
        "seconds": seconds,
        "bytes": count,
        "bits_per_second": count * 8 / seconds if seconds else 0,
        "omitted": False,
        "sender": sender,
    }


def _step() -> bool:
    busy = False
    for test in list(_running):
        try:
            busy = test.step() or busy
            continue
        except EOFError:
            pass  # it is over
        except OSError as e:
            reason = (
                e.args[-1]
                if len(e.args) > 1 or isinstance(e.args[0], str)
                else errno.errorcode.get(e.errno, e.errno)
            )
            test.result["error"] = "error - %s" % reason
        except (KeyError, IndexError, ValueError):
            test.result["error"] = "error - the server's results cannot be read"
        test.close()
        _running.remove(test)
        if test.on_complete:
            test.on_complete(test.result)
        busy = True
    return busy


def _due() -> int | None:
    return min((test.due() for test in _running), default=None)


def _stop() -> None:
    for test in _running:
        test.close()
    _running.clear()


idle.add(_step, _due, _stop)
