# SPDX-License-Identifier: MIT
"""Who may speak to the simulator: its own page. Other pages of the browser, and other machines, may not."""

from __future__ import annotations

import secrets

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Lets requests through whose Host is loopback's, whose Origin is this page's, and which have the token.

    The token is the first part of the path.
    A Host of another name would be another site whose name leads to this machine (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on with the rest of its path."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: dict) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in _HEADERS.items()),
                ]
            await send(message)

        refused = self._refused(scope)
        if refused:
            await PlainTextResponse(f"{refused}\n", 403)(scope, receive, send_with_headers)
            return
        rest = "/" + scope["path"].split("/", 2)[2]
        await self._app(scope | {"path": rest, "raw_path": rest.encode()}, receive, send_with_headers)

    def _refused(self, scope: Scope) -> str | None:
        fields: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            fields.setdefault(name.lower(), []).append(value)
        hosts = [value.decode("latin-1").lower() for value in fields.get(b"host", [])]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "the Host is not this machine's loopback"
        origins = [value.decode("latin-1").lower() for value in fields.get(b"origin", [])]
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return "another page must not ask this"
        if scope["method"] not in ("GET", "HEAD") and not origins:
            return "the Origin is missing"
        if fields.get(b"sec-fetch-site", [b"none"])[0] not in (b"none", b"same-origin"):
            return "another page must not ask this"
        parts = scope["path"].split("/", 2)
        if len(parts) < 3 or not secrets.compare_digest(parts[1].encode(), self._token.encode()):
            return "the address needs the token that `dock simulate` has printed"
        return None
