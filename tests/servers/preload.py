# SPDX-License-Identifier: MIT
"""Shared libraries for LD_PRELOAD, compiled at test time. They replace functions of libc; libcurl is real.

- quick_threads: a new thread runs before the one that starts it goes on.
- no_threads: pthread_create() fails.
- no_memory: after getenv("NO_C_MEMORY") malloc() fails, until getenv("C_MEMORY"), or one call.
- c_heap: getenv("C_HEAP") returns how many bytes of malloc() are in use.
- storage: fsync() and rename() are logged; fsync(), write() and close() fail if the environment says so.
"""

import os
import subprocess
from pathlib import Path

HANG_SECONDS = 10
SPEED = 100
WRONG_TIME = 86400  # 1970-01-02

_SOURCES = Path(__file__).resolve().parents[2] / "tools/preload"

# Conditions for simulation(): hang.invalid hangs, nowhere.invalid does not exist, both.invalid has both
# addresses of loopback.
HUNG_DNS = f"""\
network hang.invalid hang {HANG_SECONDS}
network nowhere.invalid no-names
name both.invalid ::1
name both.invalid 127.0.0.1
"""
FAST_CLOCK = f"clock rate {SPEED}\n"  # clocks and waits run SPEED times as fast
WRONG_CLOCK = f"wall {WRONG_TIME}\n"


def simulation(folder: Path, conditions: str) -> dict[str, str]:
    """Compile the library of tools/preload into the folder; returns the environment that loads it."""
    library = folder / "simulation.so"
    command = ["make", "--silent", "-C", _SOURCES, f"LIBRARY={library}", f"CC={os.environ.get('CC', 'cc')}"]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), "DL7450_CONDITIONS": conditions}


def build(name: str, folder: Path) -> dict[str, str]:
    """Compile a library into the folder; returns the environment that loads it."""
    source = Path(__file__).with_name(f"{name}.c")
    library = folder / f"{name}.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"]
    subprocess.run([compiler, *flags, "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
