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

_NOT_INHERITED = ("MICROPYPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_PRELOAD", "DL7450_SCREEN", "DL7450_ROM")

# What every script starts with, unless it asks for nothing.
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
    # As compute(), but an engine without a thread makes progress too: it does when it is asked.
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < seconds * 1000:
        http.stats()


def finish(requests):
    # Until all of them are done, and none of them has been handed over: the module does not hear of it.
    while not all(http._request._http.is_done(request._id) for request in requests):
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
        """Itself, after a check that the app ended without a fault."""
        assert (self.returncode, self.stderr) == (0, ""), self
        return self

    @property
    def lines(self) -> list[tuple]:
        """What each show() showed, one tuple a call; whatever the exit code was."""
        return [ast.literal_eval(line) for line in self.stdout.splitlines() if line.startswith("(")]

    @property
    def shown(self) -> tuple:
        """What the only show() of a faultless app showed."""
        lines = self.ok().lines
        assert len(lines) == 1, self
        return lines[0]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what would change how the program behaves, plus extra."""
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
        interrupt_at: a line on stdout; the app gets SIGINT when it waits, or computes, behind it.
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
    """Send SIGINT after the marker; gives what came up to it."""
    assert process.stdout
    seen = b""
    while not seen.endswith(f"{marker}\n".encode()):
        byte = os.read(process.stdout.fileno(), 1)  # no buffer: communicate() reads on from here
        assert byte, f"the program ended before {marker}: {seen!r}"
        seen += byte
    wait_until_busy(process.pid)
    process.send_signal(signal.SIGINT)
    return seen
