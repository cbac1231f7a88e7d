# SPDX-License-Identifier: MIT
"""What every row needs: the clients, the server, and the way to measure."""

from dataclasses import dataclass
from pathlib import Path

from bench.clients import Clients
from bench.measure import Measure
from bench.web import Web


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    machine: Clients  # with this machine's libcurl
    firmware: Clients  # with the firmware's libcurl
    web: Web
    measure: Measure
    files: Path  # a folder for output files

    @property
    def both(self) -> tuple[Clients, Clients]:
        """Return the clients of both libcurls."""
        return self.machine, self.firmware
