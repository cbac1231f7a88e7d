# SPDX-License-Identifier: MIT
"""The REPL of the program under test on a pseudo-terminal."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from support.program import clean_environment


class Repl:
    """The program on a pseudo-terminal."""

    def __init__(self, binary: Path, cwd: Path) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            ["setsid", "--ctty", binary],  # Ctrl-C needs a controlling terminal
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env=clean_environment(),
            close_fds=True,
        )
        os.close(slave)
        self.read_to(">>> ")

    def __del__(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def send(self, text: str) -> None:
        """Type without waiting."""
        os.write(self._master, text.encode())

    def type(self, line: str, end: str = "\r") -> str:
        """Type a line; returns the output up to the next prompt, without the echo."""
        self.send(line + end)
        return self.read_to(">>> ").replace(line, "", 1)

    def read_to(self, end: str) -> str:
        """Return the output up to this text, which nothing follows."""
        output = ""
        deadline = time.monotonic() + 10
        while not output.endswith(end):
            ready, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {end!r} after: {output!r}"
            output += os.read(self._master, 4096).decode()
        return output
