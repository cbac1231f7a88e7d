# SPDX-License-Identifier: MIT
"""The simulator's state beside the app (what runs, settings, network, clock, devices), and its changes."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from pathlib import Path

from dock_tool.simulator.child import Child, Command
from dock_tool.simulator.history import History
from dock_tool.simulator.store import Store

ADDRESSES = ["192.0.2.45", "255.255.255.0", "192.0.2.1", "192.0.2.1"]  # the stand-in's own
_MONITOR = {"name": "Screen", "width": 1920, "height": 1080}
_OLED = 0x3C  # the addresses on the bus that their makers give
_THERMOMETER = 0x18
_JOYSTICK = ("CENTER", "UP", "DOWN", "LEFT", "RIGHT")
_CONDITIONS = {
    "online": r"",
    "cable-out": r"",
    "no-names": r"",
    "hang": r"( \d{1,6})?",
    "refused": r"",
    "no-answer": r"",
    "slow": r" \d{1,10}( \d{1,7})?",
    "reset": r" \d{1,10}",
}
_HOST = re.compile(r"\*|[A-Za-z0-9._:\[\]-]{1,255}")
_MOST_USB = 32
_DAY_MS = 86_400_000
_STOPPED = 130  # the exit code after Ctrl-C


class Session:
    """One app, started again and again. supervise() runs it."""

    def __init__(self, command: Command, store: Store) -> None:
        self.history = History()
        self.command = command
        self.store = store
        self.ended: dict | None = None  # how the last run ended
        self.conditions: dict[str, str] = {}
        self.clock = {"rate": 1.0, "held": False, "next": None}
        self.monitors = 1
        self.lan = True
        self.host = False
        self.usb: list[list] = []
        self.oled = False
        self.celsius: float | None = None  # None: there is no thermometer
        self.outputs: dict[str, bool] = {}
        self.panel: dict | None = None  # what the OLED shows
        self.suspended = False  # the host computer, by the app
        self.listens = False  # to messages
        self._child: Child | None = None
        self._wanted = asyncio.Event()
        self._changing = asyncio.Lock()

    # Runs

    async def supervise(self) -> None:
        """Start the app, and again each time that it is wanted."""
        self._wanted.set()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._run()

    async def _run(self) -> None:
        self.ended = None
        self.clock["next"] = None
        self.panel = None
        self.suspended = self.listens = False
        self.outputs = {}
        try:
            self._child = Child(
                self.command,
                self.history,
                self._network_lines() + self._clock_lines(),
                self._device_lines,
                self._heard,
            )
            code = await self._child.ended()
        except OSError as error:
            self.ended = {"text": f"cannot start {self.command.program}: {error.strerror}", "failed": True}
            self._say(self.ended["text"])
        else:
            self.ended = _how(code)
            self._say(f"the app {self.ended['text']}", terminal=code != _STOPPED)
        finally:
            self._child = None
            self.history.touch()

    @property
    def runs(self) -> bool:
        """Whether the app runs."""
        return self._child is not None and self._child.runs

    async def restart(self, why: str = "") -> None:
        """End the app if it runs, and start it."""
        async with self._changing:
            await self._stop()
            self._say(f"restarted{f': {why}' if why else ''}")
            self._wanted.set()

    async def stop(self) -> None:
        """End the app."""
        async with self._changing:
            await self._stop()

    async def _stop(self) -> None:
        if self._child:
            await self._child.stop()

    def _say(self, text: str, *, terminal: bool = True) -> None:
        self.history.say(text)
        if terminal:
            with contextlib.suppress(OSError, ValueError):  # it may be gone
                print(f"simulate: {text}", flush=True)

    # Settings, network, clock, devices. Each raises ValueError for what cannot be.

    async def change_setting(self, key: str, value: str | None) -> None:
        """Set a key-value setting, or remove it."""
        if not isinstance(key, str) or not key or not isinstance(value, str | None):
            raise ValueError("key and value of a setting must be texts")
        self.store.change(key, value)
        self.history.touch()

    async def change_network(self, host: str, condition: str) -> None:
        """Set the condition of a host, or of all: *."""
        self._needs_library()
        word, _, rest = condition.partition(" ")
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host: a name, an address, one of these with :PORT, or *")
        if word not in _CONDITIONS or not re.fullmatch(_CONDITIONS[word], f" {rest}" if rest else ""):
            raise ValueError(f"{condition!r} is no condition of the network")
        if host == "*":
            self.conditions.clear()
        self.conditions[host] = condition
        await self._tell(f"network {host} {condition}")

    async def change_clock(self, rate: float | None = None, wall: float | None = None) -> None:
        """Set how many times as fast the clock runs, or the time of day (Unix seconds)."""
        self._needs_library()
        if rate is not None:
            if not 0 < rate <= 1000:
                raise ValueError("the rate must be from 0 to 1000")
            self._settle()
            self.clock |= {"rate": rate, "held": False, "next": None}
            await self._tell(f"clock rate {rate:g}")
        if wall is not None:
            await self._tell(f"wall {wall:.0f}")

    async def step(self) -> None:
        """Hold the clock, and let it jump to the next deadline."""
        self._needs_library()
        if not self._child:
            raise ValueError("the app does not run")
        if not self.clock["held"]:
            self._settle()
            self.clock["held"] = True
            await self._child.ask("clock hold")
            answer = await self._child.ask("step 0")
        else:
            answer = await self._child.ask(f"step {_DAY_MS}")
        words = answer.split()
        self.clock["next"] = float(words[2]) if len(words) > 2 and words[2] != "none" else None
        self.history.touch()

    def _settle(self) -> None:
        # Before the clock's speed changes.
        self.history.run.settle(0 if self.clock["held"] else self.clock["rate"])

    async def change_devices(
        self,
        monitors: int | None = None,
        lan: bool | None = None,
        host: bool | None = None,
        usb: list | None = None,
        oled: bool | None = None,
        celsius: float | str | None = None,
    ) -> None:
        """Let devices come or go. celsius: what the thermometer measures; "none" is no thermometer."""
        if monitors is not None and monitors not in range(5):
            raise ValueError("there are 0 to 4 monitors")
        measures = isinstance(celsius, int | float) and -40 <= celsius <= 125
        if celsius not in (None, "none") and not measures:
            raise ValueError("celsius must be from -40 to 125")
        checked = None if usb is None else _check_usb(usb)
        before = self._bus_lines()
        self.monitors = self.monitors if monitors is None else monitors
        self.lan = self.lan if lan is None else bool(lan)
        self.host = self.host if host is None else bool(host)
        self.usb = self.usb if checked is None else checked
        self.oled = self.oled if oled is None else bool(oled)
        if celsius is not None:
            self.celsius = None if celsius == "none" else float(celsius)
        if not self.oled:
            self.panel = None
        known = {line["address"] for line in before}
        bus = [line for line in self._bus_lines(gone=True) if line not in before]
        for line in bus:
            if line["address"] in known:  # it stays attached, and keeps what the app has written
                line.pop("model", None)
        self._send([*self._port_lines(), *bus])

    async def send_message(self, text: str) -> None:
        """Send a message as the vendor's backend does."""
        if not isinstance(text, str):
            raise ValueError("a message is a text")
        if not self.listens:
            raise ValueError("the app has no handler for messages: VisionClient().on_message(callback)")
        self._send([{"device": "vision", "text": text}])

    async def clear_requests(self) -> None:
        """Forget the requests that have ended."""
        self.history.clear_requests()

    async def press(self, pin: str, active: bool) -> None:
        """Press or release a direction of the joystick."""
        if pin not in _JOYSTICK:
            raise ValueError(f"{pin!r} is no direction of the joystick")
        self._send([{"device": "gpio", "pin": f"JOYSTICK_{pin}", "active": bool(active)}])

    def _device_lines(self) -> list[dict]:
        return self._port_lines() + self._bus_lines()

    def _bus_lines(self, *, gone: bool = False) -> list[dict]:
        # A device that is attached anew forgets what it shows: only what has changed is sent. gone: of those
        # that are not there too.
        lines = []
        for address, model, there in (
            (_OLED, "SSD1306", self.oled),
            (_THERMOMETER, "MCP9808", self.celsius is not None),
        ):
            line = {"device": "i2c", "address": address}
            if there:
                line["model"] = model
                if model == "MCP9808":
                    line["temperature"] = self.celsius
                lines.append(line)
            elif gone:
                lines.append(line | {"attached": False})
        return lines

    def _port_lines(self) -> list[dict]:
        outputs = [_MONITOR | {"serial": n + 1} if n < self.monitors else None for n in range(4)]
        return [
            {"device": "monitors", "outputs": outputs},
            {"device": "network", "addresses": ADDRESSES if self.lan else None},
            {"device": "host", "connected": self.host},
            {"device": "usb", "devices": self.usb},
        ]

    def _heard(self, line: dict) -> None:
        if "error" in line:
            self.history.say(f"devices: {line['error']}")
        elif line.get("device") == "gpio" and "level" in line:
            self.outputs[line["pin"]] = line["active"]
        elif line.get("device") == "i2c" and "pixels" in line and self.oled:
            self.panel = {key: line[key] for key in ("on", "inverse", "all_on", "contrast", "pixels")}
        elif line.get("device") == "host" and "suspend" in line:
            self.suspended = bool(line["suspend"])
        elif line.get("device") == "vision":
            self.listens = bool(line.get("watched"))
        self.history.touch()

    def _send(self, lines: list[dict]) -> None:
        if self._child:
            self._child.tell_devices(lines)
        self.history.touch()

    def _needs_library(self) -> None:
        if not self.command.library:
            raise ValueError("there is no simulation.so beside the program: make host builds it")

    async def _tell(self, command: str) -> None:
        if self._child:
            await self._child.ask(command)
        self.history.touch()

    def _network_lines(self) -> list[str]:
        # That of * ends those of single hosts: it comes first.
        hosts = sorted(self.conditions, key=lambda host: host != "*")
        return [f"network {host} {self.conditions[host]}" for host in hosts]

    def _clock_lines(self) -> list[str]:
        self.clock["held"] = False
        return [f"clock rate {self.clock['rate']:g}"] if self.clock["rate"] != 1 else []

    # For the page

    def show(self) -> dict:
        """Return what the page shows beside requests, drawings and log."""
        run = self.history.run
        trace = run.trace
        state = "stopped" if self.ended else trace.state
        return {
            "run": run.number,
            "program": trace.program,
            "path": str(self.command.app),
            "state": "fault" if self.ended and trace.faults else state,
            "ended": self.ended,
            "fault": trace.faults[-1] if trace.faults else None,
            "refused": run.refused,
            "heap": trace.heap,
            "files": self._open_files(),
            "timers": [
                {"task": t.task, "due": t.due, "repeat": t.repeat_ms}
                for t in sorted(trace.timers.values(), key=lambda timer: timer.due)
            ],
            "settings": self.store.pairs(),
            "settings_fixed": self.store.fixed,
            "read": trace.settings,
            "simulation": self.command.library is not None,
            "conditions": self.conditions,
            "clock": self.clock | {"ms": run.clock[0], "at": run.clock[1]},
            "monitors": self.monitors,
            "lan": self.lan,
            "host": self.host,
            "outputs": self.outputs,
            "usb": self.usb,
            "oled": self.oled,
            "celsius": self.celsius,
            "panel": self.panel,
            "suspended": self.suspended,
            "listens": self.listens,
        }

    def _open_files(self) -> list[str]:
        # What the program has open, without the simulator's own sockets and the C library's.
        if not (self._child and self._child.runs):
            return []
        found = []
        with contextlib.suppress(OSError):
            for link in Path(f"/proc/{self._child.pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(link.readlink())
                    if target.startswith("/") and not target.startswith(("/dev/", "/proc/")):
                        found.append(target)
        return sorted(found)


def _check_usb(devices: list) -> list[list]:
    def is_id(number: object) -> bool:
        return isinstance(number, int) and 0 <= number <= 0xFFFF

    if not isinstance(devices, list) or len(devices) > _MOST_USB:
        raise ValueError(f"usb must be a list of at most {_MOST_USB} devices")
    for device in devices:
        if not (
            isinstance(device, list)
            and len(device) == 3
            and is_id(device[0])
            and is_id(device[1])
            and isinstance(device[2], str)
        ):
            raise ValueError(f"usb: {device!r} is no device: vendor id, product id (0 to 65535), name")
    return devices


def _how(code: int) -> dict:
    if code < 0:
        return {"text": f"was ended by {signal.Signals(-code).name}", "code": code, "failed": True}
    return {"text": f"ended with exit code {code}", "code": code, "failed": code not in (0, _STOPPED)}
