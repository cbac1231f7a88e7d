# SPDX-License-Identifier: MIT
"""A `dock simulate` that runs, for the tests of its page."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from support.program import clean_environment

CHROMIUM = "/usr/bin/chromium-headless-shell"  # Debian's


class Simulator:
    """A running `dock simulate`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output = ""
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        match = self.wait_for(r"is shown at (http://127\.0\.0\.1:(\d+)/([\w-]+)/) ")
        self.url, self.port, self.token = match[1], int(match[2]), match[3]

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._said:
                self.output += line
                self._said.notify_all()
        with self._said:
            self._said.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the output has it."""
        with self._said:
            self._said.wait_for(
                lambda: re.search(pattern, self.output) or self.process.poll() is not None, 30
            )
            match = re.search(pattern, self.output)
            assert match, f"{pattern} does not come: {self.output}"
            return match

    def get(self, path: str, **fields: str) -> requests.Response:
        """Ask for something below the token."""
        return requests.get(self.url + path, headers=fields, timeout=20)

    def do(self, command: str, **values: object) -> requests.Response:
        """Give a command, as the page does."""
        origin = f"http://127.0.0.1:{self.port}"
        return requests.post(f"{self.url}do/{command}", json=values, headers={"Origin": origin}, timeout=20)

    @contextmanager
    def events(self) -> Iterator[Iterator[dict]]:
        """Listen to the events, as a page does."""
        with requests.get(f"{self.url}events", stream=True, timeout=20) as answer:
            yield (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith(b"data: "))

    def end(self) -> int:
        """Ctrl-C. Gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self._reader.join()


@contextmanager
def running(command: list[str | Path], env: dict[str, str] | None = None) -> Iterator[Simulator]:
    """Run a command that starts the simulator."""
    environment = clean_environment({"SSH_CONNECTION": "", "PYTHONUNBUFFERED": "1"} | (env or {}))
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    simulator = None
    try:
        simulator = Simulator(process)
        yield simulator
    finally:
        if simulator:
            simulator.end()
        process.kill()
        process.wait()
