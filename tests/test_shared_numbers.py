# SPDX-License-Identifier: MIT
"""What the C half and the Python half of http share by number: both sides have the same names and values."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BINDING = (ROOT / "http/binding/binding.h").read_text()
MANUAL = (ROOT / "http/engine.h").read_text()
OPTIONS = (ROOT / "modules/http/_options.py").read_text()
BODY = (ROOT / "modules/http/_body.py").read_text()


def enum(text: str, prefix: str) -> dict[str, int]:
    """The members of the C enum whose names begin with prefix, without it, and their values."""
    bodies = [body for body in re.findall(r"enum \{(.*?)\}", text, re.S) if f" {prefix}" in body]
    assert len(bodies) == 1, prefix
    members = re.findall(rf"^\s*{prefix}(\w+)(?: = (-?\d+))?,", bodies[0], re.M)
    assert len(members) == bodies[0].count("\n") - 1
    values: dict[str, int] = {}
    number = -1
    for name, value in members:
        number = int(value) if value else number + 1
        values[name] = number
    return values


def constants(text: str) -> dict[str, int]:
    """The names of a Python file that are const(number), but not what the imports for type checkers need."""
    found = {}
    for node in ast.parse(text).body:
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "const":
            (name,) = node.targets
            found[ast.unparse(name)] = ast.literal_eval(call.args[0])
    del found["_TYPING"]
    return found


def keys(path: str, function: str) -> list[str]:
    """The tuple `names` of a function: what it calls the items that C gives it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "names":
                    return list(ast.literal_eval(line.value))
    raise AssertionError(f"{function} of {path} has no tuple `names`")


def test_settings_have_the_same_indices() -> None:
    settings = enum(BINDING, "HTTP_SETTING_")
    count = settings.pop("COUNT")
    python = constants(OPTIONS)
    assert {name: python.get(f"_{name}", python.get(name)) for name in settings} == settings
    indices = {name: number for name, number in python.items() if number in range(count)}
    assert len(indices) - len({"_NO_LINE", "_TOKEN"}) == count


def test_texts_of_the_engine_are_settings_in_the_same_order() -> None:
    texts = enum(MANUAL, "HTTP_TEXT_")
    count = texts.pop("COUNT")
    settings = enum(BINDING, "HTTP_SETTING_")
    assert {name: settings[name] - settings["CACERT"] for name in texts} == texts
    assert len(texts) == count


def test_settings_are_as_many_as_the_defaults() -> None:
    tree = ast.parse(OPTIONS)
    (defaults,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "DEFAULTS"
    ]
    tuples = [node for node in ast.walk(defaults) if isinstance(node, ast.Tuple)]
    assert sum(len(node.elts) for node in tuples) == enum(BINDING, "HTTP_SETTING_")["COUNT"]


def test_numbers_and_flags_of_the_engine_are_settings_in_the_same_order() -> None:
    options = re.search(r"typedef struct \{((?:(?!typedef).)*?)\} http_options_t;", MANUAL, re.S)
    assert options
    settings = list(enum(BINDING, "HTTP_SETTING_"))
    names = {"TIMEOUT_MS": "timeout_ms", "CONNECT_MS": "connect_timeout_ms", "STALL_MS": "stall_timeout_ms"}
    names |= {"PROXY_FIELDS": "proxy_field_count", "OMIT_LENGTH": "omit_content_length", "ON_HEAD": "head"}
    names |= {"STREAM": "pull", "ON_UPLOAD": "upload_progress", "BODY_LENGTH": "fed", "ON_DATA": "stream"}
    names |= {"ON_PROGRESS": "progress"}
    for kind, first in (("bool", "INSECURE"), ("int32_t", "TIMEOUT_MS")):
        members = re.findall(rf"^            {kind} (\w+);", options[1], re.M)
        at = settings.index(first)
        assert [names.get(name, name.lower()) for name in settings[at : at + len(members)]] == members
        (count,) = re.findall(rf"{kind} \w+\[(HTTP_\w+_COUNT)\]", options[1])
        assert f"#define {count} ({len(members)})" in MANUAL


def test_kinds_of_text_have_the_same_numbers() -> None:
    kinds = enum(BINDING, "HTTP_KIND_")
    python = constants(OPTIONS)
    used = {name: python[f"_{name}"] for name in ("NO_TEXT", "NO_LINE", "TOKEN")}
    assert used == {name: kinds[name] for name in used}
    assert set(kinds) - set(used) == {"LINE"}  # what is left when it is none of these
    assert constants(BODY).items() >= {"_NO_TEXT": kinds["NO_TEXT"], "_NO_LINE": kinds["NO_LINE"]}.items()


def test_stats_have_the_same_order() -> None:
    items = enum(BINDING, "HTTP_STATS_")
    assert items.pop("COUNT") == len(items)
    stats = re.search(r"typedef struct \{((?:(?!typedef).)*?)\} http_stats_t;", MANUAL, re.S)
    assert stats
    assert re.findall(r"uint64_t (\w+);", stats[1]) == [name.lower() for name in items]
    assert [name.lower() for name in items] == keys("modules/http/_request.py", "stats")


def test_timings_have_the_same_order() -> None:
    times = enum(MANUAL, "HTTP_TIME_")
    items = enum(BINDING, "HTTP_ITEM_")
    assert items["RECEIVED"] == times["COUNT"]
    python = constants((ROOT / "modules/http/_response.py").read_text())
    assert python == {f"_{name}": number for name, number in items.items()}
    names = [name.lower() for name in times if name != "COUNT"]
    assert [*names, "received"] == keys("modules/http/_response.py", "timings")


def test_kinds_of_failures_have_the_same_order() -> None:
    faults = enum(MANUAL, "HTTP_FAULT_")
    source = re.search(r"_KINDS = \((.*?)\n\)", (ROOT / "modules/http/_response.py").read_text(), re.S)
    assert source
    words = "".join(re.findall(r'"(.*)"', source[1])).split(" ")
    assert ["none", *words[1:]] == [name.lower() for name in faults]
    _, _, table = (ROOT / "modules/http/README.md").read_text().partition("| kind | what has failed |")
    assert re.findall(r"^\| `(\w+)` \|", table, re.M)[: len(words) - 1] == words[1:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enum {\n    A_X,\n    A_Y, // says it\n}", {"X": 0, "Y": 1}),
        ("enum {\n    A_X = -1, // says it\n    A_Y,\n}", {"X": -1, "Y": 0}),
        ("enum {\n    A_Y,\n    A_X,\n}", {"Y": 0, "X": 1}),
    ],
)
def test_order_and_values_of_an_enum_are_read(text: str, expected: dict[str, int]) -> None:
    assert enum(text, "A_") == expected
    assert list(enum(text, "A_")) == list(expected)
