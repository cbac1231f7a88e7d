# SPDX-License-Identifier: MIT
"""The README's table of environment variables names those that the code reads, and no others."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = ["http", "firmware", "modules", "boards", "tools/dock"]
# libcurl reads these by itself.
LIBCURLS = {"no_proxy", "NO_PROXY"}
# All variables have such names. The pattern also finds them in a list that a loop reads later.
NAME = re.compile(r'"((?:DL7450|DOCK|SSL_CERT|MICROPY)_?[A-Z_]+|\w+_(?:proxy|PROXY))(?:\\0)?"')
# A variable that is read by another name would not be found.
READ = re.compile(r'(?:getenv|environ\.get)\("(\w+)"|environ\["(\w+)"\]')


def sources() -> list[str]:
    """Return the files that may read the environment of the program or of dock."""
    paths = [
        path for folder in READERS for path in (ROOT / folder).rglob("*") if path.suffix in (".c", ".py")
    ]
    return [path.read_text() for path in paths]


def test_table_of_environment_variables_is_that_of_the_code() -> None:
    table = (
        (ROOT / "modules/README.md")
        .read_text()
        .partition("## Environment variables")[2]
        .partition("\n## ")[0]
    )
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    read = {name for text in sources() for name in NAME.findall(text)}
    read |= {name for text in sources() for names in READ.findall(text) for name in names if name}
    assert documented == read | LIBCURLS
