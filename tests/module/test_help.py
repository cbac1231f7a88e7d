# SPDX-License-Identifier: MIT
"""What the REPL says of the modules and of their objects: help(), tab completion, repr()."""

from pathlib import Path

import pytest
from servers.wire import HOLD, WireFactory
from support.program import Program
from support.repl import Repl
from support.stubs import FOLDER, MODULES

# Other boards say what MicroPython says of any object.
_only_host = pytest.mark.needs("help")


@pytest.mark.parametrize("module", ["_http", "http._request", "asyncio", "os", "sys"])
def test_help_of_another_module_lists_its_names(run_app: Program, module: str) -> None:
    """A name that was deleted from a module made MicroPython's help() read behind the table's end."""
    run = run_app(f"import {module}\nhelp(sys.modules.get({module!r}) or {module})\nprint('end')").ok()
    assert run.stdout.endswith("end\n")
    assert "object <module '" in run.stdout


@_only_host
def test_help_of_a_function_says_what_it_does(run_app: Program) -> None:
    run = run_app("help(http.get)").ok()
    assert run.stdout.startswith(
        "get(url, headers=None, data=None, **options)\n  Send a GET request and wait for the Response.\n"
    )
    assert len(run.stdout.splitlines()) < 8


@_only_host
def test_help_of_a_module_has_each_public_name_and_what_it_does(run_app: Program) -> None:
    lines = run_app("help(http)").ok().stdout.splitlines()
    assert lines[:2] == ["module http", "  Requests over HTTP and HTTPS."]
    names = [line.split()[0].partition("(")[0] for line in lines[lines.index("", 6) :] if " -- " in line]
    assert {"get", "get_async", "check", "gather", "Response", "Request", "Cookies", "stats"} <= set(names)
    assert names == sorted(names)
    assert not [name for name in names if name.startswith("_")]


@_only_host
@pytest.mark.parametrize("thing", ["http.Response", "http.get('x')"])
def test_help_of_a_response_has_its_methods(run_app: Program, thing: str) -> None:
    lines = run_app(f"help({thing})").ok().stdout.splitlines()
    assert lines[0] == "Response"
    assert (
        "  status_code() -- Return the HTTP status (100 and more), or the error code of libcurl (1 to 99)."
        in lines
    )
    assert "  header(name, default=None) -- Return one header field." in lines


@_only_host
@pytest.mark.parametrize("thing", ["http.get('x').json", "http.Response.json"])
def test_help_of_a_method(run_app: Program, thing: str) -> None:
    run = run_app(f"help({thing})").ok()
    assert run.stdout.startswith("json()\n  Return the body decoded as JSON")


@_only_host
def test_help_knows_all_modules_and_classes_of_the_stubs(run_app: Program) -> None:
    run = run_app("for name in NAMES:\n    help(__import__(name))\n    print('end')", NAMES=MODULES).ok()
    said = run.stdout.split("end\n")
    assert len(MODULES) > 20
    for name, text in zip(MODULES, said, strict=False):
        assert text.startswith(f"module {name}\n  "), text
        assert (FOLDER / f"{name}-stubs").is_dir()


@_only_host
@pytest.mark.parametrize("thing", ["1", "'http'", "None", "print", "help", "len"])
def test_help_of_anything_else_is_that_of_micropython(run_app: Program, thing: str) -> None:
    assert run_app(f"help({thing})").ok().stdout.startswith("object ")


def test_help_alone_and_its_errors(run_app: Program) -> None:
    run = run_app("help()\ntry:\n    help(1, 2)\nexcept TypeError:\n    show('TypeError')").ok()
    assert run.lines == [("TypeError",)]
    assert len(run.stdout) > 100


def _completed(repl: Repl, text: str) -> list[str]:
    """The names that the tab key lists."""
    repl.send(f"{text}\t")
    lines = repl.read_to(f">>> {text}").split("\r\n")
    repl.type("", end="\x03")
    return sorted(name for line in lines[1:-1] for name in line.split())


def test_tab_lists_no_private_names_unless_one_is_typed(binary: Path, tmp_path: Path) -> None:
    repl = Repl(binary, tmp_path)
    repl.type("import http")
    names = _completed(repl, "http.")
    assert {"get", "post_async", "Response", "cancel_all"} <= set(names)
    assert not [name for name in names if name.startswith("_")]
    repl.type("r = http.get('x')")
    names = _completed(repl, "r.")
    assert {"body", "status_code", "read"} <= set(names)
    assert not [name for name in names if name.startswith("_")]
    assert {"_options", "_request"} <= set(_completed(repl, "http._"))


@_only_host
def test_tab_lists_what_is_for_apps_and_not_what_a_module_imports(binary: Path, tmp_path: Path) -> None:
    repl = Repl(binary, tmp_path)
    repl.type("import splashscreen, wakeup, mqtt, idle, json, sys")
    assert _completed(repl, "splashscreen.") == ["Alignment", "Splashscreen"]
    assert _completed(repl, "mqtt.") == [
        "ErrorDescription",
        "MqttClient",
        "MqttError",
        "QOS0",
        "QOS1",
        "QOS2",
    ]
    assert {"run", "step", "wait"} <= set(_completed(repl, "idle."))
    assert "sys" not in _completed(repl, "idle.")
    assert {"loads", "dumps"} <= set(_completed(repl, "json."))
    assert "path" in _completed(repl, "sys.")


def test_objects_say_what_they_are(run_app: Program, wire: WireFactory, refused_port: int) -> None:
    code = """
    show(repr(http.get))
    pending = http.get_async(HOLDS)
    show(repr(pending))
    pending.cancel()
    request = http.get_async(REFUSES)
    show(repr(request.wait())[:13], repr(request), 'secret' in repr(request.wait()))
    """
    url = f"http://127.0.0.1:{refused_port}/secret?key=1"
    run = run_app(code, HOLDS=wire([HOLD]).url, REFUSES=url)
    assert run.ok().lines == [
        ("<function get(url, headers=None, data=None, **options)>",),
        ("<Request pending>",),
        ("<Response 7: ", "<Request failed>", False),
    ]
