# SPDX-License-Identifier: MIT
"""What frozen packages add to a program: code, constants, and the names that no other module has.

A linker's map cannot say it: the names and the short texts of all frozen modules are in one pool, and
MicroPython has many of them itself. So all frozen modules are compiled with the packages and without them,
and the difference counts. Sections are counted as the compiler fills them, without padding between them: gcc
aligns large arrays to 32 bytes on x86-64, not on the dock. The linker joins some texts: a program grows less.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
# Options of MicroPython's build that change the size of constants.
_FLAGS = ("-std=gnu99", "-Os", "-DUNIX", "-DNDEBUG", "-DMPZ_DIG_SIZE=16", "-DMICROPY_ROM_TEXT_COMPRESSION=1")
_FROZEN = (
    "-DMICROPY_MODULE_FROZEN_MPY",
    "-DMICROPY_QSTR_EXTRA_POOL=mp_qstr_frozen_const_pool",
    "-fdata-sections",
)


def _frozen_bytes(modules: Sequence[Path], build: Path, board: Path, compiler: str) -> int:
    """Return the bytes of these precompiled modules when frozen, with their names."""
    micropython = next(_ROOT.glob("build/micropython-*"))
    tool = [sys.executable, micropython / "tools/mpy-tool.py", "--freeze", "-mlongint-impl=mpz"]
    names = ["--qstr-header", build / "genhdr/qstrdefs.preprocessed.h"]
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "frozen.c", Path(folder) / "frozen.o"
        source.write_bytes(subprocess.run([*tool, *names, *modules], check=True, capture_output=True).stdout)
        folders = [_ROOT, micropython, micropython / "ports/unix", build, board]
        command = [compiler, *_FLAGS, *_FROZEN, *(f"-I{path}" for path in folders)]
        subprocess.run([*command, "-c", "-o", program, source], check=True)
        tool = [f"{compiler.removesuffix('gcc')}size", program]
        said = subprocess.run(tool, check=True, capture_output=True, text=True).stdout
    text, data, _ = map(int, re.findall(r"\d+", said.splitlines()[1])[:3])
    return text + data


def frozen_modules(build: Path) -> dict[str, Path]:
    """Return the precompiled modules of a build by name. Its folder may have those of removed sources too."""
    text = (build / "frozen_content.c").read_text()
    found = re.findall(r"^// - original source file: .*/frozen_mpy/(\S+)\.mpy$", text, re.MULTILINE)
    return {name: build / f"frozen_mpy/{name}.mpy" for name in found}


def added_bytes(
    build: Path, board: Path, compiler: str, packages: Sequence[str], modules: dict[str, Path] | None = None
) -> int:
    """Return what packages and modules, by the first part of their names, add to the other frozen ones.

    modules are precompiled, by name; by default those of the build.
    """
    modules = modules or frozen_modules(build)
    others = [path for name, path in modules.items() if name.partition("/")[0] not in packages]
    every = _frozen_bytes(list(modules.values()), build, board, compiler)
    return every - _frozen_bytes(others, build, board, compiler)
