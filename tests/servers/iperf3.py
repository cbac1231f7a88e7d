# SPDX-License-Identifier: MIT
"""A real iperf3 server on loopback, Debian's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon import daemon, find_program

_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def iperf3(log: Path) -> Iterator[int]:
    """Serve until the end of the `with`, one test at a time; gives the port. Tests are in the log."""
    program = find_program("IPERF3", _ROOT / "build/iperf3/usr/bin/iperf3")
    with daemon(1, lambda port: [program, "-s", "-J", "-B", "127.0.0.1", "-p", str(port)], log) as (port,):
        yield port
