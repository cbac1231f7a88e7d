# SPDX-License-Identifier: MIT
"""A simulated dock on this machine: runs the host build with a network and a clock that obey."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from dock_tool.link import clean_environment
from dock_tool.process import Process
from dock_tool.program import find_program, find_simulation
from dock_tool.trace import Drawing, Trace

__tracebackhide__ = True  # as in testing.py
_PATIENCE_S = 60.0  # real time that the app may compute without a wait
_START_S = 60.0
_LINES_S = 0.001
_ENDINGS = {b"\x89PNG": "png", b"BM": "bmp", b"\xff\xd8\xff": "jpeg"}


class Stuck(AssertionError):
    """The app does not come to a wait."""


class Program(Process):
    """The program while it runs an app: what it tells, and the steps of its clock."""

    is_real = False

    def __init__(
        self,
        app: Path,
        *,
        folder: Path,
        binary: Path,
        args: Iterable[str],
        env: Mapping[str, str],
        conditions: Iterable[str],
        devices: Iterable[dict],
    ) -> None:
        self.trace = Trace()
        self.elapsed_ms = 0.0  # simulated
        self.next_ms: float | None = None  # until the next deadline
        self._start_ms: float | None = None
        self._devices_first = list(devices)
        self._answer: str | None = None
        proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
        super().__init__(
            [binary, app, *args],
            env=clean_environment("SSL_CERT_FILE", "SSL_CERT_DIR", *proxies) | dict(env),
            library=find_simulation(binary),
            conditions=["clock hold", *conditions],
            cwd=folder,
        )
        try:
            self._wait_for_greeting()
        except BaseException:
            self.finish()
            raise

    def _wait_for_greeting(self) -> None:
        end = time.monotonic() + _START_S
        while not self._greeted:
            ended = self.process.poll() is not None  # before the last look: a short app is over at once
            self.poll(0.05)
            if ended:
                self.drain()
            if not self._greeted and (ended or time.monotonic() > end):
                raise AssertionError(f"the program does not start: {self.log}")

    # --------------------------------------------------------------------------------------------
    # What comes from the program

    def take_trace(self, event: dict) -> None:
        """Keep it."""
        self.trace.take(event)

    def take_device(self, line: dict) -> None:
        """Raise ValueError for what is wrong; the app's side of devices is not looked at."""
        if "error" in line:
            raise ValueError(f"devices: {line['error']}: {line['line']}")

    def take_answer(self, text: str) -> None:
        """Keep it for command()."""
        self._answer = text

    def first_devices(self) -> list[dict]:
        """Those that the test has described before."""
        return self._devices_first

    def _wait_for_answer(self, what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while self._answer is None and self._control:
            left = end - time.monotonic()
            if left <= 0:
                raise Stuck(
                    f"the app computes for {_PATIENCE_S:.0f} s without a wait: {what}\n{self.log[-2000:]}"
                )
            self.poll(left)
            if self._answer is None and self._control:
                # Wait a moment for the answer alone: else each line of the trace wakes this process, which
                # takes the processor from the program.
                select.select([self._control], [], [], _LINES_S)
        self.drain()  # what was written before the answer is there

    # --------------------------------------------------------------------------------------------
    # What goes to the program

    @property
    def faults(self) -> list[str]:
        """The traceback of the app fault, if there was one."""
        return self.trace.faults

    @property
    def last_drawing(self) -> Drawing | None:
        """What the screen shows."""
        return self.trace.drawings[-1] if self.trace.drawings else None

    def begin_wait(self) -> None:
        """A test may just have told a server to answer. Its silence counts from now on."""
        self.command("grace again")

    def pass_time(self, ms: float) -> None:
        """Let time pass up to the next deadline, so much at most."""
        self.command(f"step {ms:.3f}")

    def command(self, text: str) -> None:
        """Send a command of tools/preload/README.md, and wait for its answer or the program's end."""
        if not self.runs:
            return
        self._answer = None
        self.send(text)
        self._wait_for_answer(text)
        words = (self._answer or "").split()
        if words[:1] == ["error"]:
            raise ValueError(f"{text}: {' '.join(words[1:])}")
        if words[:1] == ["idle"]:
            now = float(words[1])
            self._start_ms = now if self._start_ms is None else self._start_ms
            self.elapsed_ms = now - self._start_ms
            self.next_ms = None if words[2] == "none" else float(words[2])
        if not self._control:
            self._end()
            self.elapsed_ms = max(self.elapsed_ms, self.trace.last_ms)

    def tell_devices(self, lines: Iterable[dict]) -> None:
        """Send lines to the stand-ins of devices, now or when the app has imported one."""
        lines = list(lines)
        if not self._devices:
            self._devices_first += lines
        super().tell_devices(lines)


def make_store(folder: Path, kv: Mapping[str, str], images: Mapping[str, bytes | str | Path]) -> None:
    """Make the folder of a ROM store: key-value pairs, and images by their tags."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    write_pairs(folder, kv)
    for tag, image in images.items():
        if not isinstance(tag, str) or not tag or "/" in tag:
            raise ValueError(f"images: {tag!r} is no tag: a str without /")
        data = image if isinstance(image, bytes) else Path(image).read_bytes()
        ending = next((name for mark, name in _ENDINGS.items() if data.startswith(mark)), None)
        if ending is None:
            raise ValueError(f"images: {tag} is no PNG, BMP or JPEG")
        (folder / "images" / f"{tag}.{ending}").write_bytes(data)


def write_pairs(folder: Path, kv: Mapping[str, str]) -> None:
    """Write the key-value pairs of a store. The app reads them at its next KvStore.get()."""
    for key, value in kv.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"kv: {key!r}: {value!r}: the dock's settings are str")
    part = folder / "kv.json.part"
    part.write_text(json.dumps(dict(kv)))
    part.rename(folder / "kv.json")


__all__ = ["Program", "Stuck", "find_program", "make_store", "write_pairs"]
