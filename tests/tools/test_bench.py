# SPDX-License-Identifier: MIT
"""The arithmetic of the benchmarks, and the runner of the booted machine. Only `make bench` measures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.booted import Get, Usage, usages
from bench.clients import HERE
from bench.table import Goal, Row, middle_ratio, render
from bench.waiting import percentile


@pytest.mark.parametrize(
    ("goal", "good", "bad"),
    [(Goal(1.2), 1.2, 1.21), (Goal(0.9, least=True), 0.9, 0.89)],
)
def test_a_limit_may_be_reached_and_not_passed(goal: Goal, good: float, bad: float) -> None:
    assert [Row("", value, goal).verdict for value in (good, bad)] == ["met", "missed"]


def test_the_table_counts_the_goals_and_leaves_out_what_has_none() -> None:
    rows = [
        Row("fast", 1.0, Goal(1.2), {"floor": "10 us"}),
        Row("slow", 2.0, Goal(1.2)),
        Row("shown", 9.0, Goal(1.2), judged=False),
    ]
    text = render(rows, ["a machine"])
    assert text.splitlines()[0] == "a machine"
    assert [line.split()[1:] for line in text.splitlines() if line.startswith(("fast", "slow", "shown"))] == [
        ["1.00", "<=", "1.20", "met", "10", "us"],
        ["2.00", "<=", "1.20", "missed"],
        ["9.00"],
    ]
    assert text.endswith("\n1 goals met, 1 missed\n")


def test_ratios_are_of_the_same_round() -> None:
    # A busy round makes both slow: the ratio of the medians would be 4/2.
    assert middle_ratio([2.2, 4.0, 40.0], [2.0, 1.0, 40.0]) == pytest.approx(1.1)


def test_percentiles_are_measured_values() -> None:
    values = [float(number) for number in range(1, 201)]
    assert (percentile(values, 0.99), percentile(values, 0.5), percentile([7.0], 0.99)) == (198.0, 100.0, 7.0)


def test_a_request_is_the_difference_of_two_runs() -> None:
    get = Get("", "https://127.0.0.1:1", True, 2, 12)
    floor_few, _, _, module_many = get.commands()
    assert floor_few.split() == ["/bench/floor", "/bench/ca.pem", "https://10.0.2.2:1/100000", "2", "1"]
    assert module_many.split()[2:] == ["https://10.0.2.2:1/100000", "12", "/bench/ca.pem", "1"]
    rounds = [(100, 1000, 200, 1110), (50, 0, 160, 130)]
    assert get.one([figure for each in rounds for figure in each]) == {"floor": [10, 11], "module": [11, 13]}


def test_a_program_that_failed_in_the_machine_gives_no_figures() -> None:
    log = "bench: 12 34 56\nTraceback (most recent call last):\ninit: the program ended with exit code 1\n"
    assert usages(log, 1) == [Usage(12, 34, 56)]
    with pytest.raises(RuntimeError, match=r"1 of 2 programs(?s:.*)Traceback"):
        usages(log, 2)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("runner") / "runner"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-Wall", "-Wextra", "-Werror", "-o", program, HERE / "runner.c"], check=True)
    return program


def _run(runner: Path, folder: Path, *commands: str) -> "subprocess.CompletedProcess[str]":
    (folder / "commands").write_text("".join(f"{command}\n" for command in commands))
    environment = os.environ | {"BENCH_COMMANDS": str(folder / "commands")}
    return subprocess.run([runner], env=environment, capture_output=True, text=True, timeout=60)


def test_the_runner_prints_what_each_program_has_used(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "import time\nblock = bytearray(50 << 20)\nwhile time.process_time() < 0.2:\n    pass\n"
    )
    run = _run(runner, tmp_path, "/bin/true", f"{sys.executable} {tmp_path}/busy.py", "/bin/true")
    assert (run.returncode, run.stderr) == (0, "")
    small, busy, _ = usages(run.stdout, 3)
    assert 200_000 <= busy.cpu_us <= busy.wall_us + 10_000  # the kernel rounds both
    assert small.cpu_us < 200_000
    assert small.peak_kib < 50 << 10 <= busy.peak_kib


@pytest.mark.parametrize("command", ["/bin/false", "/no/such/program", "/bin/sh -c kill${IFS}-9${IFS}$$"])
def test_the_runner_ends_with_the_first_program_that_fails(
    runner: Path, tmp_path: Path, command: str
) -> None:
    run = _run(runner, tmp_path, "/bin/true", command, "/bin/true")
    assert run.returncode == 1
    assert len(usages(run.stdout, 1)) == 1
    assert command.split()[0] in run.stderr


def test_the_runner_needs_its_commands(runner: Path, tmp_path: Path) -> None:
    environment = os.environ | {"BENCH_COMMANDS": str(tmp_path / "none")}
    run = subprocess.run([runner], env=environment, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (1, "")
    assert "BENCH_COMMANDS" in run.stderr
