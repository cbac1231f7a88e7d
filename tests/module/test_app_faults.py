# SPDX-License-Identifier: MIT
"""The end of an app: faults, sys.exit, and what must never be called again: contract section 5."""

from pathlib import Path

import pytest
from servers.wire import HOLD, Reply, Request, WireFactory, in_order, reply
from support.program import Program, Run


def _hold_or_answer(request: Request) -> Reply:
    return [HOLD] if request.target == "/hold" else reply()


def assert_traceback(run: Run, last_line: str) -> None:
    """Stderr is one traceback with frames of the app only, through inner(), and ends with this line."""
    assert run.stderr.startswith("Traceback (most recent call last):\n")
    assert run.stderr.count("Traceback") == 1
    frames = [line for line in run.stderr.splitlines() if line.startswith("  File ")]
    assert all('/app.py", line ' in frame for frame in frames), run
    assert "in inner" in run.stderr
    assert run.stderr.rstrip().endswith(last_line)


def test_exception_in_the_main_part_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        finish([http.get_async(URL, show)])

        def inner():
            raise RuntimeError("broken app")

        inner()
        """,
        URL=wire(reply()).url,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert_traceback(run, "RuntimeError: broken app")


def test_exception_in_a_callback_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def inner(r):
            show("first")
            raise RuntimeError("broken callback")

        finish([http.get_async(URL, inner)])
        requests = []
        for _ in range(5):
            requests.append(http.get_async(URL, show))
            http.get_async(URL + "/hold", show)
        finish(requests)
        """,
        URL=wire(_hold_or_answer).url,
    )
    assert run.returncode == 1
    assert run.lines == [("first",)]
    assert_traceback(run, "RuntimeError: broken callback")
    assert run.seconds < 5  # nothing pending is waited for


def test_fault_inside_a_callback_of_a_refused_request_is_a_fault_too(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        def inner(r):
            raise ValueError(r.status_code())

        for _ in range(17):
            http.get_async(URL, inner)
        """,
        URL=wire([HOLD]).url,
    )
    assert run.returncode == 1
    assert_traceback(run, "ValueError: 89")


def test_caught_exception_is_no_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            try:
                raise RuntimeError
            except RuntimeError:
                show("caught")

        http.get_async(URL, done)
        http.get_async(URL, done)
        """,
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [("caught",)] * 2


@pytest.mark.parametrize(
    ("value", "code"), [("", 0), ("0", 0), ("3", 3), ("None", 0), ("True", 1), ("'text'", 1)]
)
def test_sys_exit_gives_its_code_and_nothing_is_called_again(
    run_app: Program, wire: WireFactory, value: str, code: int
) -> None:
    run = run_app(
        f"""
        http.get_async(URL + "/hold", show)
        finish([http.get_async(URL, show)])
        sys.exit({value})
        """,
        URL=wire(_hold_or_answer).url,
    )
    assert (run.returncode, run.stdout) == (code, "")
    assert run.seconds < 5


def test_sys_exit_in_a_callback_gives_its_code_and_nothing_is_called_again(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        def leave(r):
            sys.exit(3)

        finish([http.get_async(URL, leave)])
        http.get_async(URL + "/hold", show)
        finish([http.get_async(URL, show)])
        """,
        URL=wire(_hold_or_answer).url,
    )
    assert (run.returncode, run.stdout) == (3, "")
    assert run.seconds < 5


def test_end_of_the_main_part_is_not_the_end_of_the_app(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def step(r):
            show(r.status_code())
            if r.status_code() < 204:
                http.get_async(URL, step)

        http.get_async(URL, step)
        """,
        URL=wire(in_order(*[reply(status) for status in range(200, 205)])).url,
    )
    assert run.ok().lines == [(status,) for status in range(200, 205)]


def test_fault_is_reported_when_requests_of_all_kinds_are_pending(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str], dead_port: int
) -> None:
    run = run_app(
        """
        def inner():
            raise RuntimeError("end")

        http.get_async("http://hang.invalid/", show)
        http.get_async("http://127.0.0.1:%d/" % DEAD_PORT, show)
        http.get_async(URL, show)
        http.get_async(URL.replace("http", "https"), show)
        http.post_async(URL, show, data=bytes(1 << 20))
        settle(0.2)
        inner()
        """,
        URL=wire([HOLD]).url,
        DEAD_PORT=dead_port,
        env=hung_dns,
    )
    assert run.returncode == 1
    assert_traceback(run, "RuntimeError: end")
    assert run.seconds < 5


