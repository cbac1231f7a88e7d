# SPDX-License-Identifier: MIT
"""A run of the program up to its end, with what it prints."""

from __future__ import annotations

import signal
import time

from dock_tool.link import Link

__tracebackhide__ = True  # as in testing.py
_END_S = 20.0  # after Ctrl-C
_LOG_BYTES = 4 << 20


class Process(Link):
    """The program while it runs an app, and its log after it."""

    _ended = False
    _log = ""

    @property
    def log(self) -> str:
        """What the app has printed."""
        return self._log

    @property
    def runs(self) -> bool:
        """Whether the program has not ended."""
        return not self._ended

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the program runs."""
        return self.process.returncode if self._ended else None

    def take_output(self, name: str, text: str) -> None:
        """Keep it, up to a limit."""
        if len(self._log) < _LOG_BYTES:
            self._log += text
            if len(self._log) >= _LOG_BYTES:
                self._log += "\n... (the rest of the log is left out)\n"

    def stop(self) -> int:
        """Send Ctrl-C, and wait for the end. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.release()
        self._end()
        return self.process.returncode

    def _end(self) -> None:
        end = time.monotonic() + _END_S
        while self.process.poll() is None and time.monotonic() < end:
            self.poll(0.05)
        self.finish()
        self._ended = True
