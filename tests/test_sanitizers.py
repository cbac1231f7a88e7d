# SPDX-License-Identifier: MIT
"""A sanitizer's report fails the run, even if the test ignores the program's exit code."""

import subprocess
import sys
from pathlib import Path

import pytest
from servers import preload

TESTS = Path(__file__).resolve().parent

# This test ignores the program's exit code, as tests do that expect a fault.
_TEST = """\
import os
import subprocess
from support import sanitizers

def test_program(pytestconfig, tmp_path):
    flags = sanitizers.flags(pytestconfig)
    subprocess.run(["cc", "-g", *flags, "-o", tmp_path / "program", "program.c", "-lpthread"], check=True)
    subprocess.run([tmp_path / "program"], env={**os.environ, "LD_PRELOAD": os.environ.get("PRELOADED", "")})
"""

_FAULTS = {
    "address": ("p = malloc(9); free(p); n = *p;", "heap-use-after-free"),
    "address,undefined": ("p = malloc(9); p = 0;", "detected memory leaks"),
    "undefined,address": ("memcpy(p, p, n);", "null pointer passed"),
    "undefined": ("n = 1 << (32 + n);", "shift exponent"),
    "thread": ("pthread_create(&t, 0, run, 0); run(0); pthread_join(t, 0);", "data race"),
}


def _run(
    folder: Path, kinds: str, statements: str, *args: str, preloaded: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run pytest on a test that starts a C program with these statements; preloaded: a library before it."""
    (folder / "test_it.py").write_text(_TEST)
    (folder / "program.c").write_text(
        "#include <pthread.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
        "char *volatile p; volatile int n; pthread_t t;\n"
        "void *run(void *arg) { for (int i = 0; i < 1000000; i++) n++; return arg; }\n"
        f"int main(void) {{ {statements} return 3; }}\n"
    )
    options = ["-p", "support.sanitizers", f"--sanitize={kinds}", f"--reports={folder}/reports"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *args, "-q", "test_it.py"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TESTS), "PRELOADED": preloaded},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("args", [(), ("-n", "2")], ids=["one process", "two"])
@pytest.mark.parametrize("kinds", _FAULTS)
def test_report_fails_the_run(tmp_path: Path, kinds: str, args: tuple[str, ...]) -> None:
    statements, words = _FAULTS[kinds]
    run = _run(tmp_path, kinds, statements, *args)
    assert run.returncode == 1, run.stdout + run.stderr
    assert words in run.stdout
    last = run.stdout.splitlines()[-1]
    assert last.startswith(f"{kinds}: 1 tests passed; sanitizer reports: 1 (in ")


def test_without_a_report_the_run_passes_and_says_its_figures(tmp_path: Path) -> None:
    run = _run(tmp_path, "address,undefined", "")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "address,undefined: 1 tests passed; sanitizer reports: 0"


def test_simulation_hides_no_race(tmp_path: Path) -> None:
    """Both threads take the simulation's lock, the one at its end and the other in usleep(). To a
    ThreadSanitizer that saw this lock they would not run at the same time."""
    library = preload.simulation(tmp_path, "")["LD_PRELOAD"]
    statements = "pthread_create(&t, 0, run, 0); usleep(300000); n++; pthread_join(t, 0);"
    run = _run(tmp_path, "thread", statements, preloaded=library)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "data race" in run.stdout
