# SPDX-License-Identifier: MIT
"""The second half of the soak: many apps in one process, which end while their requests are in flight.

They run one after the other on the serial line (tests/support/serial_board.py). The REPL starts them, or a
soft reset does. Each ends by sys.exit() or by a fault, at different places, or it is ended by Ctrl-C or by a
soft reset. Then apps/ledger.py plays the next app and checks what is left.
"""

import json
import random
import time
from collections import Counter
from pathlib import Path

from soak.levels import CLOSING_SECONDS, THREADS, Outcome, settled, threads
from soak.site import Site
from support.serial_board import Line, SerialBoard, descriptors

_APPS = Path(__file__).parent / "apps"
_APP = _APPS / "isolated.py"
_RAW = "raw REPL; CTRL-B to exit\r\n>"
_PROGRESS_SECONDS = 5
_MOST_DELAY = 0.03  # seconds, from the sixteenth request to the end
_SLOTS = 16

# How an app ends, where in its code, and how often.
_ENDS = [
    *[(how, where, 2) for how in ("exit", "fault") for where in ("main", "task", "timer", "on_complete")],
    *[(how, where, 1) for how in ("exit", "fault") for where in ("on_data", "on_progress")],
    *[("Ctrl-C", where, 1) for where in ("main", "task", "sync", "idle")],
    ("soft reset", "main", 2),
]


def isolate(binary: Path, folder: Path, site: Site, apps: int, seed: int) -> Outcome:
    """Run this many apps; returns the figures and the problems."""
    (folder / "isolation").mkdir()
    downloads = folder / "isolation/downloads"
    downloads.mkdir()
    board = SerialBoard(binary, folder / "isolation")
    try:
        with Line(board.port) as line:
            rounds = _Rounds(board, line, site | {"downloads": str(downloads)}, random.Random(seed))
            try:
                rounds.run(apps)
            except AssertionError as error:
                rounds.problems.append(f"app {rounds.number}, {rounds.end}: {error}")
            return rounds.outcome()
    finally:
        board.close()


