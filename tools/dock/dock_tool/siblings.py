# SPDX-License-Identifier: MIT
"""Modules beside an app: an app on the dock is one file, and cannot import them."""

from __future__ import annotations

import ast
from pathlib import Path

# Modules that are frozen into the firmware. A file of the same name beside an app is never imported.
FROZEN = {
    "asyncio",
    "cefpython3",
    "datastore",
    "datetime",
    "dock",
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
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            module = name.partition(".")[0]
            for beside in (module, f"{module}.py", f"{module}.mpy"):
                if module not in FROZEN and _is_module(app.parent / beside):
                    return (
                        f"an app is one file, and line {node.lineno} of {app.name} imports {beside} beside it"
                    )
    return None


def _is_module(path: Path) -> bool:
    return path.is_file() if path.suffix else path.is_dir()
