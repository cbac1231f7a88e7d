# SPDX-License-Identifier: MIT
"""Fuzzes with libFuzzer: a fixed number of inputs for each target. `make fuzz` runs it.

The same number and seed give the same inputs on any machine, except for `response` and `redirect`: there
libFuzzer's coverage depends on timing and on addresses. A time can be given instead of a number.

Each target starts with former failures (found/) and seeds (corpus/). Exits 0 if no input fails. The figures
come last: executions, coverage (edges of the engine and the target), features, inputs in the corpus.
A run adds new inputs to build/fuzz/corpus; --merge copies those with new coverage to tests/fuzz/corpus. An
input that fails is left in build/fuzz. When the bug is fixed, move the input to found/TARGET, under a name
that says what it was.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from engine.conftest import FLAGS, compile_program, engine_sources  # noqa: E402
from support.program import clean_environment  # noqa: E402

# The targets, and the number of inputs for each: about 40 s of CPU time.
TARGETS = {
    "cookies": 300_000,
    "headers": 800_000,
    "pem": 150_000,
    "redirect": 500_000,
    "response": 120_000,
    "url": 3_000_000,
}
_SHARED = ("fuzz.c", "jars.c", "peer.c")
_BUILD = ROOT / "build/fuzz"
# A thread of the engine would make runs differ; the targets drive the engine themselves.
# ASan is to see all memory.
_DEFINES = ("-DHTTP_ENGINE_THREAD=0", "-DHTTP_ENGINE_KEEP_MEMORY=0")
_FUZZER = ("-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined")
_LIMITS = ("-timeout=20", "-rss_limit_mb=2048")
_REPEATABLE = "-reload=0"  # otherwise it reads its new inputs again, at times that depend on the clock
_STATUS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+")
_PROGRESS_SECONDS = 60


def compile_target(compiler: str, flags: Sequence[str], target: str, program: Path, *more: str) -> Path:
    """Make the program of a target; more: further C files of this folder."""
    sources = [*engine_sources(), *(HERE / name for name in (f"{target}.c", *_SHARED, *more))]
    includes = [f"-I{ROOT}", f"-I{HERE}"]
    command = [compiler, *FLAGS, *_DEFINES, *flags, *includes]
    compile_program(command, sources, program, "-lcurl", "-lz", "-lpthread")
    return program


def inputs(folder: str, target: str) -> Path:
    """The folder with a target's inputs: 'corpus' or 'found'."""
    return HERE / folder / target


@dataclass
class Figures:
    """The figures of a target."""

    target: str
    seconds: float = 0.0
    executions: int = 0
    coverage: int = 0
    features: int = 0
    corpus: int = 0
    output: list[str] = field(default_factory=list)  # the last lines of output, if an input failed
    found: str = ""  # the path of that input

    def __str__(self) -> str:
        per_second = self.executions / self.seconds if self.seconds else 0
        verdict = f"FOUND {self.found}" if self.output else "nothing found"
        return (
            f"{self.target:9} {self.seconds:6.0f} s {self.executions:11,} executions {per_second:8,.0f}/s "
            f"{self.coverage:6} edges {self.features:6} features {self.corpus:5} inputs  {verdict}"
        )


def _environment() -> dict[str, str]:
    return clean_environment({"ASAN_OPTIONS": "quarantine_size_mb=16:detect_leaks=1"})


def _command(program: Path, *options: str) -> list[str | Path]:
    dictionary = HERE / f"{program.name}.dict"
    dictionaries = [f"-dict={dictionary}"] if dictionary.exists() else []
    return [program, *_LIMITS, *dictionaries, *options]


def _folders(target: str, seed: int = 0) -> list[Path]:
    """The folders with inputs, the one for new inputs first. With a seed that one starts empty."""
    learned = _BUILD / (f"seed-{seed}" if seed else "corpus") / target
    if seed:
        shutil.rmtree(learned, ignore_errors=True)
    folders = [learned, inputs("corpus", target), inputs("found", target)]
    folders[0].mkdir(parents=True, exist_ok=True)
    return [folder for folder in folders if folder.is_dir()]


