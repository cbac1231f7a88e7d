# SPDX-License-Identifier: MIT
"""Hooks: the only event is "response"."""

HOOKS = ["response"]


def default_hooks():
    return {"response": []}


def dispatch_hook(key, hooks, hook_data, **kwargs):
    hooks = (hooks or {}).get(key)
    if hooks:
        for hook in [hooks] if callable(hooks) else hooks:
            data = hook(hook_data, **kwargs)
            if data is not None:
                hook_data = data
    return hook_data
