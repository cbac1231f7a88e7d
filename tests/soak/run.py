# SPDX-License-Identifier: MIT
"""Soak: very many requests of all kinds, and apps that end with requests in flight. `make soak` runs it.

Exits 0 if every request ended exactly once and as it should, nothing of an app was called after its end,
and nothing grew. The figures come last; SEED repeats a mix.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from soak.isolation import isolate  # noqa: E402
from soak.mixed import soak  # noqa: E402
from soak.site import site  # noqa: E402


def main(args: Sequence[str]) -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--apps", type=int, default=1000, help="that end with requests in flight")
    parser.add_argument("--seed", type=int, help="repeats the mix of another run")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/UNIX/dl7450", help="the host build")
    options = parser.parse_args(args)
    seed = random.getrandbits(24) if options.seed is None else options.seed
    binary = options.binary.resolve()
    start = time.monotonic()
    print(f"soak: {options.requests} requests, {options.apps} apps, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as addresses:
        outcomes = [
            *([soak(binary, Path(folder), addresses, options.requests, seed)] if options.requests else []),
            *([isolate(binary, Path(folder), addresses, options.apps, seed)] if options.apps else []),
        ]
    print(f"seed {seed}, {time.monotonic() - start:.0f} s")
    for outcome in outcomes:
        print("\n".join(outcome.figures))
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    print("\n".join(f"FAILED: {problem}" for problem in problems) or "nothing was lost, nothing grew")
    return 1 if problems or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
