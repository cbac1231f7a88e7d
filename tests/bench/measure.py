# SPDX-License-Identifier: MIT
"""Measures clients: by the clock, in turns, or by the number of instructions."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.clients import Command
from support.program import clean_environment

_LIMIT_S = 120  # longer than any client takes
_ROUNDS = 21

Figures = dict[str, list[float]]  # what a client printed: lines of a name and numbers


class Measure:
    """Measures clients on one core."""

    def __init__(self, folder: Path, cpu: int) -> None:
        self.folder = folder
        self._cpu = cpu

    def _pinned(self, command: Command) -> Command:
        return ["taskset", "-c", str(self._cpu), *command]

    @contextmanager
    def core(self) -> Iterator[None]:
        """What is started in the `with` runs on the core of the clients."""
        own = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._cpu})
        try:
            yield
        finally:
            os.sched_setaffinity(0, own)

    def start(self, command: Command) -> "subprocess.Popen[bytes]":
        """Start a client; the caller reads its stdout."""
        return subprocess.Popen(
            self._pinned(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=clean_environment(),
            cwd=self.folder,
        )

    def run(self, command: Command) -> Figures:
        """Run a client to its end; return the figures that it printed.

        RuntimeError if it failed: then there are no figures to compare.
        """
        process = self.start(command)
        try:
            output, _ = process.communicate(timeout=_LIMIT_S)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: exit code {process.returncode}")
        lines = [line.split() for line in output.decode().splitlines()]
        return {name: [float(number) for number in numbers] for name, *numbers in lines}

    def seconds(self, command: Command) -> float:
        """Return the time that a client measured itself."""
        return self.run(command)["seconds"][0]

    def in_turn(
        self,
        commands: Mapping[str, Command],
        measure: Callable[[Command], float] | None = None,
        rounds: int = _ROUNDS,
    ) -> dict[str, list[float]]:
        """Measure each client once in each round, so that a busy moment affects all clients.

        measure: returns a client's figure; the default is seconds().
        """
        measure = measure or self.seconds
        values: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                values[name].append(measure(command))
        return values

    def first_byte(self, command: Command) -> float:
        """Return the seconds from the start of a program to the first byte on its stdout."""
        start = time.perf_counter()
        process = self.start(command)
        assert process.stdout
        try:
            byte = os.read(process.stdout.fileno(), 1)
            seconds = time.perf_counter() - start
            process.communicate(timeout=_LIMIT_S)
        finally:
            process.kill()
            process.wait()
        if not byte or process.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: no answer, exit code {process.returncode}")
        return seconds

    def instructions(self, command: Callable[[int], Command], few: int, many: int, runs: int = 3) -> float:
        """Return the instructions of one request: the difference of two runs by that of their counts.

        It is the median of some runs: sometimes a client polls before the response has arrived.
        """
        return median(
            (self._collected(command(many)) - self._collected(command(few))) / (many - few)
            for _ in range(runs)
        )

    def _collected(self, command: Command) -> int:
        out = self.folder / "callgrind.out"
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q"]
        run = subprocess.run(
            self._pinned([*callgrind, *command]),
            env=clean_environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
        )
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
        if run.returncode != 0 or not found:
            said = run.stderr.decode()[-500:]
            raise RuntimeError(f"{' '.join(map(str, command))}: under callgrind: {said}")
        return int(found[1])
