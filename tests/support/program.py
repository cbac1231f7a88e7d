# SPDX-License-Identifier: MIT
"""Runs apps on the program under test, the host build."""

import ast
import os
import signal
import subprocess
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.process_state import wait_until_busy

_NOT_INHERITED = (
    "MICROPYPATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_PRELOAD",
    "DL7450_SCREEN",
    "DL7450_ROM",
    "DL7450_DEVICES",
    "DL7450_TRACE",
    "DL7450_TRACE_BODIES",
    "DL7450_CONDITIONS",
    "DL7450_SIMULATION",
)

# The first lines of every script, unless preamble is False.
_PREAMBLE = """\
import gc
import http
import sys
import time


def show(*values):
    print(repr(values))


def compute(seconds):
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < seconds * 1000:
        sum(range(100))


def settle(seconds):
    # As compute(), but stats() lets an engine without a thread make progress too.
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < seconds * 1000:
        http.stats()


def finish(requests):
    # Until the engine is done with all of them. The module does not notice: no Response is handed over.
    while not all(http._request._http.wait(request._id, 0) for request in requests):
        pass


"""


@dataclass(frozen=True)
class Run:
    """How a program ended."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float

    def ok(self) -> "Run":
        """Check that the app ended without a fault; returns itself."""
        assert (self.returncode, self.stderr) == (0, ""), self
        return self

    @property
    def lines(self) -> list[tuple]:
        """The values of each show(), one tuple a call. The exit code is not checked."""
        return [ast.literal_eval(line) for line in self.stdout.splitlines() if line.startswith("(")]

    @property
    def shown(self) -> tuple:
        """The values of the only show(). The app must have ended without a fault."""
        lines = self.ok().lines
        assert len(lines) == 1, self
        return lines[0]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, without the variables that change how the program behaves, plus extra."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_INHERITED and not name.lower().endswith("_proxy")
    }
    return env | dict(extra or {})


@dataclass(frozen=True)
class Program:
    """The program under test, and the folder that scripts are written to."""

    binary: Path
    folder: Path

    def write(self, code: str, *, preamble: bool = True, **names: object) -> Path:
        """Write an app; each of names is a global of it."""
        constants = "".join(f"{name} = {value!r}\n" for name, value in names.items())
        path = self.folder / "app.py"
        path.write_text((_PREAMBLE if preamble else "") + constants + textwrap.dedent(code))
        return path

    def __call__(
        self,
        code: str,
        *,
        preamble: bool = True,
        heap: str | None = None,
        env: Mapping[str, str] | None = None,
        interrupt_at: str | None = None,
        wrapper: Sequence[str] = (),
        timeout: float = 30,
        **names: object,
    ) -> Run:
        """Run an app to its end.

        heap: fixed size of MicroPython's heap, for example "256K".
        interrupt_at: a line on stdout. After it, when the app waits or computes, it gets SIGINT.
        wrapper: the command to run the program under.
        """
        options = ["-X", f"heapsize={heap}"] if heap else []
        script = self.write(code, preamble=preamble, **names)
        return self.command(
            [*options, script], env=env, interrupt_at=interrupt_at, wrapper=wrapper, timeout=timeout
        )

    def command(
        self,
        args: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str | None = None,
        interrupt_at: str | None = None,
        wrapper: Sequence[str] = (),
        timeout: float = 30,
    ) -> Run:
        """Run the program with these arguments to its end."""
        start = time.monotonic()
        process = subprocess.Popen(
            [*wrapper, self.binary, *args],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or self.folder,
            env=clean_environment(env),
        )
        try:
            seen = _interrupt(process, interrupt_at) if interrupt_at else b""
            stdout, stderr = process.communicate(stdin.encode() if stdin else None, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError(f"no end after {timeout} s; {stdout=} {stderr=}") from error
        finally:
            process.kill()
            process.wait()
        seconds = time.monotonic() - start
        return Run(process.returncode, (seen + stdout).decode(), stderr.decode(), seconds)


def _interrupt(process: subprocess.Popen[bytes], marker: str) -> bytes:
    """Wait for the marker, then send SIGINT; returns the output up to the marker."""
    assert process.stdout
    seen = b""
    while not seen.endswith(f"{marker}\n".encode()):
        byte = os.read(process.stdout.fileno(), 1)  # no buffer: communicate() reads on from here
        assert byte, f"the program ended before {marker}: {seen!r}"
        seen += byte
    wait_until_busy(process.pid)
    process.send_signal(signal.SIGINT)
    return seen
