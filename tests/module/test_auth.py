# SPDX-License-Identifier: MIT
"""The option auth: Basic (RFC 7617) and Digest (RFC 7616). Contract section 6."""

import ssl
from base64 import b64encode
from collections.abc import Callable

import pytest
from servers.certs import Certs
from servers.digest import DigestHandler
from servers.wire import CLOSE, Reply, Request, WireFactory, redirect, reply
from support.program import Program

_HOW = pytest.mark.parametrize("form", ["", "_async"], ids=["sync", "async"])
_SCHEMES = ["('user', 'secret')", "('digest', 'user', 'secret')"]
_SCHEME = pytest.mark.parametrize("auth", _SCHEMES, ids=["basic", "digest"])
_UNAUTHORIZED = reply(401, b"who?", 'WWW-Authenticate: Basic realm="r"')


def basic(user: str, password: str) -> str:
    """The header of Basic."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


# ----------------------------------------------------------------------------------------------------
# A real server


@_HOW
@pytest.mark.parametrize(
    ("auth", "status"),
    [(("user", "pass"), 200), (("user", "wrong"), 401), (("user", ""), 401), (None, 401)],
)
@pytest.mark.parametrize("path", ["/basic-auth/user/pass", "/digest-auth/auth/user/pass/MD5"])
def test_right_account_is_let_in_and_wrong_ones_are_401(
    run_app: Program, httpbin: str, path: str, auth: tuple | None, status: int, form: str
) -> None:
    if auth and "digest" in path:
        auth = ("digest", *auth)
    wait = ".wait()" if form else ""
    run = run_app(
        f"""
        r = http.get{form}(URL, auth=AUTH){wait}
        show(r.status_code(), r.ok() and r.json()["user"], r.error(), http.stats()["free"])
        """,
        URL=httpbin + path,
        AUTH=auth,
    )
    assert run.shown == (status, "user" if status == 200 else False, "", 16)


def test_basic_is_sent_without_being_asked_for(run_app: Program, httpbin: str) -> None:
    run = run_app(
        "show(http.get(URL, auth=('user', 'pass')).status_code())",
        URL=httpbin + "/hidden-basic-auth/user/pass",
    )
    assert run.shown == (200,)


@pytest.mark.parametrize("qop", ["auth", "auth-int", "none"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize(("password", "status"), [("pass", 200), ("wrong", 401)])
def test_digest_knows_the_usual_variants(
    run_app: Program, httpbin: str, qop: str, algorithm: str, password: str, status: int
) -> None:
    run = run_app(
        "show(http.get(URL, auth=('digest', 'user', PASSWORD)).status_code())",
        URL=f"{httpbin}/digest-auth/{qop}/user/pass/{algorithm}",
        PASSWORD=password,
    )
    assert run.shown == (status,)


def test_digest_that_is_not_known_is_refused_and_tells_nothing(run_app: Program, httpbin: str) -> None:
    run = run_app(
        """
        r = http.get(URL, auth=("digest", "user", "pass"))
        show(r.status_code(), "pass" in r.error(), http.stats()["free"])
        """,
        URL=httpbin + "/digest-auth/auth/user/pass/SHA-512",
    )
    assert run.shown == (67, False, 16)


def test_digest_and_cookies_go_together(run_app: Program, httpbin: str) -> None:
    run = run_app(
        """
        jar = http.Cookies()
        show([http.get(URL, auth=("digest", "user", "pass"), cookies=jar).status_code() for _ in range(3)])
        """,
        URL=httpbin + "/digest-auth/auth/user/pass/MD5/1",
    )
    assert run.shown == ([200] * 3,)


@_SCHEME
def test_account_is_kept_within_the_origin(run_app: Program, httpbin: str, auth: str) -> None:
    kind = "digest-auth/auth" if "digest" in auth else "basic-auth"
    target = f"/redirect-to?url=/{kind}/user/secret"
    run = run_app(f"show(http.get(URL, auth={auth}).status_code())", URL=httpbin + target)
    assert run.shown == (200,)


# ----------------------------------------------------------------------------------------------------
# What is sent


_ACCOUNTS = [
    ("user", "secret"),
    ("user", "with:colon"),
    ("user", ""),
    ("", "secret"),
    ("", ""),
    ("grüße", "€ 😀"),
    ("a b", "%41 @/?#"),
    ("u" * 300, "p" * 300),
    ("digest", "basic"),
]


@pytest.mark.parametrize("function", ["get", "post", "put", "delete", "head"])
def test_basic_sends_the_account_in_utf8(run_app: Program, wire: WireFactory, function: str) -> None:
    server = wire(reply())
    run_app(f"for auth in ACCOUNTS: http.{function}(URL, auth=auth)", URL=server.url, ACCOUNTS=_ACCOUNTS).ok()
    assert [request.all("Authorization") for request in server.requests] == [
        [basic(user, password)] for user, password in _ACCOUNTS
    ]


@pytest.mark.parametrize(
    ("user", "password"), [("a:b", "c:d"), ("grüße", "€"), ('quo"te', "back\\slash"), ("user", "")]
)
def test_digest_takes_any_account(run_app: Program, wire: WireFactory, user: str, password: str) -> None:
    server = wire(DigestHandler(user, password))
    run = run_app(
        "show(http.get(URL, auth=AUTH).status_code())", URL=server.url, AUTH=("digest", user, password)
    )
    # The user name is quoted on the wire; this server compares the unquoted value.
    assert run.shown == (200,)
    assert [request.header("Authorization") is None for request in server.requests] == [True, False]


@pytest.mark.parametrize("auth", ["('right', 'secret')", "('digest', 'right', 'secret')"])
def test_auth_wins_over_the_url(run_app: Program, wire: WireFactory, auth: str) -> None:
    server = wire(DigestHandler("right") if "digest" in auth else reply())
    run = run_app(
        f"show(http.get(URL, auth={auth}).status_code())", URL=server.url.replace("://", "://wrong:wrong@")
    )
    assert run.shown == (200,)
    if "digest" not in auth:
        assert server.request.header("Authorization") == basic("right", "secret")
    assert all(basic("wrong", "wrong").encode() not in request.raw for request in server.requests)


def test_user_info_of_the_url_is_decoded_basic(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app("http.get(URL)", URL=server.url.replace("://", "://us%40er:p%3Aw%20%C3%BC@")).ok()
    assert server.request.header("Authorization") == basic("us@er", "p:w ü")


def test_authorization_of_the_app_is_sent_alone(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app("http.get(URL, {'Authorization': 'Bearer t'}, auth=('user', 'secret'))", URL=server.url).ok()
    assert server.request.all("Authorization") == ["Bearer t"]


_BODIES = ["data=b'content'", "data=open('app.py', 'rb')", "form={'a': 'content'}", "json=['content']"]
_BODIES += ["files={'f': b'content'}", "files={'f': 'app.py'}", "data=b'content' * 100000"]


@pytest.mark.parametrize("body", _BODIES)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_digest_sends_the_body_with_the_answer(
    run_app: Program, wire: WireFactory, method: str, body: str
) -> None:
    server = wire(DigestHandler())
    run = run_app(
        f"""
        # content
        r = http.request("{method}", URL, {body}, auth=("digest", "user", "secret"), timeout=10)
        show(r.status_code(), bytes(r.body()), http.stats()["free"])
        """,
        URL=server.url + "/path?query=1",
    )
    assert run.shown == (200, b"welcome", 16)
    last = server.requests[-1]
    assert len(server.requests) == 2
    assert last.method == method
    assert b"content" in last.body
    assert last.all("Content-Length") == [str(len(last.body))]


@pytest.mark.parametrize("body", _BODIES)
def test_digest_sends_the_body_to_a_server_that_does_not_ask(
    run_app: Program, wire: WireFactory, body: str
) -> None:
    """The body is sent only after the challenge: there are two messages and one answer."""
    server = wire(lambda request: reply(200, b"%d bytes" % len(request.body)))
    run = run_app(
        f"""
        # content
        for call in "post", "get":
            r = getattr(http, call)(URL, {body}, auth=("digest", "user", "secret"), timeout=10)
            show(r.status_code(), r.text(), http.stats()["free"])
        """,
        URL=server.url,
    )
    bodies = [request.body for request in server.requests]
    assert [b"content" in body for body in bodies] == [False, True] * 2
    assert run.ok().lines == [(200, f"{len(body)} bytes", 16) for body in bodies[1::2]]


def test_answer_to_a_request_without_its_body_goes_nowhere(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, b"%d bytes" % len(request.body)))
    run = run_app(
        """
        def post(**options):
            return http.post(URL, data="content", auth=("digest", "user", "secret"), **options).status_code()

        pieces = []
        show(post(on_data=lambda piece: pieces.append(bytes(piece))), b"".join(pieces))
        show(post(file="answer"), open("answer").read())
        show(post(max_size=7))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200, b"7 bytes"), (200, "7 bytes"), (200,)]


