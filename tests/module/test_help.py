# SPDX-License-Identifier: MIT
"""What the REPL says of the module and of its objects."""

import pytest
from servers.wire import HOLD, WireFactory
from support.program import Program


@pytest.mark.parametrize("module", ["http", "requests", "datetime", "idle", "splashscreen"])
def test_help_of_a_module_lists_its_names(run_app: Program, module: str) -> None:
    """A name that was deleted from a module made MicroPython's help() read behind the table's end."""
    run = run_app(f"import {module} as m\nhelp(m)\nprint('end')").ok()
    assert run.stdout.endswith("end\n")
    assert f"object <module '{module}'" in run.stdout


def test_help_of_a_function_shows_its_arguments(run_app: Program) -> None:
    run = run_app("help(http.get)\nhelp(http)").ok()
    assert run.stdout.startswith("object <function get(url, headers=None, data=None, **options)> is of type")
    assert (
        "\n  get_async -- <function get_async(url, on_complete=None, headers=None, data=None, **options)>\n"
        in (run.stdout)
    )


def test_objects_say_what_they_are(run_app: Program, wire: WireFactory, refused_port: int) -> None:
    code = """
    pending = http.get_async(HOLDS)
    show(repr(pending))
    pending.cancel()
    request = http.get_async(REFUSES)
    show(repr(request.wait())[:13], repr(request), 'secret' in repr(request.wait()))
    """
    url = f"http://127.0.0.1:{refused_port}/secret?key=1"
    run = run_app(code, HOLDS=wire([HOLD]).url, REFUSES=url)
    assert run.ok().lines == [("<Request pending>",), ("<Response 7: ", "<Request failed>", False)]
