# SPDX-License-Identifier: MIT
"""DL7450_STRICT=1: a warning, once each, for what the dock's documents do not have."""

from collections.abc import Callable

import pytest
from servers.wire import WireFactory, reply
from support.program import Program, Run

pytestmark = pytest.mark.needs("strict")

Strict = Callable[..., list[str]]


@pytest.fixture
def strict(run_app: Program) -> Strict:
    """Runs an app that must not fail in strict mode, and returns its warnings."""

    def run(code: str, **names: object) -> list[str]:
        done: Run = run_app(code, preamble=False, env={"DL7450_STRICT": "1"}, **names)
        assert done.returncode == 0, done
        lines = done.stderr.splitlines()
        assert all(line.startswith("dl7450: strict: ") for line in lines), lines
        return [line.removeprefix("dl7450: strict: ") for line in lines]

    return run


def test_modules_that_the_documents_do_not_have_are_named_once(strict: Strict) -> None:
    assert strict("""
        import asyncio
        import socket
        from asyncio import sleep
        import asyncio.core
        """) == [
        f"the app imports {name}: the dock's documentation has no such module"
        for name in ("asyncio", "socket")
    ]


def test_an_app_of_the_documents_has_no_warning(strict: Strict, wire: WireFactory) -> None:
    said = strict(
        """
        import binascii, io, json, time
        import http, image, wakeup
        from datastore import ImageStore, KvStore
        from dock import DockControl, DockInfo
        from monitor import Monitor
        from network import LAN
        from splashscreen import Alignment, Splashscreen

        screen = Splashscreen()
        screen.add_text_box('plain & simple, 1 < 2')
        screen.add_text_box(['<span size="large">Two', 'lines</span>'], {'x': 1, 'y': 2})

        def done(response):
            assert response.status_code() == 200 and len(response.body()) == 5

        def tick():
            timer.cancel()

        http.get_async(URL, done)
        timer = wakeup.Timer(tick, 0, 10)
        """,
        URL=wire(reply(200, b"hello")).url,
    )
    assert said == []


def test_a_module_beside_the_app_is_named(strict: Strict, run_app: Program) -> None:
    """The modules that it imports itself are not: the app is not to have it in the first place."""
    (run_app.folder / "beside.py").write_text("import gc\nx = 1\n")
    assert strict("from beside import x\nimport beside\n") == [
        "the app imports beside, which is a file beside it: on the dock an app is one file"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<b>bold", "<b> is not closed"),
        ("<b>bold</i>", "</i> closes <b>"),
        ("bold</b>", "</b> closes nothing"),
        ("<blink>x</blink>", "there is no tag <blink>"),
        ("<B>x</B>", "there is no tag <B>"),
        ("<b>salt & pepper</b>", "& must be written &amp;"),
        ("<b>&eacute;</b>", "there is no character &eacute;"),
        ("<b>&#0;</b>", "there is no character &#0;"),
        ("<b>1 < 2</b>", "< must be written &lt;"),
        ("<span size=large>x</span>", "the value of size must be in quotes"),
        ("<span size>x</span>", "the attribute size of <span> has no value"),
        ("<span colour='red'>x</span>", "<span> has no attribute colour"),
        ("<span size='1' size='2'>x</span>", "the attribute size is there twice"),
        ("<b size='1'>x</b>", "<b> has no attribute size"),
        ("<b", "the tag <b has no >"),
        ("<b>x</b><!-- never", "<!-- is not closed"),
    ],
)
def test_markup_that_pango_refuses_is_explained(strict: Strict, text: str, fault: str) -> None:
    code = "from splashscreen import Splashscreen\nfor n in range(2): Splashscreen().add_text_box(TEXT)\n"
    assert strict(code, TEXT=text) == [f"add_text_box(): Pango refuses this markup: {fault}"]


