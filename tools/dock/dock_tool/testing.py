# SPDX-License-Identifier: MIT
"""What tests of apps work with: a dock, an app that runs on it, its screen, clock and network."""

from __future__ import annotations

import importlib.util
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from types import ModuleType

from dock_tool.failure import Exit, Failure
from dock_tool.network import Network
from dock_tool.program import not_started
from dock_tool.real import NotSimulated, RealProgram
from dock_tool.record import ALL_BODIES
from dock_tool.recording import INDEX
from dock_tool.replay import Replay
from dock_tool.simulation import Program, find_program, make_store, write_pairs
from dock_tool.trace import Drawing, Request, Timer

__tracebackhide__ = True  # pytest shows where the test is, not what happens here
_EDGE = 32  # of 255
_REAL_SERVER_MS = 30000  # how long a server may be silent while it is recorded


class NotReached(AssertionError):
    """What a test waits for has not come. The text describes the app."""

    def __init__(self, text: str, app: App) -> None:
        super().__init__(f"{text}\n{app.describe()}")
        self.app = app


class Clock:
    """The app's clock. It stands still until a test lets it go on."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def seconds(self) -> float:
        """How many seconds have passed for the app since its start."""
        return self._app._program.elapsed_ms / 1000

    def forward(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass: timers fire, deadlines come, answers are waited for."""
        ms = (seconds + 60 * minutes + 3600 * hours + 86400 * days) * 1000
        if ms < 0:
            raise ValueError("time does not go back")
        self._app._program.begin_wait()
        self._pass(f"forward {ms:.3f}")

    def step(self, *, seconds: float = 3600) -> None:
        """Let time pass up to what comes next: a timer, a deadline; so many seconds at most."""
        self._pass(f"step {seconds * 1000:.3f}")

    def _pass(self, command: str) -> None:
        # For an app that ended as it should, time passes as well: nothing happens. After a fault a test would
        # go on as if the app still did something.
        program = self._app._program
        if not program.is_real and not program.runs and program.faults:
            raise NotReached(f"no time passes: {self._app._how_it_ended()}", self._app)
        program.command(command)

    def set_time_of_day(self, unix_seconds: float) -> None:
        """The time of day is now this."""
        self._app._program.command(f"wall {unix_seconds:.3f}")


