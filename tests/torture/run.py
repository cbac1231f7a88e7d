# SPDX-License-Identifier: MIT
"""Torture: runs each scenario again and again while each allocation, and each call of libcurl, fails in turn.

It tests the engine and libcurl in C (main.c), with the engine's own allocator and then without it,
and MicroPython's heap (heap.py). Exits 0 if every run kept all promises and allocations failed in each
scenario. It prints the figures last. In a scenario in C `one` allocation fails, or it and `all` later
ones. STATUS=COUNT says how its requests ended (0: submit returned no id).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from engine.conftest import FLAGS, compile_program, engine_sources  # noqa: E402
from engine.pages import Pages  # noqa: E402
from servers.blackhole import blackhole  # noqa: E402
from servers.certs import Certs, server_context  # noqa: E402
from servers.wire import WireServer  # noqa: E402
from support.program import clean_environment  # noqa: E402
from torture.heap import SCENARIOS as HEAP_SCENARIOS  # noqa: E402
from torture.heap import torture_heap  # noqa: E402

WRAPPED = (
    *("malloc", "free", "realloc", "calloc", "strdup", "strndup", "curl_global_init"),
    "curl_easy_setopt",
    *("curl_share_setopt", "curl_multi_add_handle", "curl_multi_perform", "curl_multi_poll"),
)
MODES = ("one", "all", "call")
# How the engine's allocator is built. By default libcurl often gets a stored block, and such an
# allocation cannot fail. The second build stores no blocks, so each allocation can fail. It also has the
# setting of a device with storage.
MEMORY = {"": (), "nothing kept": ("-DHTTP_ENGINE_KEEP_MEMORY=0", "-DHTTP_ENGINE_SYNC_FILES=1")}
_CONNECTIONS = 1 << 30  # connections that a server accepts: no limit
_SECONDS = 600  # no scenario takes that long


def build(
    folder: Path,
    *flags: str,
    sources: Sequence[Path] | None = None,
    wraps: Sequence[str] = tuple(f"-Wl,--wrap={name}" for name in WRAPPED),
) -> Path:
    """Compile the engine and the scenarios. Tests of the torture itself pass other sources of the engine."""
    program = folder / "torture"
    sources = [
        *(sources or engine_sources()),
        ROOT / "tests/engine/harness.c",
        *sorted(Path(__file__).parent.glob("*.c")),
    ]
    includes = [f"-I{ROOT}", f"-I{ROOT / 'tests'}"]
    compiler = os.environ.get("CC", "cc")
    command = [compiler, *FLAGS, *flags, *includes]
    compile_program(command, sources, program, *wraps, "-lcurl", "-lz", "-lpthread")
    return program


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Start the servers of the scenarios; yield the environment that names their addresses."""
    certs = Certs(folder)
    context = server_context(certs.leaf)
    pages = Pages()
    with (
        WireServer(pages, most_connections=_CONNECTIONS) as site,
        WireServer(pages, most_connections=_CONNECTIONS) as elsewhere,
        WireServer(pages, context, most_connections=_CONNECTIONS) as secure,
        blackhole() as dead_port,
    ):
        yield {
            "ENGINE_SITE": site.url,
            "ENGINE_ELSEWHERE": elsewhere.url,
            "ENGINE_DEAD": f"http://127.0.0.1:{dead_port}",
            "TORTURE_TLS": secure.url,
            "TORTURE_CACERT": certs.ca_pem,
            "TORTURE_FOLDER": str(folder),
        }
        pages.open_all()


@dataclass
class Figures:
    """The result of one scenario's runs."""

    name: str
    runs: int = 0
    failed: int = 0  # allocations and calls
    bad: int = 0  # runs
    seconds: float = 0.0
    ends: str = ""
    output: str = ""

    def __str__(self) -> str:
        verdict = "" if self.bad == 0 else f"  {self.bad} BAD RUNS"
        line = f"{self.name:48} {self.runs:6} runs {self.failed:7} failed {self.seconds:6.1f} s  {self.ends}"
        return f"{self.output}{line}{verdict}"


def torture(
    program: Path, name: str, env: dict[str, str], memory: str = "", modes: Sequence[str] = MODES
) -> Figures:
    """Run one scenario in these modes. It is an error if nothing failed."""
    start = time.monotonic()
    figures = Figures(f"{name}, {memory}" if memory else name)
    done = subprocess.run(
        [program, name, *modes],
        env=clean_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
    figures.seconds = time.monotonic() - start
    ran = []
    for line in done.stdout.splitlines():
        mode, *rest = line.split()[:4] or [""]
        if mode in MODES and len(rest) == 3:
            runs, failed, bad = map(int, rest)
            figures.runs += runs
            figures.failed += failed
            figures.bad += bad
            if failed == 0:
                figures.output += f"  '{figures.name}', {mode}: nothing failed\n"
                figures.bad += 1
            figures.ends += f"{mode}: {' '.join(line.split()[4:]) or '-'}  "
            ran.append(mode)
        else:
            figures.output += f"  {line}\n"
    if done.returncode != 0 or ran != list(modes):
        figures.bad += 1
    return figures


def torture_module(binary: Path, name: str, env: dict[str, str]) -> Figures:
    """Run one scenario of MicroPython's heap."""
    runs, failed, seconds, output = torture_heap(binary, env["ENGINE_SITE"], name)
    if not output and failed == 0:
        output = f"  'heap: {name}': nothing failed\n"
    return Figures(f"heap: {name}", runs, failed, 1 if output else 0, seconds, "", output)


def main(args: Sequence[str]) -> int:
    """Run the scenarios that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="scenarios at a time")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/UNIX/dl7450", help="the host build")
    parser.add_argument("scenarios", nargs="*", help="all, unless some are named")
    options = parser.parse_args(args)

    def chosen(name: str) -> bool:
        return not options.scenarios or name in options.scenarios

    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as env:
        jobs = []
        for memory, flags in MEMORY.items():
            program = build(Path(tempfile.mkdtemp(dir=folder)), *flags)
            listed = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
            jobs += [partial(torture, program, name, env, memory) for name in listed if chosen(name)]
        jobs += [
            partial(torture_module, options.binary.resolve(), name, env)
            for name in HEAP_SCENARIOS
            if chosen(f"heap: {name}")
        ]
        all_figures = []
        with ThreadPoolExecutor(options.jobs) as pool:
            for future in as_completed([pool.submit(job) for job in jobs]):
                all_figures.append(future.result())
                print(all_figures[-1], flush=True)
    bad = sum(figures.bad for figures in all_figures)
    print(
        f"{len(all_figures)} scenarios, {sum(figures.runs for figures in all_figures)} runs, "
        f"{sum(figures.failed for figures in all_figures)} failed, {bad} bad runs, "
        f"{time.monotonic() - start:.0f} s"
    )
    return 1 if bad or not all_figures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
