# SPDX-License-Identifier: MIT
"""How `make coverage` judges gcovr's figures."""

from pathlib import Path

import pytest
from coverage import run

_FIGURES = {f"{kind}_{what}": 100 for kind in ("line", "branch") for what in ("covered", "total", "percent")}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two lines, one of which was not reached, and an empty list of reasons."""
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "HERE", tmp_path)
    (tmp_path / "unreached.toml").write_text("unreached = []\n")
    path = tmp_path / "http/file.c"
    path.parent.mkdir()
    path.write_text("reached();\n    missed(1);\n")
    return path


def _report(**figures: float) -> bool:
    lines = [{"line_number": 1, "count": 3}, {"line_number": 2, "count": 0}]
    summary = {"files": [{"filename": "http/file.c", **_FIGURES}], **_FIGURES, **figures}
    return run.report(summary, {"files": [{"file": "http/file.c", "lines": lines}]})


def test_line_that_nothing_reaches_and_nobody_explains_is_named_and_fails(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not _report()
    assert "  http/file.c:2: missed(1);\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "line", "good"), [("file.c", r"missed\(\d\);", True), ("other.c", ".*", False)]
)
def test_reason_is_for_one_file_and_a_whole_line(source: Path, file: str, line: str, good: bool) -> None:
    reason = f"[[unreached]]\nfile = '{file}'\nline = '{line}'\nwhy = 'a reason'\n"
    (source.parent.parent / "unreached.toml").write_text(reason)
    assert _report() == good


@pytest.mark.parametrize("figure", [{"line_percent": 98.9}, {"branch_percent": 89.9}])
def test_figure_below_the_goal_fails(source: Path, figure: dict[str, float]) -> None:
    (source.parent.parent / "unreached.toml").write_text(
        "[[unreached]]\nfile = 'file.c'\nline = '.*'\nwhy = 'a reason'\n"
    )
    assert _report()
    assert not _report(**figure)
