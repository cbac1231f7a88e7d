# SPDX-License-Identifier: MIT
"""Modules beside an app: an app on the dock is one file, and cannot import them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

# Modules that are frozen into the firmware. A file of the same name beside an app is never imported.
FROZEN = {
    "asyncio",
    "cefpython3",
    "datastore",
    "datetime",
    "dock",
    "feed",
    "gpio",
    "hmac",
    "http",
    "i2c",
    "idle",
    "image",
    "iperf",
    "kivy",
    "monitor",
    "mqtt",
    "network",
    "requests",
    "splashscreen",
    "urllib3",
    "urlrequest",
    "usb",
    "vision_client",
    "wakeup",
    "webrequest",
}


def sibling_import(app: Path, code: bytes) -> str | None:
    """Return the error text for the first import of a file or folder beside the app, or None.

    A precompiled app, and one that does not compile, is not looked into.
    """
    if app.suffix != ".py":
        return None
    for line, module in _imports(code):
        for beside in (module, f"{module}.py", f"{module}.mpy"):
            if _is_module(app.parent / beside):
                return f"an app is one file, and line {line} of {app.name} imports {beside} beside it"
    return None


def files_of(app: Path) -> set[Path]:
    """Return the app's file and the files beside it that it imports, also those that are not there."""
    found = {app}
    todo = [app]
    while todo:
        try:
            imports = list(_imports(todo.pop().read_bytes()))
        except OSError:
            continue
        beside = {app.with_name(module + ending) for _, module in imports for ending in (".py", ".mpy")}
        todo += [path for path in beside - found if path.suffix == ".py"]
        found |= beside
    return found


def _imports(code: bytes) -> Iterator[tuple[int, str]]:
    # The line of each import, and the module's name. Code that does not compile has none.
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            module = name.partition(".")[0]
            if module not in FROZEN:
                yield node.lineno, module


def _is_module(path: Path) -> bool:
    return path.is_file() if path.suffix else path.is_dir()
