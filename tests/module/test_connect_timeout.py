# SPDX-License-Identifier: MIT
"""Option connect_timeout: name, connection and TLS of a hop together: contract section 8."""

import pytest
from servers.certs import Certs
from servers.nginx import Nginx
from servers.preload import HANG_SECONDS
from servers.wire import HOLD, WireFactory, head, redirect, reply
from support.program import Program

_HOW = pytest.mark.parametrize(
    "how",
    [
        "r = http.get(URL, {})",
        "r = http.get_async(URL, {}).wait()",
        "rs = []; http.get_async(URL, rs.append, {}); import idle; idle.run(); r, = rs",
    ],
    ids=["sync", "wait", "idle"],
)

_TIMED = """
start = time.ticks_ms()
{}
show(r.status_code(), time.ticks_diff(time.ticks_ms(), start), r.error(), http.stats()["free"])
"""

_OPTIONS = "connect_timeout=0.3, timeout=20"
_TEXT = "no connection within connect_timeout"


def check(shown: tuple) -> None:
    status, ms, error, free = shown
    assert (status, error, free) == (28, _TEXT, 16)
    assert 290 <= ms < 1500


@_HOW
def test_connection_that_never_completes(run_app: Program, dead_port: int, how: str) -> None:
    code = _TIMED.format(how.format(_OPTIONS))
    check(run_app(code, URL=f"http://127.0.0.1:{dead_port}/").shown)


@_HOW
def test_tls_handshake_that_never_ends(run_app: Program, wire: WireFactory, how: str) -> None:
    silent = wire([HOLD])
    code = _TIMED.format(how.format(_OPTIONS))
    check(run_app(code, URL=silent.url.replace("http", "https")).shown)


@_HOW
def test_resolver_that_hangs(run_app: Program, hung_dns: dict[str, str], how: str) -> None:
    code = _TIMED.format(how.format(_OPTIONS))
    run = run_app(code, URL="http://hang.invalid/", env=hung_dns)
    check(run.shown)
    assert run.seconds < HANG_SECONDS - 3


def test_proxy_that_never_connects(run_app: Program, dead_port: int, refused_url: str) -> None:
    code = _TIMED.format(f"r = http.get(URL, {_OPTIONS}, proxy=PROXY)")
    check(run_app(code, URL=refused_url, PROXY=f"http://127.0.0.1:{dead_port}").shown)


def test_tunnel_that_is_never_made(run_app: Program, wire: WireFactory) -> None:
    code = _TIMED.format(f"r = http.get('https://origin.invalid/', {_OPTIONS}, proxy=PROXY)")
    proxy = wire([HOLD])
    check(run_app(code, PROXY=proxy.url).shown)
    assert proxy.request.method == "CONNECT"


def test_tls_in_a_tunnel_that_never_ends(run_app: Program, wire: WireFactory) -> None:
    code = _TIMED.format(f"r = http.get('https://origin.invalid/', {_OPTIONS}, proxy=PROXY)")
    check(run_app(code, PROXY=wire([head(200), HOLD]).url).shown)


def test_second_hop_has_its_own_limit(run_app: Program, wire: WireFactory, dead_port: int) -> None:
    """The first hop takes longer than the limit, but not for connecting."""
    first = wire([0.4, redirect(302, f"http://127.0.0.1:{dead_port}/")])
    run = run_app(_TIMED.format(f"r = http.get(URL, {_OPTIONS})"), URL=first.url)
    status, ms, error, free = run.shown
    assert (status, error, free) == (28, _TEXT, 16)
    assert 690 <= ms < 2000


@_HOW
def test_slow_answer_is_not_connecting(
    run_app: Program, wire: WireFactory, web: Nginx, certs: Certs, how: str
) -> None:
    run = run_app(_TIMED.format(how.format(_OPTIONS)), URL=wire([0.5, reply(200, b"slow")]).url)
    assert run.shown[0] == 200
    # The handshake is a part of connecting, and needs its time in an emulator.
    options = "connect_timeout=10, timeout=20, cacert=CA"
    run = run_app(_TIMED.format(how.format(options)), URL=f"{web.https}/1k", CA=certs.ca_pem)
    assert run.shown[0] == 200


def test_timeout_comes_first_if_it_is_shorter(run_app: Program, dead_port: int) -> None:
    code = _TIMED.format("r = http.get(URL, connect_timeout=20, timeout=0.3)")
    status, ms, error, _ = run_app(code, URL=f"http://127.0.0.1:{dead_port}/").shown
    assert status == 28
    assert "connect_timeout" not in error
    assert 290 <= ms < 1500


def test_other_requests_go_on(run_app: Program, wire: WireFactory, dead_port: int) -> None:
    """Fifteen that cannot connect, and one that can: each ends as it would alone."""
    run = run_app(
        """
        import idle
        codes = []
        for _ in range(15):
            http.get_async(DEAD, lambda r: codes.append(r.status_code()), connect_timeout=0.3)
        http.get_async(URL, lambda r: codes.append(r.status_code()), connect_timeout=0.3)
        idle.run()
        show(codes, http.stats()["free"])
        """,
        URL=wire([0.1, reply()]).url,
        DEAD=f"http://127.0.0.1:{dead_port}/",
    )
    assert run.shown == ([200] + [28] * 15, 16)


def test_task_that_awaits(run_app: Program, dead_port: int) -> None:
    run = run_app(
        """
        import asyncio

        async def main():
            r = await http.get_async(URL, connect_timeout=0.3)
            show(r.status_code(), r.error())

        asyncio.run(main())
        """,
        URL=f"http://127.0.0.1:{dead_port}/",
    )
    assert run.shown == (28, _TEXT)


@pytest.mark.parametrize("none", ["None", "0", "1e9"])
def test_no_limit(run_app: Program, wire: WireFactory, none: str) -> None:
    run = run_app(f"show(http.get(URL, connect_timeout={none}).status_code())", URL=wire(reply()).url)
    assert run.shown == (200,)
