# SPDX-License-Identifier: MIT
"""`make bench`: measures speed and size of the module and of libcurl itself. Exits 0 whatever the figures.

Leaves build/bench/table.txt and build/bench/growth.svg; with --record README.md and growth.svg beside
this file get them too.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from bench import booted, compat, growth, memory, speed, usual, waiting, weight  # noqa: E402
from bench.clients import build_clients  # noqa: E402
from bench.context import Bench  # noqa: E402
from bench.measure import Measure  # noqa: E402
from bench.plot import plot  # noqa: E402
from bench.table import Row, render  # noqa: E402
from bench.web import web  # noqa: E402

OUT = ROOT / "build/bench"
RECORDED_PLOT = Path(__file__).with_name("growth.svg")
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- make bench RECORD=1 writes from here -->\n", "<!-- to here -->\n"

Rows = Callable[[Bench], Iterator[Row]]


def parts(figures: growth.Growth) -> dict[str, Rows]:
    """The measurements, by their names on the command line."""
    return {
        "instructions": speed.instructions,
        "fields": usual.fields,
        "cacert": usual.cacert,
        "resumed": usual.resumed,
        "objects": usual.objects,
        "sync": speed.sync,
        "sixteen": speed.sixteen,
        "large": speed.large,
        "file": speed.file,
        "stream": speed.stream,
        "start": speed.start,
        "body-memory": memory.body,
        "file-memory": memory.file,
        "sixteen-memory": memory.sixteen,
        "handshakes": waiting.handshakes,
        "callbacks": waiting.callbacks,
        "idle": waiting.idle,
        "polling": waiting.polling,
        "c-size": weight.c_half,
        "python-size": weight.python_half,
        "compat": compat.requests,
        "requests": partial(growth.requests, growth=figures),
        "bodies": partial(growth.bodies, growth=figures),
        "booted": booted.rows,
    }


def about(bench: Bench, cpus: Sequence[int], load: float) -> list[str]:
    """The date and the machine: figures need both to be compared."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
    where = "client and server have a core each" if len(cpus) > 1 else "client and server share the only core"
    pycurl = subprocess.run(
        [sys.executable, "-c", "import pycurl, requests; print(pycurl.version, requests.__version__)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    kernel = ".".join(platform.release().split(".")[:2])
    machine, firmware = bench.machine.libcurl, bench.firmware.libcurl
    return [
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores of {model}, Linux {kernel}",
        f"{where}; load before the start: {load:.1f}",
        f"libcurl {machine} of this machine (OpenSSL), {firmware} of the firmware (mbedTLS)",
        "floor: C over the same libcurl, easy handles reused from 8.1.0 on",
        f"{pycurl[0]} with a {pycurl[1]} of its own; requests/{pycurl[-1]}",
    ]


def record(table: str, plot_path: Path) -> None:
    """Write the table to README.md, and the plot to the same folder."""
    shutil.copy(plot_path, RECORDED_PLOT)
    before, begin, rest = README.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README} has no place for the table: {BEGIN.strip()}")
    README.write_text(f"{before}{begin}\n```\n{table}```\n\n{end}{after}")
    print(f"recorded in {README.relative_to(ROOT)} and {RECORDED_PLOT.relative_to(ROOT)}")


def main() -> None:
    """Measure, and print the table."""
    figures = growth.Growth()
    every = parts(figures)
    parser = argparse.ArgumentParser(description="How fast and small the module is, beside libcurl.")
    parser.add_argument("parts", nargs="*", help=f"only these of: {', '.join(every)}")
    parser.add_argument(
        "--record", action="store_true", help="put the table and the plot into tests/bench/README.md"
    )
    args = parser.parse_args()
    if unknown := set(args.parts) - set(every):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if args.record and args.parts:
        parser.error("only a whole run is recorded")
    began, load = time.monotonic(), os.getloadavg()[0]
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[-1]})  # for this program and for its servers
    machine, firmware = build_clients(OUT)
    rows: list[Row] = []
    shared = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else OUT) as files,
        web(OUT / "web") as site,
    ):
        bench = Bench(machine, firmware, site, Measure(OUT, cpus[0]), Path(files))
        chosen = args.parts or list(every)
        for number, name in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] {name}", flush=True)
            start = time.monotonic()
            for row in every[name](bench):
                rows.append(row)
                print(f"    {'  '.join(cell for cell in row.cells[:4] if cell)}", flush=True)
            print(f"    {time.monotonic() - start:.0f} s", flush=True)
    table = render(rows, about(bench, cpus, load))
    (OUT / "table.txt").write_text(table)
    print(f"\n{table}")
    if figures.rates and figures.times:
        plot(figures, OUT / "growth.svg")
        print(f"plot: {(OUT / 'growth.svg').relative_to(ROOT)}")
    print(f"table: {(OUT / 'table.txt').relative_to(ROOT)}; {time.monotonic() - began:.0f} s in all")
    if args.record:
        record(table, OUT / "growth.svg")


if __name__ == "__main__":
    main()
