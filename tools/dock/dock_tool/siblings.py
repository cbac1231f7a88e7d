# SPDX-License-Identifier: MIT
"""Modules beside an app: an app on the dock is one file, and cannot import them."""

from __future__ import annotations

import ast
from pathlib import Path

# Frozen into the firmware: what lies beside an app never takes their place.
FROZEN = {
    "asyncio",
    "datastore",
    "dock",
    "http",
    "idle",
    "image",
    "monitor",
    "network",
    "splashscreen",
    "wakeup",
}


def sibling_import(app: Path, code: bytes) -> str | None:
    """What to say of the first import in an app's code that means a file or folder beside the app; else None.

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
