# SPDX-License-Identifier: MIT
"""Digest challenges (RFC 7616): some are answered correctly, others are refused. No wrong hash is sent."""

import pytest
from servers.digest import DigestHandler
from servers.wire import Request, WireFactory, reply
from support.program import Program

_REFUSED = "libcurl cannot answer this Digest challenge"

# The header fields of the 401 (with a fixed nonce), the status, and the error text of a refusal.
_MD5 = 'Digest realm="r", nonce="n0nce", qop="auth", algorithm=MD5'
_SHA_256 = 'Digest realm="r", nonce="n0nce", qop="auth", algorithm=SHA-256'
_SHA_512 = 'Digest realm="r", nonce="n0nce", qop="auth", algorithm=SHA-512'
_CHALLENGES = {
    "MD5": ([_MD5], 200),
    "SHA-256": ([_SHA_256], 200),
    "MD5 first": ([_MD5, _SHA_256], 200),
    "SHA-256 first": ([_SHA_256, _MD5], 200),
    "Basic first": (['Basic realm="b"', _MD5], 200),
    "Basic last": ([_MD5, 'Basic realm="b"'], 200),
    "Basic first in one field": (['Basic realm="b", charset="UTF-8", ' + _MD5], 200),
    "Basic last in one field": ([_MD5 + ', Basic realm="b"'], 200),
    "Basic with charset last in one field": ([_MD5 + ', Basic realm="b", charset="UTF-8"'], 200),
    "token last in one field": ([_MD5 + ", Negotiate"], 200),
    "quoted pairs": ([_MD5.replace('"r"', '"a \\"b\\" \\\\c, d=e"')], 200),
    "no blanks": ([_MD5.replace(", ", ",")], 200),
    "its name in a realm": (['Basic realm="Digest x=y"', _MD5], 200),
    "strange realm": ([_MD5.replace('"r"', '"a=b,c, d (Digest realm) / e: algorithm=x"')], 200),
    "any case": ([_MD5.replace("Digest realm", "DIGEST REALM").replace("qop", "Qop")], 200),
    "quoted algorithm": ([_MD5.replace("=MD5", '="MD5"')], 200),
    "unquoted qop": ([_MD5.replace('"auth"', "auth")], 200),
    "several qop": ([_MD5.replace('"auth"', '"auth-int, auth"')], 200),
    "auth-int": ([_MD5.replace('"auth"', '"auth-int"')], 200),
    "opaque": ([_MD5 + ', opaque="o\\"p"'], 200),
    "unknown parameter": ([_MD5 + ', x="y", domain="/ /a"'], 200),
    "empty element at the end": ([_MD5 + ","], 200),
    "blanks around =": ([_MD5.replace('realm="r"', 'realm = "r"')], _REFUSED),
    "blank before =": ([_MD5.replace('nonce="', 'nonce ="')], _REFUSED),
    "blank behind =": ([_MD5.replace('nonce="', 'nonce= "')], _REFUSED),
    "tab before =": ([_MD5.replace('nonce="', 'nonce\t="')], _REFUSED),
    "blanks around = in quotes": ([_MD5.replace('"r"', '"a = b"')], _REFUSED),
    "another challenge in quotes": ([_MD5.replace('"r"', '"a, Digest realm"')], _REFUSED),
    "empty element": ([_MD5.replace(", qop", ", , qop")], _REFUSED),
    "empty element in front": ([_MD5.replace("Digest realm", "Digest , realm")], _REFUSED),
    "blank before a comma": ([_MD5.replace('"auth"', "auth ")], _REFUSED),
    "two in one field": ([_MD5 + ", " + _SHA_256], _REFUSED),
    "two realms in one field": ([_MD5 + ", " + _MD5.replace('"r"', '"s"')], _REFUSED),
    "unknown one first": ([_SHA_512, _MD5], _REFUSED),
    "unknown one first in one field": ([_SHA_512 + ", " + _MD5], _REFUSED),
    "only an unknown one": ([_SHA_512], _REFUSED),
    "no nonce": (['Digest realm="r"'], 401),
}


