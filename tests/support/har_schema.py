# SPDX-License-Identifier: MIT
"""The form of an HTTP Archive, version 1.2."""

# What the specification of HAR 1.2 requires of each object.
_PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
_COMMON = {
    "httpVersion": {"type": "string"},
    "cookies": _PAIRS,
    "headers": _PAIRS,
    "headersSize": {"type": "integer", "minimum": -1},
    "bodySize": {"type": "integer", "minimum": -1},
}
_REQUEST = {
    "type": "object",
    "required": ["method", "url", "queryString", *_COMMON],
    "properties": {
        **_COMMON,
        "method": {"type": "string"},
        "url": {"type": "string", "format": "uri"},
        "queryString": _PAIRS,
        "postData": {
            "type": "object",
            "required": ["mimeType", "text"],
            "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
        },
    },
}
_RESPONSE = {
    "type": "object",
    "required": ["status", "statusText", "content", "redirectURL", *_COMMON],
    "properties": {
        **_COMMON,
        "status": {"type": "integer", "minimum": 0},
        "statusText": {"type": "string"},
        "redirectURL": {"type": "string"},
        "content": {
            "type": "object",
            "required": ["size", "mimeType"],
            "properties": {
                "size": {"type": "integer"},
                "mimeType": {"type": "string"},
                "text": {"type": "string"},
                "encoding": {"const": "base64"},
            },
        },
    },
}
_TIME = {"type": "number", "minimum": 0}
_ENTRY = {
    "type": "object",
    "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "properties": {
        "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$"},
        "time": _TIME,
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": {"type": "object"},
        "timings": {
            "type": "object",
            "required": ["send", "wait", "receive"],
            "properties": {
                **{phase: _TIME for phase in ("send", "wait", "receive")},
                **{
                    phase: {"type": "number", "minimum": -1} for phase in ("blocked", "dns", "connect", "ssl")
                },
            },
        },
        "serverIPAddress": {"type": "string"},
        "connection": {"type": "string"},
        "comment": {"type": "string"},
    },
}
HAR = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {
                    "type": "object",
                    "required": ["name", "version"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
                },
                "entries": {"type": "array", "items": _ENTRY},
            },
        }
    },
}
