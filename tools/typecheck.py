# SPDX-License-Identifier: MIT
"""Checks the types of apps, as an editor with `dock stubs` does: the sample apps and the documents' examples.

mypy is strict, except that an app need not have type hints itself. basedpyright has the settings that
`dock stubs` writes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from dock_tool.stubs import write_stubs
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
_WITHOUT_HINTS = (
    "--allow-untyped-defs",
    "--allow-incomplete-defs",
    "--allow-untyped-calls",
    "--disable-error-code=var-annotated",
)
_NO_APPS = ("build", ".git", "tests")  # the examples of tests/ are tests


def examples(document: Path) -> list[tuple[int, str]]:
    """The Python examples of a document: the line before each, and its text."""
    if document.suffix in (".rst", ".inc"):
        return _rst_examples(document.read_text())
    tokens = MarkdownIt().parse(document.read_text())
    return [
        (token.map[0] + 1, token.content)
        for token in tokens
        if token.type == "fence" and token.info == "python" and token.map
    ]


def _rst_examples(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.strip() != ".. code-block:: python":
            continue
        margin = len(line) - len(line.lstrip()) + 3
        end = at + 1
        while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * margin)):
            end += 1
        start = at + 1
        while start < end and (not lines[start].strip() or lines[start].strip().startswith(":")):
            start += 1
        code = "\n".join(text[margin:] for text in lines[start:end])
        found.append((start, code.rstrip() + "\n"))
    return found


def documents(root: Path) -> list[Path]:
    """All documents of a checkout."""
    found = [path for ending in ("md", "rst", "inc") for path in root.rglob(f"*.{ending}")]
    return sorted(path for path in found if path.relative_to(root).parts[0] not in _NO_APPS)


def collect(folder: Path) -> int:
    """Put the sample apps and the examples into a folder. Gives how many."""
    apps = folder / "apps"
    shutil.rmtree(apps, ignore_errors=True)
    apps.mkdir(parents=True)
    for path in sorted((ROOT / "firmware" / "apps").glob("*.py")):
        shutil.copyfile(path, apps / path.name)
    for document in documents(ROOT):
        name = str(document.relative_to(ROOT).with_suffix("")).replace("/", "_").replace(".", "_").lower()
        for line, code in examples(document):
            # The blank lines on top give each line the number that it has in the document.
            (apps / f"{name}_{line}.py").write_text("\n" * line + code)
    return len(list(apps.iterdir()))


def check(folder: Path, paths: list[Path]) -> tuple[int, str]:
    """Run both type checkers in a folder that `dock stubs` has prepared. Gives exit code and text."""
    bin_folder = Path(sys.executable).parent
    commands: list[list[str | Path]] = [
        [bin_folder / "mypy", "--strict", *_WITHOUT_HINTS, "--cache-dir", folder / ".mypy", "--no-pretty"],
        [bin_folder / "basedpyright"],
    ]
    # At the same time: they need several seconds each.
    runs = [
        subprocess.Popen(
            [*command, *paths], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for command in commands
    ]
    said = [run.communicate()[0] for run in runs]
    return max(abs(run.returncode) for run in runs), "".join(said)


def main() -> int:
    """Check the given files, or all apps and examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="default: the sample apps and all examples")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "typecheck")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    write_stubs(folder)
    count = len(arguments.files) or collect(folder)
    code, said = check(folder, [path.resolve() for path in arguments.files] or [folder / "apps"])
    print(said, end="")
    if code == 0:
        print(f"{count} apps and examples: their types are right")
    return code


if __name__ == "__main__":
    sys.exit(main())
