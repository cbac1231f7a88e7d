# SPDX-License-Identifier: MIT
"""What help() and tab completion of the host build know: the texts of the type stubs, and the public names.

tools/help_texts.py makes _help_texts from tools/stubs. The firmware carries neither.
"""

import sys

from _help_texts import NAMES, TEXTS

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from types import ModuleType
    from typing import Any


def show(thing: Any) -> bool:
    """Print what is known of a module, function, class or object. Return whether there is something."""
    key = _find(thing) or _find(type(thing))
    if not key:
        return False
    print(TEXTS[key] + "\n")
    module, _, name = key.partition(":")
    start = key + "." if name else key + ":"
    for member in sorted(other for other in TEXTS if other.startswith(start)):
        if "." not in member[len(start) :]:
            first = TEXTS[member].split("\n")
            print("  %s%s" % (first[0], " -- " + first[1].strip() if len(first) > 1 else ""))
    return True


def is_public(module: ModuleType, name: str) -> bool:
    """Whether a name of a module, without a leading underscore, is for apps."""
    names = NAMES.get(module.__name__)
    value = getattr(module, name, None)
    if names is None or name.startswith("_"):
        return True
    if isinstance(value, type(sys)):
        return module.__name__ + "." + name == value.__name__
    return name in names.split()


def _find(thing: Any) -> str | None:
    if isinstance(thing, type(sys)):
        return thing.__name__ if thing.__name__ in TEXTS else None
    for key in TEXTS:
        module, _, path = key.partition(":")
        value = sys.modules.get(module)
        if path and value:
            for name in path.split("."):
                value = getattr(value, name, None)
            if value is thing and value is not None:
                return key
    return None