def _serve(fields: list[str]) -> DigestHandler:
    return DigestHandler(fields=[f"WWW-Authenticate: {field}" for field in fields])


@pytest.mark.parametrize("kind", _CHALLENGES)
def test_challenge_is_answered_rightly_or_refused(run_app: Program, wire: WireFactory, kind: str) -> None:
    fields, result = _CHALLENGES[kind]
    server = wire(_serve(fields))
    run = run_app(
        """
        r = http.get(URL, auth=("digest", "user", "secret"), timeout=5)
        show(r.status_code(), r.error(), http.stats()["free"])
        """,
        URL=server.url + "/path?query",
    )
    assert run.shown == ((67, result, 16) if isinstance(result, str) else (result, "", 16))
    assert len(server.requests) == (2 if result == 200 else 1)


@pytest.mark.parametrize("algorithm", ["SHA-512-256", "SHA-512-256-sess", "sha-512-256"])
def test_sha_512_256_is_answered_rightly_or_refused(
    run_app: Program, wire: WireFactory, algorithm: str
) -> None:
    """libcurl 7.88 would send a SHA-256 hash under this name."""
    server = wire(_serve([_MD5.replace("MD5", algorithm)]))
    code = "r = http.get(URL, auth=('digest', 'user', 'secret')); show(r.status_code(), r.error())"
    run = run_app(code, URL=server.url)
    assert run.shown in ((200, ""), (67, _REFUSED))
    assert len(server.requests) == (2 if run.shown[0] == 200 else 1)


@pytest.mark.parametrize("body", ["data=b'content'", "json=[1]", "files={'f': b'x'}"])
@pytest.mark.parametrize(("qop", "status"), [('"auth-int"', 67), ("auth-int", 67), ('"auth-int,auth"', 200)])
def test_auth_int_with_a_body_is_refused(
    run_app: Program, wire: WireFactory, body: str, qop: str, status: int
) -> None:
    server = wire(_serve([_MD5.replace('"auth"', qop)]))
    run = run_app(
        f"""
        r = http.post(URL, {body}, auth=("digest", "user", "secret"))
        show(r.status_code(), r.error(), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (status, _REFUSED if status == 67 else "", 16)


@pytest.mark.parametrize("extra", ["userhash=true", "charset=UTF-8", "stale=false", 'domain="/"'])
@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"])
def test_userhash_and_the_session_algorithms_are_right(
    run_app: Program, wire: WireFactory, algorithm: str, extra: str
) -> None:
    server = wire(_serve([f"{_MD5.replace('MD5', algorithm)}, {extra}"]))
    code = "show(http.get(URL, auth=('digest', 'user', 'secret')).status_code())"
    assert run_app(code, URL=server.url).shown == (200,)


def test_new_nonce_is_taken_when_the_old_one_is_stale(run_app: Program, wire: WireFactory) -> None:
    handler = _serve([_MD5])

    def stale_first(request: Request) -> bytes:
        if len(server.requests) == 1:
            return reply(401, b"", "WWW-Authenticate: " + _MD5.replace("n0nce", "old"))
        if len(server.requests) == 2:
            return reply(401, b"", f"WWW-Authenticate: {_MD5}, stale=true")
        return handler(request)

    server = wire(stale_first)
    code = "show(http.get(URL, auth=('digest', 'user', 'secret')).status_code())"
    assert run_app(code, URL=server.url).shown == (200,)
    assert "nc=00000001" in (server.requests[2].header("Authorization") or "")


def test_challenge_of_another_origin_is_not_refused(run_app: Program, wire: WireFactory) -> None:
    """It gets no credentials, so libcurl answers no challenge there."""
    other = wire(reply(401, b"who?", 'WWW-Authenticate: Digest realm = "r", nonce="n"'))
    server = wire(reply(302, b"", f"Location: {other.url}/"))
    run = run_app(
        "r = http.get(URL, auth=('digest', 'u', 'p')); show(r.status_code(), r.text(), r.error())",
        URL=server.url,
    )
    assert run.shown == (401, "who?", "")