def fuzz(target: str, limit: str, seed: int) -> Figures:
    """Build a target and run it to libFuzzer's limit; seed 0 is another one each time."""
    program = compile_target("clang", _FUZZER, target, _BUILD / target)
    artifacts = _BUILD / f"found-{target}-"
    options = (limit, _REPEATABLE, f"-seed={seed}", f"-artifact_prefix={artifacts}")
    start = time.monotonic()
    told = start
    figures = Figures(target)
    last: list[str] = []
    with subprocess.Popen(
        [*_command(program, *options), *_folders(target, seed)],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        assert process.stderr
        for line in process.stderr:
            last = [*last[-59:], line.rstrip()]
            status = _STATUS.match(line)
            if status:
                figures.executions, figures.coverage, figures.features, figures.corpus = map(
                    int, status.groups()
                )
                last = []
            if written := re.search(r"Test unit written to (\S+)", line):
                figures.found = os.path.relpath(written[1], ROOT)
            if time.monotonic() > told + _PROGRESS_SECONDS:
                told = time.monotonic()
                print(f"  {target}: {told - start:.0f} s, {figures.executions:,} executions", flush=True)
    figures.seconds = time.monotonic() - start
    if process.returncode != 0:
        figures.output = last or [f"exit code {process.returncode}"]
    return figures


def merge(target: str) -> None:
    """Add inputs with new coverage to tests/fuzz/corpus. Old ones stay: libcurl has no coverage here."""
    program = compile_target("clang", _FUZZER, target, _BUILD / target)
    corpus = inputs("corpus", target)
    corpus.mkdir(parents=True, exist_ok=True)
    # Count edges once and not how often they are taken: otherwise there would be hundreds of files.
    command = [*_command(program, "-merge=1", "-use_counters=0"), corpus, *_folders(target)]
    subprocess.run(command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    files = list(corpus.iterdir())
    print(f"{target}: {len(files)} inputs, {sum(file.stat().st_size for file in files):,} bytes", flush=True)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:  # for libFuzzer 0 means no limit
        raise ValueError
    return number


def main(args: Sequence[str]) -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=_count, help="inputs for each target (default: as listed in TARGETS)")
    parser.add_argument("--seconds", type=_count, help="for each target, instead of a number of inputs")
    parser.add_argument("--seed", type=int, default=0, help="repeats a run, 0 is random (default)")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    parser.add_argument("--merge", action="store_true", help="no fuzzing: merge build/fuzz/corpus")
    parser.add_argument("targets", nargs="*", help="all, unless some are named: " + ", ".join(TARGETS))
    options = parser.parse_args(args)
    targets = options.targets or TARGETS
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")

    _BUILD.mkdir(parents=True, exist_ok=True)
    if options.merge:
        for target in targets:
            merge(target)
        return 0
    start = time.monotonic()
    limits = {
        target: f"-max_total_time={options.seconds}"
        if options.seconds
        else f"-runs={options.runs or TARGETS[target]}"
        for target in targets
    }
    print(f"fuzzing {', '.join(targets)}: {options.jobs} at a time", flush=True)
    all_figures = []
    with ThreadPoolExecutor(options.jobs) as pool:
        runs = [pool.submit(fuzz, target, limits[target], options.seed) for target in targets]
        for future in as_completed(runs):
            all_figures.append(future.result())
            print("\n".join([*all_figures[-1].output, f"{all_figures[-1].target} is done"]), flush=True)
    print("\n".join(map(str, sorted(all_figures, key=lambda figures: figures.target))))
    bad = sum(bool(figures.output) for figures in all_figures)
    print(
        f"{len(all_figures)} targets, {sum(figures.executions for figures in all_figures):,} executions, "
        f"{bad} found something, {time.monotonic() - start:.0f} s"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
