# SPDX-License-Identifier: MIT
"""A callback of UrlRequest, WebRequest or Feed that cannot run: the text says which one, without secrets."""

import pytest
from servers.wire import WireFactory, reply
from support.program import Program

URL_REQUEST = """
    from urlrequest import UrlRequest
    request = UrlRequest(URL, **{%r: callback})
"""
CANCELLED = URL_REQUEST + "    request.cancel()\n"
WEB_REQUEST = """
    from webrequest import Request, WebRequest

    class Client:
        OnUploadProgress = OnDownloadProgress = lambda self, **values: None
        OnDownloadData = OnRequestComplete = OnUploadProgress

    client = Client()
    client.%s = callback
    request = Request.CreateRequest()
    request.SetUrl(URL)
    request.SetFlags(Request.Flags["ReportUploadProgress"])
    request.SetPostData({"a": "b"})
    WebRequest.Create(request, client)
"""
FEED = """
    from feed import Feed
    Feed(URL, **{%r: callback})
"""
STALE = """
    from feed import Feed
    Feed(URL, stale_after=0.001, **{%r: callback})
"""
CASES = [
    *((URL_REQUEST, name, 200) for name in ("on_success", "on_progress", "on_finish")),
    (URL_REQUEST, "on_redirect", 304),
    (URL_REQUEST, "on_failure", 404),
    (CANCELLED, "on_cancel", 200),
    *(
        (WEB_REQUEST, name, 200)
        for name in ("OnUploadProgress", "OnDownloadProgress", "OnDownloadData", "OnRequestComplete")
    ),
    *((FEED, name, 200) for name in ("on_change", "check")),
    (FEED, "on_error", 500),
    (STALE, "on_stale", 500),
]


@pytest.mark.parametrize(("code", "name", "status"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.parametrize(
    ("callback", "text"),
    [
        ("lambda: None", ""),
        ("lambda *args, **values: (yield)", "returned a generator: a callback cannot be async"),
    ],
    ids=["arguments", "generator"],
)
def test_callback_that_cannot_run_is_named(
    run_app: Program, wire: WireFactory, code: str, name: str, status: int, callback: str, text: str
) -> None:
    server = wire(reply(status, b"" if status == 304 else b"body"))
    private = server.url.replace("//", "//user:s3cret@") + "/path?token=s3cret#s3cret"
    run = run_app(f"    callback = {callback}\n" + code % name, URL=private)
    assert run.returncode == 1
    last = run.stderr.rstrip().splitlines()[-1]
    assert last.startswith(f"TypeError: {name} of {server.url}/path: {text}")
    assert "s3cret" not in run.stderr


def test_callback_of_on_error_is_named(run_app: Program, refused_url: str) -> None:
    run = run_app("    callback = lambda: None\n" + URL_REQUEST % "on_error", URL=refused_url)
    assert f"TypeError: on_error of {refused_url}: " in run.stderr


@pytest.mark.parametrize(
    ("code", "name"),
    [(URL_REQUEST, "on_success"), (WEB_REQUEST, "OnRequestComplete"), (FEED, "on_change")],
    ids=["urlrequest", "webrequest", "feed"],
)
def test_type_error_within_a_callback_stays_as_it_is(
    run_app: Program, wire: WireFactory, code: str, name: str
) -> None:
    run = run_app(
        "    callback = lambda *args, **values: [].append(1, 2)\n" + code % name, URL=wire(reply()).url
    )
    assert run.returncode == 1
    assert "app.py" in run.stderr
    assert run.stderr.rstrip().endswith("\nTypeError: function takes 2 positional arguments but 3 were given")
