# SPDX-License-Identifier: MIT
"""The project has one version, and all places show it."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def version() -> str:
    """The version of modules/http, which make reads."""
    found = re.findall(
        r'^__version__ = "(\d+\.\d+\.\d+)"', (ROOT / "modules/http/__init__.py").read_text(), re.M
    )
    assert len(found) == 1
    return found[0]


def test_changelog_begins_with_it(version: str) -> None:
    sections = re.findall(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert sections[0] == version


def test_dock_has_it(version: str) -> None:
    assert tomllib.loads((ROOT / "tools/dock/pyproject.toml").read_text())["project"]["version"] == version
    assert installed_version("dock-tool") == version
    command = [Path(sys.executable).with_name("dock"), "--version"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert shown == f"dock {version}\n"


def test_stubs_have_it(version: str) -> None:
    project = tomllib.loads((ROOT / "tools/stubs/pyproject.toml").read_text())["project"]
    assert project["version"] == version
    assert f"dl7450-stubs=={version}" in (ROOT / "tools/dock/pyproject.toml").read_text()


def test_program_shows_it(binary: Path, version: str) -> None:
    def said(*arguments: str) -> str:
        return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout

    assert re.match(r"MicroPython v[\w.-]+ on [\d-]+; dl7450 (\S+) on linux", said("--version"))[1] == version
    assert said("-c", "import http; print(http.__version__)") == f"{version}\n"


def test_make_hands_it_to_manifest_and_sbom(version: str) -> None:
    rule = "version: ; @echo $(PROGRAM_VERSION)"
    command = ["make", "-s", "--no-print-directory", f"--eval={rule}", "version"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert shown == f"{version}\n"
    commands = (ROOT / "firmware/image.mk").read_text().replace("\\\n", "")
    for tool in ("sbom", "manifest"):
        assert re.search(rf"{tool}\.py .*--version \$\(PROGRAM_VERSION\) ", commands), tool
