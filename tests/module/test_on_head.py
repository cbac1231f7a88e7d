# SPDX-License-Identifier: MIT
"""Option on_head: what is known before the body: contract section 8."""

import pytest
from servers.wire import CLOSE, HOLD, WireFactory, by_path, head, in_order, redirect, reply
from support.program import Program

# Both ways to get a Response.
_HOW = ["http.get(URL, on_head=on_head{})", "http.get_async(URL, on_head=on_head{}).wait()"]

_ON_HEAD = """
def on_head(r):
    log.append(("head", r.status_code(), r.reason(), r.header("a"), bytes(r.body())))
    heads.append(r)


log = []
heads = []
"""


@pytest.mark.parametrize("how", _HOW)
def test_head_comes_before_data_progress_and_the_response(
    run_app: Program, wire: WireFactory, how: str
) -> None:
    server = wire(by_path({"/": redirect(302, "/next"), "/next": reply(200, b"body", "A: 1")}))
    options = ", on_data=lambda view: log.append('data'), on_progress=lambda *n: log.append('progress')"
    run = run_app(
        f"""{_ON_HEAD}
r = {how.format(options)}
show(log[0], log.count("data"), "progress" in log)
show(r is heads[0], len(heads), r.url() == URL + "/next", len(r.history()))
show(http.stats()["free"])
""",
        URL=server.url,
    )
    assert run.ok().lines == [(("head", 200, "Reason", "1", b""), 1, True), (True, 1, True, 1), (16,)]


@pytest.mark.parametrize("how", _HOW)
def test_response_that_on_head_got_has_the_body_later(run_app: Program, wire: WireFactory, how: str) -> None:
    run = run_app(
        f"""{_ON_HEAD}
r = {how.format("")}
show(log, r is heads[0], bytes(r.body()), r.headers(), r.timings()["received"])
""",
        URL=wire(reply(200, b"body", "A: 1")).url,
    )
    fields = {"Content-Length": "4", "A": "1"}
    assert run.shown == ([("head", 200, "Reason", "1", b"")], True, b"body", fields, 4)


@pytest.mark.parametrize("how", _HOW)
def test_response_that_on_head_closes_is_complete_all_the_same(
    run_app: Program, wire: WireFactory, how: str
) -> None:
    run = run_app(
        f"""
def on_head(r):
    with r:
        show(r.status_code())
    r.close()


r = {how.format("")}
show(r.status_code(), bytes(r.body()), http.stats()["free"])
""",
        URL=wire(reply(200, b"body")).url,
    )
    assert run.ok().lines == [(200,), (200, b"body", 16)]


def test_head_comes_while_the_body_does_not(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def on_head(r):
            show(r.status_code(), request.status(), request.cancel(), http.stats()["free"])

        request = http.get_async(URL, show, on_head=on_head)
        """,
        URL=wire([head(200, "Content-Length: 4"), HOLD]).url,
    )
    assert run.shown == (200, "pending", True, 16)


def test_request_that_was_taken_still_tells_its_head_first(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        heads = []
        request = http.get_async(URL, lambda r: show("done", r is heads[0]), on_head=heads.append)
        finish([request])
        show(bytes(request.response().body()), heads)
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.ok().lines == [(b"body", []), ("done", True)]


def test_failure_after_the_head_changes_its_response(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        f"""{_ON_HEAD}
r = http.get(URL, on_head=on_head)
show(log, r is heads[0], r.status_code(), bytes(r.body()), r.header("a"))
""",
        URL=wire([head(200, "A: 1", "Content-Length: 9") + b"some", CLOSE]).url,
    )
    assert run.shown == ([("head", 200, "Reason", "1", b"")], True, 18, b"some", "1")


def test_without_a_head_on_head_is_not_called(run_app: Program, refused_url: str) -> None:
    run = run_app("show(http.get(URL, on_head=show).status_code())", URL=refused_url)
    assert run.shown == (7,)


@pytest.mark.parametrize("status", [401, 204])
def test_head_comes_without_a_body_too(run_app: Program, wire: WireFactory, status: int) -> None:
    answer = in_order(head(status) if status == 204 else reply(status))
    run = run_app("http.get(URL, on_head=lambda r: show(r.status_code()))", URL=wire(answer).url)
    assert run.shown == (status,)


def test_exception_of_on_head_is_raised_by_the_sync_call(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def on_head(r):
            raise RuntimeError("mine")

        try:
            http.get(URL, on_head=on_head)
        except RuntimeError as e:
            show(str(e), http.stats()["free"])
        """,
        URL=wire([head(200, "Content-Length: 4"), HOLD]).url,
    )
    assert run.shown == ("mine", 16)
