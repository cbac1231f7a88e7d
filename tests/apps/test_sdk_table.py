# SPDX-License-Identifier: MIT
"""The modules of the SDK against the table of what its documents list, sdk.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from support.program import Program

MODULES: dict[str, dict] = tomllib.loads(Path(__file__).with_name("sdk.toml").read_text())["modules"]
TABLES = [
    pytest.param(name, marks=pytest.mark.needs(*table.get("needs", []))) for name, table in MODULES.items()
]
PNG = b"\x89PNG\r\n\x1a\n and no more"

SETUP = """
import image
from datastore import ImageStore
from hashlib import md5
def outcome(code, names):
    try:
        return repr(eval(code, names))
    except Exception as e:
        return type(e).__name__
def public(thing, prefix=''):
    # Names of modules, classes and what is in classes.
    for name in dir(thing):
        value = getattr(thing, name)
        if not name.startswith('_') and type(value) is not type(sys):
            yield prefix + name
            if isinstance(value, type) and not prefix:
                yield from public(value, name + '.')
"""


def arguments(name: str) -> tuple[int, int] | None:
    """Return how many arguments a row's name takes, at least and at most; None: it is no function."""
    if not name.endswith(")"):
        return None
    parameters = [text for text in re.split(r",\s*", name[name.index("(") + 1 : -1]) if text]
    return sum("=" not in text for text in parameters), len(parameters)


def run_table(run_app: Program, rom: Path, module: str, calls: dict[str, list[str]]) -> tuple[dict, set[str]]:
    """Return what the calls of each row give, and the public names of the module."""
    (rom / "images" / "default.png").write_bytes(PNG)
    (rom / "kv.json").write_text(json.dumps({"key": "value"}))
    code = f"""
{SETUP}
import {module} as module
names = {{name: getattr(module, name) for name in dir(module) if not name.startswith('_')}}
names.update(image=image, png=PNG, token=ImageStore().get_token('default'))
if {module!r} == 'hmac':
    names['md5'] = md5
for name, codes in CALLS.items():
    show(name, [outcome(code, names) for code in codes])
show('public', list(public(module)))
from wakeup import _wakeup
_wakeup.cancel_all()
"""
    run = run_app(code, CALLS=calls, PNG=PNG, env={"DL7450_ROM": str(rom), "TZ": "UTC0"})
    *rows, (_, names) = run.ok().lines
    return dict(rows), set(names)


@pytest.mark.parametrize("module", TABLES)
def test_module_is_as_the_documents_have_it(run_app: Program, rom: Path, module: str) -> None:
    rows = {row["name"]: row for row in MODULES[module]["rows"]}
    calls = {}
    for name, row in rows.items():
        path = name.partition("(")[0]
        codes = [path, *row["calls"]]
        if (count := arguments(name)) is not None:
            called = f"{row['on']}.{path.rpartition('.')[2]}" if "on" in row else path
            # One argument too many; and one too few, if any has no default.
            codes += [f"{called}({', '.join(['None'] * n)})" for n in (count[1] + 1, count[0] - 1) if n >= 0]
        calls[name] = codes
    found, public = run_table(run_app, rom, module, calls)
    wrong = {}
    for name, row in rows.items():
        present, *results = found[name]
        expected = [*row["calls"].values(), *["TypeError"] * (len(results) - len(row["calls"]))]
        if present in ("AttributeError", "NameError") and "on" not in row:
            wrong[name] = present
        wrong |= {
            code: result
            for code, result, right in zip(calls[name][1:], results, expected, strict=True)
            if result != right
        }
    assert wrong == {}
    documented = {name.partition("(")[0] for name in rows}
    documented |= {name.partition(".")[0] for name in documented}
    # What an app can use here, it can use on the dock.
    extra = set(MODULES[module]["extra"])
    beyond = public - documented
    assert beyond == extra | {name for name in beyond if name.partition(".")[0] in extra}
