# SPDX-License-Identifier: MIT
"""A server that asks for Digest (RFC 7616) and checks the answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import Authorization

from servers.wire import Request, reply


@dataclass
class DigestHandler:
    """Reply 401 with a Digest challenge, and 200 to a request whose answer is right."""

    user: str = "user"
    password: str = "secret"
    challenge: str = 'realm="r", nonce="n0nce", qop="auth", algorithm=MD5, opaque="o"'
    fields: Sequence[str] = ()  # header fields that replace the challenge

    def __call__(self, request: Request) -> bytes:
        """The reply to a request."""
        if self._is_right(request):
            return reply(200, b"welcome")
        return reply(401, b"who?", *(self.fields or ["WWW-Authenticate: Digest " + self.challenge]))

    def _is_right(self, request: Request) -> bool:
        given = Authorization.from_header(request.header("Authorization"))
        if given is None or given.type != "digest":
            return False
        algorithm = (given.parameters.get("algorithm") or "MD5").upper()
        name = algorithm.removesuffix("-SESS").lower().replace("-", "")

        def digest(*parts: str) -> str:
            data = ":".join(parts).encode()
            return hashlib.new({"sha512256": "sha512_256"}.get(name, name), data).hexdigest()

        user = self.user.encode().decode("latin-1")  # the bytes of UTF-8, read as Latin-1 like the field
        if given.get("userhash") == "true":
            user = digest(self.user, given.parameters["realm"])
        secret = digest(self.user, given.parameters["realm"], self.password)
        if algorithm.endswith("-SESS"):
            secret = digest(secret, "n0nce", given.parameters["cnonce"])
        parts = [request.method, request.target]
        if given.get("qop") == "auth-int":
            parts.append(digest(request.body.decode("latin-1")))
        qop = [given.parameters[key] for key in ("nc", "cnonce", "qop")] if given.get("qop") else []
        expected = digest(secret, "n0nce", *qop, digest(*parts))
        return (given.parameters["username"], given.parameters["uri"], given.parameters["response"]) == (
            user,
            request.target,
            expected,
        )
