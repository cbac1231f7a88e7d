# SPDX-License-Identifier: MIT
"""stats(), cancel_all() and timings(): contract sections 3 and 6."""

import ssl

import pytest
from servers.certs import Certs
from servers.nginx import Nginx
from servers.wire import CLOSE, HOLD, WireFactory, head, redirect, reply
from support.program import Program


def test_stats_are_these_ints(run_app: Program) -> None:
    run = run_app("show(http.stats())")
    assert run.shown == ({"in_flight": 0, "free": 16, "submitted": 0, "refused": 0, "bytes_held": 0},)


def test_stats_count_slots_and_requests(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def stats():
            s = http.stats()
            show(s["in_flight"], s["free"], s["submitted"], s["refused"])

        http.get(URL)
        stats()
        requests = [http.get_async(URL + "/hold") for _ in range(16)]
        stats()
        http.get(URL)
        refused = http.get_async(URL)
        stats()
        requests.pop().cancel()
        stats()
        requests[0].wait(0.05)
        http.cancel_all()
        stats()
        http.get("no URL")
        try:
            http.get(URL, colour=1)
        except TypeError:
            stats()
        """,
        URL=wire(lambda request: [HOLD] if request.target == "/hold" else reply()).url,
    )
    assert run.ok().lines == [
        (0, 16, 1, 0),
        (16, 0, 17, 0),
        (16, 0, 19, 2),
        (15, 1, 19, 2),
        (0, 16, 19, 2),
        (0, 16, 20, 2),
    ]


def test_bytes_are_held_until_a_response_is_handed_over(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def held():
            s = http.stats()
            return s["bytes_held"], s["free"]

        requests = [http.get_async(URL, lambda r: None) for _ in range(3)]
        finish(requests)
        show(*held())
        requests[0].cancel()
        show(*held())
        requests[1].response()
        show(*held())
        requests[2].wait()
        show(*held())
        http.get(URL)
        show(*held())
        """,
        URL=wire(reply(200, bytes(1000))).url,
    )
    assert run.ok().lines == [(3000, 13), (2000, 14), (1000, 15), (0, 16), (0, 16)]


@pytest.mark.parametrize("options", ["file='file'", "on_data=print"])
def test_bodies_that_go_elsewhere_are_not_held(run_app: Program, wire: WireFactory, options: str) -> None:
    run = run_app(
        f"""
        request = http.get_async(URL, {options})
        settle(0.2)
        show(http.stats()["bytes_held"])
        request.cancel()
        """,
        URL=wire(reply(200, bytes(1000))).url,
    )
    assert run.shown == (0,)


def test_cancel_all_ends_everything_without_a_callback(
    run_app: Program, wire: WireFactory, dead_port: int, refused_url: str
) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply(200, bytes(300_000)))
    run = run_app(
        """
        requests = [http.get_async(URL + path, show, **options) for path in ("", "/hold")
                    for options in ({}, {"on_data": show}, {"on_progress": show}, {"file": "file"})]
        requests += [http.get_async("http://127.0.0.1:%d/" % DEAD, show), http.get_async(REFUSED, show)]
        requests += [http.get_async(URL + "/hold", show) for _ in range(10)]
        settle(0.3)
        http.cancel_all()
        show({request.status() for request in requests}, {request.response() for request in requests},
             {request.wait() for request in requests}, {request.cancel() for request in requests},
             http.stats()["free"], http.stats()["bytes_held"])
        http.cancel_all()
        http.get_async(URL, lambda r: show("new", r.status_code()))
        """,
        URL=server.url,
        DEAD=dead_port,
        REFUSED=refused_url,
    )
    assert run.ok().lines == [({"canceled"}, {None}, {None}, {False}, 16, 0), ("new", 200)]


def test_cancel_all_leaves_what_was_handed_over(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL)
        r = request.wait()
        http.cancel_all()
        show(request.status(), bytes(r.body()))
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.shown == ("success", b"body")


