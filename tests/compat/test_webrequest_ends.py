# SPDX-License-Identifier: MIT
"""How requests of modules/webrequest end: Cancel(), errors, limits, the end of the app."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.certs import Certs, server_context
from servers.nginx import Nginx
from servers.site import Site
from servers.wire import HOLD, RESET, Reply, Request, WireFactory, head, reply
from support.program import Program, Run

README = Path(__file__).resolve().parents[2] / "modules/webrequest/README.md"
RunWeb = Callable[..., Run]
SUCCESS = ("OnRequestComplete", "Success", 0)
CANCELED = ("OnRequestComplete", "Canceled", -3)


def failed(error: int) -> tuple[str, str, int]:
    return "OnRequestComplete", "Failed", error


def _begun(request: Request) -> Reply:
    return (
        reply(200, b"whole")
        if request.target == "/whole"
        else [head(200, "Content-Length: 10"), b"begin", HOLD]
    )


def test_cancel_completes_when_idle_and_frees_the_slot_at_once(run_web: RunWeb, wire: WireFactory) -> None:
    app = """
        webs = [start(URL) for _ in range(16)]
        for web in webs:
            web.Cancel()
            web.Cancel()
        show(http.stats()["in_flight"], STATUS[webs[0].GetRequestStatus()])
        last = start(URL + "/whole")
        idle.run()
        last.Cancel()
        idle.run()
        show(STATUS[last.GetRequestStatus()], http.stats()["in_flight"])
    """
    lines = run_web(app, URL=wire(_begun).url).ok().lines
    assert lines[0] == (0, "Canceled")
    assert sorted(lines[1:-1]) == [CANCELED] * 16 + [SUCCESS]
    assert lines[-1] == ("Success", 0)


@pytest.mark.parametrize("where", ["OnDownloadProgress", "OnDownloadData"])
def test_cancel_in_a_callback_is_the_last_but_the_completion(
    run_web: RunWeb, sites: dict[str, Site], where: str
) -> None:
    app = """
        class Cancelling(Client):
            def _show(self, name, web_request, *values):
                show(name, *values) if name == "OnRequestComplete" else show(name)
                if name == WHERE:
                    web_request.Cancel()

        start(SITE + "/bytes/3000000", client=Cancelling())
        idle.run()
        show(http.stats()["in_flight"])
    """
    lines = run_web(app, SITE=sites["plain"].url, WHERE=where).ok().lines
    before = [("OnDownloadProgress",)] + [("OnDownloadData",)] * (where == "OnDownloadData")
    assert lines == [*before, CANCELED, (0,)]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", -300),
        ("http://h:x/", -300),
        ("gopher://h/", -302),
        ("http://nowhere.invalid/", -105),
        ("REFUSED", -102),
        ("SITE/close", -324),
        ("SITE/short", -100),
        ("SITE/badchunk", -321),
        ("SITE/nonsense", -320),
        ("SITE/badgzip", -2),
        ("SITE/hops/30", -310),
        ("SITE/redirect/302?to=ftp://h/", -311),
        ("SITE/redirect/302?to=http://h:x/", -300),
    ],
)
def test_error_of_what_fails(
    run_web: RunWeb, sites: dict[str, Site], refused_url: str, url: str, error: int
) -> None:
    app = """
        web = start(URL)
        idle.run()
        show(web.GetRequestError(), http.stats()["in_flight"])
    """
    url = url.replace("SITE", sites["plain"].url).replace("REFUSED", refused_url)
    assert run_web(app, URL=url).ok().lines == [failed(error), (error, 0)]


@pytest.mark.parametrize(
    ("leaf", "error"), [("leaf", 0), ("wrong_host_leaf", -200), ("expired_leaf", -201)], ids=str
)
def test_error_of_a_certificate(
    run_web: RunWeb, wire: WireFactory, certs: Certs, leaf: str, error: int
) -> None:
    server = wire(reply(200), tls=server_context(getattr(certs, leaf)))
    run = run_web("start(URL)", URL=server.url, env={"SSL_CERT_FILE": str(certs.ca_file)})
    assert run.ok().lines == [failed(error) if error else SUCCESS]


def test_error_of_an_authority_and_of_what_is_no_tls(run_web: RunWeb, web: Nginx) -> None:
    app = """
        for url in URLS:
            start(url)
            idle.run()
    """
    urls = [web.https, web.http.replace("http:", "https:")]
    assert run_web(app, URLS=urls).ok().lines == [failed(-202), failed(-107)]


def test_error_of_a_reset_and_of_large_fields(run_web: RunWeb, wire: WireFactory) -> None:
    def answer(request: Request) -> Reply:
        return [RESET] if request.target == "/reset" else head(200, "X: " + "x" * 400_000)

    app = """
        for path in ("/reset", "/large"):
            start(URL + path)
            idle.run()
    """
    assert run_web(app, URL=wire(answer).url).ok().lines == [failed(-101), failed(-325)]


@pytest.mark.parametrize("answer", ["none", "half"])
def test_limits_of_connecting_and_of_silence(
    run_web: RunWeb, wire: WireFactory, dead_port: int, fast_clock: dict[str, str], answer: str
) -> None:
    """40 seconds to connect, 60 without a byte: in the app's own time, which runs faster."""
    app = """
        import time

        begin = time.ticks_ms()
        start(URL)
        idle.run()
        show(time.ticks_diff(time.ticks_ms(), begin) / 1000)
    """
    url = f"http://127.0.0.1:{dead_port}/" if answer == "none" else wire(_begun).url
    end, (seconds,) = run_web(app, URL=url, env=fast_clock).ok().lines
    assert end == failed(-7)
    assert (39 if answer == "none" else 59) < seconds < 200