@pytest.mark.parametrize(
    "text",
    [
        "<b><i>é</i></b> &amp; &lt;&#233;&#xe9;",
        "<span font_desc='Sans 12' color = \"red\" >x</span >",
        "<b/><!-- <x> --><?pi?><tt>x</tt>",
        "<markup><big><s><u><sub>1</sub><sup>2</sup></u></s></big></markup>",
    ],
)
def test_markup_that_pango_takes_is_quiet(strict: Strict, text: str) -> None:
    code = "from splashscreen import Splashscreen\nSplashscreen().add_text_box(TEXT)\n"
    assert strict(code, TEXT=text) == []


def test_a_timer_that_nothing_references_is_named_by_its_task(strict: Strict) -> None:
    said = strict("""
        from wakeup import Timer, wakeup

        def kept():
            global other
            other = Timer(last, 10)

        def dropped():
            pass

        def last():
            pass

        def start():
            Timer(dropped, 20)
            wakeup(lambda: None, 30)

        start()
        timer = Timer(kept, 0)
        """)
    assert sorted(text.split(":")[0] for text in said) == [
        "nothing references the Timer of <lambda>",
        "nothing references the Timer of dropped",
    ]


BUSY = (
    "Python has not been idle for a second: meanwhile no callback runs and nothing is drawn. "
    "Ctrl-C says where it is"
)


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(1.2)",
        "timer = Timer(lambda: time.sleep(1.2), 0)",
        "http.get_async('', lambda r: time.sleep(1.2))",
    ],
    ids=["main part", "timer", "callback"],
)
def test_python_that_is_not_idle_for_a_second_is_told_while_it_runs(strict: Strict, code: str) -> None:
    assert strict(f"import http, time\nfrom wakeup import Timer\n{code}\ntime.sleep(0)\n") == [BUSY]


def test_an_app_that_is_idle_in_between_is_not_told(strict: Strict) -> None:
    """Neither a long wait in the idle loop counts nor one in a loop of asyncio."""
    said = strict("""
        import asyncio, time
        from wakeup import Timer

        async def main():
            await asyncio.sleep_ms(1100)

        asyncio.run(main())
        timer = Timer(lambda: None, 1100)
        """)
    assert [text for text in said if "asyncio" not in text] == []


def test_a_body_larger_than_the_memory_of_the_dock_is_told_once(strict: Strict, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, bytes(int(request.target[1:]))))
    said = strict(
        """
        import http
        for size in (8 << 20, (8 << 20) + 1, 9 << 20):
            response = http.get(URL + "/%d" % size)
            assert len(response.body()) == len(response.body()) == size
        """,
        URL=server.url,
    )
    assert said == [
        "a body() of 8388609 bytes: the memory of the dock may be too small; "
        "file= and on_data= take bodies of any size"
    ]


def test_the_repl_is_not_busy(run_app: Program) -> None:
    """Neither without an app nor after one; the sleep stands for somebody who reads."""
    for args in (["-i"], ["-i", "-c", "import time; time.sleep(0)"]):
        run = run_app.command(
            args, env={"DL7450_STRICT": "1"}, stdin="from time import sleep\nsleep(1.2)\nprint('end')\n"
        )
        assert (run.returncode, run.stderr, "end" in run.stdout) == (0, "", True)


@pytest.mark.parametrize("setting", ["", "0", None])
def test_without_the_variable_nothing_is_told(run_app: Program, setting: str | None) -> None:
    env = {} if setting is None else {"DL7450_STRICT": setting}
    run_app("import asyncio\nfrom wakeup import Timer\nTimer(print, 1)\n", env=env).ok()


def test_another_value_is_refused(run_app: Program) -> None:
    run = run_app("pass", env={"DL7450_STRICT": "yes"})
    assert (run.returncode, run.stderr) == (2, "dl7450: DL7450_STRICT=yes: 1 is strict mode, 0 is not\n")


def test_faults_and_exit_codes_are_the_same(run_app: Program) -> None:
    run = run_app("import sys\nprint('<')\n1 / 0\n", preamble=False, env={"DL7450_STRICT": "1"})
    assert (run.returncode, run.stdout) == (1, "<\n")
    assert run.stderr.splitlines()[-1] == "ZeroDivisionError: divide by zero"
