# SPDX-License-Identifier: MIT
"""Runs apps in emulated machines (tools/machine.py): in one that stays on, or each in a fresh boot."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from machine import Machine, boot
from store import pack

from support.program import Program, Run

DOCK = Path(sys.executable).parent / "dock"
BOOT_SECONDS = 60  # a boot takes three, on a machine that has nothing else to do
SILENT = "10.0.2.99"  # an unused address in the machine's network


@dataclass(frozen=True)
class OnMachine:
    """Runs apps on a machine that stays on, each after a soft reset, as `dock run` does."""

    machine: Machine
    port: str
    folder: Path

    def __call__(self, code: str, *, timeout: float = 60, **names: object) -> Run:
        """Run an app to its end; see Program. Its stderr is part of stdout; only a fault is in stderr."""
        return self.dock("run", Program(DOCK, self.folder).write(code, **names), timeout=timeout)

    def dock(self, command: str, *args: str | Path, timeout: float = 60) -> Run:
        """Run the dock tool on the machine's serial line."""
        run = Program(DOCK, self.folder).command(
            [command, "-p", self.port, "--timeout", str(BOOT_SECONDS), *args], timeout=timeout
        )
        assert self.machine.process.poll() is None, f"the machine went off; {run}; {self.machine.log}"
        return run


@dataclass(frozen=True)
class Boots:
    """Boots machines that run an app from their store."""

    built: Path
    folder: Path

    @contextmanager
    def on(
        self,
        code: str,
        *,
        pairs: Mapping[str, str] | None = None,
        images: Mapping[str, Path] | None = None,
        data: Path | None = None,
        serial_port: int | None = None,
        environment: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        **names: object,
    ) -> Iterator[Machine]:
        """A machine that is on until the end of the `with`.

        pairs, images: of the store; each image is a PNG.
        data, serial_port, environment, arguments: see machine.boot(). names: globals of the app.
        """
        config, rom = self.folder / "store.yaml", self.folder / "rom.img"
        settings = {
            "code": str(Program(DOCK, self.folder).write(code, **names)),
            "kv_store": dict(pairs or {}),
            "images": {tag: {"type": "png", "path": str(path)} for tag, path in (images or {}).items()},
        }
        config.write_text(yaml.safe_dump(settings))
        pack(config, rom)
        with boot(
            self.built,
            rom=rom,
            data=data,
            serial_port=serial_port,
            environment={"DL7450_NAME_SERVER": SILENT} | dict(environment or {}),
            arguments=arguments,
        ) as machine:
            yield machine

    def __call__(self, code: str, **more: object) -> Run:
        """Boot, and wait until the machine is off; stdout is its log. The arguments are those of on()."""
        with self.on(code, **more) as machine:
            returncode = machine.wait(BOOT_SECONDS)
        return Run(returncode, machine.log, "", machine.lines[-1][0])
