# SPDX-License-Identifier: MIT
"""What modules/urlrequest promises besides the original: memory, slots, secrets, the end of an app."""

import re
import ssl
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.site import Site
from servers.wire import HOLD, Reply, Request, WireFactory, head, reply
from support.program import Program, Run

README = Path(__file__).resolve().parents[2] / "modules/urlrequest/README.md"
# Callbacks that show their names, and an idle loop that ends.
BEGIN = """
import os
import idle
from urlrequest import UrlRequest


def telling(name):
    return lambda request, *values: show(name, http.stats()["in_flight"])


NAMES = "success failure redirect error cancel finish".split()
ALL = {"on_" + name: telling(name) for name in NAMES}
"""


RunUrl = Callable[..., Run]


@pytest.fixture
def run_url(run_app: Program) -> RunUrl:
    """As run_app, with the lines above in front."""
    return lambda code, **names: run_app(BEGIN + textwrap.dedent(code), **names)


def _begun(request: Request) -> Reply:
    return (
        reply(200, b"whole")
        if request.target == "/whole"
        else [head(200, "Content-Length: 10"), b"begin", HOLD]
    )


def test_every_end_gives_its_slot_back_before_its_callback(
    run_url: RunUrl, sites: dict[str, Site], refused_url: str
) -> None:
    app = """
        for path in PATHS:
            for options in ({}, {"on_progress": lambda *values: None}, {"file_path": "body"}):
                UrlRequest(SITE + path, timeout=0.2, on_finish=telling(path), **options)
            idle.run()
        for url in (REFUSED, "", "x", "ftp://x/"):
            UrlRequest(url, on_finish=telling(url))
        UrlRequest(SITE + "/", file_path="nowhere/body", on_error=telling("file"))
        idle.run()
        UrlRequest(SITE + "/status/404", file_path="nowhere/body", on_error=telling("file"))
        idle.run()
        show(sorted(os.listdir(".")), http.stats()["free"])
    """
    paths = ["/", "/status/302", "/status/404", "/close", "/short", "/badchunk", "/nonsense", "/slow/0.4"]
    run = run_url(app, SITE=sites["plain"].url, REFUSED=refused_url, PATHS=paths).ok()
    *ends, left = run.lines
    assert len(ends) == 3 * len(paths) + 4 + 2
    assert {in_flight for _, in_flight in ends} <= {0, 1, 2, 3, 4}
    assert ends[-1] == ("file", 0)
    assert left == (["app.py", "body"], 16)


def test_cancel_frees_the_slot_at_once_and_calls_back_when_idle(run_url: RunUrl, wire: WireFactory) -> None:
    app = """
        requests = [UrlRequest(URL, **ALL) for _ in range(16)]
        for request in requests:
            request.cancel()
            request.cancel()
        again = UrlRequest(URL + "/whole", **ALL)
        again.wait()
        show("idle")
        idle.run()
        show(http.stats()["in_flight"], [request.is_finished for request in requests] == [False] * 16)
    """
    run = run_url(app, URL=wire(_begun).url).ok()
    assert run.lines[:2] == [("success", run.lines[0][1]), ("finish", run.lines[1][1])]
    assert run.lines[2] == ("idle",)
    assert [line[0] for line in run.lines[3:-1]] == ["cancel", "finish"] * 16
    assert run.lines[-1] == (0, True)


def test_cancel_in_wait_and_wait_after_cancel_end(run_url: RunUrl, wire: WireFactory) -> None:
    app = """
        request = UrlRequest(URL, on_progress=lambda request, *sizes: request.cancel(), **ALL)
        request.wait()
        show("waited")
        request = UrlRequest(URL, **ALL)
        request.cancel()
        request.wait()
        request.wait()
        show("waited")
        request = UrlRequest(URL, **ALL)
        http.cancel_all()
        request.wait()
        idle.run()
        show("end", http.stats()["in_flight"])
    """
    run = run_url(app, URL=wire(_begun).url).ok()
    expected = [("cancel", 0), ("finish", 0), ("waited",)]
    assert run.lines == [*expected, *expected, ("end", 0)]


