# SPDX-License-Identifier: MIT
"""Shared libraries for LD_PRELOAD, compiled at test time. They replace functions of libc; libcurl is real.

- hung_dns: getaddrinfo() blocks for HANG_SECONDS for the host name hang.invalid and then fails, and
  says at once that nowhere.invalid does not exist, and both.invalid is ::1 and 127.0.0.1. It needs no
  root and touches no system file.
- fast_clock: clocks and waits run SPEED times as fast.
- names: host names are those of the environment variable NAMES, on loopback, and no others (names.c).
- no_threads: pthread_create() fails.
- wrong_clock: the time of day is always WRONG_TIME.
- no_memory: after getenv("NO_C_MEMORY") malloc() fails, until getenv("C_MEMORY").
- c_heap: getenv("C_HEAP") returns how many bytes of malloc() are in use.
- storage: fsync() and rename() are logged, and fail if the environment says so (storage.c).
"""

import os
import subprocess
from pathlib import Path

HANG_SECONDS = 10
SPEED = 100
WRONG_TIME = 86400  # 1970-01-02

_DEFINES = {
    "hung_dns": [f"-DHANG_SECONDS={HANG_SECONDS}"],
    "fast_clock": [f"-DSPEED={SPEED}"],
    "wrong_clock": [f"-DWRONG_TIME={WRONG_TIME}"],
}


def build(name: str, folder: Path) -> dict[str, str]:
    """Compile a library into the folder; returns the environment that loads it."""
    source = Path(__file__).with_name(f"{name}.c")
    library = folder / f"{name}.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", *_DEFINES.get(name, [])]
    subprocess.run([compiler, *flags, "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