@pytest.mark.parametrize("status", [307, 308])
def test_digest_answers_for_the_target_of_a_redirect(
    run_app: Program, wire: WireFactory, status: int
) -> None:
    digest = DigestHandler()
    server = wire(lambda request: redirect(status, "/end") if request.target == "/" else digest(request))
    run = run_app(
        "show(http.post(URL, data=b'content', auth=('digest', 'user', 'secret'), timeout=5).status_code())",
        URL=server.url,
    )
    assert run.shown == (200,)
    assert server.requests[-1].body == b"content"


def test_digest_of_rfc_2069_is_answered(run_app: Program, wire: WireFactory) -> None:
    server = wire(DigestHandler(challenge='realm="r", nonce="n0nce"'))
    run = run_app("show(http.get(URL, auth=('digest', 'user', 'secret')).status_code())", URL=server.url)
    assert run.shown == (200,)


def test_requests_at_a_time_have_accounts_of_their_own(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, (request.header("Authorization") or "none").encode()))
    run = run_app(
        """
        accounts = [(str(i), str(i)) for i in range(8)] + [None] * 8
        requests = [http.get_async(URL, auth=auth) for auth in accounts]
        show([request.wait().text() for request in requests])
        show([http.get(URL, auth=auth).text() for auth in accounts])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [([*[basic(str(i), str(i)) for i in range(8)], *["none"] * 8],)] * 2


# ----------------------------------------------------------------------------------------------------
# Secrets


@_SCHEME
@pytest.mark.parametrize("kind", ["host", "port", "scheme"])
@pytest.mark.parametrize("status", [302, 307])
def test_account_is_not_sent_to_another_origin(
    run_app: Program,
    wire: WireFactory,
    tls: ssl.SSLContext,
    certs: Certs,
    auth: str,
    kind: str,
    status: int,
) -> None:
    digest = DigestHandler()
    asks = digest if "digest" in auth else _UNAUTHORIZED
    other = wire(asks, tls if kind == "scheme" else None)
    url = other.url.replace("127.0.0.1", "localhost") if kind == "host" else other.url
    server = wire(
        lambda request: redirect(status, url) if request.header("Authorization") else digest(request)
    )
    run = run_app(
        f"show(http.get(URL, auth={auth}, cacert=CA).status_code(), http.stats()['free'])",
        URL=server.url,
        CA=certs.ca_pem,
    )
    assert run.shown == (401, 16)
    assert server.requests[-1].header("Authorization") is not None
    assert other.request.header("Authorization") is None


@_SCHEME
def test_account_does_not_come_back_with_the_way_back(run_app: Program, wire: WireFactory, auth: str) -> None:
    other = wire(lambda request: redirect(302, server.url + "/back"))
    digest = DigestHandler()

    def first(request: Request) -> bytes:
        if request.target == "/back" or not request.header("Authorization"):
            return digest(request)
        return redirect(302, other.url)

    server = wire(first)
    run = run_app(f"show(http.get(URL, auth={auth}).status_code())", URL=server.url)
    assert run.shown == (401,)
    assert [request.target for request in server.requests][-1] == "/back"
    assert server.requests[-1].header("Authorization") is None


def test_account_in_a_location_is_not_taken(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: (
            redirect(302, server.url.replace("://", "://evil:evil@") + "/end")
            if request.target == "/"
            else reply()
        )
    )
    run_app("http.get(URL); http.get(URL, auth=('user', 'secret'))", URL=server.url).ok()
    sent = [request.header("Authorization") for request in server.requests]
    assert sent == [None, None, *[basic("user", "secret")] * 2]


@pytest.mark.parametrize(
    "challenge", ['Basic realm="r"', 'Bearer realm="r"', "Digest", 'Digest realm="r"', 'Digest nonce=""', ""]
)
def test_digest_never_falls_back_to_basic(run_app: Program, wire: WireFactory, challenge: str) -> None:
    server = wire(reply(401, b"who?", "WWW-Authenticate: " + challenge))
    run = run_app(
        """
        r = http.get(URL, auth=("digest", "user", "secret"), timeout=5)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=server.url,
    )
    status, free = run.shown
    assert (status, free) == (401, 16)
    for request in server.requests:
        assert not (request.header("Authorization") or "").startswith("Basic")
        assert b"secret" not in request.raw


