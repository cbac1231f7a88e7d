# SPDX-License-Identifier: MIT
"""What a Location means: RFC 3986 5, with the examples of its section 5.4, and RFC 9110 10.2.2.

Everything is asked for by a proxy, so that hosts have the names that the examples have.
"""

from urllib.parse import urljoin

import pytest
from servers.wire import Request, WireFactory, redirect, reply
from support.program import Program

_BASE = "http://a/b/c/d;p?q"
_NORMAL = ["g", "./g", "g/", "/g", "//g", "?y", "g?y", "#s", "g#s", "g?y#s", ";x", "g;x", "g;x?y#s"]
_NORMAL += [".", "./", "..", "../", "../g", "../..", "../../", "../../g"]
_ABNORMAL = ["../../../g", "../../../../g", "/./g", "/../g", "g.", ".g", "g..", "..g", "./../g", "./g/."]
_ABNORMAL += ["g/./h", "g/../h", "g;x=1/./y", "g;x=1/../y", "g?y/./x", "g?y/../x", "g#s/./x", "g#s/../x"]
_MORE = ["//g/x", "//g?y", "//g#s", "http://g/h", "HTTP://g", "http://g?y", "?y#s", "??", "/", "//g:8080/"]

# What is no http URL, and what CPython says of "http:g" (5.2.2 has both ways).
_NONE = {"g:h": 3, "http:g": 3, "http:/g": 3, "mailto:a@b": 3, "3h://8/": 3, "a:b/c": 3}
_NONE |= {"//": 3, "ftp://g/": 1}


def _location(run_app: Program, wire: WireFactory, base: str, reference: str) -> tuple[int, str, str | None]:
    """The status, Response.url() and what the proxy was asked for behind the redirect."""

    def handler(request: Request) -> bytes:
        return redirect(302, reference) if len(proxy.requests) == 1 else reply()

    proxy = wire(handler)
    status, url = run_app(
        "r = http.get(URL, proxy=PROXY); show(r.status_code(), r.url())", URL=base, PROXY=proxy.url
    ).shown
    assert proxy.requests[0].target == base.partition("#")[0]
    return status, url, proxy.requests[1].target if len(proxy.requests) > 1 else None


@pytest.mark.parametrize("fragment", ["", "#/login?f/../x"])
@pytest.mark.parametrize("reference", [*_NORMAL, *_ABNORMAL, *_MORE])
def test_reference_is_resolved_as_rfc_3986_says(
    run_app: Program, wire: WireFactory, reference: str, fragment: str
) -> None:
    expected = urljoin(_BASE, reference).replace("HTTP:", "http:")
    authority, slash, _ = expected.removeprefix("http://").partition("/")
    if not slash:  # of a URL without a path it is "/"
        host = authority.partition("?")[0].partition("#")[0]
        expected = f"http://{host}/{authority.removeprefix(host)}"
    inherited = "" if "#" in reference else fragment
    status, url, target = _location(run_app, wire, _BASE + fragment, reference)
    assert (status, url, target) == (200, expected + inherited, expected.partition("#")[0])


@pytest.mark.parametrize("reference", _NONE)
def test_reference_that_is_no_http_url_is_not_followed(
    run_app: Program, wire: WireFactory, reference: str
) -> None:
    assert _location(run_app, wire, _BASE, reference) == (_NONE[reference], _BASE, None)


def test_fragment_goes_through_several_redirects(run_app: Program, wire: WireFactory) -> None:
    def handler(request: Request) -> bytes:
        return redirect(302, f"/{len(server.requests)}") if len(server.requests) < 4 else reply()

    server = wire(handler)
    run = run_app("r = http.get(URL + '/#part'); show(r.status_code(), r.url())", URL=server.url)
    assert run.shown == (200, server.url + "/3#part")
    assert all(b"part" not in request.raw for request in server.requests)
