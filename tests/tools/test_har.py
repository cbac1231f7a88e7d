# SPDX-License-Identifier: MIT
"""The HAR files of tools/dock: what HAR 1.2 asks for, and no secrets."""

import json
import re

import jsonschema
import pytest
from dock_tool.har import har
from dock_tool.secret_names import hide_line, hide_url
from dock_tool.trace import Trace
from support.har_schema import HAR


@pytest.fixture
def trace() -> Trace:
    """A redirect with TLS and secrets, a failure, a refused and a cancelled request."""
    lines = [
        {"event": "trace", "version": 1, "time": 1_700_000_000.5, "program": "0.2.0"},
        {"event": "request", "id": 1, "slot": 0, "method": "POST", "url": "https://me:pw@a.example/?q=1&r="},
        {"event": "hop", "id": 1, "hop": 0, "method": "POST", "url": "https://a.example/?q=1&r="},
        {
            "event": "sent_head",
            "id": 1,
            "hop": 0,
            "text": "POST /?q=1&r= HTTP/1.1\r\nAuthorization: Basic pw\r\nCookie: sid=pw\r\n"
            "Content-Type: text/plain\r\n\r\n",
        },
        {"event": "sent_body", "id": 1, "hop": 0, "text": "ask"},
        {"event": "head", "id": 1, "hop": 0, "text": "HTTP/1.1 302 Found\r\n"},
        {"event": "head", "id": 1, "hop": 0, "text": "Location: /b\r\nSet-Cookie: sid=pw2; Path=/\r\n\r\n"},
        _hop_end(1, 0, 302, {"dns": 1.0, "connect": 2.0, "tls": 5.0, "first_byte": 9.0}, t=10.0),
        {"event": "hop", "id": 1, "hop": 1, "method": "GET", "url": "https://a.example/b", "t": 10.0},
        {"event": "head", "id": 1, "hop": 1, "text": "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"},
        {"event": "body", "id": 1, "hop": 1, "base64": "/w=="},
        _hop_end(1, 1, 200, {"first_byte": 15.0}, t=16.0),
        _done(1, 200, None),
        {"event": "request", "id": 2, "slot": 1, "method": "GET", "url": "http://b.example/"},
        {"event": "hop", "id": 2, "hop": 0, "method": "GET", "url": "http://b.example/"},
        _hop_end(2, 0, 0, {}, t=20.0),
        _done(2, 7, "Couldn't connect to server"),
        {"event": "request", "id": 3, "slot": None, "method": "GET", "url": "http://me:pw@c.example/"},
        _done(3, 89, "sixteen requests are in flight"),
        {"event": "request", "id": 4, "slot": 1, "method": "GET", "url": "http://d.example/"},
        {"event": "cancelled", "id": 4},
        {"event": "of a later version", "id": 4},
    ]
    read = Trace()
    for line in lines:
        read.feed(json.dumps({"t": 0.0} | line))
    return read


def _hop_end(number: int, hop: int, status: int, times: dict[str, float], t: float) -> dict:
    address = {"address": "127.0.0.1" if status else "", "port": 443 if status else 0}
    ended = {"event": "hop_end", "id": number, "hop": hop, "status": status, "code": 0, "reused": False}
    return {**ended, **address, "times": times, "t": t}


def _done(number: int, status: int, error: str | None) -> dict:
    done = {"event": "done", "id": number, "status": status, "kind": "", "error": error}
    return {**done, "received": 0, "url": "", "times": {}, "t": 20.0}


def test_form(trace: Trace) -> None:
    jsonschema.validate(har(trace), HAR)
    jsonschema.validate(har(Trace()), HAR)


def test_entries(trace: Trace) -> None:
    first, second, failed, refused, cancelled = har(trace)["log"]["entries"]
    assert first["startedDateTime"] == "2023-11-14T22:13:20.500000+00:00"
    assert first["timings"] == {
        **{"blocked": -1, "dns": 1.0, "connect": 4.0, "ssl": 3.0},
        **{"send": 0, "wait": 4.0, "receive": 1.0},
    }
    assert first["time"] == 10.0
    assert (first["response"]["status"], first["response"]["redirectURL"]) == (302, "/b")
    assert first["request"]["queryString"] == [{"name": "q", "value": "1"}, {"name": "r", "value": ""}]
    assert first["request"]["postData"] == {"mimeType": "text/plain", "text": "ask"}
    assert second["timings"]["wait"] == 5.0
    assert second["response"]["content"] == {
        **{"size": 1, "mimeType": "image/png"},
        **{"text": "/w==", "encoding": "base64"},
    }
    assert (failed["response"]["status"], failed["response"]["_error"][:2]) == (0, "7 ")
    assert refused["response"]["_error"].startswith("89 ")
    assert cancelled["comment"] == "cancelled by the app"


