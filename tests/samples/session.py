# SPDX-License-Identifier: MIT
"""One sample that runs: its screen, its log, and the devices that the outside drives."""

import json
import re
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

from samples.site import Site
from support.devices import Peer
from support.program import clean_environment

_SECONDS = 40.0  # for the whole sample
_LOOK_SECONDS = 0.02


class Ended(Exception):
    """The sample ended by itself, or did not show what it should in time."""


class Session:
    """Runs a sample from `with` to its end. The devices get `lines` before it starts."""

    def __init__(
        self, binary: Path, sample: Path, site: Site, folder: Path, store: Path | None, lines: list[dict]
    ) -> None:
        self._command = [binary, sample]
        self._folder = folder
        self._screen = folder / "screen"
        self._log = folder / "log"
        self._end = time.monotonic() + _SECONDS
        self._lines = lines
        self.slides = site.slides
        self._environment = clean_environment(
            {
                **site.environment,
                "DL7450_SCREEN": str(self._screen),
                "DL7450_DEVICES": str(folder / "devices"),
                **({"DL7450_ROM": str(store)} if store else {}),
            }
        )
        self._stack = ExitStack()
        self.peer: Peer | None = None  # None until the sample has imported a device

    def __enter__(self) -> "Session":
        self._listener = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        self._listener.bind(str(self._folder / "devices"))
        self._listener.listen()
        self._listener.setblocking(False)
        log = self._stack.enter_context(self._log.open("wb"))
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=self._environment,
        )
        self._stack.callback(self._process.wait)
        self._stack.callback(self._process.kill)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def log(self) -> str:
        """What the sample has printed."""
        return self._log.read_text(errors="replace")

    def texts(self) -> list[str]:
        """The lines of text on the screen, without markup."""
        try:
            boxes = json.loads((self._screen / "screen.json").read_text())["boxes"]
        except FileNotFoundError:
            return []
        lines = (line for box in boxes for line in box["lines"])
        plain = (re.sub("<[^>]*>", "", line).strip() for line in lines)
        return [line for line in plain if line]

    def background(self) -> str:
        """The name of the slide that is the background; "" without one."""
        with suppress(FileNotFoundError):
            return self.slides.get((self._screen / "background.png").read_bytes(), "another picture")
        return ""

    def wait_text(self, pattern: str) -> str:
        """Return the first line on the screen that matches, as soon as there is one."""
        while True:
            for line in self.texts():
                if re.search(pattern, line):
                    return line
            self.look(f"no text like '{pattern}'")

    def wait_background(self, other_than: str = "") -> str:
        """Return the name of the background, as soon as there is another one."""
        while (name := self.background()) in ("", other_than):
            self.look("no new background")
        return name

    def look(self, missing: str) -> None:
        """Let a moment pass. Raises Ended when the sample is over, or its time."""
        self._accept()
        code = self._process.poll()
        if code is not None:
            raise Ended(self.fault() if code else f"it ended; {missing}, the screen has {self.texts()}")
        if time.monotonic() > self._end:
            raise Ended(f"{missing} after {_SECONDS:.0f} s; the screen has {self.texts()}")
        time.sleep(_LOOK_SECONDS)

    def fault(self) -> str:
        """The last line of the log: the exception."""
        return (self.log.strip().splitlines() or ["nothing in the log"])[-1]

    def _accept(self) -> None:
        # Devices ask for their state when the sample imports the first one.
        if self.peer is None:
            with suppress(BlockingIOError):
                conn, _ = self._listener.accept()
                conn.settimeout(_SECONDS)
                self.peer = Peer(self._stack.enter_context(conn))
                self._stack.enter_context(self.peer.lines)
                self.peer.ready(*self._lines)

    def devices(self) -> Peer:
        """The other end of the sample's devices, once it uses them."""
        while self.peer is None:
            self.look("it uses no device")
        return self.peer