def test_cancel_all_in_a_callback_works_and_a_new_request_too(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            http.cancel_all()
            show("callback", http.stats()["free"])
            http.get_async(URL, lambda r: show("new", r.status_code()))

        finish([http.get_async(URL, done) for _ in range(16)])
        """,
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [("callback", 16), ("new", 200)]


def test_cancel_all_wakes_who_awaits(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import asyncio

        async def fetch():
            return await http.get_async(URL)

        async def main():
            tasks = [asyncio.create_task(fetch()) for _ in range(3)]
            await asyncio.sleep(0)  # each task's turn: now they await
            http.cancel_all()
            show(await asyncio.wait_for(asyncio.gather(*tasks), 2))

        asyncio.run(main())
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == ([None] * 3,)


_KEYS = {"dns", "connect", "tls", "first_byte", "total", "received"}


@pytest.mark.parametrize("how", ["http.get(URL, cacert=CA)", "http.get_async(URL, cacert=CA).wait()"])
def test_timings_are_in_order_and_count_from_the_call(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, how: str
) -> None:
    server = wire([0.2, head(200, "Content-Length: 1000") + bytes(500), 0.1, bytes(500)], tls)
    run = run_app(
        f"""
        start = time.ticks_us()
        t = {how}.timings()
        show(t, time.ticks_diff(time.ticks_us(), start) / 1e6)
        """,
        URL=server.url,
        CA=certs.ca_pem,
    )
    t, took = run.shown
    assert set(t) == _KEYS
    assert {type(t[name]) for name in _KEYS - {"received"}} == {float}
    assert 0 <= t["dns"] <= t["connect"] <= t["tls"] <= t["first_byte"] <= t["total"] <= took
    assert t["connect"] > 0
    assert t["tls"] > t["connect"]
    assert 0.2 <= t["first_byte"] <= t["total"] - 0.09
    assert t["received"] == 1000
    assert type(t["received"]) is int


def test_timings_of_a_reused_connection_have_no_connect(run_app: Program, web: Nginx, certs: Certs) -> None:
    run = run_app(
        "show([http.get(URL, cacert=CA).timings() for _ in range(3)])", URL=f"{web.https}/1k", CA=certs.ca_pem
    )
    first, *others = run.shown[0]
    assert first["tls"] > 0
    for t in others:
        assert t["connect"] < 0.001
        assert t["tls"] < 0.001
        assert 0 < t["first_byte"] <= t["total"]


def test_timings_of_the_last_hop_count_from_the_call(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: [0.2, redirect(302, "/end")] if request.target == "/" else reply(200, b"end")
    )
    run = run_app("show(http.get(URL).timings())", URL=server.url)
    (t,) = run.shown
    assert 0.2 <= t["first_byte"] <= t["total"]


def test_timings_of_a_failure_say_how_far_it_got(
    run_app: Program, wire: WireFactory, refused_url: str
) -> None:
    server = wire([head(200, "Content-Length: 10") + b"some", CLOSE])
    run = run_app("show([http.get(url).timings() for url in URLS])", URLS=["no URL", refused_url, server.url])
    nothing, refused, truncated = run.shown[0]
    assert {name: nothing[name] for name in _KEYS - {"total"}} == dict.fromkeys(_KEYS - {"total"}, 0)
    assert (refused["connect"], refused["first_byte"], refused["received"]) == (0, 0, 0)
    assert refused["total"] > 0
    assert truncated["received"] == 4
    assert 0 < truncated["first_byte"] <= truncated["total"]


@pytest.mark.parametrize("options", ["file='file'", "on_data=lambda view: None"])
def test_received_counts_what_went_elsewhere(run_app: Program, web: Nginx, options: str) -> None:
    run = run_app(f"show(http.get(URL, {options}).timings()['received'])", URL=f"{web.http}/1m")
    assert run.shown == (1 << 20,)
