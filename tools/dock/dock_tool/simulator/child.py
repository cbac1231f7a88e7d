# SPDX-License-Identifier: MIT
"""One run of the host program, in the simulator's event loop: what it tells becomes the history."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dock_tool.link import Link, clean_environment
from dock_tool.simulator.history import History, Run

_LOG_LINE = 1 << 20  # characters
_PATIENCE_S = 3.0  # after Ctrl-C
_DEADLINE_S = 60.0  # of an answer of the clock


@dataclass(frozen=True)
class Command:
    """What is started."""

    program: Path
    app: Path
    args: list[str]
    store: Path | None
    library: Path | None  # simulates network and clock


class Child(Link):
    """A program that runs. ended() waits until it has ended."""

    def __init__(
        self,
        command: Command,
        history: History,
        conditions: list[str],
        on_devices: Callable[[], list[dict]],
        on_device_line: Callable[[dict], None],
    ) -> None:
        """Start it. Raises OSError."""
        self._history = history
        self.run: Run = history.begin()
        self.first_devices = on_devices
        self.take_device = on_device_line
        self._lines_of = {"stdout": "", "stderr": ""}  # what has no line end so far
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()
        self._asking = asyncio.Lock()
        self._owed = 0  # answers that have not come
        self._over = asyncio.Event()
        env = clean_environment()
        env |= {name: value for name, value in os.environ.items() if name == "DL7450_STRICT"}
        if command.store:
            env["DL7450_ROM"] = str(command.store)
        super().__init__(
            [command.program, command.app, *command.args],
            env=env,
            library=command.library,
            conditions=conditions,
            session=True,  # Ctrl-C at the terminal is for the simulator, which ends the program
        )

    async def ended(self) -> int:
        """Wait for the program's end. Gives its exit code; negative is a signal's number."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self.fileno(), self.poll)
        try:
            code = await loop.run_in_executor(None, self.process.wait)
        finally:
            loop.remove_reader(self.fileno())
            self.finish()
            self._answers.put_nowait(None)
            self._over.set()
        self._history.flush_log()
        self._history.end_run()
        return code

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    @property
    def runs(self) -> bool:
        """Whether the program has not ended."""
        return self.process.returncode is None

    async def stop(self) -> None:
        """End the program as Ctrl-C does; if that does not help, at once."""
        if not self.runs:
            return
        self.release()
        self.process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._over.wait(), _PATIENCE_S)
        except TimeoutError:
            self._history.say(f"the app did not end within {_PATIENCE_S:.0f} s of Ctrl-C: it was killed")
            self.process.kill()
            await self._over.wait()

    # What comes from the program

    def take_output(self, name: str, text: str) -> None:
        """Write its lines to the terminal and the log."""
        with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
            echo = getattr(sys, name)
            echo.write(text)
            echo.flush()
        *lines, rest = (self._lines_of[name] + text).split("\n")
        if not text or len(rest) > _LOG_LINE:
            lines, rest = [*lines, rest] if rest else lines, ""
        self._lines_of[name] = rest
        for line in lines:
            self._history.write(name, line.rstrip("\r"))

    def take_trace(self, event: dict) -> None:
        """Keep it."""
        if self.run.refused:
            return
        try:
            self._history.take(self.run, event)
        except ValueError as error:
            self.run.refused = str(error)
            self._history.say(f"{error}. The page shows only the log")
        except LookupError:
            pass  # of a request whose first lines the trace had to drop

    def refuse(self, text: str) -> None:
        """Say it in the log."""
        self._history.say(text)

    # Network and clock

    def take_answer(self, text: str) -> None:
        """Give it to ask()."""
        self._answers.put_nowait(text)

    async def ask(self, command: str) -> str:
        """Send a command of tools/preload/README.md. Gives the answer. Raises ValueError for a wrong one."""
        async with self._asking:
            if not self._control:
                return ""
            self.send(command)
            self._owed += 1
            while self._owed:  # an earlier command's answer may have come too late
                answer = await asyncio.wait_for(self._answers.get(), _DEADLINE_S) or ""
                self._owed -= 1
        if answer.startswith("error"):
            raise ValueError(f"{command}: {answer.removeprefix('error ')}")
        return answer
