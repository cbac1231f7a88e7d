# SPDX-License-Identifier: MIT
"""Credentials for one origin are never sent to another one, however a redirect spells the URL.

tests/module/test_redirect_methods.py and test_auth.py test the same with plain spellings, all methods, and
a redirect back.
"""

import pytest
from servers.wire import Request, WireFactory, WireServer, head, redirect, reply
from support.program import Program

# The ways in which an app sets a secret. Digest is sent only after a challenge.
_SECRETS = {
    "header": "http.get(URL, {'X-Api-Key': 'secret'})",
    "authorization": "http.get(URL, {'Authorization': 'Bearer secret'})",
    "proxy authorization": "http.get(URL, {'Proxy-Authorization': 'Basic secret'})",
    "cookie": "http.get(URL, {'Cookie': 'a=secret'})",
    "basic": "http.get(URL, auth=('user', 'secret'))",
    "user info": "http.get(URL.replace('://', '://user:secret@'))",
    "digest": "http.get(URL, auth=('digest', 'user', 'secret'))",
    "post": "http.post(URL, {'X-Api-Key': 'secret', 'Authorization': 'secret'}, b'content')",
}

# Values of Location. {here} is HOST:PORT of the server that redirects, {port} is its port, and {there} is
# HOST:PORT of another server.
_LOCATIONS = [
    *(
        "/end",
        "http://{here}/end",
        "HTTP://{here}/end",
        "//{here}/end",
        "http:/{here}/end",
        "end?http://{there}/",
    ),
    *("http://{there}/end", "//{there}/end", "///{there}/end", "http:{there}/end", "http:///{there}/end"),
    *("\\\\{there}/end", "/\\{there}/end", "http:\\\\{there}/end", "http://{there}\\{here}/end"),
    *(
        " http://{there}/end",
        "\thttp://{there}/end",
        "http://{there}/end ",
        "http://{there}/end\t#http://{here}/",
    ),
    *(
        "http://user@{there}/end",
        "http://user:pw@{there}/end",
        "http://{here}@{there}/end",
        "http://{here}%40{there}",
    ),
    *("http://{here}%2f@{there}/end", "http://{here}\\@{there}/end", "http://{there}/@{here}/end"),
    *("http://{there}?@{here}/end", "http://{there}#@{here}/end", "http://{there}/http://{here}/end"),
    *("http://localhost:{port}/end", "http://LocalHost:{port}/end", "http://127.1:{port}/end"),
    *("http://0x7f.1:{port}/end", "http://0177.0.0.1:{port}/end", "http://2130706433:{port}/end"),
    *("http://0x7f000001:{port}/end", "http://127.0.0.1.:{port}/end", "http://%3127.0.0.1:{port}/end"),
    *("http://127.0.0.2:{port}/end", "http://[::ffff:127.0.0.1]:{port}/end", "http://[::1]:{port}/end"),
    *(
        "http://0:{port}/end",
        "http://127.0.0.1:0{port}/end",
        "http://127.0.0.1:{port}%20/end",
        "http://\xff{there}/",
    ),
    *(
        "http://user:pw@{here}/end",
        "http://127\u30020.0.1:{port}/end",
        "http://\uff11\uff12\uff17.0.0.1:{port}/end",
    ),
]


def secrets(server: WireServer) -> list[Request]:
    """The requests that hold one."""
    return [
        request
        for request in server.requests
        if b"secret" in request.raw or {"authorization"} & {name.lower() for name, _ in request.headers}
    ]


