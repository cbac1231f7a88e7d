# SPDX-License-Identifier: MIT
"""What every row needs: who is measured, against whom, and how."""

from dataclasses import dataclass
from pathlib import Path

from bench.clients import Clients
from bench.measure import Measure
from bench.web import Web


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    machine: Clients  # over this machine's libcurl
    firmware: Clients  # over the firmware's
    web: Web
    measure: Measure
    files: Path  # a folder for what is written

    @property
    def both(self) -> tuple[Clients, Clients]:
        """The clients of the two libcurls."""
        return self.machine, self.firmware
