# SPDX-License-Identifier: MIT
"""The examples in the vendor's documents: each code block of docs/**/*.rst that is Python for the dock."""

import json
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from samples.site import Site
from support.program import clean_environment

TABLE = Path(__file__).with_name("documents.toml")
_SECONDS = 5.0  # for an example that ends by itself; one that has a repeated timer goes on
_DIRECTIVE = re.compile(r"\s*\.\. (code-block|code)::\s*(\w*)")
_OTHER_DIRECTIVE = re.compile(r"\s*\.\. ")


@dataclass(frozen=True)
class Example:
    """A code block: its page and its number there, and the code."""

    name: str
    code: str


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def find(checkout: Path) -> Iterator[Example]:
    """The code blocks of all pages, in reading order, without those in other languages."""
    for page in sorted((checkout / "docs").rglob("*.rst")):
        lines = page.read_text().splitlines()
        number = 0
        for at, line in enumerate(lines):
            directive = _DIRECTIVE.match(line)
            literal = line.rstrip().endswith("::") and not _OTHER_DIRECTIVE.match(line)
            if not (directive and directive[2] in ("", "python")) and not literal:
                continue
            block = []
            for inner in lines[at + 1 :]:
                if inner.strip() and _indent(inner) <= _indent(line):
                    break
                block.append(inner)
            number += 1
            code = textwrap.dedent("\n".join(block)).strip("\n") + "\n"
            yield Example(f"{page.relative_to(checkout)} {number}", code)


def run(binary: Path, example: Example, site: Site, folder: Path) -> tuple[bool, str]:
    """Run one example: whether it did what the table says, and what that was."""
    table = tomllib.loads(TABLE.read_text())
    row = table["examples"].get(example.name, {})
    if "no_app" in row:
        return True, f"(no app: {row['no_app']})"
    (folder / "example.py").write_text(row.get("before", "") + example.code)
    (folder / "devices").write_text("".join(json.dumps(line) + "\n" for line in table["devices"]))
    environment = clean_environment(
        {
            **site.environment,
            "DL7450_SCREEN": str(folder / "screen"),
            "DL7450_DEVICES": str(folder / "devices"),
            "DL7450_ROM": str(site.store),
        }
    )
    with (folder / "log").open("wb") as log, suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [binary, "example.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    return _judge(row, (folder / "log").read_text(), _texts(folder / "screen/screen.json"))


def _texts(screen: Path) -> list[str]:
    if not screen.exists():
        return []
    lines = (line for box in json.loads(screen.read_text())["boxes"] for line in box["lines"])
    return [line for line in lines if line]


def _judge(row: dict[str, str], log: str, texts: list[str]) -> tuple[bool, str]:
    failed = "Traceback" in log
    last = (log.strip().splitlines() or [""])[-1]
    if "error" in row:
        if failed and last.startswith(row["error"]):
            return True, f"(an error of the document: {row['why']}) {last}"
        return False, f"no {row['error']}, which documents.toml names, but: {last or 'no error'}"
    if failed:
        return False, last
    shown = "; ".join(texts)
    if row.get("shows", "") not in shown:
        return False, f"no '{row['shows']}', but: {shown}"
    fragment = "(a fragment) " if "before" in row else ""
    return True, fragment + (shown or last or "shows nothing")