@pytest.mark.parametrize("name", _SECRETS)
@pytest.mark.parametrize("status", [302, 308])
def test_secrets_stay_with_their_origin_however_a_location_is_spelled(
    run_app: Program, wire: WireFactory, name: str, status: int
) -> None:
    """Every request with a secret goes to the host and port of the app's URL, in the same spelling."""
    challenge = head(401, 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"', "Content-Length: 0")

    def answer(request: Request) -> bytes:
        if name == "digest" and request.header("Authorization") is None:
            return challenge
        number = request.target.removeprefix("/?")
        if not number.isdigit():
            return reply()
        location = _LOCATIONS[int(number)]
        hosts = {"here": f"127.0.0.1:{first.port}", "there": f"localhost:{other.port}", "port": first.port}
        return redirect(status, location.format(**hosts).encode().decode("latin-1"))

    first, other = wire(answer), wire(answer)
    run = run_app(
        f"""
        for number in range(COUNT):
            URL = ORIGIN + "/?%d" % number
            show({_SECRETS[name]}.status_code(), http.stats()["free"])
        """,
        ORIGIN=first.url,
        COUNT=len(_LOCATIONS),
        env={"http_proxy": "", "LC_ALL": "C.UTF-8"},
    )
    assert [free for _, free in run.ok().lines] == [16] * len(_LOCATIONS)
    assert secrets(other) == []
    assert other.requests
    assert {request.header("Host") for request in secrets(first)} == {f"127.0.0.1:{first.port}"}
    assert len(secrets(first)) > len(_LOCATIONS)  # it is sent again if the origin is the same


def test_first_of_two_locations_counts_for_all(run_app: Program, wire: WireFactory) -> None:
    """The target of the request decides whether secrets are sent."""
    other = wire(reply())
    for locations in ("/end", other.url), (other.url, "/end"):
        answer = head(302, *[f"Location: {location}" for location in locations], "Content-Length: 0")
        server = wire(lambda request, answer=answer: reply() if request.target == "/end" else answer)
        run = run_app(
            "show(http.get(URL, {'X-Api-Key': 'secret'}, auth=('user', 'secret')).status_code())",
            URL=server.url,
        )
        assert run.shown == (200,)
        assert secrets(other) == []
        assert all(request.header("X-Api-Key") for request in server.requests)


@pytest.mark.parametrize(
    "where", ["Location", "Refresh", "Content-Location", "Alt-Svc", "Link", "Set-Cookie"]
)
def test_no_other_field_leads_anywhere(run_app: Program, wire: WireFactory, where: str) -> None:
    """If the status is no redirect, the Location does not matter either."""
    other = wire(reply())
    value = {"Refresh": f"0; url={other.url}", "Alt-Svc": f'h2="localhost:{other.port}"; ma=1000'}.get(
        where, other.url
    )
    server = wire(reply(200, b"", f"{where}: {value}"))
    run = run_app(
        "for _ in range(3):\n    show(http.get(URL, auth=('user', 'secret')).status_code())", URL=server.url
    )
    assert run.ok().lines == [(200,)] * 3
    assert (len(server.requests), other.connections) == (3, 0)


# ----------------------------------------------------------------------------------------------------
# Proxies

_ASKING = ("WWW-Authenticate", "Proxy-Authenticate")


@pytest.mark.needs("proxy_environment")
def test_account_of_a_proxy_goes_to_no_origin(run_app: Program, wire: WireFactory) -> None:
    """A redirect from a host that is asked through the proxy to one that is not, and back."""
    origin = wire(lambda request: redirect(302, "http://dock.example/end"))
    proxy = wire(
        lambda request: reply() if request.target.endswith("/end") else redirect(302, origin.url + "/asked")
    )
    run = run_app(
        "show(http.get('http://dock.example/').status_code())",
        env={"http_proxy": f"http://user:secret@127.0.0.1:{proxy.port}", "no_proxy": "127.0.0.1"},
    )
    assert run.shown == (200,)
    assert [bool(request.header("Proxy-Authorization")) for request in proxy.requests] == [True, True]
    assert secrets(origin) == []
    assert origin.request.header("Proxy-Authorization") is None


@pytest.mark.parametrize("scheme", ["Basic", 'Digest realm="r", nonce="n", qop="auth",'])
@pytest.mark.parametrize("kind", ['("user", "secret")', '("digest", "user", "secret")'])
def test_server_that_plays_a_proxy_gets_no_account(
    run_app: Program, wire: WireFactory, scheme: str, kind: str
) -> None:
    server = wire(head(407, f'Proxy-Authenticate: {scheme} realm="r"', "Content-Length: 0"))
    run = run_app(f"show(http.get(URL, auth={kind}).status_code())", URL=server.url)
    assert run.shown == (407,)
    assert all(request.header("Proxy-Authorization") is None for request in server.requests)


@pytest.mark.parametrize("code", [401, 407])
def test_tunnel_gets_nothing_that_is_the_servers(run_app: Program, wire: WireFactory, code: int) -> None:
    """Neither in the first request nor after the proxy's challenge."""
    fields = [f'{name}: {scheme} realm="r", nonce="n"' for name in _ASKING for scheme in ("Basic", "Digest")]
    proxy = wire(head(code, *fields, "Content-Length: 0"))
    run = run_app(
        """
        for auth in ("user", "secret"), ("digest", "user", "secret"):
            r = http.get("https://dock.example/secret?secret", HEADERS, auth=auth, proxy=PROXY)
            show(r.status_code(), r.headers())
        """,
        PROXY=proxy.url,
        HEADERS={"X-Key": "secret", "Cookie": "secret", "Authorization": "secret", "User-Agent": "secret"},
    )
    assert run.ok().lines == [(56, {})] * 2
    assert proxy.requests
    assert {request.line for request in proxy.requests} == {"CONNECT dock.example:443 HTTP/1.1"}
    assert secrets(proxy) == []
