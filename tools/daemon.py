# SPDX-License-Identifier: MIT
"""Foreign servers as child processes: free ports, a start that is waited for, a sure end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
_START_SECONDS = 10
_ATTEMPTS = 5  # another program may take a free port before the server does

Command = Sequence[str | Path]


@contextmanager
def daemon(ports: int, command: Callable[..., Command], log: Path) -> Iterator[list[int]]:
    """Run command(port, ...) until the end of the `with`; gives the ports when the last one answers.

    RuntimeError when it does not start.
    """
    for _ in range(_ATTEMPTS):
        numbers = free_ports(ports)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(*numbers), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            if _answers(process, numbers[-1]):
                yield numbers
                return
        finally:
            _stop(process)
    said = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{Path(command(*numbers)[0]).name} did not start; it said: {said}")


def find_program(variable: str, default: Path) -> Path:
    """The program that the environment variable names, else the default."""
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


def free_ports(count: int) -> list[int]:
    """Ports of the loopback on which nobody listens."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
