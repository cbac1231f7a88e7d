# SPDX-License-Identifier: MIT
"""Requests as an HTTP Archive (HAR 1.2), which browsers' developer tools open."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from importlib.metadata import version
from urllib.parse import parse_qsl

from dock_tool.secret_names import hide_field, hide_url
from dock_tool.trace import Hop, Request, Trace

_HIDDEN = "(hidden)"
_PHASES = ("dns", "connect", "tls", "first_byte")


def har(trace: Trace, *, secrets: bool = False) -> dict:
    """Return the archive: an entry for each hop. secrets: keep passwords, keys and cookies."""
    entries = [
        _entry(trace, request, number, secrets)
        for request in trace.requests
        for number in range(max(1, len(request.hops)))
    ]
    creator = {"name": "dl7450", "version": trace.program or version("dock-tool")}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _entry(trace: Trace, request: Request, number: int, secrets: bool) -> dict:
    hop = request.hops[number] if request.hops else Hop(request.method, request.url, request.started)
    last = number >= len(request.hops) - 1
    timings = _timings(request, hop)
    entry = {
        "startedDateTime": datetime.fromtimestamp(trace.time + hop.started / 1000, UTC).isoformat(),
        "time": sum(ms for phase, ms in timings.items() if ms > 0 and phase != "ssl"),
        "request": _request(hop, secrets),
        "response": _response(request, hop, last, secrets),
        "cache": {},
        "timings": timings,
        "_id": request.id,
        "_slot": request.slot,
    }
    if hop.address:
        entry["serverIPAddress"] = hop.address
        entry["connection"] = str(hop.port)
    if request.cancelled:
        entry["comment"] = "cancelled by the app"
    return entry


def _timings(request: Request, hop: Hop) -> dict[str, float]:
    # The trace counts from the request's start; a phase that did not happen is -1.
    at = hop.started - request.started
    spent = {}
    for phase in _PHASES:
        end = hop.times.get(phase)
        spent[phase] = -1.0 if end is None else max(0.0, end - at)
        at = at if end is None else max(at, end)
    end = (hop.ended or request.ended or hop.started) - request.started
    tls = spent["tls"]
    connect = spent["connect"] if tls < 0 else spent["connect"] + tls  # HAR: ssl is a part of connect
    return {
        "blocked": -1,
        "dns": spent["dns"],
        "connect": connect,
        "ssl": tls,
        "send": 0,
        "wait": max(0.0, spent["first_byte"]),
        "receive": max(0.0, end - at),
    }


def _headers(pairs: list[tuple[str, str]], secrets: bool) -> list[dict]:
    return [
        {"name": name, "value": value if secrets else hide_field(name, value, _HIDDEN)}
        for name, value in pairs
    ]


def _cookies(pairs: list[tuple[str, str]], field: str, secrets: bool) -> list[dict]:
    found = []
    for name, value in pairs:
        if name.lower() == field:
            try:
                jar = SimpleCookie(value)
            except CookieError:
                continue
            found += [
                {"name": key, "value": morsel.value if secrets else _HIDDEN} for key, morsel in jar.items()
            ]
    return found


def _request(hop: Hop, secrets: bool) -> dict:
    pairs = hop.sent_headers
    url = hop.url if secrets else hide_url(hop.url, _HIDDEN)
    request = {
        "method": hop.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(pairs, "cookie", secrets),
        "headers": _headers(pairs, secrets),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(url.partition("?")[2].partition("#")[0], keep_blank_values=True)
        ],
        "headersSize": len(hop.sent_head) or -1,
        "bodySize": len(hop.sent_body),
    }
    if hop.sent_body:
        request["postData"] = {
            "mimeType": _find(pairs, "content-type"),
            "text": hop.sent_body.decode("utf-8", "replace"),
        }
    return request


def _response(request: Request, hop: Hop, last: bool, secrets: bool) -> dict:
    pairs = hop.headers
    failed = last and request.status is not None and request.status < 100
    content = {"size": len(hop.body), "mimeType": _find(pairs, "content-type")}
    try:
        content["text"] = hop.body.decode()
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(hop.body).decode(), "encoding": "base64"}
    location = _find(pairs, "location")
    line = hop.head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
    response = {
        "status": 0 if failed else hop.status,
        "statusText": line[2] if len(line) == 3 else "",
        "httpVersion": line[0] or "HTTP/1.1",
        "cookies": _cookies(pairs, "set-cookie", secrets),
        "headers": _headers(pairs, secrets),
        "content": content,
        "redirectURL": location if secrets else hide_url(location, _HIDDEN),
        "headersSize": len(hop.head) or -1,
        "bodySize": len(hop.body),
    }
    if failed:
        response["_error"] = f"{request.status} {request.error}"
    return response


def _find(pairs: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in pairs if name.lower() == wanted), "")