class Screen:
    """What the app has drawn."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def drawings(self) -> list[Drawing]:
        """All drawings, oldest first."""
        return self._app._program.trace.drawings

    @property
    def _last(self) -> Drawing | None:
        return self._app._program.last_drawing

    @property
    def boxes(self) -> list[dict]:
        """The text boxes of the last drawing: x, y, alignment, lines, markup."""
        drawing = self._last
        return drawing.boxes if drawing else []

    @property
    def texts(self) -> list[str]:
        """The text of each box."""
        return ["\n".join(box["lines"]) for box in self.boxes]

    @property
    def background(self) -> bytes | None:
        """The file of the background image."""
        drawing = self._last
        return drawing.image if drawing else None

    def has(self, text: str | None = None, background: bytes | None = None) -> bool:
        """Whether the screen shows this text, as a part of a box, and this background."""
        if not self._last:
            return False
        shows_text = text is None or any(text in shown for shown in self.texts)
        return shows_text and (background is None or self.background == background)

    def wait_for(
        self, text: str | None = None, background: bytes | None = None, *, seconds: float = 60
    ) -> None:
        """Let time pass until the screen shows it, so many simulated seconds at most."""
        what = " and ".join(
            [f"the text {text!r}"] * (text is not None) + ["that background"] * (background is not None)
        )
        self._app.wait_until(lambda: self.has(text, background), what or "a drawing", seconds=seconds)

    def write(self, folder: Path) -> None:
        """Write the screen as the files that DL7450_SCREEN would have (firmware/standins/splashscreen.py)."""
        drawing = self._last
        if not drawing:
            raise AssertionError("the app has drawn nothing")
        name = f"background.{drawing.background}" if drawing.background else None
        if name and drawing.image is not None:
            (folder / name).write_bytes(drawing.image)
        content = {
            "width": drawing.width,
            "height": drawing.height,
            "background": name,
            "boxes": drawing.boxes,
        }
        (folder / "screen.json").write_text(json.dumps(content | {"drawing": 1}))

    def picture(self):  # noqa: ANN201 - a PIL.Image.Image
        """What a person would see, as a picture (PIL.Image). AssertionError: there is none."""
        module = _screen_module()
        with tempfile.TemporaryDirectory(prefix="dock-") as folder:
            self.write(Path(folder))
            try:
                return module.draw(Path(folder)).picture
            except module.MarkupError as error:
                raise AssertionError(str(error)) from None
            except ValueError:  # names a file that is gone by now
                image = self.background or b""
                raise AssertionError(
                    f"the screen's background is no image that can be drawn: {len(image)} bytes that begin "
                    f"with {image[:16]!r}"
                ) from None

    def assert_looks_like(self, golden: str | Path, *, tolerance: float = 0.0001) -> None:
        """Compare with a picture. Without that file, the picture is written there, and the test fails.

        tolerance: the part of all pixels that may differ by more than the edges of letters do. The other
            picture is written beside it.
        """
        from PIL import Image, ImageChops, UnidentifiedImageError

        golden = Path(golden)
        seen = self.picture().convert("RGB")
        if not golden.exists():
            seen.save(golden)
            raise AssertionError(f"{golden} did not exist; it has now what the screen shows: look at it")
        try:
            with Image.open(golden) as file:
                wanted = file.convert("RGB")
        except (UnidentifiedImageError, SyntaxError):
            raise AssertionError(f"{golden} is no image") from None
        if wanted.size == seen.size:
            histogram = ImageChops.difference(wanted, seen).convert("L").histogram()
            differ = sum(histogram[_EDGE:]) / (seen.width * seen.height)
        else:
            differ = 1.0
        if differ > tolerance:
            beside = golden.with_suffix(".seen.png")
            seen.save(beside)
            raise AssertionError(f"{differ:.2%} of the pixels differ from {golden}: see {beside}")


def _screen_module() -> ModuleType:
    # tools/screen.py of the checkout that this package belongs to.
    if "screen" in sys.modules:
        return sys.modules["screen"]
    path = Path(__file__).resolve().parents[2] / "screen.py"
    if not path.is_file():
        raise AssertionError("pictures need tools/screen.py: install the package with pip install -e")
    sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location("screen", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["screen"] = module
    spec.loader.exec_module(module)
    return module


class Settings(MutableMapping[str, str]):
    """The key-value store of a running app. A change counts from the app's next KvStore.get() on."""

    def __init__(self, folder: Path, pairs: Mapping[str, str]) -> None:
        self._folder = folder
        self._pairs = dict(pairs)

    def __getitem__(self, key: str) -> str:
        return self._pairs[key]

    def __setitem__(self, key: str, value: str) -> None:
        write_pairs(self._folder, self._pairs | {key: value})
        self._pairs[key] = value

    def __delitem__(self, key: str) -> None:
        del self._pairs[key]
        write_pairs(self._folder, self._pairs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


class App:
    """An app that runs, or has run."""

    def __init__(self, program: Program | RealProgram, kv: Settings, path: Path) -> None:
        self._program = program
        self.path = path
        self.kv = kv
        self.clock = Clock(self)
        self.screen = Screen(self)
        self._has_looked = False  # at the fault, or at the exit code
        self._was_stopped = False  # by the test

    @property
    def requests(self) -> list[Request]:
        """All requests, in the order in which the app asked."""
        return self._program.trace.requests

    @property
    def log(self) -> str:
        """What the app has printed, and its tracebacks."""
        return self._program.log

    @property
    def faults(self) -> list[str]:
        """The traceback of the app fault, if there was one."""
        faults = self._program.faults
        self._has_looked |= bool(faults)
        return faults

    @property
    def unseen_fault(self) -> str | None:
        """The traceback or the signal, if the test has looked neither at faults nor at exit_code since."""
        if self._has_looked:
            return None
        faults, code = self._program.faults, self._program.exit_code
        if not faults and code is not None and code < 0 and not self._was_stopped:
            return f"signal {-code} has ended the program: {signal.strsignal(-code)}\n"
        return faults[-1] if faults else None

    @property
    def timers(self) -> list[Timer]:
        """The timers that are set."""
        return list(self._program.trace.timers.values()) if self.runs else []

    @property
    def runs(self) -> bool:
        """Whether the app has not ended."""
        return self._program.runs

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the app runs."""
        code = self._program.exit_code
        self._has_looked |= code is not None
        return code

    def _how_it_ended(self) -> str:
        faults, code = self._program.faults, self._program.exit_code
        if not faults:
            return f"the app has ended with exit code {code}"
        return f"the app has ended with a fault (exit code {code}): {faults[-1].rstrip().splitlines()[-1]}"

    def wait_until(self, condition: Callable[[], object], what: str, *, seconds: float = 60) -> None:
        """Let time pass until condition() is true, so many simulated seconds at most."""
        end = self.clock.seconds + seconds
        self._program.begin_wait()
        while True:
            # Looked at before the condition: a real program goes on while it is tested.
            left, runs = end - self.clock.seconds, self.runs
            if condition():
                return
            if not runs or left <= 0:
                why = f"not within {seconds} s" if runs else self._how_it_ended()
                raise NotReached(f"{what}: {why}", self)
            self._program.pass_time(left * 1000)

    def wait_for_end(self, *, seconds: float = 60) -> int:
        """Let time pass until the app ends; returns its exit code."""
        self.wait_until(lambda: not self.runs, "the app's end", seconds=seconds)
        return self._program.exit_code

    def stop(self) -> int:
        """End the app with Ctrl-C, if it runs; returns its exit code."""
        if not self.runs:
            return self._program.exit_code
        self._was_stopped = True
        return self._program.stop()

    def describe(self) -> str:
        """Return the app's time, the screen, the last requests and the log, for a person."""
        screen = "\n".join(f"  {_place(box)}: {box['lines']}" for box in self.screen.boxes)
        asked = [] if self._program.is_real else self.requests
        requests = "\n".join(f"  {request}" for request in asked[-10:])
        log = "\n".join(f"  {line}" for line in self.log.splitlines()[-20:])
        image = self.screen.background
        behind = "none" if image is None else f"{len(image)} bytes"
        state = "the app runs" if self.runs else self._how_it_ended()
        return (
            f"time: {self.clock.seconds:.3f} s, {state}\n"
            f"screen (background: {behind}):\n{screen or '  nothing'}\n"
            f"last requests of {len(asked)}:\n{requests or '  none'}\nlog:\n{log or '  nothing'}"
        )


def _place(box: dict) -> str:
    return "message area" if box["x"] is None else f"{box['x']},{box['y']}"


class Dock:
    """A dock on this machine."""

    def __init__(
        self,
        folder: Path,
        program: str | Path | None = None,
        *,
        records: bool = False,
        real: bool = False,
    ) -> None:
        """records: replay() lets the app ask the real servers, and their answers will be stored.

        real: the program cannot be simulated, and has no trace.
        """
        self._folder = folder
        self._binary = program
        self._records = records
        self.is_real = real
        self._devices: dict[str, dict] = {}
        self._environment: dict[str, str] = {}
        self.apps: list[App] = []
        self.network = Network(self)
        self.played: Replay | None = None
        self.recorded: tuple[Path, list[str]] | None = None  # the folder, and what to hide

    def replay(self, folder: str | Path, *, hide: Iterable[str] = ()) -> None:
        """Let a recording answer the apps, in place of the servers. Call it before run().

        With pytest's option --dock-record the servers answer, and the folder is written anew. hide: as that
        of `dock record`.
        """
        self.must_be_simulated("dock.replay()")
        path = Path(folder).absolute()
        if self.apps or self.played or self.recorded:
            raise RuntimeError("replay() comes before run(), and once in a test")
        if self._records:
            self.recorded = path, list(hide)
            self._environment = dict(ALL_BODIES)
            self.network.commands.append(f"grace {_REAL_SERVER_MS}")
            return
        if not (path / INDEX).is_file():
            raise Failure(
                Exit.NO_LOCAL_FILE, f"no recording here: {path / INDEX} (pytest --dock-record makes one)"
            )
        self.played = Replay(path)
        self._environment = self.played.environment
        self.network.commands += self.played.conditions

    def run(
        self,
        app: str | Path,
        *args: str,
        kv: Mapping[str, str] | None = None,
        images: Mapping[str, bytes | str | Path] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
    ) -> App:
        """Start an app, a file or a folder, and let it come to its first wait: no time passes.

        A program that cannot be simulated has only been started then.

        kv: its settings. images: tag to file or bytes. env: more of its environment. cwd: its folder, by
        default an empty one.
        """
        path = Path(app).absolute()
        if not path.exists():
            raise FileNotFoundError(f"there is no app {path}")
        folder = Path(tempfile.mkdtemp(prefix="app-", dir=self._folder))
        make_store(folder / "store", kv or {}, images or {})
        (folder / "cwd").mkdir()
        how = {
            "folder": Path(cwd or folder / "cwd"),
            "binary": find_program(self._binary),
            "args": args,
            "env": {"DL7450_ROM": str(folder / "store")} | self._environment | dict(env or {}),
        }
        program: Program | RealProgram
        try:
            if self.is_real:
                program = RealProgram(path, **how, screen=folder / "screen")
            else:
                program = Program(
                    path, **how, conditions=self.network.commands, devices=self._devices.values()
                )
        except OSError as error:
            if error.filename and Path(error.filename) == how["binary"]:
                raise not_started(how["binary"], error) from error
            raise
        running = App(program, Settings(folder / "store", kv or {}), path)
        self.apps.append(running)
        if not self.is_real:
            program.command("step 0")
        return running

    def must_be_simulated(self, what: str) -> None:
        """Raise NotSimulated if this needs a program that is."""
        if self.is_real:
            raise NotSimulated(what)

    def tell(self, **line: object) -> None:
        """Drive a device: a line of firmware/standins/README.md, e.g. device="usb", devices=[]."""
        self.must_be_simulated("dock.tell(), dock.monitors(), dock.lan()")
        self._devices[f"{line.get('device')} {line.get('pin', line.get('address', ''))}"] = line
        for app in self.apps:
            if app.runs:
                app._program.tell_devices([line])
                app._program.command("step 0")

    def monitors(self, *outputs: dict | None) -> None:
        """Connect these monitors: name, width, height, serial; None is an output without one."""
        self.tell(device="monitors", outputs=list(outputs))

    def lan(self, *addresses: str) -> None:
        """The addresses of the LAN: ip, subnet, gateway, dns. Without any, there is none."""
        self.tell(device="network", addresses=list(addresses) or None)

    def stop(self) -> None:
        """End all apps."""
        for app in self.apps:
            app.stop()
        if self.played:
            self.played.close()
