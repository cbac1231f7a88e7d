"""House rules that a program can check: who may include what, what is listed where, how long files are."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HTTP = ROOT / "http"
MOST_LINES = 600


def _tracked() -> list[Path]:
    """The repository's files: those that git knows, and those that it would not ignore."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def _includes(path: Path) -> list[str]:
    """What a C file includes, as it is spelled there without the quotes."""
    return re.findall(r"^\s*#\s*include\s+[<\"]([^>\"]+)[>\"]", path.read_text(), re.M)


def _makefile_list(variable: str) -> set[str]:
    lists = re.findall(rf"^{variable} \+= .*?,(.*)\)$", (HTTP / "micropython.mk").read_text(), re.M)
    assert len(lists) == 1, f"{variable} has a form that this test does not know"
    return set(lists[0].split())


def _is_engine_header(name: str) -> bool:
    return name in ("http/engine.h", "http/engine_private.h")


def _is_micropython_header(name: str) -> bool:
    return name.startswith(("py/", "extmod/", "shared/", "genhdr/", "lib/", "ports/")) or name.startswith(
        "mp"
    )


def _is_libc_header(name: str) -> bool:
    # What is in no folder, or in one of POSIX, and neither MicroPython's nor this project's.
    return re.fullmatch(r"((sys|netinet)/)?\w+\.h", name) is not None and not _is_micropython_header(name)


ENGINE = _makefile_list("SRC_USERMOD_LIB_C")
BINDING = _makefile_list("SRC_USERMOD_C")


@pytest.mark.parametrize("path", sorted(HTTP.glob("*.[ch]")), ids=lambda path: path.name)
def test_no_file_knows_both_micropython_and_libcurl(path: Path) -> None:
    includes = _includes(path)
    knows_libcurl = any(name.startswith("curl/") or name == "http/engine_private.h" for name in includes)
    knows_micropython = any(map(_is_micropython_header, includes)) or "http/binding.h" in includes
    assert not (knows_libcurl and knows_micropython), includes


@pytest.mark.parametrize("name", [*sorted(ENGINE), "engine.h", "engine_private.h"])
def test_engine_knows_libc_and_libcurl_only(name: str) -> None:
    for header in _includes(HTTP / name):
        allowed = ("curl/", "mbedtls/") if name == "mbedtls.c" else ("curl/",)
        assert header.startswith(allowed) or _is_engine_header(header) or _is_libc_header(header), header


@pytest.mark.parametrize("name", [*sorted(BINDING), "binding.h"])
def test_binding_knows_only_the_engines_public_header(name: str) -> None:
    for header in _includes(HTTP / name):
        assert not header.startswith("curl"), header
        assert header != "http/engine_private.h"


def test_engines_manual_needs_no_other_header() -> None:
    assert all(map(_is_libc_header, _includes(HTTP / "engine.h")))


def test_both_build_files_list_every_c_file() -> None:
    cmake = (HTTP / "micropython.cmake").read_text()
    listed = re.findall(r"\$\{CMAKE_CURRENT_LIST_DIR\}/(\w+\.c)$", cmake, re.M)
    assert sorted(listed) == sorted(ENGINE | BINDING)
    assert {path.name for path in HTTP.glob("*.c")} == ENGINE | BINDING
    assert not ENGINE & BINDING


def test_no_file_is_too_long() -> None:
    folders = ("http", "modules", "firmware", "boards", "tools", "tests")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in _tracked()
        if path.suffix in (".c", ".h", ".py") and path.relative_to(ROOT).parts[0] in folders
    }
    assert lengths
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_c_file_names_its_licence() -> None:
    c_files = [path for path in _tracked() if path.suffix in (".c", ".h")]
    assert c_files
    for path in c_files:
        assert path.read_text().startswith("// SPDX-License-Identifier: MIT\n"), path


def test_only_the_known_folders_are_at_the_top() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in _tracked() if path.parent != ROOT}
    assert folders <= {".ci", "boards", "firmware", "http", "modules", "tests", "tools"}


# Written so that this file does not contain what it looks for.
_MIRRORS = [
    r"(registry|mirrors?|proxy|nexus|artifactory|devpi|cache)[\w-]*\.[\w-]+\.(internal|local|lan|corp)\b",
    r"(deb|security|snapshot|ftp)\.debian" + r"\.org",
    r"pypi" + r"\.org",
    r"files\.python" + r"hosted",
    r"index-" + r"url",
    r"proxy\.golang" + r"\.org",
]
_ABSOLUTE = r"(?<![\w.*}])"
_MACHINE_PATHS = [
    _ABSOLUTE + folder for folder in (r"/home/\w", r"/Users/\w", r"/root" + r"/", r"/work" + r"/")
]


@pytest.mark.parametrize("pattern", [*_MIRRORS, *_MACHINE_PATHS])
def test_no_file_names_a_mirror_or_a_path_of_one_machine(pattern: str) -> None:
    found = []
    for path in _tracked():
        data = path.read_bytes()
        if b"\0" in data:
            continue  # a picture
        for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []
