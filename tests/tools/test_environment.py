# SPDX-License-Identifier: MIT
"""The table of environment variables names those that the code reads, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("http", "firmware", "modules", "boards", "tools")
# What of the tests reads variables that a developer may set. Others are between a test and its own programs.
FILES = (
    "tests/conftest.py",
    "tests/engine/conftest.py",
    "tests/servers/nginx.py",
    "tests/servers/tinyproxy.py",
)
# Read by libraries and by MicroPython's own main(); make reads all of its own.
ELSEWHERE = {"no_proxy", "NO_PROXY", "TZ", "HOME", "MICROPYPATH"}
# Set by `make coverage` for the tests that it runs.
INTERNAL = {"HTTP_COVERAGE"}
# Where the name is no literal: a list of names, which NAMES finds; MicroPython's names; find_program()'s.
INDIRECT = {
    "http/engine/proxy.c": 1,
    "firmware/unix_main.c": 1,
    "tools/daemon.py": 1,
}

NAMES = re.compile(r'"(\w+_(?:proxy|PROXY))\\0')
READ = re.compile(r"""(?<!char \*)(?<!_)\b(?:getenv|environ\.get)\(|\benviron\[|\bfind_program\((?=")""")
LITERAL = re.compile(r"""\s*["'](\w+)["']""")
SHELL = re.compile(r"\$\{?([A-Z][A-Z_]+)\b")
SET_BY_BASH = {"BASH_SOURCE", "SECONDS", "EUID", "RANDOM"}


def without_comments(text: str) -> str:
    """Return C code without its comments, in which getenv() may be named."""
    return re.sub(r"//.*", "", text)


def sources() -> Iterator[Path]:
    """Yield the files that may read the environment."""
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in (".c", ".h", ".py", ".sh"))
    yield from (ROOT / name for name in FILES)


def read_in(path: Path, text: str) -> tuple[set[str], int]:
    """Return the variables that a file reads, and how often it reads one whose name is no literal."""
    if path.suffix == ".sh":
        assigned = set(re.findall(r"(?m)^\s*([A-Z][A-Z_]+)=", text))
        code = re.sub(r"(?m)(^|\s)#.*|'[^']*'", "", text)
        return set(SHELL.findall(code)) - assigned - SET_BY_BASH, 0
    if path.suffix in (".c", ".h"):
        text = without_comments(text)
    names, unknown = set(NAMES.findall(text)), 0
    for found in READ.finditer(text):
        if literal := LITERAL.match(text, found.end()):
            names.add(literal[1])
        else:
            unknown += 1
    return names, unknown


def documented() -> set[str]:
    """Return the names in the first column of the table."""
    text = (ROOT / "modules/README.md").read_text()
    table = text.partition("## Environment variables")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_table_of_environment_variables_is_that_of_the_code() -> None:
    read, unknown = set(), {}
    for path in sources():
        names, others = read_in(path, path.read_text())
        read |= names
        if others:
            unknown[str(path.relative_to(ROOT))] = others
    assert documented() == (read | ELSEWHERE) - INTERNAL
    assert unknown == INDIRECT


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.c", 'x = getenv("A_B");', ({"A_B"}, 0)),
        ("a.c", 'x = first_of("a_proxy\\0" "B_PROXY\\0");', ({"a_proxy", "B_PROXY"}, 0)),
        ("a.c", "x = getenv(name);", (set(), 1)),
        ("a.c", '// getenv("A")', (set(), 0)),
        ("a.py", "os.getenv('A') or os.environ.get(\"B\", 1) or os.environ['C']", ({"A", "B", "C"}, 0)),
        ("a.py", "os.environ[name]", (set(), 1)),
        ("a.py", 'find_program("NGINX", path)', ({"NGINX"}, 0)),
        ("a.sh", 'x=${SOURCES:-} # ${NO}\nOWN=1; echo "$OWN $A_B"', ({"SOURCES", "A_B"}, 0)),
    ],
)
def test_every_way_to_read_a_variable_is_seen(name: str, text: str, found: tuple[set[str], int]) -> None:
    assert read_in(Path(name), text) == found
