# SPDX-License-Identifier: MIT
"""Attacks of a server on a cookie jar. tests/module/test_cookies.py has the regular behaviour."""

from itertools import count

import pytest
from servers.wire import Request, WireFactory, reply
from support.program import Program

_MOST = 300  # cookies in a jar at the start of a request
_MOST_OF_ONE = 50  # cookies that libcurl accepts from one answer


def flooding(request: Request) -> bytes:
    """Sets as many new cookies as the limits of header fields let through."""
    return reply(200, b"", *[f"Set-Cookie: c{next(_number)}={'v' * 300}" for _ in range(80)])


_number = count()


def test_a_flood_of_cookies_is_forgotten_and_those_of_others_are_kept(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        jar = http.Cookies()
        jar.load(KEPT)
        before = sorted(jar.save().split("\\n"))
        most = 0
        for _ in range(40):
            code = http.get(URL, cookies=jar).status_code()
            most = max(most, len(jar.list()))
        after = sorted(line for line in jar.save().split("\\n") if "127.0.0.1" not in line)
        show(code, most, after == before, len(after), http.stats()["free"])
        """,
        URL=wire(flooding).url,
        KEPT="".join(
            f"{prefix}{host}\tTRUE\t/\tFALSE\t0\tname{number}\tvalue\n"
            for prefix, host in [("", "a.example"), ("#HttpOnly_", ".b.example")]
            for number in range(20)
        ),
    )
    code, most, kept, lines, free = run.shown
    assert (code, kept, lines, free) == (200, True, 41, 16)
    assert _MOST_OF_ONE < most <= _MOST + _MOST_OF_ONE


def test_a_jar_that_was_loaded_with_too_many_is_cut_at_the_next_request(
    run_app: Program, wire: WireFactory
) -> None:
    lines = [f"h{host}.example\tFALSE\t/\tFALSE\t0\tn{host}-{n}\tv" for host in range(20) for n in range(20)]
    run = run_app(
        """
        jar = http.Cookies()
        jar.load(TEXT)
        before = len(jar.list())
        for _ in range(8):
            http.get(URL, cookies=jar)
        show(before, len(jar.list()))
        """,
        URL=wire(reply()).url,
        TEXT="\n".join(lines),
    )
    assert run.shown == (400, _MOST)


@pytest.mark.needs("memory")
def test_a_flood_of_cookies_takes_no_memory(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def rss():
            with open("/proc/self/statm") as f:
                return int(f.read().split()[1]) * 4096 >> 20

        jar = http.Cookies()
        sizes = []
        for _ in range(3):
            for _ in range(100):
                http.get(URL, cookies=jar)
            gc.collect()
            sizes.append(rss())
        show(sizes[2] - sizes[0])
        """,
        URL=wire(flooding).url,
    )
    assert run.shown[0] < 4


_HOSTS = {
    "www.dock.example": "host=v; domain=v",
    "WWW.Dock.Example": "host=v; domain=v",
    "x.www.dock.example": "domain=v",
    "dock.example": "domain=v",
    "xdock.example": None,
    "example": None,
    "127.0.0.1": None,
}


def test_a_server_cannot_set_cookies_for_others(run_app: Program, wire: WireFactory) -> None:
    """Asked through a proxy, so that it has a name; 127.0.0.1 is in tests/module/test_cookies.py."""
    others = [
        "example",
        "ample.example",
        "other.example",
        "x.www.dock.example",
        "ock.example",
        "1",
        "..example",
    ]
    fields = [f"Set-Cookie: evil{number}=v; Domain={domain}" for number, domain in enumerate(others)]
    fields += ["Set-Cookie: host=v", "Set-Cookie: domain=v; Domain=dock.example"]
    proxy = wire(lambda request: reply(200, b"", *(() if request.header("X-Then") else fields)))
    run = run_app(
        """
        jar = http.Cookies()
        http.get("http://www.dock.example/", cookies=jar, proxy=PROXY)
        for host in HOSTS:
            r = http.get("http://" + host + "/", {"X-Then": "1"}, cookies=jar, proxy=PROXY)
            show(host, r.status_code())
        """,
        PROXY=proxy.url,
        HOSTS=list(_HOSTS),
    )
    assert run.ok().lines == [(host, 200) for host in _HOSTS]
    sent = [request.header("Cookie") for request in proxy.requests[1:]]
    assert [value and sorted(value.split("; ")) for value in sent] == [
        value and sorted(value.split("; ")) for value in _HOSTS.values()
    ]