class _Rounds:
    """One app after the other, all in one process."""

    def __init__(self, board: SerialBoard, line: Line, site: Site, chance: random.Random) -> None:
        self._board = board
        self._line = line
        self._site = site
        self._chance = chance
        self._settings = board.log.parent / "round.json"
        self._downloads = Path(str(site["downloads"]))
        self._cold: list[str] = []  # descriptors before the first request
        self._warm: Counter[str] = Counter()  # and with the kept connections of the next app
        self._left: list[int] = []
        self._ends: Counter[str] = Counter()
        self._start = self._told = time.monotonic()
        self.number = 0
        self.end = ""
        self.problems: list[str] = []

    def run(self, apps: int) -> None:
        """Run this many apps; stop early after a problem."""
        self._write("exit", "main")
        self._board.start(_APP, self._settings)
        self._line.until(">>> ")
        self._line.send("\x01")
        self._line.until(_RAW)
        self._soft_reset()
        self._cold = list(descriptors(self._board.pid))
        self._check()
        self._warm = self._kinds()
        ends = [(how, where) for how, where, weight in _ENDS for _ in range(weight)]
        while self.number < apps and not self.problems:
            self.number += 1
            self._round(*self._chance.choice(ends))
            if time.monotonic() - self._told > _PROGRESS_SECONDS:
                self._told = time.monotonic()
                print(f"{self.number:7} of {apps} apps", flush=True)

    def _write(self, how: str, where: str) -> None:
        more = {"number": self.number, "how": how, "where": where, "seed": self._chance.getrandbits(24)}
        self._settings.write_text(json.dumps(self._site | more))

    def _round(self, how: str, where: str) -> None:
        self._write(how, where)
        boots = how != "soft reset" and self._chance.random() < 0.2
        self.end = f"{how} in {where}{', after a boot' if boots else ''}"
        self._ends[how] += 1
        if how == "soft reset":
            self._replace_by_soft_reset()
        elif boots:
            self._boot(how)
        else:
            self._run_at_the_repl(how)
        self._check()
        # Wait for the threads first: a resolver thread of a cancelled request may have a file open.
        count = settled(lambda: threads(self._board.pid), THREADS)
        if count > THREADS:
            self._wrong(f"{count} threads")
        # Newer versions of libcurl close a TLS connection when the server agrees, and only while driven.
        deadline = time.monotonic() + CLOSING_SECONDS
        while self._kinds()["socket"] > self._warm["socket"] and time.monotonic() < deadline:
            self._raw(f"ledger.http.get('{self._site['wire']}/drip?id=10000')")
        if self._kinds() != self._warm:
            self._wrong(f"descriptors {self._kinds()}, not {self._warm}")

    def _run_at_the_repl(self, how: str) -> None:
        self._line.send(f"import _app\nprint('code', _app.run('{_APP}', '{self._settings}'))\x04")
        self._line.until("OK")
        if how == "Ctrl-C":
            self._line.until(f"ready {self.number}\r\n")
            self._interrupt()
        said = self._line.until("\x04") + self._line.until("\x04")
        self._line.until(">")
        expected = {"exit": "code 7", "fault": f"AppFault: {self.number}", "Ctrl-C": "KeyboardInterrupt"}[how]
        if expected not in said:
            self._wrong(f"no {expected} in {said}")

    def _boot(self, how: str) -> None:
        self._line.send("\x02")
        self._line.until(">>> ")
        self._line.send("\x04")
        self._line.until("MPY: soft reboot\r\n")
        if how == "Ctrl-C":
            self._board.wait_for_log(f"ready {self.number}\n")
            self._interrupt()
        self._line.until(">>> ")
        self._line.send("\x01")
        self._line.until(_RAW)

    def _replace_by_soft_reset(self) -> None:
        self._raw(f"import sys\nsys.path.append('{_APPS}')\nsys.argv[:] = ['', '{self._settings}']")
        self._raw(f"execfile('{_APP}')")
        time.sleep(self._chance.random() * _MOST_DELAY)
        self._left.append(int(self._raw("import http\nprint(http.stats()['in_flight'])")))
        self._soft_reset()
        if list(descriptors(self._board.pid)) != self._cold:
            self._wrong(f"descriptors {descriptors(self._board.pid)}, not {self._cold}")

    def _soft_reset(self) -> None:
        self._line.send("\x04")
        self._line.until("MPY: soft reboot\r\n" + _RAW)

    def _interrupt(self) -> None:
        time.sleep(self._chance.random() * _MOST_DELAY)
        self._line.send("\x03")

    def _raw(self, code: str) -> str:
        return self._line.raw(code)

    def _check(self) -> None:
        """Check that nothing is left of the app, and that the next one works."""
        self._raw(f"import sys\nsys.path.append('{_APPS}')\nimport ledger")
        said = self._raw(f"ledger.check('{self._site['wire']}/meet')")
        try:
            found = json.loads(said)
        except ValueError:
            self._wrong(f"the next app failed: {said}")
            return
        stats = found["stats"]
        if (stats["in_flight"], stats["free"], stats["bytes_held"]) != (0, _SLOTS, 0):
            self._wrong(f"left behind: {stats}")
        if found["statuses"] != [200] * (_SLOTS + 1):
            self._wrong(f"the next app's requests ended with {found['statuses']}")
        if found["late"]:
            self._wrong(f"called when it was over: {', '.join(found['late'])}")
        parts = [path.name for path in self._downloads.glob("*.part")]
        if parts:
            self._wrong(f"left in the folder: {parts}")
        if found["left"] is not None:
            self._left.append(found["left"])

    def _kinds(self) -> Counter[str]:
        return Counter(name.partition(":[")[0] for name in descriptors(self._board.pid))

    def _wrong(self, what: str) -> None:
        self.problems.append(f"app {self.number}, {self.end}: {what}")

    def outcome(self) -> Outcome:
        """The figures and the problems."""
        ends = ", ".join(f"{how} {count}" for how, count in sorted(self._ends.items()))
        left = f"{min(self._left)} to {max(self._left)}" if self._left else "unknown"
        return Outcome(
            [
                f"{self.number} apps in one process, {time.monotonic() - self._start:.0f} s; ends: {ends}",
                f"in flight when an app ended: {left} of {_SLOTS}; afterwards all slots free",
                f"descriptors before the first request {len(self._cold)}, after a soft reset the same; "
                f"with {_SLOTS} kept connections {self._warm.total()} at all times",
            ],
            self.problems,
        )