_NAMES = ["idle.py", "_app.py", "http/__init__.py"]


@pytest.mark.parametrize("name", _NAMES)
def test_app_with_the_name_of_a_frozen_module_is_in_its_traceback(
    run_app: Program, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("import http\nhttp.get_async('nonsense', lambda r: 1 // 0)\n")
    run = run_app.command([name], cwd=tmp_path)
    assert run.stderr.splitlines()[-2:] == [
        f'  File "{name}", line 2, in <lambda>',
        "ZeroDivisionError: divide by zero",
    ]


@pytest.mark.parametrize(
    "call",
    [
        "http.get(1)",
        "http.get_async('nonsense', 5)",
        "import asyncio; asyncio.run(main())",
        "from wakeup import Timer; Timer(print, -1)",
        "from splashscreen import Splashscreen; Splashscreen().add_text_box(1)",
    ],
)
def test_fault_in_a_frozen_module_shows_the_line_of_the_app(run_app: Program, call: str) -> None:
    run = run_app(f"async def main(): 1 // 0\n{call}\n")
    assert run.returncode == 1
    frames = [line for line in run.stderr.splitlines() if line.startswith("  File ")]
    assert frames
    assert all('/app.py", line ' in frame for frame in frames), run


def test_syntax_error_is_a_fault(run_app: Program) -> None:
    run = run_app("this is no Python", preamble=False)
    assert run.returncode == 1
    assert "SyntaxError" in run.stderr


_CALLBACKS = [
    ("http.get_async(PRIVATE, {})", "on_complete"),
    ("http.get_async(PRIVATE, None, on_progress={})", "on_progress"),
    ("http.get_async(PRIVATE, None, on_data={})", "on_data"),
    ("http.get_async(PRIVATE, None, on_head={})", "on_head"),
    ("http.post_async(PRIVATE, None, None, b'x', on_upload_progress={})", "on_upload_progress"),
    ("http.get(PRIVATE, on_head={})", "on_head"),
]


@pytest.mark.parametrize(("call", "name"), _CALLBACKS)
@pytest.mark.parametrize(
    ("callback", "text"),
    [
        ("lambda: None", "<lambda>() takes 0 positional arguments but "),
        ("[].insert", "function takes 3 positional arguments but 2 were given"),
        ("lambda *args: (yield)", "returned a generator: a callback cannot be async"),
        ("run", "returned a generator: a callback cannot be async"),
    ],
    ids=["lambda", "method", "generator", "coroutine"],
)
def test_callback_that_cannot_run_is_named_without_secrets(
    run_app: Program, wire: WireFactory, call: str, name: str, callback: str, text: str
) -> None:
    if callback == "[].insert" and name.endswith("progress"):
        callback, text = "[].append", "function takes 2 positional arguments but 3 were given"
    server = wire(reply(200, b"body"))
    run = run_app(
        f"""
        async def run(*args):
            show("never")

        {call.format(callback)}
        """,
        PRIVATE=server.url.replace("//", "//user:s3cret@") + "/path?token=s3cret#s3cret",
    )
    assert (run.returncode, run.stdout) == (1, "")
    last = run.stderr.rstrip().splitlines()[-1]
    assert last.startswith(f"TypeError: {name} of {server.url}/path: {text}")
    assert "s3cret" not in run.stderr


def test_type_error_within_a_callback_stays_as_it_is(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def inner(r):
            [].append(1, 2)

        http.get_async(URL, inner)
        """,
        URL=wire(reply()).url,
    )
    assert_traceback(run, "\nTypeError: function takes 2 positional arguments but 3 were given")
