# SPDX-License-Identifier: MIT
"""One run of the host program: its output, and the three sockets that lead to it.

They are the trace (firmware/standins/TRACE.md), the devices (firmware/standins/README.md), and the network
and clock (tools/preload/README.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dock_tool.simulator.history import History, Run

_LINE = 64 << 20  # bytes; a drawing has its background's file in it
_LOG_LINE = 1 << 20
_PATIENCE_S = 3.0  # after Ctrl-C
_DEADLINE_S = 60.0  # of an answer of the clock
_NOT_INHERITED = ("MICROPYPATH", "LD_PRELOAD")


@dataclass(frozen=True)
class Command:
    """What is started."""

    program: Path
    app: Path
    args: list[str]
    store: Path | None
    library: Path | None  # simulates network and clock


class Child:
    """A program that runs. start(), then ended() until it has ended."""

    def __init__(self, command: Command, history: History, folder: Path) -> None:
        self._command = command
        self._history = history
        self._folder = folder
        self.run: Run = history.begin()
        self._process: asyncio.subprocess.Process
        self._servers: list[asyncio.Server] = []
        self._readers: set[asyncio.Task] = set()
        self._devices: asyncio.StreamWriter | None = None
        self._control: asyncio.StreamWriter | None = None
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()
        self._asking = asyncio.Lock()
        self._owed = 0  # answers that have not come
        self.on_devices: Callable[[], list[dict]] = list
        self.on_device_line: Callable[[dict], None] = lambda line: None

    async def start(self, conditions: list[str]) -> None:
        """Start the program. Raises OSError."""
        env = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED and not k.startswith("DL7450_")}
        env |= {k: v for k, v in os.environ.items() if k == "DL7450_STRICT"}
        channels = {"TRACE": self._read_trace, "DEVICES": self._serve_devices}
        if self._command.library:
            env |= {"LD_PRELOAD": str(self._command.library), "DL7450_CONDITIONS": "\n".join(conditions)}
            channels["SIMULATION"] = self._read_answers
        for name, serve in channels.items():
            path = self._folder / f"{self.run.number}-{name.lower()}"
            self._servers.append(await asyncio.start_unix_server(self._kept(serve), path, limit=_LINE))
            env[f"DL7450_{name}"] = str(path)
        if self._command.store:
            env["DL7450_ROM"] = str(self._command.store)
        self._process = await asyncio.create_subprocess_exec(
            self._command.program,
            self._command.app,
            *self._command.args,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=env,
            start_new_session=True,  # Ctrl-C at the terminal is for the simulator, which ends the program
            limit=_LOG_LINE,
        )

    def _kept(self, serve: Callable) -> Callable:
        # The server of a socket; its connections are waited for when the program has ended.
        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            self._readers.add(task)
            try:
                await serve(reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                self._readers.discard(task)
                writer.close()

        return accepted

    async def ended(self) -> int:
        """Wait for the program's end. Gives its exit code; negative is a signal's number."""
        output = [
            asyncio.create_task(self._read_output(stream, name, echo))
            for stream, name, echo in (
                (self._process.stdout, "stdout", sys.stdout),
                (self._process.stderr, "stderr", sys.stderr),
            )
        ]
        code = await self._process.wait()
        # What it wrote last is still in the sockets. A child of its own could keep a pipe open.
        await asyncio.wait([*output, *self._readers], timeout=1)
        for task in (*output, *self._readers):
            task.cancel()
        for server in self._servers:
            server.close()
        self._history.flush_log()
        self._history.end_run()
        return code

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the program has not ended."""
        return self._process.returncode is None

    async def stop(self) -> None:
        """End the program as Ctrl-C does; if that does not help, at once."""
        if not self.runs:
            return
        if self._control:
            self._control.close()  # the clock runs: what the app still does comes to an end
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._process.wait(), _PATIENCE_S)
        except TimeoutError:
            self._history.say(f"the app did not end within {_PATIENCE_S:.0f} s of Ctrl-C: it was killed")
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End the program at once, without waiting."""
        with contextlib.suppress(ProcessLookupError, AttributeError):
            self._process.kill()

    # What comes from the program

    async def _read_output(self, stream: asyncio.StreamReader, name: str, echo: object) -> None:
        while True:
            try:
                line = await stream.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                line = end.partial
            except asyncio.LimitOverrunError as end:
                line = await stream.read(end.consumed or 1)
            if not line:
                return
            text = line.decode("utf-8", "replace")
            with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
                echo.write(text)
                echo.flush()
            self._history.write(name, text.rstrip("\r\n"))

    async def _read_trace(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        async for line in reader:
            if self.run.refused:
                continue
            try:
                self._history.feed(self.run, line)
            except ValueError as error:
                self.run.refused = str(error)
                self._history.say(f"{error}. The page shows only the log")
            except LookupError:
                pass  # of a request whose first lines the trace had to drop

    async def _serve_devices(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version = json.loads(await reader.readline() or b"{}").get("version", 0)
        if version != 1:
            self._history.say(
                f"devices have version {version}; this dock knows 1: the Dock part does nothing"
            )
        self._devices = writer
        self.send_devices([*self.on_devices(), {"ready": True}])
        async for line in reader:
            self.on_device_line(json.loads(line))
        self._devices = None

    def send_devices(self, lines: list[dict]) -> None:
        """Send lines to the stand-ins of devices, if the app has imported one."""
        if self._devices:
            self._devices.write("".join(json.dumps(line) + "\n" for line in lines).encode())

    # Network and clock

    async def _read_answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = (await reader.readline()).split()
        if hello[:2] != [b"simulation", b"1"]:
            self._history.say(f"this dock does not know the simulation {hello}: network and clock are real")
            return
        self._control = writer
        async for line in reader:
            self._answers.put_nowait(line.decode().strip())
        self._control = None
        self._answers.put_nowait(None)

    async def ask(self, command: str) -> str:
        """Send a command of tools/preload/README.md. Gives the answer. Raises ValueError for a wrong one."""
        async with self._asking:
            if not self._control:
                return ""
            self._control.write(f"{command}\n".encode())
            self._owed += 1
            while self._owed:  # an earlier command's answer may have come too late
                answer = await asyncio.wait_for(self._answers.get(), _DEADLINE_S) or ""
                self._owed -= 1
        if answer.startswith("error"):
            raise ValueError(f"{command}: {answer.removeprefix('error ')}")
        return answer
