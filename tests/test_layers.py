# SPDX-License-Identifier: MIT
"""House rules that a program can check: who may include what, what is listed where, how long files are."""

import re
import subprocess
from collections.abc import Set
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


_INCLUDE = re.compile(r"^\s*(?:#|%:)\s*(?:include|import)\w*\s*(.*)$", re.M)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def _includes(path: Path) -> list[str]:
    """What a C file includes: the name in quotes or brackets, or what is there instead, a macro."""
    text = _COMMENT.sub(" ", path.read_text().replace("\\\n", ""))
    return [
        named[1] if (named := re.fullmatch(r"[<\"]([^>\"]+)[>\"]", operand.strip())) else operand
        for operand in _INCLUDE.findall(text)
    ]


def _makefile_list(variable: str) -> set[str]:
    lists = re.findall(rf"^{variable} \+= .*?,(.*)\)$", (HTTP / "micropython.mk").read_text(), re.M)
    assert len(lists) == 1, f"{variable} has a form that this test does not know"
    return set(lists[0].split())


# Who may include what: all that is not listed is forbidden, whatever it is called. A folder stands for all
# headers in it; what is in none is the C library's or POSIX's.
LIBC = frozenset(
    [
        "assert.h",
        "ctype.h",
        "errno.h",
        "fcntl.h",
        "float.h",
        "inttypes.h",
        "limits.h",
        "locale.h",
        "math.h",
        "netdb.h",
        "netinet/in.h",
        "poll.h",
        "pthread.h",
        "signal.h",
        "stdarg.h",
        "stdatomic.h",
        "stdbool.h",
        "stddef.h",
        "stdint.h",
        "stdio.h",
        "stdlib.h",
        "string.h",
        "strings.h",
        "sys/socket.h",
        "sys/stat.h",
        "sys/types.h",
        "time.h",
        "unistd.h",
    ]
)
MICROPYTHON = {"py/", "extmod/", "shared/"}
ENGINE_MAY = LIBC | {"curl/", "http/engine.h", "http/engine_private.h"}
BINDING_MAY = LIBC | MICROPYTHON | {"http/engine.h", "http/binding.h"}

ENGINE = _makefile_list("SRC_USERMOD_LIB_C")
BINDING = _makefile_list("SRC_USERMOD_C")


def _allowed(name: str) -> Set[str]:
    """What a file of http/ may include."""
    own = {
        "engine.h": LIBC,  # the engine's manual needs no other header
        "engine_private.h": LIBC | {"curl/", "http/engine.h"},
        "binding.h": LIBC | MICROPYTHON | {"http/engine.h"},
        "inflate.c": ENGINE_MAY | {"zlib.h"},
        "mbedtls.c": ENGINE_MAY | {"mbedtls/"},
    }
    if name in own:
        return own[name]
    return ENGINE_MAY if name in ENGINE else BINDING_MAY if name in BINDING else frozenset()


def _may(name: str, allowed: Set[str]) -> bool:
    folder, slash, _ = name.partition("/")
    return name in allowed or (f"{folder}{slash}" in allowed and slash == "/" and ".." not in name)


def _forbidden(path: Path) -> list[str]:
    """What a file includes and may not."""
    allowed = _allowed(path.name)
    return [name for name in _includes(path) if not _may(name, allowed)]


def test_every_file_includes_only_what_its_layer_may() -> None:
    files = sorted(HTTP.glob("**/*.[ch]"))
    assert files
    assert {path.name: found for path in files if (found := _forbidden(path))} == {}


# A name of each kind of file, and a line that must not be in it.
_WRONG = [
    # The binding knows no libcurl, nor what the engine keeps to itself, however it is spelled.
    *(
        (file, line)
        for file in ("bind_jar.c", "modhttp.c", "binding.h")
        for line in (
            '#include "engine_private.h"',
            '#include "http/engine_private.h"',
            '#include "./engine_private.h"',
            '#include "../http/engine_private.h"',
            '#include "py/../http/engine_private.h"',
            "#include <engine_private.h>",
            "#include <curl/curl.h>",
            "#include <curl.h>",
            "#include <mbedtls/ssl.h>",
            '#  include "jar.c"',
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
        for file in ("jar.c", "mbedtls.c", "engine_private.h", "engine.h")
        for line in (
            '#include "py/obj.h"',
            '#include "obj.h"',
            '#include "mpconfigport.h"',
            '#include "mphalport.h"',
            '#include "extmod/misc.h"',
            '#include "shared/runtime/interrupt_char.h"',
            '#include "genhdr/qstrdefs.generated.h"',
            '#include "binding.h"',
            '#include "http/binding.h"',
            '#include "qstr.h"',
        )
    ),
    # TLS is one file's business; the manual needs no other header.
    ("jar.c", "#include <mbedtls/ssl.h>"),
    ("jar.c", "#include <openssl/ssl.h>"),
    ("engine_private.h", "#include <mbedtls/ssl.h>"),
    ("engine.h", "#include <curl/curl.h>"),
    ("engine.h", '#include "http/engine_private.h"'),
    ("binding.h", '#include "http/binding_private.h"'),
    # What nobody lists may include nothing.
    ("new.c", "#include <stdio.h>"),
]


@pytest.mark.parametrize(("name", "line"), _WRONG)
def test_wrong_include_is_seen(tmp_path: Path, name: str, line: str) -> None:
    path = tmp_path / name
    path.write_text(f"// SPDX-License-Identifier: MIT\n\n{line}\n")
    assert len(_forbidden(path)) == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("bind_jar.c", '#include "py/runtime.h"'),
        ("bind_jar.c", '#include "http/binding.h"'),
        ("binding.h", '#include "http/engine.h"'),
        ("jar.c", '#include "http/engine_private.h"'),
        ("jar.c", "#include <string.h>"),
        ("engine_private.h", "#include <curl/curl.h>"),
        ("mbedtls.c", "  #  include <mbedtls/ssl.h> // a comment"),
        ("engine.h", "#include <stdint.h>"),
        ("jar.c", "// #include <stdio.h> is not needed"),
    ],
)
def test_right_include_is_taken(tmp_path: Path, name: str, line: str) -> None:
    path = tmp_path / name
    path.write_text(f"{line}\n")
    assert _forbidden(path) == []


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
