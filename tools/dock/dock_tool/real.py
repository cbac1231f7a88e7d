# SPDX-License-Identifier: MIT
"""A program on this machine that cannot be simulated, such as one for another machine that an emulator runs.

The network and the time are real. There is no trace: the screen is read from the files of DL7450_SCREEN.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from dock_tool.link import clean_environment
from dock_tool.process import Process
from dock_tool.trace import Drawing, Trace

__tracebackhide__ = True  # as in testing.py
_LOOK_S = 0.02
_TRACEBACK_CHARACTERS = 1 << 16  # of the end of stderr, where the traceback of a fault is


class NotSimulated(RuntimeError):
    """What a test asks for needs a program with the simulation and the trace."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: this program has no trace, and its network and time are real (--dock-real)"
        )


class RealProgram(Process):
    """The program while it runs an app."""

    is_real = True

    def __init__(
        self,
        app: Path,
        *,
        folder: Path,
        binary: Path,
        args: Iterable[str],
        env: Mapping[str, str],
        screen: Path,
    ) -> None:
        self._screen = screen
        self._stderr_end = ""
        self._start = time.monotonic()
        self._seconds: float | None = None  # after the end
        proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
        super().__init__(
            [binary, app, *args],
            env=clean_environment("SSL_CERT_FILE", "SSL_CERT_DIR", *proxies)
            | {"DL7450_SCREEN": str(screen)}
            | dict(env),
            library=None,
            channels=False,
            conditions=[],
            cwd=folder,
        )

    def _look(self) -> None:
        # Take what has come, and notice the end.
        if not self._ended:
            ended = self.process.poll() is not None
            self.drain()
            if ended:
                self._end()

    def take_output(self, name: str, text: str) -> None:
        """Keep it; a traceback is the last of stderr."""
        super().take_output(name, text)
        if name == "stderr":
            self._stderr_end = (self._stderr_end + text)[-_TRACEBACK_CHARACTERS:]

    @property
    def log(self) -> str:
        """What the app has printed so far."""
        self._look()
        return self._log

    @property
    def runs(self) -> bool:
        """Whether the program has not ended."""
        self._look()
        return not self._ended

    @property
    def elapsed_ms(self) -> float:
        """Real time."""
        return ((self._seconds or time.monotonic()) - self._start) * 1000

    @property
    def faults(self) -> list[str]:
        """The traceback of the app fault, if there was one."""
        # Before it there may be others, which the app itself has printed.
        traceback = self._stderr_end.rpartition("Traceback (most recent call last):\n")
        return ["".join(traceback[1:])] if not self.runs and self.exit_code == 1 and traceback[1] else []

    @property
    def trace(self) -> Trace:
        """There is none."""
        raise NotSimulated("app.requests, app.timers, screen.drawings")

    @property
    def last_drawing(self) -> Drawing | None:
        """What the files show. The program replaces each of them as a whole, the background first."""
        file = self._screen / "screen.json"
        while file.exists():
            text = file.read_text()
            drawn = json.loads(text)
            name = drawn["background"]
            try:
                image = (self._screen / name).read_bytes() if name else None
            except FileNotFoundError:  # screen.json names another one by now
                continue
            if file.read_text() == text:
                kind = name.rpartition(".")[2] if name else None
                return Drawing(self.elapsed_ms, drawn["width"], drawn["height"], kind, image, drawn["boxes"])
        return None

    def begin_wait(self) -> None:
        """Time is real: servers have all of it."""

    def pass_time(self, ms: float) -> None:
        """Wait a moment, so long at most."""
        self.poll(min(ms / 1000, _LOOK_S))

    def command(self, text: str) -> None:
        """Refuse it."""
        raise NotSimulated(text)

    def _end(self) -> None:
        super()._end()
        self._seconds = time.monotonic()