def test_wait_in_its_own_progress_returns_at_once(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        UrlRequest(SITE + "/", on_progress=lambda request, *sizes: show(sizes, request.wait()), **ALL)
    """
    run = run_url(app, SITE=sites["plain"].url).ok()
    assert run.lines == [((size, 7), None) for size in (0, 7, 7)] + [("success", 0), ("finish", 0)]


def test_seventeenth_gets_on_error_when_idle(run_url: RunUrl, wire: WireFactory) -> None:
    app = """
        requests = [UrlRequest(URL) for _ in range(16)]
        told = lambda request, error: show(error.args, request.error is error)
        last = UrlRequest(URL + "/whole", on_error=told)
        show("made", last.error)
        last.wait()
        for request in requests:
            request.cancel()
        UrlRequest(URL + "/whole", **ALL)
    """
    made, (args, same), *rest = run_url(app, URL=wire(_begun).url).ok().lines
    assert made == ("made", None)
    assert (args[0], same) == (89, True)
    assert "16" in args[1] or "sixteen" in args[1]
    assert rest == [("success", 0), ("finish", 0)]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("on_success", "/"),
        ("on_failure", "/status/404"),
        ("on_redirect", "/status/302"),
        ("on_error", "/close"),
        ("on_progress", "/"),
        ("on_finish", "/"),
    ],
)
def test_exception_in_a_callback_ends_the_app(
    run_url: RunUrl, sites: dict[str, Site], name: str, path: str
) -> None:
    app = """
        def fault(request, *values):
            UrlRequest(SITE + "/", on_success=telling("never"))
            raise KeyError("broken")

        UrlRequest(SITE + PATH, **{NAME: fault})
    """
    run = run_url(app, SITE=sites["plain"].url, PATH=path, NAME=name)
    assert (run.returncode, run.stdout) == (1, "")
    assert "KeyError: broken" in run.stderr


@pytest.mark.parametrize("name", ["on_success", "on_finish", "on_progress"])
def test_exception_in_wait_gives_the_slot_back(run_url: RunUrl, sites: dict[str, Site], name: str) -> None:
    app = """
        def fault(request, *values):
            raise KeyError("broken")

        request = UrlRequest(SITE + "/", **{NAME: fault})
        try:
            request.wait()
        except KeyError:
            show("raised")
        request.cancel()
        show(http.stats()["in_flight"])
    """
    run = run_url(app, SITE=sites["plain"].url, NAME=name).ok()
    assert run.lines == [("raised",), (0,)]


def test_end_of_the_app_calls_nothing(run_url: RunUrl, run_app: Program, wire: WireFactory) -> None:
    app = """
        UrlRequest(URL, **ALL)
        UrlRequest(URL + "/whole", **ALL)
        UrlRequest(URL, **ALL).cancel()
        UrlRequest(URL, file_path="body", **ALL)
        sys.exit(3)
    """
    run = run_url(app, URL=wire(_begun).url)
    assert (run.returncode, run.stdout, run.stderr) == (3, "", "")
    assert [path.name for path in run_app.folder.iterdir()] == ["app.py"]


@pytest.mark.parametrize("options", [{}, {"on_progress": None}], ids=["plain", "progress"])
def test_body_that_does_not_fit_into_the_heap_is_an_error(
    run_url: RunUrl, wire: WireFactory, options: dict[str, object]
) -> None:
    size = 300_000
    server = wire([head(200, f"Content-Length: {size}"), bytes(size)])
    app = """
        if OPTIONS:
            OPTIONS["on_progress"] = lambda *values: None
        told = lambda request, error: show(type(error).__name__, request.result)
        for _ in range(3):
            UrlRequest(URL, on_error=told, **OPTIONS)
            idle.run()
        show(http.stats()["in_flight"], http.stats()["bytes_held"])
    """
    run = run_url(app, heap="160K", URL=server.url, OPTIONS=options).ok()
    assert run.lines == [("MemoryError", None)] * 3 + [(0, 0)]


def test_full_heap_makes_no_request(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        # What fills the heap does not hang on each other: the collector may take an old pointer on the C
        # stack for a reference, and that must not keep all of it.
        filling = [None] * (gc.mem_free() // 32)

        def fill():
            n = 0
            try:
                while True:
                    filling[n] = (n,)
                    n += 1
            except MemoryError:
                pass
            try:
                UrlRequest(SITE + "/", on_success=SHOW)
            except MemoryError:
                return True
            finally:
                for i in range(n):
                    filling[i] = None

        SHOW = telling("never")
        show(fill())
        gc.collect()
        idle.run()
        show(http.stats()["in_flight"])
        UrlRequest(SITE + "/", **ALL)
    """
    run = run_url(app, heap="128K", SITE=sites["plain"].url).ok()
    assert run.lines == [(True,), (0,), ("success", 0), ("finish", 0)]


def test_texts_hold_no_secrets(run_url: RunUrl, sites: dict[str, Site], refused_url: str) -> None:
    app = """
        for base in BASES:
            url = base.replace("//", "//hidden-user:hidden-word@") + "?hidden-query"
            UrlRequest(
                url,
                req_headers={"X-Key": "hidden-field"},
                req_body="hidden-body",
                cookies="hidden-cookie",
                debug=True,
                on_error=lambda request, error: print(error, repr(error), request),
            )
            idle.run()
        UrlRequest(SITE + "/slow/1?hidden-query", debug=True).cancel()
        auths = "hidden", ("hidden:", "hidden")
        for options in ({"req_headers": {"X": "hidden\\n"}}, {"auth": auths[0]}, {"auth": auths[1]}):
            try:
                UrlRequest(SITE, **options)
            except (TypeError, ValueError) as e:
                print(e)
    """
    site = sites["plain"].url
    bases = [site + "/", site + "/status/404", site + "/close", refused_url, "http://:x/", "ftp://x/"]
    run = run_url(app, SITE=site, BASES=bases)
    assert run.returncode == 0
    lines = re.sub(r"\d{6,}", "N", run.stderr).splitlines()
    assert lines[:4] == ["UrlRequest: N POST", "UrlRequest: N 200", "UrlRequest: N POST", "UrlRequest: N 404"]
    assert lines[-2:] == ["UrlRequest: N GET", "UrlRequest: N cancelled"]
    assert "hidden" not in run.stdout + run.stderr


def test_accounts_are_basic_or_digest_or_refused(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        import requests

        class Token(requests.auth.AuthBase):
            username = password = "x"

        UrlRequest(SITE + "/digest", auth=requests.auth.HTTPDigestAuth("user", "secret"), **ALL).wait()
        UrlRequest(SITE + "/basic/u/p", auth=requests.auth.HTTPBasicAuth("u", "p"), **ALL).wait()
        for auth in (Token(), requests.auth.HTTPProxyAuth("u", "p"), "u:p", ("u",)):
            try:
                UrlRequest(SITE, auth=auth)
            except TypeError as e:
                show("auth" in str(e))
        show(http.stats()["in_flight"])
    """
    run = run_url(app, SITE=sites["plain"].url).ok()
    assert run.lines == [("success", 0), ("finish", 0)] * 2 + [(True,)] * 4 + [(0,)]


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"on_success": 7}, "TypeError", "on_success"),
        ({"on_finish": "x"}, "TypeError", "on_finish"),
        ({"chunk_size": 0}, "ValueError", "chunk_size"),
        ({"chunk_size": 1.5}, "TypeError", "chunk_size"),
        ({"timeout": 0}, "ValueError", "timeout"),
        ({"timeout": -1}, "ValueError", "timeout"),
        ({"timeout": "1"}, "TypeError", "timeout"),
        ({"req_headers": {"X": 1.5}}, "TypeError", "headers"),
        ({"req_headers": [("X", "1")]}, "TypeError", "req_headers"),
        ({"req_body": {"a": "b"}}, "TypeError", "data"),
        ({"file_path": 7}, "TypeError", "file"),
        ({"method": "a b"}, "ValueError", "method"),
        ({"proxy_host": "h", "proxy_port": "x"}, "TypeError", "proxy_port"),
        ({"proxy_host": 7}, "TypeError", "proxy_host"),
    ],
)
def test_mistake_of_the_app_names_the_argument(
    run_url: RunUrl, options: dict[str, object], error: str, word: str
) -> None:
    app = """
        try:
            UrlRequest("http://127.0.0.1/", **OPTIONS)
        except Exception as e:
            show(type(e).__name__, str(e), http.stats()["in_flight"])
    """
    kind, text, in_flight = run_url(app, OPTIONS=options).shown
    assert (kind, in_flight) == (error, 0)
    assert word in text.replace(":", "").split()


def test_callbacks_run_in_asyncio(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        import asyncio

        async def main():
            ended = asyncio.Event()
            end = lambda request: ended.set()
            UrlRequest(SITE + "/slow/9", on_cancel=telling("cancel"), on_finish=end).cancel()
            await ended.wait()
            ended.clear()
            UrlRequest(SITE + "/", on_success=telling("success"), on_finish=end)
            await ended.wait()

        asyncio.run(main())
    """
    run = run_url(app, SITE=sites["plain"].url).ok()
    assert run.lines == [("cancel", 0), ("success", 0)]


def test_request_that_nobody_keeps_calls_back(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        class Screen:
            def __init__(self):
                UrlRequest(SITE + "/slow/0.05", on_success=self.show)

            def show(self, request, result):
                show(result)

        Screen()
        gc.collect()
    """
    assert run_url(app, SITE=sites["plain"].url).shown == ("slow",)


def test_file_of_a_failed_request_stays_as_it_was(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        with open("body", "w") as file:
            file.write("before")
        for path in ("/short", "/badchunk", "/close"):
            UrlRequest(SITE + path, file_path="body", on_error=telling("error"))
        idle.run()
        with open("body") as file:
            show(file.read(), sorted(os.listdir(".")))
    """
    *errors, last = run_url(app, SITE=sites["plain"].url).ok().lines
    assert [name for name, _ in errors] == ["error"] * 3
    assert last == ("before", ["app.py", "body"])


def test_file_that_cannot_be_replaced_leaves_nothing_beside(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        os.mkdir("folder")
        for path in ("/", "/status/404"):
            UrlRequest(SITE + path, file_path="folder", on_error=telling("error"))
        idle.run()
        show(sorted(os.listdir(".")))
    """
    *errors, left = run_url(app, SITE=sites["plain"].url).ok().lines
    assert [name for name, _ in errors] == ["error"] * 2
    assert left == (["app.py", "folder"],)


def test_no_progress_comes_after_cancel(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        def progress(request, current, total):
            show(current)
            if current:
                request.cancel()

        UrlRequest(SITE + "/bytes/5000", on_progress=progress, chunk_size=10, **ALL)
    """
    run = run_url(app, SITE=sites["plain"].url).ok()
    assert run.lines == [(0,), (10,), ("cancel", 0), ("finish", 0)]


def test_ca_file_that_cannot_be_read_trusts_nobody(
    run_url: RunUrl, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    server = wire(reply(200), tls=tls)
    app = """
        UrlRequest(URL + "/first", ca_file="nowhere.pem", **ALL)
        idle.run()
        UrlRequest(URL + "/second", **ALL)
    """
    run = run_url(app, URL=server.url, env={"SSL_CERT_FILE": str(certs.ca_file)}).ok()
    assert [name for name, _ in run.lines] == ["error", "finish", "success", "finish"]
    assert [request.target for request in server.requests] == ["/second"]


def test_many_requests_leave_nothing(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        def rounds(count):
            for _ in range(count):
                UrlRequest(SITE + "/", on_progress=lambda *values: None).wait()
                UrlRequest(SITE + "/status/404", file_path="body").wait()
                UrlRequest(SITE + "/").cancel()
                idle.run()
            gc.collect()
            return gc.mem_alloc()

        before = rounds(20)
        show(rounds(100) - before, http.stats()["free"])
    """
    grown, free = run_url(app, SITE=sites["plain"].url).shown
    assert free == 16
    assert grown < 500


def test_iterator_and_file_are_bodies(run_url: RunUrl, sites: dict[str, Site]) -> None:
    app = """
        with open("body", "w") as file:
            file.write("from a file")
        with open("body", "rb") as file:
            UrlRequest(SITE + "/echo", lambda r, result: show(result["body"]), req_body=file).wait()
        pieces = (text for text in ("from ", "an ", "iterator"))
        UrlRequest(SITE + "/echo", lambda r, result: show(result["body"]), req_body=pieces)
    """
    run = run_url(app, SITE=sites["plain"].url).ok()
    assert run.lines == [("from a file",), ("from an iterator",)]


@pytest.mark.needs("proxy_environment")
def test_environment_names_no_proxy(run_url: RunUrl, sites: dict[str, Site], refused_url: str) -> None:
    app = 'UrlRequest(SITE + "/", **ALL)'
    env = {"http_proxy": refused_url, "no_proxy": ""}
    run = run_url(app, SITE=sites["plain"].url, env=env).ok()
    assert run.lines == [("success", 0), ("finish", 0)]


def test_example_of_the_page_runs(run_app: Program, sites: dict[str, Site]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    run = run_app(code.replace("http://127.0.0.1:8000", sites["plain"].url))
    assert run.ok().stdout == "200 /echo?room=12\n"
