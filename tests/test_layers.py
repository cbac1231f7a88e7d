# SPDX-License-Identifier: MIT
"""House rules that a program can check: who may include what, what is listed where, how long files are."""

import re
import shutil
import subprocess
from pathlib import Path

import layers
import pytest

ROOT = Path(__file__).resolve().parent.parent
HTTP = ROOT / "http"
MOST_LINES = 600
ENGINE = layers.listed(HTTP, "SRC_USERMOD_LIB_C")  # from bottom to top
BINDING = layers.listed(HTTP, "SRC_USERMOD_C")


def _tracked() -> list[Path]:
    """The repository's files: those that git knows, and those that it would not ignore."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


# A name of each kind of file, and a line that must not be in it.
_WRONG = [
    # The binding knows no libcurl, nor what the engine keeps to itself, however it is spelled.
    *(
        (file, line)
        for file in ("binding/bind_jar.c", "binding/modhttp.c", "binding/binding.h")
        for line in (
            '#include "state.h"',
            '#include "http/engine/state.h"',
            '#include "./engine/state.h"',
            '#include "../engine/state.h"',
            '#include "http/engine/../engine/state.h"',
            '#include "py/../http/engine/state.h"',
            "#include <http/engine/state.h>",
            "#include <curl/curl.h>",
            "#include <curl.h>",
            "#include <mbedtls/ssl.h>",
            '#  include "http/engine/jar.c"',
            "#include/**/<curl/curl.h>",
            "#include HEADER",
            "#import <curl/curl.h>",
            "# /* here */ include <curl/curl.h>",
            "#\\\ninclude <curl/curl.h>",
            "%:include <curl/curl.h>",
            "#include_next <curl/curl.h>",
        )
    ),
    # The engine knows no MicroPython.
    *(
        (file, line)
        for file in ("engine/jar.c", "engine/mbedtls.c", "engine/state.h", "engine.h")
        for line in (
            '#include "py/obj.h"',
            '#include "obj.h"',
            '#include "mpconfigport.h"',
            '#include "mphalport.h"',
            '#include "extmod/misc.h"',
            '#include "shared/runtime/interrupt_char.h"',
            '#include "genhdr/qstrdefs.generated.h"',
            '#include "binding.h"',
            '#include "http/binding/binding.h"',
            '#include "qstr.h"',
        )
    ),
    # Upward: a file of a lower layer, or its header, includes a header of a higher one.
    ("engine/memory.c", '#include "http/engine/state.h"'),
    ("engine/sink.c", '#include "http/engine/hop.h"'),
    ("engine/hop.c", '#include "http/engine/drive.h"'),
    ("engine/state.h", '#include "http/engine/request.h"'),
    ("engine/url.h", '#include "http/engine/url.h"'),
    # A library is one file's business; the manual needs no other header.
    ("engine/jar.c", "#include <mbedtls/ssl.h>"),
    ("engine/jar.c", "#include <zlib.h>"),
    ("engine/jar.c", "#include <openssl/ssl.h>"),
    ("engine/mbedtls.h", "#include <mbedtls/ssl.h>"),
    ("engine.h", "#include <curl/curl.h>"),
    ("engine.h", '#include "http/engine/state.h"'),
    ("binding/binding.h", '#include "http/binding/private.h"'),
    # What nobody lists may include nothing.
    ("engine/new.c", "#include <stdio.h>"),
    ("binding/new.c", "#include <stdio.h>"),
    ("new.h", "#include <stdio.h>"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of http/, to be made wrong."""
    return shutil.copytree(HTTP, tmp_path / "http")


def _write(tree: Path, name: str, line: str) -> Path:
    path = tree / name
    path.write_text(f"// SPDX-License-Identifier: MIT\n\n{line}\n")
    return path


def test_every_file_includes_only_what_its_layer_may() -> None:
    files = layers.files(HTTP)
    assert files
    assert {path.name: found for path in files if (found := layers.forbidden(HTTP, path))} == {}


@pytest.mark.parametrize(("name", "line"), _WRONG)
def test_wrong_include_is_seen(tree: Path, name: str, line: str) -> None:
    assert len(layers.forbidden(tree, _write(tree, name, line))) == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("binding/bind_jar.c", '#include "py/runtime.h"'),
        ("binding/bind_jar.c", '#include "http/binding/binding.h"'),
        ("binding/binding.h", '#include "http/engine.h"'),
        ("engine/jar.c", '#include "http/engine/drive.h"'),
        ("engine/jar.c", '#include "http/engine/jar.h"'),
        ("engine/jar.c", "#include <string.h>"),
        ("engine/state.h", "#include <curl/curl.h>"),
        ("engine/mbedtls.c", "  #  include <mbedtls/ssl.h> // a comment"),
        ("engine.h", "#include <stdint.h>"),
        ("engine/jar.c", "// #include <stdio.h> is not needed"),
    ],
)
def test_right_include_is_taken(tree: Path, name: str, line: str) -> None:
    assert layers.forbidden(tree, _write(tree, name, line)) == []


def test_no_files_include_each_other_in_a_circle() -> None:
    assert layers.circle(HTTP) == []


@pytest.mark.parametrize(
    ("name", "header"), [("engine/state.h", "hop"), ("engine/sink.c", "inflate"), ("engine/hop.c", "drive")]
)
def test_circle_is_seen(tree: Path, name: str, header: str) -> None:
    with (tree / name).open("a") as file:
        file.write(f'#include "http/engine/{header}.h"\n')
    found = layers.circle(tree)
    assert header in found
    assert Path(name).stem in found


