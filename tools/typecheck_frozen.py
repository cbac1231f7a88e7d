# SPDX-License-Identifier: MIT
"""Checks the types of the frozen modules: mypy is strict, and basedpyright is as strict as an app's.

typecheck_frozen.toml lists what they cannot know, with the reasons. What is not in the list is an error, and
so is an entry that nothing needs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from dock_tool.stubs import write_stubs

ROOT = Path(__file__).resolve().parent.parent
KNOWN = Path(__file__).with_suffix(".toml")
_MYPY = ("--strict", "--no-pretty", "--no-error-summary")
_BASEDPYRIGHT = {
    "defineConstant": {"_TYPING": True},  # annotations name what is imported below `if _TYPING`
    "reportUnnecessaryComparison": "error",
}
# Modules in C, and those that a build makes.
_STUBS = ROOT / "tools" / "frozen_stubs"
# The parser of MicroPython knows it without an import.
_CONST = "\ndef const(value: _T, /) -> _T: ...\n"
# Under names of their own: `import http` means what apps see, the stub.
_PREFIX = "frozen_"


def collect(modules: Path, standins: Path, folder: Path) -> dict[str, str]:
    """Copy the frozen modules into a folder that `dock stubs` prepares. Gives the source of each copy."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_stubs(folder)
    typings = folder / "typings"
    shutil.copytree(_STUBS, typings, dirs_exist_ok=True)
    with (typings / "stdlib" / "builtins.pyi").open("a") as builtins:
        builtins.write(_CONST)
    settings = json.loads((folder / "pyrightconfig.json").read_text()) | _BASEDPYRIGHT
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    sources = {}
    for path in sorted([*modules.rglob("*.py"), *standins.rglob("*.py")]):
        if path.name == "manifest.py":
            continue
        if path.is_relative_to(modules):
            inside = path.relative_to(modules)
            name = f"{inside}" if path.name.startswith("_") and not inside.parts[1:] else f"{_PREFIX}{inside}"
            sources[name] = f"modules/{inside}"
        else:
            inside = path.relative_to(standins)
            name = f"{inside}".removeprefix("devices/")
            sources[name] = f"firmware/standins/{inside}"
            # Stand-ins use names of one another that apps do not see: their stubs are not there.
            shutil.rmtree(typings / Path(name).parts[0].removesuffix(".py"), ignore_errors=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    return sources


def findings(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, int, str, str]]:
    """What both say: file, line, rule, text."""
    bin_folder = Path(sys.executable).parent
    commands: list[list[str | Path]] = [
        [bin_folder / "mypy", *_MYPY, "--cache-dir", folder / ".mypy"],
        [bin_folder / "basedpyright", "--outputjson"],
    ]
    runs = [
        subprocess.Popen([*command, *names], cwd=folder, stdout=subprocess.PIPE, text=True)
        for command in commands
    ]
    mypy, basedpyright = (run.communicate()[0] for run in runs)
    if any(run.returncode not in (0, 1) for run in runs):
        raise RuntimeError(f"a type checker has not checked: {mypy}{basedpyright}")
    for line in mypy.splitlines():
        found = re.fullmatch(r"(\S+?):(\d+): error: (.*)  \[([\w-]+)\]", line)
        if found and not found[1].startswith("typings/"):
            yield found[1], int(found[2]), found[4], found[3]
    for item in json.loads(basedpyright)["generalDiagnostics"]:
        if item["severity"] == "error":
            path = str(Path(item["file"]).relative_to(folder.resolve()))
            line = item["range"]["start"]["line"] + 1
            yield path, line, item.get("rule", ""), item["message"].splitlines()[0]


def check(modules: Path, standins: Path, folder: Path, known: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Check the modules of two folders, in another one. Gives how many, and a line for each error."""
    sources = collect(modules, standins, folder)
    used: set[int] = set()
    errors = []
    for name, line, rule, text in findings(folder, sources):
        path = name.removeprefix(_PREFIX)
        for number, entry in enumerate(known):
            if fnmatch(path, entry["file"]) and rule in entry["rules"] and entry.get("text", "") in text:
                used.add(number)
                break
        else:
            errors.append(f"{sources[name]}:{line}: {text}  [{rule}]")
    unused = [entry for number, entry in enumerate(known) if number not in used]
    return len(sources), errors + [f"{KNOWN.name}: nothing needs {entry}" for entry in unused]


def main() -> int:
    """Check all frozen modules."""
    known = tomllib.loads(KNOWN.read_text())["known"]
    count, errors = check(
        ROOT / "modules", ROOT / "firmware" / "standins", ROOT / "build" / "typecheck-frozen", known
    )
    print("".join(f"{error}\n" for error in errors), end="")
    if not errors:
        print(f"{count} frozen modules: their types are right; {KNOWN.name} has {len(known)} exceptions")
    return int(bool(errors))


if __name__ == "__main__":
    sys.exit(main())
