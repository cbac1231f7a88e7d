# SPDX-License-Identifier: MIT
"""Runs servers as child processes, on ports of their own, from when they answer until they are stopped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

HOST = "127.0.0.1"
_START_SECONDS = 10

Command = Sequence[str | Path]


@contextmanager
def daemon(ports: int, command: Callable[..., Command], log: Path) -> Iterator[list[int]]:
    """Run command(port, ...) until the end of the `with`. Gives the ports as soon as all of them answer.

    Raises RuntimeError when it does not start.
    """
    with reserved_ports(ports) as numbers:
        words = command(*numbers)
        with log.open("wb") as output:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            if not _answers(process, numbers[-1]):
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{Path(words[0]).name} did not start; it said: {said}")
            yield numbers
        finally:
            _stop(process)


@contextmanager
def reserved_ports(count: int) -> Iterator[list[int]]:
    """Reserve ports of the loopback until the end of the `with`: Linux gives them to no other program.

    They refuse connections until a server listens on them that sets SO_REUSEADDR.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, 0))
        yield [sock.getsockname()[1] for sock in sockets]


def find_program(variable: str, default: Path) -> Path:
    """Return the program that an environment variable names, or the default."""
    program = Path(os.environ.get(variable, default))
    found = shutil.which(program)
    assert found, f"nothing at {program}: run `make test`, or name a program in ${variable}"
    return Path(found)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return process.poll() is None
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
