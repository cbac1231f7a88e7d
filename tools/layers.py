# SPDX-License-Identifier: MIT
"""`make layers`: which header each file of http/ includes, one line a file, from bottom to top.

http/micropython.mk lists the files of the engine in the order of the layers. A file may include its own
header, those of the files before it in that list, and what the lists below allow.
"""

import re
import sys
from collections.abc import Iterator, Set
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The C library and POSIX.
LIBC = frozenset(
    f"{name}.h"
    for name in [
        "assert",
        "ctype",
        "errno",
        "fcntl",
        "float",
        "inttypes",
        "limits",
        "locale",
        "math",
        "netdb",
        "netinet/in",
        "netinet/tcp",
        "poll",
        "pthread",
        "signal",
        "stdarg",
        "stdatomic",
        "stdbool",
        "stddef",
        "stdint",
        "stdio",
        "stdlib",
        "string",
        "strings",
        "sys/socket",
        "sys/stat",
        "sys/types",
        "time",
        "unistd",
    ]
)
# A folder stands for all headers in it.
MICROPYTHON = frozenset({"py/", "extmod/", "shared/"})
MANUAL = "http/engine.h"
BINDING = "http/binding/binding.h"
# The libraries, and the part of Linux, that a single file of the engine knows.
OTHERS = {
    "drive": {"sys/timerfd.h"},
    "event": {"sys/eventfd.h"},
    "inflate": {"zlib.h"},
    "mbedtls": {"mbedtls/"},
}

_INCLUDE = re.compile(r"^\s*(?:#|%:)\s*(?:include|import)\w*\s*(.*)$", re.M)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def includes(path: Path) -> list[str]:
    """What a C file includes: the name in quotes or brackets, or the operand itself, such as a macro."""
    text = _COMMENT.sub(" ", path.read_text().replace("\\\n", ""))
    return [
        named[1] if (named := re.fullmatch(r"[<\"]([^>\"]+)[>\"]", operand.strip())) else operand
        for operand in _INCLUDE.findall(text)
    ]


def listed(http: Path, variable: str) -> list[str]:
    """The files that a variable of micropython.mk lists, without their folder and in its order."""
    lists = re.findall(rf"^{variable} \+= .*?,(.*)\)$", (http / "micropython.mk").read_text(), re.M)
    if len(lists) != 1:
        raise ValueError(f"{variable} of micropython.mk has a form that this program does not know")
    return lists[0].split()


def engine_layers(http: Path) -> list[str]:
    """The names of the engine's files, without suffix, from bottom to top."""
    return [Path(name).stem for name in listed(http, "SRC_USERMOD_LIB_C")]


def allowed(http: Path, path: Path) -> Set[str]:
    """What a file of http/ may include."""
    name = path.relative_to(http).as_posix()
    if name == "engine.h":
        return LIBC  # the manual needs no other header
    if name.startswith("binding/") and (path.suffix == ".h" or path.name in listed(http, "SRC_USERMOD_C")):
        own = {BINDING} if path.suffix == ".c" else set()
        return LIBC | MICROPYTHON | {MANUAL} | own
    order = engine_layers(http)
    if not name.startswith("engine/") or path.stem not in order:
        return frozenset()
    last = order.index(path.stem) + (path.suffix == ".c")
    lower = {f"http/engine/{layer}.h" for layer in order[:last]}
    libraries = OTHERS.get(path.stem, set()) if path.suffix == ".c" else set()
    return LIBC | {"curl/", MANUAL} | lower | libraries


def _may(name: str, names: Set[str]) -> bool:
    folder, slash, _ = name.partition("/")
    return name in names or (slash == "/" and f"{folder}/" in names and ".." not in name)


def forbidden(http: Path, path: Path) -> list[str]:
    """What a file of http/ includes and may not."""
    names = allowed(http, path)
    return [name for name in includes(path) if not _may(name, names)]


def files(http: Path) -> list[Path]:
    """The C files and headers of http/."""
    return sorted(http.glob("**/*.[ch]"))


def circle(http: Path) -> list[str]:
    """Files of the engine that include each other in a circle: their names, or an empty list."""
    graph = {path.stem: set[str]() for path in files(http)}
    for path in files(http / "engine"):
        found = (re.fullmatch(r"http/engine/(\w+)\.h", name) for name in includes(path))
        graph[path.stem] |= {named[1] for named in found if named and named[1] != path.stem}
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for other in sorted(graph.get(name, set())):
            if found := visit(other, [*way, name]):
                return found
        done.add(name)
        return []

    for name in sorted(graph):
        if found := visit(name, []):
            return found
    return []


def lines(http: Path) -> Iterator[str]:
    """The include graph, one line a file of the engine and of the binding, from bottom to top."""
    for layer in engine_layers(http):
        found = {
            named[1]
            for suffix in (".h", ".c")
            if (path := http / f"engine/{layer}{suffix}").exists()
            for name in includes(path)
            if (named := re.fullmatch(r"http/engine/(\w+)\.h", name)) and named[1] != layer
        }
        order = [name for name in engine_layers(http) if name in found]
        yield f"engine/{layer:<14}{' '.join(order) or '-'}"
    yield f"binding/{'binding':<14}(engine.h)"
    for name in sorted(listed(http, "SRC_USERMOD_C"), key=lambda name: (name == "modhttp.c", name)):
        found = "binding" if BINDING in includes(http / "binding" / name) else "-"
        yield f"binding/{Path(name).stem:<14}{found}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines(ROOT / "http"))
