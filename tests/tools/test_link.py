# SPDX-License-Identifier: MIT
"""The process and the sockets that the simulator and the pytest plugin have in common."""

import os
import sys
import time
from pathlib import Path

import pytest
from dock_tool.link import Link, clean_environment


class Told(Link):
    """Keeps what it is told, of a program that is a Python script."""

    def __init__(self, code: str, **more: object) -> None:
        self.output: list[str] = []
        self.trace: list[dict] = []
        self.devices: list[dict] = []
        self.answers: list[str] = []
        self.refused: list[str] = []
        code = f"import os, socket, sys, time\n{_CONNECT}\n{code}"
        super().__init__([sys.executable, "-c", code], env=dict(os.environ), **more)

    def take_output(self, name: str, text: str) -> None:
        """Keep it."""
        self.output.append(f"{name}:{text}")

    def take_trace(self, event: dict) -> None:
        """Keep it."""
        self.trace.append(event)

    def take_device(self, line: dict) -> None:
        """Keep it."""
        self.devices.append(line)

    def take_answer(self, text: str) -> None:
        """Keep it."""
        self.answers.append(text)

    def first_devices(self) -> list[dict]:
        """One line."""
        return [{"first": 1}]

    def refuse(self, text: str) -> None:
        """Keep it."""
        self.refused.append(text)

    def text(self, name: str) -> str:
        """All of an output."""
        return "".join(part.partition(":")[2] for part in self.output if part.startswith(name))

    def until_its_end(self) -> int:
        """Wait for the end; gives the exit code."""
        end = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < end:
            self.poll(0.05)
        return self.finish()


_CONNECT = """
def connect(name):
    conn = socket.socket(socket.AF_UNIX)
    conn.connect(os.environ["DL7450_" + name])
    return conn
"""


def test_all_that_it_tells_before_its_end_is_taken() -> None:
    code = """
connect("TRACE").sendall(b'{"one": 1}\\n{"tw' + b'o": 2}\\n{"tw' * 50000)
devices = connect("DEVICES")
devices.sendall(b'{"version": 1}\\n')
print(devices.makefile().readline(), end="", flush=True)
devices.sendall(b'{"a": 1}\\n')
print("x" * 300000)
print("the end", file=sys.stderr)
sys.exit(7)
"""
    link = Told(code, library=None, conditions=[])
    assert link.until_its_end() == 7
    assert link.trace[:2] == [{"one": 1}, {"two": 2}]
    assert len(link.trace) == 50001
    assert link.devices == [{"a": 1}]
    assert link.text("stdout") == '{"first": 1}\n' + "x" * 300000 + "\n"
    assert link.text("stderr") == "the end\n"
    assert {"stdout:", "stderr:"} <= set(link.output)  # both have ended
    assert link.refused == []


def test_trace_that_is_none_is_refused() -> None:
    link = Told('connect("TRACE").sendall(b"no trace\\n")', library=None, conditions=[])
    link.until_its_end()
    assert [text[:28] for text in link.refused] == ["the trace cannot be read: Ex"]
    assert link.trace == []


def test_character_that_comes_in_two_pieces() -> None:
    code = """
devices = connect("DEVICES")
os.write(1, b"\\xe2\\x82")
devices.sendall(b'{"version": 1}\\n')
devices.recv(100)
os.write(1, b"\\xac")
"""
    link = Told(code, library=None, conditions=[])
    link.until_its_end()
    assert link.text("stdout") == "€"


def test_other_versions_are_refused(tmp_path: Path) -> None:
    code = """
simulation, devices = connect("SIMULATION"), connect("DEVICES")
simulation.sendall(b"simulation 1 1\\n")
devices.sendall(b'{"version": 2}\\n')
assert simulation.recv(1) == b""
"""
    library = tmp_path / "none.so"
    library.touch()
    link = Told(code, library=library, conditions=["clock hold", "wall 5"])
    link.until_its_end()
    assert sorted(text.split(";")[0] for text in link.refused) == [
        "devices have version 2",
        "this dock does not know the simulation 'simulation 1 1': network and clock are real "
        "(make host builds the program anew)",
    ]


def test_process_that_the_app_has_left_behind_does_not_hold_it_up() -> None:
    code = """
if os.fork() == 0:
    time.sleep(20)
    os._exit(0)
print("parent")
"""
    link = Told(code, library=None, conditions=[])
    start = time.monotonic()
    assert link.until_its_end() == 0
    assert time.monotonic() - start < 10
    assert link.text("stdout") == "parent\n"


def test_everything_is_given_back(tmp_path: Path) -> None:
    before = sorted(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        Told("connect('TRACE'); print('x')", library=None, conditions=[]).until_its_end()
    with pytest.raises(FileNotFoundError):
        Link([tmp_path / "none"], env={}, library=None, conditions=[])
    assert sorted(Path("/proc/self/fd").iterdir()) == before


def test_environment_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DL7450_TRACE", "x")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("LEFT", "1")
    monkeypatch.setenv("KEPT", "1")
    env = clean_environment("LEFT")
    assert "KEPT" in env
    assert not {"DL7450_TRACE", "LD_PRELOAD", "LEFT"} & set(env)
