# SPDX-License-Identifier: MIT
"""tools/run.py: the whole of `make run`."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from servers.nginx import find_nginx
from support.program import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_S = 60


@pytest.fixture
def command(binary: Path, tmp_path: Path) -> list[str | Path]:
    """The command line; all files are below tmp_path/run."""
    nginx = find_nginx()
    tool = [sys.executable, ROOT / "tools/run.py", "--folder", tmp_path / "run"]
    return [*tool, "--binary", binary, "--nginx", nginx]


def run(command: list[str | Path], cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=clean_environment() | env, capture_output=True, text=True, timeout=LIMIT_S
    )


def test_carousel_runs_a_round_and_leaves_its_last_screen(command: list[str | Path], tmp_path: Path) -> None:
    start = time.monotonic()
    result = run([*command, "--dwell-ms", "50"], tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert time.monotonic() - start < 30
    assert len(re.findall(r"^round 1: ", result.stdout, re.MULTILINE)) == 5
    assert "with exit code 0" in result.stdout
    with (
        Image.open(tmp_path / "run/screen.png") as screen,
        Image.open(tmp_path / "run/www/welcome.png") as last,
    ):
        difference = ImageChops.difference(screen.convert("RGB"), last.convert("RGB"))
    # The slide, with only the caption over it.
    left, top, right, bottom = difference.getbbox()
    assert left > 400
    assert top > 950
    assert right < 1520
    assert bottom < 1080
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_fault_of_the_app_is_in_the_picture_and_in_the_exit_code(
    command: list[str | Path], tmp_path: Path
) -> None:
    app = tmp_path / "app.py"
    app.write_text("raise RuntimeError('it broke')\n")
    result = run([*command, "--app", app], tmp_path)
    assert result.returncode == 1
    assert "RuntimeError: it broke" in result.stderr
    with Image.open(tmp_path / "run/screen.png") as screen:
        assert screen.convert("L").getextrema() == (0, 255)
    lines = json.loads((tmp_path / "run/screen/screen.json").read_text())["boxes"][0]["lines"]
    assert lines[0] == "RuntimeError: it broke"


def test_app_without_a_screen_leaves_no_old_picture(command: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/screen.png").write_bytes(b"old")
    app = tmp_path / "app.py"
    app.write_text("import sys\nsys.exit(7)\n")
    result = run([*command, "--app", "app.py"], tmp_path)
    assert result.returncode == 7
    assert "the app drew nothing" in result.stdout
    assert not (tmp_path / "run/screen.png").exists()


def test_url_is_handed_on_and_no_server_started(command: list[str | Path], tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "from datastore import KvStore\nfor k in KvStore().list():\n    print(k, KvStore().get(k))\n"
    )
    result = run([*command, "--app", app, "--url", "https://example.com/list", "--rounds", "3"], tmp_path)
    assert result.returncode == 0
    assert "carousel_url https://example.com/list\n" in result.stdout
    assert "carousel_rounds 3\n" in result.stdout
    assert "carousel_ca" not in result.stdout
    assert not (tmp_path / "run/nginx").exists()


_TELLS_ITS_SETTINGS = (
    "from datastore import KvStore\nprint([(k, KvStore().get(k)) for k in KvStore().list()])\n"
)


def test_app_of_ones_own_has_no_slides_and_the_settings_of_the_environment(
    command: list[str | Path], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(_TELLS_ITS_SETTINGS)
    command = [*command, "--app", "app.py", "--nginx", "no/such"]
    result = run(command, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    first, settings, *_ = result.stdout.splitlines()
    assert first.endswith(" app.py, no settings (DL7450_ROM=PATH names some)")
    assert settings == "[]"
    assert not (tmp_path / "run/www").exists()
    assert not (tmp_path / "run/nginx").exists()
    (tmp_path / "store").mkdir()
    (tmp_path / "store/kv.json").write_text('{"city": "Bern"}')
    first, settings, *_ = run(command, tmp_path, DL7450_ROM="store").stdout.splitlines()
    assert first.endswith(" app.py, settings of store")
    assert settings == "[('city', 'Bern')]"


@pytest.mark.parametrize("option", ["--app", "--binary", "--nginx"])
def test_missing_part_is_named(command: list[str | Path], tmp_path: Path, option: str) -> None:
    result = run([*command, option, "no/such"], tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("run: no/such is missing: ")


@pytest.mark.parametrize(
    "option",
    [
        "--url=nonsense",
        "--url=ftp://127.0.0.1/",
        "--url=http://",
        "--url=http://127.0.0.1:99999/",
        "--url=http://a b/",
        "--rounds=-1",
        "--rounds=x",
        "--dwell-ms=-1",
    ],
)
def test_value_that_can_never_work_is_said_at_once(
    command: list[str | Path], tmp_path: Path, option: str
) -> None:
    result = run([*command, option], tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    name, value = option.split("=", 1)
    last = result.stderr.splitlines()[-1]
    assert name in last
    assert f"value: {value!r}" in last
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_stops_app_and_server(
    command: list[str | Path], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    options = ["--rounds", "0", "--dwell-ms", "60000"]
    with subprocess.Popen(
        [*command, *options], env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = 0
            for line in process.stdout:
                if found := re.search(r"https://127\.0\.0\.1:(\d+)/", line):
                    port = int(found[1])
                if line.startswith("round 1:"):
                    break
            process.send_signal(number)
            assert process.wait(LIMIT_S) == code
            rest = process.stdout.read()  # ends only after the app has ended, too
        finally:
            process.kill()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "round" not in rest


def test_text_that_pango_refuses_is_said(command: list[str | Path], tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("from splashscreen import Splashscreen\nSplashscreen().add_text_box('<b>a & b</b>')\n")
    result = run([*command, "--app", app], tmp_path)
    assert result.returncode == 0
    assert "run: there is no picture of the last screen: Pango refuses the markup of " in result.stdout
    assert not (tmp_path / "run/screen.png").exists()


def test_text_that_is_cut_is_said(command: list[str | Path], tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("raise RuntimeError('a long reason, ' * 9)\n")
    result = run([*command, "--app", app], tmp_path)
    assert "run: the text at (40, 40) is cut: it reaches from (" in result.stdout
    assert (tmp_path / "run/screen.png").exists()
