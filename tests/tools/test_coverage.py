# SPDX-License-Identifier: MIT
"""How `make coverage` judges gcovr's figures."""

import json
from pathlib import Path

import pytest
from coverage import run

_FIGURES = {f"{kind}_{what}": 100 for kind in ("line", "branch") for what in ("covered", "total", "percent")}
_TEXT = """\
if (a) {
    return 0;
}
if (b) {
    return 0;
}
"""
_A = "if (a) {\n>   return 0;"
_B = "if (b) {\n>   return 0;"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two lines that were not reached, and an empty list of reasons."""
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "HERE", tmp_path)
    path = tmp_path / "http/file.c"
    path.parent.mkdir()
    path.write_text(_TEXT)
    return path


def _report(source: Path, *reasons: dict, missed: tuple[int, ...] = (2, 5), **figures: float) -> bool:
    tables = [
        "".join(f"{name} = {json.dumps(value)}\n" for name, value in {"file": "file.c", **reason}.items())
        for reason in reasons
    ]
    (source.parent.parent / "unreached.toml").write_text(
        "".join(f'[[unreached]]\nwhy = "a reason"\n{table}' for table in tables) or "unreached = []\n"
    )
    lines = [{"line_number": n, "count": 0 if n in missed else 3} for n in (1, 2, 4, 5)]
    summary = {"files": [{"filename": "http/file.c", **_FIGURES}], **_FIGURES, **figures}
    return run.report(summary, {"files": [{"file": "http/file.c", "lines": lines}]})


def test_line_without_a_reason_is_named_and_fails(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not _report(source)
    out = capsys.readouterr().out
    assert "error: http/file.c:2: return 0;: unreached.toml has no reason\n" in out
    assert "2 lines were not reached; 2 of them without a reason" in out


def test_each_line_has_its_reason_and_is_named_with_it(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _report(source, {"lines": _A}, {"lines": _B})
    out = capsys.readouterr().out
    assert "http/file.c: a reason\n  2: return 0;\n" in out
    assert "2 lines were not reached; 0 of them without a reason" in out


def test_reason_is_for_one_place_only(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An equal line elsewhere needs a reason of its own."""
    assert not _report(source, {"lines": _A})
    out = capsys.readouterr().out
    assert "error: http/file.c:5: return 0;: unreached.toml has no reason\n" in out
    assert "file.c:2:" not in out


@pytest.mark.parametrize(
    "reason",
    [
        {"lines": "if (c) {\n>   return 0;"},
        {"lines": ">   return 0;"},  # there are two
        {"lines": "if (b) {\n    return 0;"},  # none is marked
        {"lines": "if (b) {\n>   return"},  # a part of a line
        {"lines": _B, "file": "gone.c"},
    ],
    ids=["gone", "twice", "unmarked", "part", "no file"],
)
def test_reason_that_is_for_no_line_is_an_error(
    source: Path, capsys: pytest.CaptureFixture[str], reason: dict
) -> None:
    assert not _report(source, {"lines": _A}, {"lines": _B}, reason)
    assert "  error: " in capsys.readouterr().out


def test_reason_for_a_line_that_is_reached_is_an_error(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not _report(source, {"lines": _A}, {"lines": _B}, missed=(2,))
    assert "  5: return 0;: error: is reached\n" in capsys.readouterr().out
    assert _report(source, {"lines": _A}, {"lines": _B, "sometimes": True}, missed=(2,))
    assert "5: return 0;" not in capsys.readouterr().out  # it is reached, here


@pytest.mark.parametrize("figure", [{"line_percent": 98.9}, {"branch_percent": 89.9}])
def test_figure_below_the_goal_fails(source: Path, figure: dict[str, float]) -> None:
    assert _report(source, {"lines": _A}, {"lines": _B})
    assert not _report(source, {"lines": _A}, {"lines": _B}, **figure)


def test_reasons_of_this_checkout_are_for_lines_that_are_there() -> None:
    for reason in run.reasons():
        path = run.ROOT / "http" / reason.file
        assert reason.marked(path.read_text().splitlines()), reason