def test_secrets_are_hidden_until_they_are_asked_for(trace: Trace) -> None:
    assert "pw" not in json.dumps(har(trace))
    assert json.dumps(har(trace, secrets=True)).count("pw") >= 4


def test_secrets_in_parameters_and_fields_of_other_names() -> None:
    trace = Trace()
    url = "https://a.example/?room=1&token=pw1&sid=pw2#top"
    for line in (
        {"event": "request", "id": 1, "slot": 0, "method": "GET", "url": url},
        {"event": "hop", "id": 1, "hop": 0, "method": "GET", "url": url},
        {"event": "sent_head", "id": 1, "hop": 0, "text": "GET / HTTP/1.1\r\nX-Api-Key: pw3\r\n\r\n"},
        {"event": "head", "id": 1, "hop": 0, "text": "HTTP/1.1 302 Found\r\n"},
        {
            "event": "head",
            "id": 1,
            "hop": 0,
            "text": "Location: https://me:pw4@b.example/?key=pw5&a=2\r\n\r\n",
        },
    ):
        trace.feed(json.dumps({"t": 0.0} | line))
    archive = har(trace)
    assert "pw" not in json.dumps(archive)
    (entry,) = archive["log"]["entries"]
    assert entry["request"]["url"] == "https://a.example/?room=1&token=(hidden)&sid=(hidden)#top"
    assert {"name": "room", "value": "1"} in entry["request"]["queryString"]
    assert entry["response"]["redirectURL"] == "https://b.example/?key=(hidden)&a=2"
    assert {f"pw{n}" for n in range(1, 6)} == set(re.findall(r"pw\d", json.dumps(har(trace, secrets=True))))


def test_texts_of_requests_and_hops_have_no_secrets() -> None:
    trace = Trace()
    url = "https://me:password1@a.example/?room=1&token=password2"
    for line in (
        {"event": "request", "id": 1, "slot": 0, "method": "GET", "url": url},
        {"event": "hop", "id": 1, "hop": 0, "method": "GET", "url": url},
        {"event": "sent_head", "id": 1, "hop": 0, "text": "GET / HTTP/1.1\r\nCookie: password3\r\n\r\n"},
        {"event": "sent_body", "id": 1, "hop": 0, "text": "password4"},
        _done(1, 3, "no host in password2"),
        {"event": "request", "id": 2, "slot": 0, "method": "GET", "url": "https://me:password5@[::1/"},
    ):
        trace.feed(json.dumps({"t": 0.0} | line))
    first, second = trace.requests
    hidden = "https://a.example/?room=1&token=(hidden)"
    assert str(first) == f"   1         3 GET {hidden} 0 bytes no host in (removed)"
    assert repr(first) == f"<Request 1 3 GET {hidden} 0 bytes no host in (removed)>"
    assert repr(first.hops) == f"[<Hop: 0 GET {hidden} 0 bytes>]"
    assert "https://[::1/" in str(second)
    assert "password" not in f"{trace.requests} {[*map(str, trace.requests)]} {second.hops}"
    assert (first.url, first.hops[0].url, first.sent_body) == (url, url, b"password4")
    assert first.error == "no host in password2"


def test_secret_with_a_space_is_hidden_as_a_whole() -> None:
    """libcurl encodes it; the trace also has the URL as the app wrote it."""
    assert hide_url("https://a.example/?token=p w&room=1", "-") == "https://a.example/?token=-&room=1"
    assert hide_line("GET /?room=1&token=p%20w HTTP/1.1", "-") == "GET /?room=1&token=- HTTP/1.1"


def test_trace_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2: this dock is older"):
        Trace().feed('{"t": 0, "event": "trace", "version": 2, "time": 0, "program": ""}')
    with pytest.raises(ValueError, match="no line of a trace"):
        Trace().feed("[]")
