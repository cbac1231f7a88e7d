# SPDX-License-Identifier: MIT
"""`dock stubs` and what two type checkers find with it; the examples of all documents have right types."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typecheck
import typecheck_frozen
from dock_tool import stubs
from support.program import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
DOCK = Path(sys.executable).parent / "dock"

# Lines of an app that are wrong, and what each type checker calls that.
WRONG = {
    "r.status_code == 200": ("comparison-overlap", "reportUnnecessaryComparison"),
    "r.status_code() == '200'": ("comparison-overlap", "reportUnnecessaryComparison"),
    "http.get(URL, time_out=5)": ("call-overload", "reportCallIssue"),
    "http.get(URL, timeout='5')": ("call-overload", "reportArgumentType"),
    "http.get(URL, file='a', on_data=take)": ("call-overload", "reportArgumentType"),
    "http.get(URL, stream=True, on_progress=print)": ("call-overload", "reportArgumentType"),
    "http.get_async(URL, on_complete=5)": ("call-overload", "reportArgumentType"),
    "http.get_async(URL).status() == 'done'": ("comparison-overlap", "reportUnnecessaryComparison"),
    "http.head(URL, data=b'x')": ("call-overload", "reportArgumentType"),
    "r.header('Age').upper()": ("union-attr", "reportOptionalMemberAccess"),
    "r.raise_for_status()": ("attr-defined", "reportAttributeAccessIssue"),
    "time.strftime(0)": ("arg-type", "reportArgumentType"),
    "DockControl().set_timezone('Europe/Berlin')": ("arg-type", "reportArgumentType"),
    "Timer(take)": ("call-arg", "reportCallIssue"),
    # In a function without annotations, as those of most apps are.
    "def ask(): http.get(URL, time_out=5)": ("call-overload", "reportCallIssue"),
    "def show(r: http.Response): print(r.status_code == 200)": (
        "comparison-overlap",
        "reportUnnecessaryComparison",
    ),
}
RIGHT = [
    "r.status_code() == 200",
    "http.get(URL, {'Accept': None}, b'x', timeout=0.5, file='a')",
    "http.get(URL, headers=[('A', 'b')], on_data=take, on_progress=print)",
    "[line for line in http.get(URL, stream=True)]",
    "http.post(URL, json={'a': [1]}, auth=('user', 'password'))",
    "http.post(URL, files={'a': 'path', 'b': ('name', b'x')})",
    "http.put(URL, data=('%d' % i for i in range(3)))",
    "http.get_async(URL, lambda r: print(r.body()), on_head=print)",
    "http.get_async(URL, on_response=print)",
    "r.header('Age', '').upper()",
    "r.body() == b'ok'",
    "http.get(URL, data=r.body())",
    "Timer(print, 1.0, 1)",
]


def test_type_checkers_find_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    stubs.write_stubs(tmp_path)
    head = [
        "import http",
        "import time",
        "from dock import DockControl",
        "from wakeup import Timer",
        "URL = 'http://dock.example/'",
        "r = http.get(URL)",
        "def take(data: memoryview) -> None: ...",
    ]
    app = tmp_path / "app.py"
    app.write_text(
        "\n".join(
            [*head, *(line if line.startswith("def ") else f"print({line})" for line in [*WRONG, *RIGHT]), ""]
        )
    )
    code, said = typecheck.check(tmp_path, [app])
    assert code == 1
    lines = {number: "" for number in range(len(head) + 1, len(head) + len(WRONG) + 1)}
    for line in said.splitlines():
        place = line.partition("app.py:")[2]
        if place:
            number = int(place.split(":")[0])
            assert number in lines, line
            lines[number] += line
        elif "(report" in line:
            lines[number] += line  # the last line of a message of several
    shown = re.findall(r"^ *\^ error: (.*)", (ROOT / "README.md").read_text(), re.M)
    assert len(shown) == 2
    assert [text for text in shown if text not in said] == []
    for (text, names), found in zip(WRONG.items(), lines.values(), strict=True):
        assert [name for name in names if name not in found] == [], (text, found, said)


def test_apps_and_examples_have_right_types(tmp_path: Path) -> None:
    stubs.write_stubs(tmp_path)
    assert typecheck.collect(tmp_path) > 9
    assert typecheck.check(tmp_path, [tmp_path / "apps"])[0] == 0, typecheck.check(
        tmp_path, [tmp_path / "apps"]
    )


def _dock(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DOCK, "stubs", *args], cwd=cwd, capture_output=True, text=True, timeout=60, env=clean_environment()
    )


def test_dock_stubs_writes_typings_and_settings(tmp_path: Path) -> None:
    run = _dock(cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "typings/http/__init__.pyi").read_text() == (
        ROOT / "tools/stubs/http-stubs/__init__.pyi"
    ).read_text()
    assert (tmp_path / "typings/time/__init__.pyi").is_file()
    assert not (tmp_path / "typings/time.pyi").exists()  # MicroPython's is replaced
    assert (tmp_path / "typings/micropython.pyi").is_file()
    assert json.loads((tmp_path / "pyrightconfig.json").read_text())["stubPath"] == "typings"
    app, modules = (ElementTree.parse(tmp_path / ".idea" / name) for name in ("app.iml", "modules.xml"))
    assert [item.get("url") for item in app.iter("sourceFolder")] == ["file://$MODULE_DIR$/typings"]
    assert [item.get("filepath") for item in modules.iter("module")] == ["$PROJECT_DIR$/.idea/app.iml"]


def test_dock_stubs_again_replaces_typings_and_keeps_own_settings(tmp_path: Path) -> None:
    assert _dock(tmp_path, cwd=tmp_path).returncode == 0
    (tmp_path / "typings/old.pyi").write_text("")
    (tmp_path / "pyrightconfig.json").write_text("{}")
    run = _dock(tmp_path, cwd=tmp_path)
    assert run.returncode == 0
    assert not (tmp_path / "typings/old.pyi").exists()
    assert (tmp_path / "pyrightconfig.json").read_text() == "{}"
    assert f"{tmp_path}/pyrightconfig.json: left as it is" in run.stdout


@pytest.mark.parametrize(
    ("prepare", "folder", "code", "text"),
    [
        ("typings", ".", 2, "is not of `dock stubs`"),
        ("", "missing", 16, "no such folder"),
    ],
)
def test_dock_stubs_refuses(tmp_path: Path, prepare: str, folder: str, code: int, text: str) -> None:
    if prepare:
        (tmp_path / prepare).mkdir()
        (tmp_path / prepare / "own.pyi").write_text("x: int\n")
    run = _dock(folder, cwd=tmp_path)
    assert run.returncode == code
    assert text in run.stderr
    assert run.stderr.count("\n") == 1
    if prepare:
        assert (tmp_path / prepare / "own.pyi").is_file()


def test_wheel_has_every_stub(tmp_path: Path) -> None:
    project = ROOT / "tools" / "stubs"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=60)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if name.endswith(".pyi")}
    assert packed == {str(path.relative_to(project)) for path in project.rglob("*.pyi")}


def test_types_of_the_frozen_modules_are_right_but_for_known_exceptions(tmp_path: Path) -> None:
    """Mistakes that are put in are found, and nothing else is."""
    for folder in ("modules", "firmware/standins"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    unknown = ("attr-defined", "reportAttributeAccessIssue")
    wrong = {
        "modules/feed/__init__.py": ("        self._wait()\n", "        self._weit()\n", unknown),
        "modules/webrequest/__init__.py": ("import http\n", "import http\nhttp.get_later\n", unknown),
        "modules/_store.py": (
            "def is_folder(path: str) -> bool:",
            "def is_folder(path):",
            ("no-untyped-def",),
        ),
        "modules/http/_request.py": (
            "        if response is None:\n            return 0\n",
            "",
            ("union-attr", "reportOptionalMemberAccess"),
        ),
        "modules/requests/_url.py": ("split(base)\n", "split(80)\n", ("arg-type", "reportArgumentType")),
        "firmware/standins/dock.py": ("return _host\n", "return []\n", ("return-value", "reportReturnType")),
    }
    for path, (right, mistake, _) in wrong.items():
        text = (tmp_path / path).read_text()
        assert right in text
        (tmp_path / path).write_text(text.replace(right, mistake, 1))
    known = tomllib.loads(typecheck_frozen.KNOWN.read_text())["known"]
    unneeded = {"file": "idle.py", "rules": ["str-unpack"], "reason": "none"}
    count, errors = typecheck_frozen.check(
        tmp_path / "modules", tmp_path / "firmware/standins", tmp_path / "checked", [*known, unneeded]
    )
    assert count > 50
    found = [(error.partition(":")[0], error.rpartition("[")[2]) for error in errors]
    for path, (_, _, rules) in wrong.items():
        for rule in rules:
            assert (path, f"{rule}]") in found
    calls = "modules/_app.py"  # it calls a function that has lost its hints
    assert {path for path, _ in found} <= {*wrong, calls, typecheck_frozen.KNOWN.name}, errors
    assert errors[-1] == f"{typecheck_frozen.KNOWN.name}: nothing needs {unneeded}"
    assert all(entry["reason"] for entry in known)
