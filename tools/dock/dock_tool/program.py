# SPDX-License-Identifier: MIT
"""Where the host build is: the program dl7450 of this machine, and the library beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dock_tool.failure import Exit, Failure

__tracebackhide__ = True  # as in testing.py
_BUILT = Path("build/UNIX/dl7450")


def find_program(given: str | Path | None = None) -> Path:
    """Return the program: the given one, $DL7450_BINARY, that of the checkout around, or that of $PATH.

    Raises Failure if there is none.
    """
    named = given or os.environ.get("DL7450_BINARY")
    if named:
        path = Path(named).absolute()
        if not os.access(path, os.X_OK) or path.is_dir():
            raise Failure(Exit.NO_LOCAL_FILE, f"there is no program {path}: was it built? (make host)")
        return path
    here = [Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents]
    for folder in here:
        if os.access(folder / _BUILT, os.X_OK):
            return folder / _BUILT
    found = shutil.which("dl7450")
    if found:
        return Path(found)
    raise Failure(
        Exit.NO_LOCAL_FILE, "the program dl7450 was not found: make host builds it; $DL7450_BINARY names it"
    )


def not_started(program: str | Path, error: OSError) -> Failure:
    """Return why the system does not start the program: it may be one for another machine."""
    return Failure(Exit.OTHER, f"cannot start {program}: {error.strerror}")


def find_simulation(program: Path) -> Path:
    """Return the library that simulates network and time. Raises Failure if it is not beside the program."""
    library = program.resolve().parent / "simulation.so"
    if not library.is_file():
        raise Failure(Exit.NO_LOCAL_FILE, f"there is no {library}: make host builds it")
    return library