def test_error_of_a_server_that_asks_for_a_certificate(
    run_web: RunWeb, wire: WireFactory, certs: Certs
) -> None:
    context = server_context(certs.leaf)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=certs.ca_pem)
    run = run_web("start(URL)", URL=wire(reply(), context).url, env={"SSL_CERT_FILE": str(certs.ca_file)})
    # The server may also reset the connection before its alert is read: it has got more bytes already.
    assert run.ok().lines in ([failed(-110)], [failed(-101)])


@pytest.mark.needs("proxy_environment")
def test_error_of_a_proxy(run_web: RunWeb, refused_url: str) -> None:
    run = run_web('start("https://h.invalid/")', env={"https_proxy": refused_url, "no_proxy": ""})
    assert run.ok().lines == [failed(-111)]


def test_seventeenth_fails_when_idle(run_web: RunWeb, wire: WireFactory) -> None:
    app = """
        silent = Client("OnDownloadProgress", "OnDownloadData", "OnRequestComplete")
        webs = [start(URL, client=silent) for _ in range(16)]
        last = start(URL + "/whole")
        show("made", STATUS[last.GetRequestStatus()])
        while STATUS[last.GetRequestStatus()] == "Pending":
            http.dispatch()
        for web in webs:
            web.Cancel()
        start(URL + "/whole")
    """
    run = run_web(app, URL=wire(_begun).url)
    assert run.ok().lines == [("made", "Pending"), failed(-2), SUCCESS]


@pytest.mark.parametrize(
    "name", ["OnUploadProgress", "OnDownloadProgress", "OnDownloadData", "OnRequestComplete"]
)
def test_exception_in_a_callback_ends_the_app(run_web: RunWeb, sites: dict[str, Site], name: str) -> None:
    app = """
        class Broken(Client):
            def _show(self, name, web_request, *values):
                if name == NAME:
                    start(SITE + "/", client=Client())
                    raise KeyError("broken")

        start(SITE + "/echo", "POST", {"a": "b"}, None, "ReportUploadProgress", client=Broken())
    """
    run = run_web(app, SITE=sites["plain"].url, NAME=name)
    assert (run.returncode, run.stdout) == (1, "")
    assert "KeyError: broken" in run.stderr


def test_end_of_the_app_calls_nothing(run_web: RunWeb, wire: WireFactory) -> None:
    app = """
        start(URL)
        start(URL + "/whole")
        start(URL).Cancel()
        start(URL, None, None, None, "OnlyFromCache")
        sys.exit(3)
    """
    run = run_web(app, URL=wire(_begun).url)
    assert (run.returncode, run.stdout, run.stderr) == (3, "", "")


def test_piece_that_does_not_fit_into_the_heap_fails(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        class Filling(Client):
            kept = None

            def OnDownloadProgress(self, *, web_request, current, total):
                try:
                    while True:
                        self.kept = [self.kept] + [0] * 512
                except MemoryError:
                    pass

            def OnRequestComplete(self, *, web_request):
                self.kept = None
                super().OnRequestComplete(web_request=web_request)

        start(SITE + "/bytes/100000", client=Filling())
        idle.run()
        show(http.stats()["in_flight"])
        start(SITE + "/")
    """
    run = run_web(app, heap="256K", SITE=sites["plain"].url).ok()
    assert run.lines == [failed(-2), (0,), SUCCESS]


def test_callbacks_run_in_asyncio(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        import asyncio

        class Ending(Client):
            def OnRequestComplete(self, *, web_request):
                super().OnRequestComplete(web_request=web_request)
                ended.set()

        async def main():
            global ended
            ended = asyncio.Event()
            start(SITE + "/", client=Ending("OnDownloadProgress"))
            await ended.wait()
            ended = asyncio.Event()
            start(SITE + "/slow/9", client=Ending()).Cancel()
            await ended.wait()

        asyncio.run(main())
    """
    run = run_web(app, SITE=sites["plain"].url).ok()
    assert run.lines == [("OnDownloadData", b"welcome"), SUCCESS, CANCELED]


def test_texts_hold_no_secrets(run_web: RunWeb) -> None:
    app = """
        request = make("http://hidden-user:hidden-word@h/?hidden", None, {"a": "hidden"}, {"X": "hidden"})
        print(request, cefpython.WebRequest.Create(request, QUIET))
        http.cancel_all()
        for fields in ({"X": "hidden\\n"}, {"hidden :": "x"}):
            print(*fails(start, "http://h/?hidden", None, None, fields))
        print(*fails(start, "http://h/", "HEAD", {"hidden": "hidden"}))
        print(*fails(make, "http://h/", None, [b"hidden"]))
        show(http.stats()["in_flight"])
    """
    run = run_web(app).ok()
    assert run.lines == [(0,)]
    assert run.stdout.count("ValueError") == 4
    assert "hidden" not in run.stdout


def test_many_requests_leave_nothing(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        client = Client("OnDownloadProgress", "OnDownloadData", "OnRequestComplete")

        def rounds(count):
            for _ in range(count):
                start(SITE + "/", client=client)
                start(SITE + "/close", client=client)
                start(SITE + "/", None, [b"@app.py"], client=client)
                start(SITE + "/", client=client).Cancel()
                idle.run()
            client.data = b""
            gc.collect()
            return gc.mem_alloc()

        before = rounds(20)
        show(rounds(100) - before, http.stats()["free"])
    """
    grown, free = run_web(app, SITE=sites["plain"].url).shown
    assert free == 16
    assert grown < 500


def test_example_of_the_page_runs(run_app: Program, sites: dict[str, Site]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    run = run_app(code.replace("http://127.0.0.1:8000", sites["plain"].url))
    assert run.ok().stdout == "200 7 b'welcome'\n"
