# SPDX-License-Identifier: MIT
"""The emulated machine: the firmware in QEMU, with its disks, its log and its serial line.

The machine is what `make firmware BOARD=QEMU_VIRT` built. Its first UART is the log and only sends; its
second is a TCP port of this machine's loopback. It reaches this loopback at the address HOST.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "10.0.2.2"  # this machine's loopback, in QEMU's user network
DATA_MIB = 64
_ENDED = re.compile(r"init: the program ended with exit code (\d+)")


@dataclass
class Machine:
    """A running machine. boot() makes it."""

    process: subprocess.Popen[bytes]
    started: float  # time.monotonic()
    lines: list[tuple[float, str]] = field(default_factory=list)  # the log: seconds since the start, text

    @property
    def log(self) -> str:
        """The log so far: the output of the first UART."""
        return "".join(f"{text}\n" for _, text in self.lines)

    def wait(self, limit_s: float | None) -> int:
        """Wait until the machine is off; gives the program's exit code.

        TimeoutError when it is still on after limit_s, RuntimeError when it went off without an end of
        the program.
        """
        try:
            self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the machine was still on after {limit_s} s; {self._last()}") from None
        self._reader.join()
        for _, text in reversed(self.lines):
            if found := _ENDED.search(text):
                return int(found[1])
        raise RuntimeError(f"the machine went off before the program ended; {self._last()}")

    def wait_for(self, text: str, limit_s: float) -> float:
        """Wait for a log line that contains text. Gives its seconds since the start. Raises TimeoutError."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            for when, line in list(self.lines):
                if text in line:
                    return when
            if self.process.poll() is not None:
                raise RuntimeError(f"the machine went off before it said {text!r}; {self._last()}")
            time.sleep(0.02)
        raise TimeoutError(f"the machine did not say {text!r} within {limit_s} s; {self._last()}")

    def cut_power(self) -> None:
        """Stop the machine at once, as a power cut does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def _start_reader(self, show: Callable[[str], None] | None) -> None:
        self._reader = threading.Thread(target=self._read, args=(show,))
        self._reader.start()

    def _read(self, show: Callable[[str], None] | None) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip("\r\n")
            self.lines.append((time.monotonic() - self.started, text))
            if show:
                show(text)

    def _last(self) -> str:
        return f"its log ends with: {[text for _, text in self.lines[-5:]]}"


@contextlib.contextmanager
def boot(
    folder: Path,
    *,
    rom: Path | None = None,
    data: Path | None = None,
    environment: Mapping[str, str] | None = None,
    serial_port: int | None = None,
    log_port: int | None = None,
    arguments: tuple[str, ...] = (),
    show: Callable[[str], None] | None = None,
) -> Iterator[Machine]:
    """Boot the machine in folder. It is off at the end of the `with`.

    rom: a store image (tools/store.py) instead of the firmware's own.
    data: an image of make_data_disk(), mounted at /data; the screen is then in /data/screen.
    environment: variables for the program.
    serial_port: TCP port of the second UART. Then a REPL is on it, and the machine stays on.
    log_port: TCP port that also sends the log, from the connection on.
    arguments: further arguments of QEMU.
    show: called with each line of the log, from another thread.
    """
    board = json.loads((folder / "board.json").read_text())
    variables = dict(environment or {})
    command = [*board["qemu"], "-nographic", "-nodefaults", "-no-reboot"]
    command += ["-kernel", str(folder / "kernel"), "-initrd", str(folder / "initrd.img")]
    if log_port is None:
        command += ["-chardev", "stdio,id=log,signal=off", "-serial", "chardev:log"]
    else:
        socket = f"socket,id=log,host=127.0.0.1,port={log_port},server=on,wait=off,logfile=/dev/stdout"
        command += ["-chardev", socket, "-serial", "chardev:log"]
    command += ["-netdev", "user,id=network", "-device", "virtio-net-pci,netdev=network,romfile="]
    # The machine finds its disks by their order: /dev/vda is the store, /dev/vdb the data.
    if data is not None and rom is None:
        raise ValueError("data: the machine finds its data disk only behind a rom")
    if rom is not None:
        command += ["-drive", f"file={rom},format=raw,if=none,id=rom,readonly=on"]
        command += ["-device", "virtio-blk-pci,drive=rom"]
    if data is not None:
        command += ["-drive", f"file={data},format=raw,if=none,id=data,cache=writethrough"]
        command += ["-device", "virtio-blk-pci,drive=data"]
    if serial_port is not None:
        command += ["-chardev", f"socket,id=serial,host=127.0.0.1,port={serial_port},server=on,wait=off"]
        command += ["-device", "pci-serial,chardev=serial"]
        variables["DL7450_SERIAL"] = "/dev/ttyS0"
    words = [board["command_line"], *(f'{name}="{value}"' for name, value in variables.items())]
    command += ["-append", " ".join(words), *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    machine = Machine(process, time.monotonic())
    machine._start_reader(show)
    try:
        yield machine
    finally:
        machine.cut_power()


def make_data_disk(image: Path) -> None:
    """Make an empty disk for /data: ext4, which keeps what was synced when power is cut."""
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(DATA_MIB << 20)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-F", image], check=True, stdin=subprocess.DEVNULL)


def read_data_disk(image: Path, path: str, folder: Path) -> Path:
    """Copy the folder that is /data/path on the machine, which must be off, into folder; gives its place
    there, which does not exist if it did not on the disk."""
    place = folder / Path(path).name
    shutil.rmtree(place, ignore_errors=True)
    # After a power cut fsck has to replay the journal. Its exit codes below 4 are no errors.
    done = subprocess.run(["e2fsck", "-fy", image], capture_output=True, text=True, check=False)
    if done.returncode >= 4:
        raise RuntimeError(f"the data disk is damaged: {done.stdout}{done.stderr}")
    subprocess.run(["debugfs", "-R", f"rdump /{path} {folder}", image], capture_output=True, check=True)
    return place
