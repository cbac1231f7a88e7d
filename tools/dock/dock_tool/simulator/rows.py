# SPDX-License-Identifier: MIT
"""Requests as the page shows them: a row for the list, and the details of one exchange."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from dock_tool.secret_names import hide_field, hide_line, hide_url
from dock_tool.simulator.names import CURL_NAMES
from dock_tool.trace import Hop

if TYPE_CHECKING:
    from dock_tool.simulator.history import Entry

HIDDEN = "••••••"
# The phases of an exchange, and the time of the trace that ends each of them.
_PHASES = (("dns", "dns"), ("connect", "connect"), ("tls", "tls"), ("wait", "first_byte"))


def show_request(key: str, entry: Entry) -> dict:
    """Return the row of a request, with its exchanges. It has no secrets."""
    request = entry.request
    begin = entry.run.begun
    hops = request.hops or [Hop(request.method, request.url, request.started)]
    return {
        "key": key,
        "run": entry.run.number,
        "number": request.id,
        "slot": request.slot,
        "status": request.status,
        "name": CURL_NAMES.get(request.status or 0, ""),
        "kind": request.kind,
        "error": request.error,
        "cancelled": request.cancelled,
        "lost": entry.run.ended and request.ended is None,
        "failed": request.failed,
        "received": request.received,
        "start": begin + request.started,
        "end": None if request.ended is None else begin + request.ended,
        "hops": [_show_hop(hop, begin, request.started) for hop in hops],
    }


def _show_hop(hop: Hop, begin: float, started: float) -> dict:
    # The trace counts phases from the request's start.
    at, phases = begin + hop.started, []
    for phase, name in _PHASES:
        if name in hop.times:
            end = max(at, begin + started + hop.times[name])
            phases.append([phase, at, end])
            at = end
    if hop.ended is not None and "first_byte" in hop.times:
        phases.append(["body", at, max(at, begin + hop.ended)])
    return {
        "method": hop.method,
        "url": hide_url(hop.url, HIDDEN),
        "status": hop.status,
        "bytes": len(hop.body),
        "start": begin + hop.started,
        "end": None if hop.ended is None else begin + hop.ended,
        "reused": hop.reused,
        "phases": phases,
    }


def show_details(entry: Entry, number: int, *, secrets: bool) -> dict:
    """Return all that is known of an exchange. secrets: show them too."""
    request = entry.request
    hop = request.hops[number] if request.hops else Hop(request.method, request.url, request.started)
    url = request.url if number == 0 else hop.url
    line = _first_line(hop.sent_head)
    fields = [*hop.sent_headers, *hop.headers]
    return {
        "url": url if secrets else hide_url(url, HIDDEN),
        "has_secrets": _fields(fields, False) != _fields(fields, True) or hide_url(url, HIDDEN) != url,
        "method": hop.method,
        "peer": f"{hop.address}:{hop.port}" if hop.address else "",
        "reused": hop.reused,
        "sent_line": line if secrets else hide_line(line, HIDDEN),
        "sent_headers": _fields(hop.sent_headers, secrets),
        "line": _last_status_line(hop.head),
        "headers": _fields(hop.headers, secrets),
        "sent_body": _body(hop.sent_body),
        "body": _body(hop.body),
        "without_bodies": entry.without_bodies,
        "error": request.error if number >= len(request.hops) - 1 else None,
    }


def _first_line(head: bytes) -> str:
    return head.split(b"\r\n", 1)[0].decode("utf-8", "replace")


def _last_status_line(head: bytes) -> str:
    lines = [line for line in head.split(b"\r\n") if line.startswith(b"HTTP/")]
    return lines[-1].decode("utf-8", "replace") if lines else ""


def _fields(pairs: list[tuple[str, str]], secrets: bool) -> list[list[str]]:
    return [[name, value if secrets else hide_field(name, value, HIDDEN)] for name, value in pairs]


def _body(data: bytes) -> dict:
    return {"size": len(data), "base64": base64.b64encode(data).decode()}