def test_the_graph_has_every_file_in_the_order_of_the_layers() -> None:
    lines = list(layers.lines(HTTP))
    assert [line.split()[0] for line in lines[: len(ENGINE)]] == [f"engine/{name[:-2]}" for name in ENGINE]
    assert {line.split()[0] for line in lines[len(ENGINE) :]} == {
        *(f"binding/{name[:-2]}" for name in BINDING),
        "binding/binding",
    }
    assert lines[0].split() == ["engine/memory", "-"]
    above = [line.split() for line in lines]
    for number, (_, *names) in enumerate(above[: len(ENGINE)]):
        assert {f"engine/{name}" for name in names if name != "-"} <= {line[0] for line in above[:number]}


# Other folders include engine.h only. Tests of the engine's parts name the header that they mean.
_MAY_NAME_PRIVATE_HEADERS = ("tests/engine/", "tests/fuzz/", "tests/torture/")


def _private(name: str, path: Path) -> list[str]:
    """The private headers that a file outside http/ includes and may not."""
    if name.startswith(_MAY_NAME_PRIVATE_HEADERS):
        return [other for other in layers.includes(path) if "binding" in other or ".." in other]
    private = {header.name for header in layers.files(HTTP) if header.parent != HTTP}
    return [
        other
        for other in layers.includes(path)
        if re.search(r"\b(engine|binding)/", other) or (Path(other).name in private and "http" in other)
    ]


def test_no_file_outside_includes_a_private_header() -> None:
    paths = {path.relative_to(ROOT).as_posix(): path for path in _tracked() if path.suffix in (".c", ".h")}
    outside = {name: path for name, path in paths.items() if not name.startswith("http/")}
    assert outside
    assert {name: found for name, path in outside.items() if (found := _private(name, path))} == {}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("firmware/unix_main.c", '#include "http/engine/state.h"'),
        ("firmware/unix_main.c", '#include "http/binding/binding.h"'),
        ("firmware/unix_main.c", '#include "../http/engine/hop.h"'),
        ("boards/UNIX/board.c", '#include "engine/state.h"'),
        ("tests/bench/floor.c", '#include "http/engine/state.h"'),
        ("tests/engine/slots.c", '#include "http/binding/binding.h"'),
    ],
)
def test_private_header_outside_is_seen(tmp_path: Path, name: str, line: str) -> None:
    assert len(_private(name, _write(tmp_path, "file.c", line))) == 1


def test_a_function_has_the_prefix_of_its_file() -> None:
    manual = set(re.findall(r"\b(http_\w+)\(", (HTTP / "engine.h").read_text()))
    for path in (HTTP / "engine").glob("*.c"):
        defined = re.findall(r"^(?!static\b)\w[\w \*]*?\b(\w+)\([^;]*?\) \{$", path.read_text(), re.M)
        assert defined, path
        prefix = f"http_{path.stem}"
        assert [name for name in defined if name not in manual and not name.startswith(prefix)] == [], path


def test_every_engine_file_has_a_header_but_those_that_only_the_app_calls() -> None:
    headers = {path.stem for path in (HTTP / "engine").glob("*.h")}
    assert {name[:-2] for name in ENGINE} - headers == {"calls", "jar"}


def test_both_build_files_list_every_c_file() -> None:
    cmake = (HTTP / "micropython.cmake").read_text()
    listed = re.findall(r"\$\{CMAKE_CURRENT_LIST_DIR\}/(\w+/\w+\.c)$", cmake, re.M)
    names = {f"engine/{name}" for name in ENGINE} | {f"binding/{name}" for name in BINDING}
    assert len(listed) == len(names)
    assert set(listed) == names
    assert {path.relative_to(HTTP).as_posix() for path in layers.files(HTTP) if path.suffix == ".c"} == names


def test_no_file_is_too_long() -> None:
    folders = ("http", "modules", "firmware", "boards", "tools", "tests")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in _tracked()
        if path.suffix in (".c", ".h", ".py") and path.relative_to(ROOT).parts[0] in folders
    }
    assert lengths
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


_LICENCE = "SPDX-License-Identifier: MIT"
_COMMENTS = {".c": "//", ".h": "//", ".py": "#", ".sh": "#"}


def _names_licence(name: str, text: str) -> bool:
    """Is the licence the first line, or the second behind the one that names the interpreter?"""
    lines = text.split("\n")
    mark = _COMMENTS.get(Path(name).suffix, "#")
    return f"{mark} {_LICENCE}" in lines[: 1 + lines[0].startswith("#!")]


def test_every_file_of_code_names_its_licence() -> None:
    paths = [path for path in _tracked() if path.suffix in _COMMENTS or path.parent.name == ".ci"]
    assert {path.suffix for path in paths} >= {".c", ".h", ".py", ".sh", ""}
    assert [path for path in paths if not _names_licence(path.name, path.read_text())] == []


@pytest.mark.parametrize(
    ("name", "text", "has_it"),
    [
        ("a.c", f"// {_LICENCE}\nint a;\n", True),
        ("a.c", f"int a;\n// {_LICENCE}\n", False),
        ("a.h", f"/* {_LICENCE} */\n", False),
        ("a.c", "", False),
        ("a.py", f"# {_LICENCE}\n", True),
        ("a.py", f'"""Text."""\n# {_LICENCE}\n', False),
        ("a.py", f"// {_LICENCE}\n", False),
        ("a.sh", f"#!/bin/sh\n# {_LICENCE}\n", True),
        ("a.sh", f"#!/bin/sh\n\n# {_LICENCE}\n", False),
        ("run", "#!/bin/sh\necho\n", False),
    ],
)
def test_missing_licence_is_seen(name: str, text: str, has_it: bool) -> None:
    assert _names_licence(name, text) == has_it


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
