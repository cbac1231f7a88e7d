# SPDX-License-Identifier: MIT
"""http/README.md against the code: its tables of switches and of files, and the walk of one request."""

import re
from pathlib import Path

import layers

ROOT = Path(__file__).resolve().parent.parent
HTTP = ROOT / "http"
README = (HTTP / "README.md").read_text()


def switches(text: str) -> dict[str, set[str]]:
    """The macros of a C file that a port may define, and their defaults; include guards are none."""
    found: dict[str, set[str]] = {}
    for name in re.findall(r"^#ifndef (HTTP_\w+)$", text, re.M):
        defaults = set(re.findall(rf"^ *#define {name} (.+)$", text, re.M))
        if defaults:
            found[name] = {default.strip("()") for default in defaults}
    return found


def variables(text: str) -> set[str]:
    """The variables of a makefile or of CMake that a port may set before."""
    pairs = re.findall(r"^(HTTP_\w+) \?=|if\(NOT DEFINED (HTTP_\w+)\)", text, re.M)
    return {name for pair in pairs for name in pair if name}


def table(heading: str) -> list[list[str]]:
    """The cells of a table below a line that begins with this."""
    lines = README.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_table_has_every_switch_and_its_default() -> None:
    code: dict[str, set[str]] = {}
    for path in layers.files(HTTP):
        code |= switches(path.read_text())
    told = {
        name.strip("`"): set(re.findall(r"`([^`]+)`", default)) for name, default, _ in table("| switch ")
    }
    assert told == code


def test_every_switch_that_is_read_may_be_defined() -> None:
    read = set()
    for path in layers.files(HTTP):
        conditions = re.findall(r"^\s*#(?:el)?if (.*)$", path.read_text(), re.M)
        read |= {name for condition in conditions for name in re.findall(r"\bHTTP_\w+", condition)}
    assert read
    assert read <= {row[0].strip("`") for row in table("| switch ")}


def test_the_text_names_every_variable_of_the_build_files() -> None:
    found = variables((HTTP / "micropython.mk").read_text()) | variables(
        (HTTP / "micropython.cmake").read_text()
    )
    assert found == {"HTTP_CURL_CFLAGS", "HTTP_CURL_LIBS", "HTTP_CURL_LIBRARIES"}
    assert all(f"`{name}`" in README for name in found)


def test_the_tables_of_files_have_each_once_and_in_the_order_of_the_layers() -> None:
    assert [row[0] for row in table("| file of engine/")] == layers.engine_layers(HTTP)
    binding = {Path(name).stem for name in layers.listed(HTTP, "SRC_USERMOD_C")}
    rows = [row[0] for row in table("| file of binding/")]
    assert len(rows) == len(set(rows))
    assert set(rows) == {"binding.h", *binding}


def test_the_walk_has_at_most_ten_steps_and_enters_each_file_once() -> None:
    steps = re.findall(r"^\d+\. `((?:engine|binding)/\w+\.c)`", README, re.M)
    assert 5 <= len(steps) <= 10
    assert len(set(steps)) == len(steps)
    assert all((HTTP / name).is_file() for name in steps)


def test_switch_without_a_default_is_none() -> None:
    guard = "#ifndef HTTP_A_H\n#define HTTP_A_H\n\n#ifndef HTTP_A\n#define HTTP_A (1)\n#endif\n#endif\n"
    assert switches(guard) == {"HTTP_A": {"1"}}
