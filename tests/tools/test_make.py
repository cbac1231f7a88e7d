# SPDX-License-Identifier: MIT
"""The Makefile itself: checks of variables, two makes at a time, and a checkout of another user."""

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Variables that a make that runs the tests passes to each make that it starts.
_OF_MAKE = ("MAKE", "MFLAGS", "BOARD", "SANITIZE", "MICROPYTHON", "SOURCES", "BUILD_LOCKED")
# A variable with a value that is refused, and the text of the error line.
WRONG = [
    ("run URL=nonsense", "http:// or https://"),
    ("run URL=ftp://127.0.0.1/", "http:// or https://"),
    ("run URL=http://", "http:// or https://"),
    ("run URL=http:///path", "http:// or https://"),
    ("run URL=http://127.0.0.1:99999/", "http:// or https://"),
    ("run URL=http://127.0.0.1:x/", "http:// or https://"),
    ("run URL=http://[::1/", "http:// or https://"),
    ("run 'URL=http://a b/'", "http:// or https://"),
    ("emulate URL=nonsense", "http:// or https://"),
    ("run ROUNDS=-1", "0 (for ever) to"),
    ("run ROUNDS=1.5", "0 (for ever) to"),
    ("run ROUNDS=x", "0 (for ever) to"),
    ("run ROUNDS=99999999999999999999", "0 (for ever) to"),
    ("simulate PORT=70000", "PORT is a TCP port"),
    ("simulate OPEN=maybe", "OPEN is yes or no"),
    ("emulate ROUNDS=-1", "0 (for ever) to"),
    ("run APP=no/such.py", "no such file"),
    ("run APP=firmware", "no such file"),
    ("emulate SERIAL=99999", "1 to 65535"),
    ("emulate SERIAL=0", "1 to 65535"),
    ("emulate SERIAL=tty", "1 to 65535"),
    ("store", "CONFIG is missing"),
    ("store CONFIG=no/such.yaml", "no such file"),
    ("samples", "SAMPLES is missing"),
    ("samples SAMPLES=no/such", "no folder samples in it"),
    ("samples SAMPLES=firmware", "no folder samples in it"),
    ("store CONFIG=firmware/apps/carousel.yaml IMAGE=", "a folder that is there"),
    ("store CONFIG=firmware/apps/carousel.yaml IMAGE=nodir/x/y.romfs", "a folder that is there"),
    ("store CONFIG=firmware/apps/carousel.yaml IMAGE=firmware", "a folder that is there"),
    ("firmware BOARD=DL7450 STORE=no/such.yaml", "no such file"),
    ("soak N=0", "1 to"),
    ("soak N=", "1 to"),
    ("soak N=many", "1 to"),
    ("soak SEED=-5", "0 to"),
    ("fuzz SEED=x", "0 to"),
    ("fuzz RUNS=0", "inputs"),
    ("fuzz TIME=0", "seconds"),
    ("fuzz TIME=1m", "seconds"),
    ("test JOBS=-1", "or auto"),
    ("test JOBS=", "or auto"),
    ("test JOBS=two", "or auto"),
    ("test SANITIZE=foo", "address,undefined or thread"),
    ("test SANITIZE=address,thread", "address,undefined or thread"),
    ("test SANITIZE=thread", "make test-engine"),
    ("host SANITIZE=thread", "make test-engine"),
    ("test BOARD=DL7450 SANITIZE=address", "the host build"),
    ("test BOARD=QEMU_VIRT", "make test-emulated"),
    ("program BOARD=QEMU_VIRT", "make test-emulated"),
    ("size BOARD=QEMU_VIRT", "make test-emulated"),
    ("test BOARD=NONE", "DL7450 QEMU_VIRT UNIX"),
    ("test BOARD=", "letters, digits"),
    ("test BOARD=../x", "letters, digits"),
    ("program BOARD=MINE BOARD_DIR=no/such", "board.mk"),
    ("program BOARD=MINE 'BOARD_DIR=a b'", "without blanks"),
    ("host MICROPYTHON=no/such", "py/mpconfig.h"),
    ("host 'MICROPYTHON=a b'", "without blanks"),
    ("host SOURCES=no/such", "no such folder"),
    ("sources SOURCES=Makefile", "no such folder"),
    ("size BOARD=DL7450 RECORD=yes", "1 or empty"),
    ("size BOARD=DL7450 CHECK=0", "1 or empty"),
    ("bench RECORD=0", "1 or empty"),
    ("host SOURCE_DATE_EPOCH=today", "seconds since 1970"),
    ("host PYTHON=no-such-python", "a command"),
    ("run \"APP=it's\"", "no such file"),
    ("test ARG=-x", "there is no such variable; make help"),
    ("test jobs=2", "there is no such variable; make help"),
    ("host Sanitize=address", "there is no such variable; make help"),
]  # fmt: skip
RIGHT = [
    "URL=https://example.com/list.json?a=b&c='d'",
    "URL=http://user@127.0.0.1:8080",
    "URL=http://[::1]:8080/",
    "URL=",
    "ROUNDS=0",
    "APP=firmware/apps/carousel.py",
    "SERIAL=4700",
    "CONFIG=firmware/apps/carousel.yaml",
    "IMAGE=build/store.romfs",
    "IMAGE=store.romfs",
    "N=1",
    "SEED=0",
    "TIME=08",
    "JOBS=0",
    "JOBS=auto",
    "SANITIZE=address,undefined",
    "SANITIZE=",
    "BOARD=DL7450",
    "SOURCES=firmware",
    "RECORD=1",
    "CHECK=",
    "SOURCE_DATE_EPOCH=1764000000",
    "PYTHON=python3",
    "ARGS=-x",
    "CFLAGS_EXTRA=-O0",
    "HTTP_COPT=-Os",
    "BUILD=build/mine",
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that make reads, without any build."""
    return copy_to(tmp_path_factory.mktemp("checkout") / "copy")


def copy_to(folder: Path) -> Path:
    for name in ("firmware", "boards", "tests/boards", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", folder)
    return folder


def make(checkout: Path, command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run make as a user does; command is for a shell."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OF_MAKE)}
    shell = ["sh", "-c", f"exec make {command}"]
    return subprocess.run(shell, cwd=checkout, env=clean | env, capture_output=True, text=True, timeout=60)


def check_refused(done: subprocess.CompletedProcess[str], checkout: Path, *says: str) -> None:
    """Check for one line on stderr, an exit code, and no new files."""
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for text in says:
        assert text in done.stderr
    assert not (checkout / "build").exists()
    assert not (checkout / "nodir").exists()


@pytest.mark.parametrize(("command", "allowed"), WRONG, ids=[command for command, _ in WRONG])
def test_a_wrong_value_is_one_line_that_says_what_is_allowed(
    checkout: Path, command: str, allowed: str
) -> None:
    done = make(checkout, command)
    if "=" in command:
        name = command.strip("\"'").split("=")[-2].split()[-1].strip("\"'")
    else:
        name = {"store": "CONFIG", "samples": "SAMPLES"}[command]
    check_refused(done, checkout, name, allowed)


@pytest.mark.parametrize("given", RIGHT)
def test_a_right_value_is_taken(checkout: Path, given: str) -> None:
    done = make(checkout, f'help "{given}"')
    assert (done.returncode, done.stderr) == (0, "")


def test_the_environments_values_count_where_they_are_read(checkout: Path) -> None:
    check_refused(make(checkout, "run", URL="nonsense"), checkout, "URL=nonsense")
    check_refused(make(checkout, "host", SOURCES="no/such"), checkout, "SOURCES=no/such")
    # The name of another user.
    done = make(checkout, "help", URL="nonsense", N="x", TIME="%E", APP="mine")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("target", ["run", "simulate"])
def test_only_the_carousel_without_a_list_needs_nginx(checkout: Path, target: str) -> None:
    (checkout / "own.py").touch()
    for given, needs in {
        "": True,
        "APP=firmware/apps/carousel.py": True,
        "APP=own.py": False,
        "URL=https://example.com/": False,
    }.items():
        done = make(checkout, f"--dry-run MAKE=: {target} {given}")
        assert done.returncode == 0, done.stderr
        assert ("/nginx" in done.stdout) is needs, given


@pytest.mark.parametrize("name", ["a b", "it's", 'say "so"', "a$b", "a#b", "a:b", "a,b"])
def test_a_path_that_a_makefile_cannot_take_is_one_line(tmp_path: Path, name: str) -> None:
    checkout = copy_to(tmp_path / name)
    check_refused(make(checkout, "host"), checkout, name, "a checkout's path has no blanks, quotes")


def test_an_umlaut_in_the_path_does_no_harm(tmp_path: Path) -> None:
    done = make(copy_to(tmp_path / "Küche"), "help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def builder(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """A build that runs until a line is written to it."""
    command = [checkout / "tools/locked.sh", "sh", "-c", "echo begun; read line; echo done"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=checkout, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        yield process
        process.kill()


def test_a_second_build_says_that_it_waits_and_then_goes_on(
    checkout: Path, builder: subprocess.Popen[str]
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "clean"]
    with subprocess.Popen(command, cwd=checkout, env=clean, stdout=subprocess.PIPE, bufsize=0) as second:
        assert second.stdout
        said = second.stdout.readline()
        assert said == b"another make builds in this checkout: waiting for its end\n"
        # It prints no further line and does not end.
        assert select.select([second.stdout], [], [], 1.0)[0] == []
        builder.communicate("\n", timeout=30)
        rest, _ = second.communicate(timeout=30)
    assert second.returncode == 0
    assert rest.startswith(b"rm -rf ")


def test_a_build_that_was_killed_holds_nobody_up(checkout: Path, builder: subprocess.Popen[str]) -> None:
    builder.kill()
    builder.wait()
    done = make(checkout, "clean")
    assert (done.returncode, "waiting" in done.stdout) == (0, False)


def test_what_only_reads_waits_for_nobody(checkout: Path, builder: subprocess.Popen[str]) -> None:
    done = make(checkout, "help")
    assert (done.returncode, "waiting" in done.stdout) == (0, False)


def test_a_builds_own_makes_do_not_wait_for_it(checkout: Path) -> None:
    command = [checkout / "tools/locked.sh", "make", "clean"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "waiting" in done.stdout) == (0, False)


def test_commit_and_date_are_known_in_another_users_checkout(tmp_path: Path) -> None:
    checkout = copy_to(tmp_path / "checkout")
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
    env = os.environ | {"GIT_COMMITTER_DATE": "@1700000000 +0000", "GIT_CONFIG_GLOBAL": "/dev/null"}
    for step in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"]):
        subprocess.run([*git, *step], cwd=checkout, env=env, check=True)
    # git's own variable for such tests: all files belong to another user.
    other = {
        "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "SOURCE_DATE_EPOCH": "",
    }
    refused = subprocess.run(
        ["git", "log"], cwd=checkout, env=os.environ | other, capture_output=True, text=True
    )
    assert "dubious ownership" in refused.stderr
    show = "show --eval='show: ; @echo $(COMMIT) $(SOURCE_DATE_EPOCH)'"
    commit, date = make(checkout, show, **other).stdout.split()
    assert (len(commit), date) == (12, "1700000000")
