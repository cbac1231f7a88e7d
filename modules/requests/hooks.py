# SPDX-License-Identifier: MIT
"""Hooks: the only event is "response"."""

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

HOOKS = ["response"]


def default_hooks() -> dict[str, list[Any]]:
    return {"response": []}


def dispatch_hook(key: str, hooks: Any, hook_data: Any, **kwargs: Any) -> Any:
    hooks = (hooks or {}).get(key)
    if hooks:
        for hook in [hooks] if callable(hooks) else hooks:
            data = hook(hook_data, **kwargs)
            if data is not None:
                hook_data = data
    return hook_data
