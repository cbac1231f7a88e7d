# SPDX-License-Identifier: MIT
"""The commands `dock record` and `dock replay`: run an app on this machine, in real time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dock_tool.failure import Exit, Failure
from dock_tool.program import find_program, find_simulation, not_started
from dock_tool.recording import Recording, answers_of, check_folder, save
from dock_tool.replay import Replay, environment_for
from dock_tool.trace import Trace

_PATIENCE_S = 10.0  # after Ctrl-C; a second one ends it at once
ALL_BODIES = {"DL7450_TRACE_BODIES": str(1 << 40)}


def record(folder: Path, app: Path, args: list[str], *, hide: list[str], replace: bool) -> int:
    """Run an app, and store what servers have answered. Gives its exit code, 0 for Ctrl-C."""
    _check_app(app)
    check_folder(folder, replace=replace)
    program = find_program()
    with tempfile.TemporaryDirectory(prefix="dock-") as private:
        path = Path(private, "trace.jsonl")
        code = _run([program, app, *args], os.environ | {"DL7450_TRACE": str(path)} | ALL_BODIES)
        trace = _read(path)
    for line in write_recording(folder, [trace], hide):
        print(f"dock: {line}", file=sys.stderr)
    return 0 if code == Exit.INTERRUPTED else code


def replay(folder: Path, app: Path, args: list[str]) -> int:
    """Run an app whose servers are a recording. Gives its exit code, or NOT_RECORDED."""
    _check_app(app)
    program = find_program()
    library = find_simulation(program)
    played = Replay(folder, say=lambda text: print(f"dock: {text}", file=sys.stderr, flush=True))
    with tempfile.TemporaryDirectory(prefix="dock-") as private:
        path = Path(private, "trace.jsonl")
        env = environment_for(played, library) | {"DL7450_TRACE": str(path), "DL7450_TRACE_BODIES": "0"}
        try:
            code = _run([program, app, *args], env)
        finally:
            played.close()
        played.check(_read(path))
    print(f"dock: {_count(played.played, 'answer')} of {folder} played", file=sys.stderr)
    return Exit.NOT_RECORDED if played.missing else code


def write_recording(folder: Path, traces: list[Trace], hide: list[str]) -> list[str]:
    """Store the answers of traces. Returns what a person should know. Raises Failure if there are none."""
    found = [answers_of(trace, hide) for trace in traces]
    answers = [answer for part, _ in found for answer in part]
    said = [f"not stored: {text}" for text in dict.fromkeys(text for _, part in found for text in part)]
    said += ["the program was too fast: not stored: a part of its requests"] * any(t.dropped for t in traces)
    if not answers:
        raise Failure(Exit.OTHER, "\n".join(["no server has answered: nothing is stored", *said]))
    save(folder, Recording(traces[0].time, answers))
    return [*said, f"{_count(len(answers), 'answer')} stored in {folder}"]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _check_app(app: Path) -> None:
    if not app.exists():
        raise Failure(Exit.NO_LOCAL_FILE, f"no such app here: {app}")


def _read(path: Path) -> Trace:
    trace = Trace()
    with suppress(FileNotFoundError), path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):  # the app was killed while it wrote it
                break
            with suppress(LookupError):  # of a request whose first lines were dropped
                trace.feed(line)
    return trace


def _run(command: list[str | Path], env: Mapping[str, str]) -> int:
    if sys.stderr.isatty():
        print("dock: the app runs in real time; Ctrl-C ends it", file=sys.stderr)
    # A session of its own: Ctrl-C at the terminal comes here alone, and is passed on once.
    try:
        process = subprocess.Popen(command, env=env, start_new_session=True)
    except OSError as error:
        raise not_started(command[0], error) from error
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_PATIENCE_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            print("dock: the app did not end at Ctrl-C: it was killed", file=sys.stderr)
        return Exit.INTERRUPTED
    finally:
        process.kill()
        process.wait()
