# SPDX-License-Identifier: MIT
"""The README's table of faults says what the tests assert, row by row."""

import re
import runpy
from pathlib import Path

_HERE = Path(__file__).parent
_README = _HERE / "README.md"

# | [label](test_x.py): fault; fault | status | when |
_ROW = re.compile(r"^\| \[[^]]*\]\((test_\w+\.py)\): (.*) \| (.*) \| (.*) \|$", re.MULTILINE)


def test_readme_says_what_is_tested() -> None:
    said = {
        (file, name): (statuses, ends)
        for file, names, statuses, ends in _ROW.findall(_README.read_text())
        for name in names.split("; ")
    }
    tested = {
        (path.name, name): (" or ".join(map(str, fault.statuses)), fault.ends)
        for path in _HERE.glob("test_*.py")
        for name, fault in runpy.run_path(str(path)).get("FAULTS", {}).items()
    }
    assert said == tested
