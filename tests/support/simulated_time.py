# SPDX-License-Identifier: MIT
"""Apps in simulated time: a day takes a second, and nothing sleeps.

Requests are real, and go to real servers; they take no simulated time. Time passes while nothing is pending,
from one timer to the next. In place of `wakeup`, `time` and `network` an app gets those of PRELUDE, which
also tells each server the time: the field X-Now has the seconds since the start of the app.

This is a part of the app, and needs nothing of the program. The pytest plugin of tools/dock simulates time
from outside, with a library that is loaded in front of the C library's: a program that is linked statically
and runs under qemu-user (`make test BOARD=DL7450`) loads none. So tests that all programs run use this.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from support.program import Program, Run

START = 1767225600  # 2026-01-01 00:00:00 UTC

PRELUDE = """
import http
import idle
import sys
import time as real_time


class Clock:
    ms = 0  # since the start
    date = START  # the time of day at the start; a test changes it when the clock jumps


class Timer:
    timers = []

    def __init__(self, task, time_ms, repeat_ms=0):
        if not isinstance(time_ms, int) or time_ms < 0:
            raise ValueError("time_ms: %r" % (time_ms,))
        self.task, self.at, self.repeat = task, Clock.ms + time_ms, repeat_ms
        Timer.timers.append(self)

    def cancel(self):
        if self in Timer.timers:
            Timer.timers.remove(self)


class wakeup:
    Timer = Timer
    wakeup = Timer


class time:
    # They wrap as on a small board: after 12 days.
    ticks_ms = lambda: Clock.ms + TICKS & 0x3FFFFFFF  # noqa: E731
    ticks_diff = lambda end, start: (end - start + 0x20000000 & 0x3FFFFFFF) - 0x20000000  # noqa: E731
    time = lambda: Clock.date + Clock.ms // 1000  # noqa: E731
    gmtime = real_time.gmtime
    localtime = real_time.localtime
    strftime = getattr(real_time, "strftime", None)


class network:
    address = "192.0.2.45"
    mac = MAC

    class LAN:
        def ifconfig(self):
            return (network.address, "", "", "")

        def mac(self):
            return network.mac

        mac_address = mac


def start(path):
    # Run an app's main part, and return its names.
    names = {"__name__": "__main__"}
    with open(path) as file:
        exec(file.read(), names)
    return names


sys.modules["wakeup"], sys.modules["time"], sys.modules["network"] = wakeup, time, network


def told(function):
    def call(url, on_complete=None, headers=None, data=None, **options):
        headers = list(headers.items() if isinstance(headers, dict) else headers or ())
        return function(url, on_complete, headers + [("X-Now", str(Clock.ms / 1000))], data, **options)

    return call


get_async = http.get_async
http.get_async = told(http.get_async)
http.post_async = told(http.post_async)


def settle():
    # Until no request is pending.
    while idle.step() or idle.pending():
        if idle.pending():
            idle.wait(None)


def run(seconds):
    # Let so much time pass.
    end = Clock.ms + int(seconds * 1000)
    while True:
        settle()
        first = min(Timer.timers, key=lambda timer: timer.at) if Timer.timers else None
        if first is None or first.at > end:
            Clock.ms = end
            return
        Clock.ms = max(Clock.ms, first.at)
        for timer in [timer for timer in Timer.timers if timer.at <= Clock.ms]:
            if timer in Timer.timers:  # no task before has cancelled it
                if timer.repeat:
                    timer.at += timer.repeat
                else:
                    Timer.timers.remove(timer)
                timer.task()


log = []


def note(*what):
    log.append((Clock.ms / 1000,) + what)


def changed(response):
    note("new", response.text())


from feed import Feed

"""


@dataclass(frozen=True)
class SimulatedProgram:
    """Runs apps in simulated time: simulated(code, NAME=value, ...)."""

    program: Program

    def __call__(
        self,
        code: str,
        *,
        mac: str = "02:00:00:00:74:50",
        ticks: int = 0,
        env: Mapping[str, str] | None = None,
        **names: object,
    ) -> Run:
        """Run an app to its end; ticks: what ticks_ms() is at its start."""
        names |= {"START": START, "MAC": mac, "TICKS": ticks}
        return self.program(PRELUDE + textwrap.dedent(code), env=env, **names)
