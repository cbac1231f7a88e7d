# SPDX-License-Identifier: MIT
"""The program: import http everywhere, scripts, -c, -m, standard input, the REPL, exit codes."""

from pathlib import Path

import pytest
from servers.wire import HOLD, WireFactory, reply
from support.program import Program
from support.repl import Repl

ROOT = Path(__file__).resolve().parents[2]

_CHECK = "import http; print(http.get.__name__, http.get_async.__name__)"
_RIGHT = "get get_async\n"


@pytest.fixture(params=["nothing", "http.py", "http folder", "http package"])
def surroundings(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with files that must not be imported instead of the module."""
    folder = tmp_path / "place"
    folder.mkdir()
    if request.param == "http.py":
        (folder / "http.py").write_text("print('shadowed')")
    elif request.param != "nothing":
        (folder / "http").mkdir()
    if request.param == "http package":
        (folder / "http/__init__.py").write_text("print('shadowed')")
    return folder


def test_import_http_in_a_script_beside_anything(run_app: Program, surroundings: Path) -> None:
    (surroundings / "app.py").write_text(_CHECK)
    for args, cwd in (
        (["app.py"], surroundings),
        (["./app.py"], surroundings),
        (["place/app.py"], surroundings.parent),
        ([surroundings / "app.py"], ROOT),
    ):
        assert run_app.command(args, cwd=cwd).ok().stdout == _RIGHT


def test_import_http_with_c_m_and_standard_input(run_app: Program, surroundings: Path) -> None:
    (surroundings / "app.py").write_text(_CHECK)
    assert run_app.command(["-c", _CHECK], cwd=surroundings).ok().stdout == _RIGHT
    assert run_app.command(["-m", "app"], cwd=surroundings).ok().stdout == _RIGHT
    assert run_app.command([], cwd=surroundings, stdin=_CHECK).ok().stdout == _RIGHT


def test_dash_is_the_standard_input(run_app: Program) -> None:
    assert run_app.command(["-"], stdin=_CHECK).ok().stdout == _RIGHT


def test_import_http_in_the_repl(binary: Path, surroundings: Path) -> None:
    assert _RIGHT.strip() in Repl(binary, surroundings).type(_CHECK)


def test_import_http_in_the_repo_root(run_app: Program, binary: Path) -> None:
    assert run_app.command(["-c", _CHECK], cwd=ROOT).ok().stdout == _RIGHT
    assert _RIGHT.strip() in Repl(binary, ROOT).type(_CHECK)
    assert run_app.command(["-c", _CHECK], cwd=ROOT / "modules").ok().stdout == _RIGHT
    assert run_app.command(["-c", _CHECK], cwd=ROOT / "tests").ok().stdout == _RIGHT


def test_modules_beside_the_script_can_be_imported(run_app: Program, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place/helper.py").write_text("value = 7")
    (tmp_path / "place/app.py").write_text("import helper; print(helper.value)")
    assert run_app.command(["place/app.py"], cwd=tmp_path).ok().stdout == "7\n"


def test_script_sees_its_name_file_and_arguments(run_app: Program) -> None:
    script = run_app.write("show(__name__, __file__, sys.argv)")
    run = run_app.command([script, "a", "-b", "-c"])
    assert run.shown == ("__main__", str(script), [str(script), "a", "-b", "-c"])


def test_c_and_m_see_their_arguments(run_app: Program, tmp_path: Path) -> None:
    code = "import sys; print(__name__, sys.argv[1:])"
    (tmp_path / "mod.py").write_text(code)
    assert run_app.command(["-c", code, "a", "-b"]).ok().stdout == "__main__ ['a', '-b']\n"
    assert run_app.command(["-m", "mod", "a", "-b"]).ok().stdout == "__main__ ['a', '-b']\n"


@pytest.mark.parametrize("length", [255, 256, 70_000])
def test_code_and_arguments_may_be_long(run_app: Program, tmp_path: Path, length: int) -> None:
    text = "x" * length
    code = "import sys; print(len(sys.argv[1]))"
    assert run_app.command(["-c", f"print(len('{text}'))"]).ok().stdout == f"{length}\n"
    assert run_app.command(["-c", code, text]).ok().stdout == f"{length}\n"
    script = run_app.write(code, preamble=False)
    assert run_app.command([script, text]).ok().stdout == f"{length}\n"
    run = run_app.command([text])
    assert run.returncode == 2
    assert run.stderr.startswith("dl7450: can't open file 'xxx")


def test_arguments_that_are_no_utf8_come_as_they_are(run_app: Program) -> None:
    script = run_app.write("show(len(sys.argv[1].encode()))")
    assert run_app.command([script, b"a\xe9b"]).shown == (3,)


_SAY = "y = 5"


@pytest.mark.parametrize(
    "arguments",
    [["-c", _SAY], ["app.py"], ["-c", f"{_SAY}\n1 // 0"], ["-c", f"{_SAY}\nimport sys; sys.exit(3)"]],
    ids=["code", "file", "exception", "exit"],
)
def test_prompt_after_i_knows_what_the_program_did(
    run_app: Program, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "app.py").write_text(_SAY)
    run = run_app.command(["-i", *arguments], stdin="print('y is', y, __name__)\n")
    assert run.returncode == 0
    assert "\ny is 5 __main__\n" in run.stdout
    assert ("ZeroDivisionError" in run.stderr) == ("1 // 0" in arguments[-1])


def test_prompt_after_i_follows_ctrl_c(run_app: Program) -> None:
    run = run_app.command(
        ["-i", "-c", f"{_SAY}\nprint('ready')\nwhile True: pass"],
        stdin="print('y is', y)\n",
        interrupt_at="ready",
    )
    assert "\ny is 5\n" in run.stdout


def test_micropyinspect_is_i(run_app: Program) -> None:
    run = run_app.command(["-c", _SAY], stdin="print('y is', y)\n", env={"MICROPYINSPECT": "1"})
    assert "\ny is 5\n" in run.stdout


def test_bad_rom_store_gives_no_prompt(run_app: Program) -> None:
    run = run_app.command(["-i", "-c", _SAY], stdin="print('a prompt')\n", env={"DL7450_ROM": "/nowhere"})
    assert (run.returncode, run.stdout) == (2, "")


def test_micropypath_leaves_the_firmwares_modules_in_front(run_app: Program, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/helper.py").write_text("value = 7")
    (tmp_path / "more/http.py").write_text("print('shadowed')")
    script = run_app.write("import helper; show(helper.value, sys.path)")
    for path in ("more", ".frozen:more", ":more"):
        run = run_app.command([script], env={"MICROPYPATH": path})
        assert run.shown == (7, [".frozen", str(tmp_path), "more"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["-z"], "-z: there is no such option"),
        (["--seriall", "x"], "--seriall: there is no such option"),
        (["-X"], "-X: heapsize=... or emit=... is missing"),
        (["-X", "speed=1"], "speed=1: there is no such option -X"),
        (["-X", "emit=fast"], "emit=fast: there is no such option -X"),
        (["-X", "heapsize=abc"], "heapsize=abc: a number of bytes, or with K or M behind it; 1K at least"),
        (["-X", "heapsize=-5"], "heapsize=-5: a number of bytes, or with K or M behind it; 1K at least"),
        (["-X", "heapsize=1T"], "heapsize=1T: a number of bytes, or with K or M behind it; 1K at least"),
        (["-X", "heapsize=99999999999999999M"], "heapsize=99999999999999999M: there is not so much memory"),
        (["-c"], "-c: the code is missing"),
        (["-m"], "-m: the module is missing"),
        (["--serial"], "--serial: the line is missing"),
    ],
)
def test_wrong_option_is_one_line_that_names_it(run_app: Program, arguments: list[str], error: str) -> None:
    run = run_app.command(arguments)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", f"dl7450: {error}\n")


@pytest.mark.parametrize("size", ["abc", "-1", "64 ", "5T", "1KB", "99999999999999999999", "17179869184G"])
def test_wrong_memory_limit_is_one_line_that_names_it(run_app: Program, size: str) -> None:
    run = run_app.command(["-c", "print(1)"], env={"DL7450_MEMORY": size})
    error = f"dl7450: DL7450_MEMORY={size}: a number of bytes, or with K, M or G behind it; 0: no limit\n"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", error)


def test_missing_script_is_one_line_and_exit_code_2(run_app: Program) -> None:
    run = run_app.command(["nothing.py"])
    assert (run.returncode, run.stdout) == (2, "")
    assert "nothing.py" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("how", ["-c", "-m", "stdin"])
def test_callbacks_run_and_faults_are_reported_however_the_app_starts(
    run_app: Program, wire: WireFactory, tmp_path: Path, how: str
) -> None:
    code = f"""
import http
def done(r):
    print("callback", r.status_code())
    raise RuntimeError("broken")
http.get_async("{wire([0.1, reply()]).url}", done)
print("main")
"""
    (tmp_path / "mod.py").write_text(code)
    args = {"-c": ["-c", code], "-m": ["-m", "mod"], "stdin": []}[how]
    run = run_app.command(args, stdin=code if how == "stdin" else None)
    assert (run.returncode, run.stdout) == (1, "main\ncallback 200\n")
    assert "RuntimeError: broken" in run.stderr


def test_idle_run_at_the_repl_runs_callbacks_until_nothing_is_pending(
    binary: Path, tmp_path: Path, wire: WireFactory
) -> None:
    repl = Repl(binary, tmp_path)
    repl.type("import http, idle")
    repl.type(f"q = http.get_async('{wire([0.2, reply()]).url}', lambda r: print('status', r.status_code()))")
    assert "status" not in repl.type("1 + 1")
    output = repl.type("idle.run(); print('nothing', 'pending')")
    assert output.index("status 200") < output.index("nothing pending")


def test_exception_of_a_callback_at_the_repl_comes_out_of_idle_run(
    binary: Path, tmp_path: Path, refused_url: str
) -> None:
    repl = Repl(binary, tmp_path)
    repl.type("import http, idle")
    repl.type(f"q = http.get_async('{refused_url}', lambda r: 1 // 0)")
    assert "ZeroDivisionError" in repl.type("idle.run()")
    assert "still 16" in repl.type("print('still', http.stats()['free'])")


def test_ctrl_c_at_the_repl_interrupts_a_request_and_the_repl_goes_on(
    binary: Path, tmp_path: Path, wire: WireFactory
) -> None:
    repl = Repl(binary, tmp_path)
    repl.type("import http")
    server = wire([HOLD])
    repl.send(f"http.get('{server.url}')\r")
    server.wait_asked(1)
    assert "KeyboardInterrupt" in repl.type("\x03", end="")
    assert "still 16" in repl.type("print('still', http.stats()['free'])")


def test_help_on_the_command_line_has_the_programs_own_options(run_app: Program) -> None:
    said = run_app.command(["-h"]).ok().stdout
    assert said.startswith("usage: ")
    assert said.index("\n-i : ") < said.index("\n--serial LINE : ")