def test_digest_is_not_answered_for_ever(run_app: Program, wire: WireFactory) -> None:
    """stale=true asks to try again with a new nonce. A server that always says so accepts none."""
    server = wire(
        reply(401, b"who?", 'WWW-Authenticate: Digest realm="r", nonce="n", stale=true, qop="auth"')
    )
    run = run_app(
        """
        r = http.get(URL, auth=("digest", "user", "secret"), timeout=5)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (67, 16)  # CURLE_LOGIN_DENIED
    assert len(server.requests) < 10


@_SCHEME
def test_account_stands_in_no_text_for_people(run_app: Program, refused_url: str, auth: str) -> None:
    run = run_app(
        f"""
        r = http.get(URL, auth={auth})
        show(r.status_code(), "secret" in r.error() + repr(r) + (r.url() or ""), "user" in r.error())
        """,
        URL=refused_url,
    )
    assert run.shown == (7, False, False)


@_SCHEME
def test_url_of_the_response_has_no_account(run_app: Program, wire: WireFactory, auth: str) -> None:
    server = wire(DigestHandler() if "digest" in auth else reply())
    run = run_app(f"show(http.get(URL, auth={auth}).url())", URL=server.url.replace("://", "://a:b@") + "/x")
    assert run.shown == (server.url + "/x",)


@_SCHEME
def test_failure_in_the_middle_frees_the_slot(run_app: Program, wire: WireFactory, auth: str) -> None:
    challenge = reply(401, b"who?", "WWW-Authenticate: Digest " + DigestHandler().challenge)
    closes: Reply = [CLOSE]
    server = wire(lambda request: challenge if "digest" in auth and len(server.requests) == 1 else closes)
    run = run_app(
        f"""
        r = http.get(URL, auth={auth}, timeout=5)
        show(r.status_code(), "secret" in r.error(), http.stats()["free"])
        """,
        URL=server.url,
    )
    status, *rest = run.shown
    assert status in (52, 56)
    assert rest == [False, 16]


# ----------------------------------------------------------------------------------------------------
# Wrong arguments


_WRONG = [
    "'user:secret'",
    "b'user:secret'",
    "1",
    "True",
    "()",
    "('user',)",
    "('digest', 'user', 'secret', 1)",
    "['user', 'secret']",
    "{'user': 'secret'}",
    "('user', 1)",
    "('user', None)",
    "(None, 'secret')",
    "(1, 'secret')",
    "(b'user', 'secret')",
    "('user', b'secret')",
    "('digest', 'user', 1)",
    "('digest', 1, 'secret')",
]


def test_wrong_type_names_auth(wrong: Callable) -> None:
    raised = wrong([f"http.{name}(URL, auth={value})" for value in _WRONG for name in ("get", "post_async")])
    values = [value for value in _WRONG for _ in range(2)]
    for value, (name, message) in zip(values, raised, strict=True):
        assert name == "TypeError", value
        assert "auth" in message
        assert "secret" not in message


def test_wrong_value_names_auth(wrong: Callable) -> None:
    values = ["('us:er', 'secret')", "(':', 'secret')", "('basic', 'user', 'secret')", "('', '', 'secret')"]
    values += ["('Digest', 'user', 'secret')", "(1, 'user', 'secret')"]
    for control in ("\\r", "\\n", "\\0"):
        values += [f"('us{control}er', 'secret')", f"('user', 'secret{control}')"]
        values += [f"('digest', 'us{control}er', 'secret')", f"('digest', 'user', 'secret{control}')"]
    raised = wrong([f"http.get(URL, auth={value})" for value in values])
    for value, (name, message) in zip(values, raised, strict=True):
        assert name == "ValueError", value
        assert "auth" in message
        assert "secret" not in message
