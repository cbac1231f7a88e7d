# SPDX-License-Identifier: MIT
"""A recording: answers of real servers, as a folder of files that people can read and change.

recording.json has the heads, in the order in which they came; bodies are files beside it. Secrets are
removed.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from dock_tool.failure import Exit, Failure
from dock_tool.hide import Secrets
from dock_tool.secret_names import without_user
from dock_tool.trace import Hop, Request, Trace

__tracebackhide__ = True  # as in testing.py
VERSION = 1
INDEX = "recording.json"
_PORTS = {"http": 80, "https": 443}
_ENDINGS = {
    "application/json": "json",
    "text/html": "html",
    "text/plain": "txt",
    "text/xml": "xml",
    "application/xml": "xml",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/bmp": "bmp",
}
# Of one connection: the replay has its own.
_OF_THE_CONNECTION = {"transfer-encoding", "content-length", "connection", "keep-alive", "trailer"}
_NO_BODY = (204, 304)

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """One answer, and what was asked."""

    method: str
    url: str  # scheme://host[:port]/path?query
    sent_fields: Fields
    sent_body: bytes
    status: int
    reason: str
    fields: Fields
    body: bytes


@dataclass(frozen=True)
class Recording:
    """What a folder has."""

    time: float  # Unix seconds
    answers: list[Answer]


# ------------------------------------------------------------------------------------------------
# From a trace


def origin_of(url: str) -> str:
    """Return scheme://host[:port] of a URL, in lower case and without the scheme's own port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS.get(parts.scheme) else "")


def address_of(origin: str) -> tuple[str, int]:
    """Return host and port of an origin."""
    parts = urlsplit(origin)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def answers_of(trace: Trace, names: Iterable[str] = ()) -> tuple[list[Answer], list[str]]:
    """Return the answers that a trace has, without secrets, and what cannot be stored, with the reason.

    names: of header fields, parameters and keys of JSON that are secret too.
    """
    found: list[tuple[Hop, Answer]] = []
    left_out: list[str] = []
    secrets = Secrets(names)
    secrets.find_in_settings(trace.settings)
    for request in trace.requests:
        secrets.find_in_url(request.url)
        for hop in request.hops:
            secrets.find_in_fields([*hop.sent_headers, *hop.headers])
            secrets.find_in_body(hop.sent_body)
            secrets.find_in_body(hop.body)
            secrets.find_in_url(hop.url)
            why = _why_not(request, hop)
            if why is None:
                found.append((hop, _answer(hop)))
            elif hop is request.hops[-1]:
                left_out.append(f"{hop.method} {without_user(hop.url)}: {why}")
        if not request.hops:
            why = "cancelled" if request.cancelled else f"{request.status} {request.error}"
            left_out.append(f"{request.method} {without_user(request.url)}: {why}")
    found.sort(key=lambda pair: pair[0].started)
    return [_hidden(answer, secrets) for _, answer in found], [secrets.url(text) for text in left_out]


def _why_not(request: Request, hop: Hop) -> str | None:
    last = hop is request.hops[-1]
    target = hop.sent_head.partition(b"\r\n")[0].split(b" ")
    if not hop.status or hop.code:
        return "cancelled" if request.cancelled else f"{request.status} {request.error}"
    if target[0] == b"CONNECT" or (len(target) > 1 and target[1].startswith(b"http://")):
        return "it went through a proxy"
    if hop.ended is None or (last and request.cancelled):
        return "cancelled"
    if last and request.status is not None and request.status < 100:
        return f"{request.status} {request.error}"
    length = next((value for name, value in hop.headers if name.lower() == "content-length"), "")
    has_body = hop.method != "HEAD" and hop.status not in _NO_BODY
    # A body that was decompressed has another length; libcurl has checked that one.
    if has_body and length.isdecimal() and not _coding(hop.headers) and int(length) != len(hop.body):
        return f"the app has read {len(hop.body)} of {length} bytes"
    return None


def _answer(hop: Hop) -> Answer:
    line = hop.sent_head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    chunked = any(
        name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in hop.sent_headers
    )
    fields = [(name, value) for name, value in hop.headers if name.lower() not in _OF_THE_CONNECTION]
    if _coding(fields) and not _is_coded(hop.body):  # libcurl has decoded it
        fields = [(name, value) for name, value in fields if name.lower() != "content-encoding"]
    if hop.method == "HEAD":
        fields += [(name, value) for name, value in hop.headers if name.lower() == "content-length"]
    head = [part for part in hop.head.split(b"\r\n\r\n") if part.startswith(b"HTTP/")][-1]
    reason = head.partition(b"\r\n")[0].decode("latin-1").split(" ", 2)[2:]
    return Answer(
        method=hop.method,
        url=origin_of(hop.url) + line[1],
        sent_fields=hop.sent_headers,
        sent_body=read_chunks(io.BytesIO(hop.sent_body)) if chunked else hop.sent_body,
        status=hop.status,
        reason=reason[0] if reason else "",
        fields=fields,
        body=hop.body,
    )


def _coding(fields: Fields) -> str:
    return next((value for name, value in fields if name.lower() == "content-encoding"), "")


def _is_coded(body: bytes) -> bool:
    if body.startswith(b"\x1f\x8b"):
        return True
    try:
        zlib.decompress(body)
    except zlib.error:
        return False
    return True


def read_chunks(stream: io.BufferedIOBase) -> bytes:
    """Return a body that was sent in chunks."""
    body = b""
    while True:
        size = int(stream.readline().split(b";")[0] or b"0", 16)
        if not size:
            while stream.readline().strip():  # the trailer
                pass
            return body
        body += stream.read(size)
        stream.readline()


def _hidden(answer: Answer, secrets: Secrets) -> Answer:
    return Answer(
        method=answer.method,
        url=secrets.url(answer.url),
        sent_fields=secrets.fields(answer.sent_fields),
        sent_body=secrets.body(answer.sent_body),
        status=answer.status,
        reason=answer.reason,
        fields=secrets.fields(answer.fields),
        body=secrets.body(answer.body),
    )


# ------------------------------------------------------------------------------------------------
# The folder


def check_folder(folder: Path, *, replace: bool) -> None:
    """Raise Failure if a recording cannot be written there."""
    for part in (folder, *folder.parents):
        if part.exists() and not part.is_dir():
            raise Failure(Exit.USAGE, f"{part} is no folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / INDEX).is_file():
        raise Failure(Exit.USAGE, f"{folder} has other files than a recording: name a new folder")
    if not replace:
        raise Failure(Exit.USAGE, f"{folder} has a recording: --replace records anew")


def save(folder: Path, recording: Recording) -> None:
    """Write a recording, in place of the one that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    old = {folder / name for name in _names_in(folder)}
    names: dict[bytes, str] = {}
    answers = []
    for number, answer in enumerate(recording.answers, 1):
        stem = f"{number:03}-{_stem(answer)}"
        asked = {"method": answer.method, "url": answer.url, "fields": answer.sent_fields}
        told = {"status": answer.status, "reason": answer.reason, "fields": answer.fields}
        for part, body, fields, kind in (
            (asked, answer.sent_body, answer.sent_fields, "sent"),
            (told, answer.body, answer.fields, "body"),
        ):
            if body and body not in names:
                names[body] = f"{stem}.{kind}.{_ending(fields, body)}"
                (folder / names[body]).write_bytes(body)
                old.discard(folder / names[body])
            part["body"] = names[body] if body else None
        answers.append({"request": asked, "response": told})
    for path in old:
        path.unlink(missing_ok=True)
    time = datetime.fromtimestamp(int(recording.time), UTC).isoformat()
    content = {"version": VERSION, "time": time, "answers": answers}
    (folder / INDEX).write_text(_short(json.dumps(content, indent=1, ensure_ascii=False)) + "\n")


def _names_in(folder: Path) -> set[str]:
    # Of an earlier recording, which is to be replaced; not what somebody else has put there.
    try:
        return {name for name in _bodies(json.loads((folder / INDEX).read_text())) if _is_name(name)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _bodies(content: dict) -> list[str]:
    parts = [part for answer in content["answers"] for part in (answer["request"], answer["response"])]
    return [part["body"] for part in parts if part["body"]]


def _is_name(name: str) -> bool:
    return Path(name).name == name and name not in (".", "..")


def _short(text: str) -> str:
    # A header field is one line.
    return re.sub(r'\[\s*("(?:[^"\\]|\\.)*"),\s*("(?:[^"\\]|\\.)*")\s*\]', r"[\1, \2]", text)


def _stem(answer: Answer) -> str:
    parts = urlsplit(answer.url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "_", f"{answer.method}-{parts.hostname}-{last}".rstrip("-"))[:60]


def _ending(fields: Fields, body: bytes) -> str:
    kind = next((value for name, value in fields if name.lower() == "content-type"), "")
    kind = kind.partition(";")[0].strip().lower()
    if kind in _ENDINGS:
        return _ENDINGS[kind]
    if kind.endswith("+json"):
        return "json"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "bin"
    return "txt"


def load(folder: Path) -> Recording:
    """Read a recording. Raises Failure if there is none, or if it is damaged."""
    index = folder / INDEX
    if not index.is_file():
        raise Failure(Exit.NO_LOCAL_FILE, f"no recording here: {index} (dock record makes one)")
    try:
        content = json.loads(index.read_text())
        if content["version"] > VERSION:
            raise Failure(
                Exit.OTHER,
                f"{index} has version {content['version']}: this dock is older, and knows {VERSION}",
            )
        wrong = [name for name in _bodies(content) if not _is_name(name)]
        if wrong:
            raise Failure(Exit.OTHER, f"{index}: {wrong[0]!r} is no file of the recording")
        time = datetime.fromisoformat(content["time"]).timestamp()
        return Recording(time, [_read(folder, answer) for answer in content["answers"]])
    except OSError as error:
        raise Failure(Exit.NO_LOCAL_FILE, f"{index} names {error.filename}, which cannot be read") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(Exit.OTHER, f"{index} is damaged: {type(error).__name__}: {error}") from error


def _read(folder: Path, stored: dict) -> Answer:
    asked, told = stored["request"], stored["response"]
    if not 200 <= told["status"] <= 599:
        raise ValueError(f"{asked['url']}: {told['status']} is no status: 200 to 599")
    address_of(origin_of(asked["url"]))
    sent, body = ((folder / part["body"]).read_bytes() if part["body"] else b"" for part in (asked, told))
    fields = [(str(name), str(value)) for name, value in told["fields"]]
    if any(set("\r\n\0") & set(name + value) for name, value in fields):
        raise ValueError(f"{asked['url']}: a header field has a line end in it")
    sent_fields = [(str(name), str(value)) for name, value in asked["fields"]]
    return Answer(
        asked["method"], asked["url"], sent_fields, sent, told["status"], told["reason"], fields, body
    )


__all__ = ["INDEX", "Answer", "Recording", "answers_of", "check_folder", "load", "save"]
