# SPDX-License-Identifier: MIT
"""The keyword arguments of all functions of `http`. These names are for type checkers only."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from . import Cookies, Response

BytesLike: TypeAlias = bytes | bytearray | memoryview | array[Any]

class BinaryFile(Protocol):
    """A file that is open for reading in binary mode."""

    def read(self, size: int = ..., /) -> bytes: ...

Headers: TypeAlias = (
    dict[str, str]
    | dict[str, str | None]
    | dict[str, None]
    | Sequence[tuple[str, str] | tuple[str, str | None]]
)
Body: TypeAlias = str | BytesLike | BinaryFile | Iterable[str | BytesLike]
Pairs: TypeAlias = dict[str, Any] | Sequence[tuple[str, Any]]
Content: TypeAlias = str | bytes | bytearray | memoryview
File: TypeAlias = Content | tuple[str | None, Content] | tuple[str | None, Content, str | None]
Files: TypeAlias = dict[str, Any] | Sequence[tuple[str, File]]

class Options(TypedDict, total=False):
    """What every request can have."""

    timeout: float
    """Seconds: one deadline over everything: name, connection, TLS, header fields, body, redirects. The
    default is 40; 0 is none. After it: status 28."""
    connect_timeout: float | None
    """Seconds for name, connection and TLS together, in each hop. None or 0: only timeout counts. Status 28."""
    stall_timeout: float | None
    """Seconds without a byte in either direction, once connected. None or 0: none. Status 28."""
    cacert: str | BytesLike | None
    """PEM certificates that replace the system's for this request. A server's own one pins that server.
    Without a usable certificate: status 77; a server that is not trusted: 60."""
    cert: tuple[str | BytesLike, str | BytesLike] | None
    """(certificate, key), PEM, for mutual TLS. Unusable: status 58."""
    verify: bool
    """False accepts every TLS peer. The dock refuses it: ValueError."""
    allow_redirects: bool
    """False: the Response is the 3xx itself. The default is True."""
    max_redirects: int
    """The default is 10. More: status 47."""
    max_size: int
    """Bytes of body after decoding. 0: no limit. The default is 16 MiB; no limit with file, on_data or stream.
    More: status 63."""
    params: Pairs | None
    """Added to the query. A list as value gives its name several times; None is left out."""
    json: Any
    """An object that is sent as JSON. ValueError for NaN, infinity, a lone surrogate, an object that is too deep.
    Not with data, form or files: TypeError."""
    form: Pairs | None
    """Sent as application/x-www-form-urlencoded; with files as fields of the multipart body."""
    files: Files | None
    """Sent as multipart/form-data (RFC 7578). A value is bytes-like, the path (str) of a file, or
    (file name, one of these[, content type]). Unreadable: status 26."""
    auth: tuple[str, str] | tuple[Literal["digest"], str, str] | None
    """(user, password): Basic (RFC 7617). ("digest", user, password): Digest (RFC 7616)."""
    proxy: str | None
    """http:// or https:// URL of a proxy; "" is none. None: the environment's on a PC, none on the dock."""
    proxy_headers: Headers | None
    """Header fields for the proxy only."""
    compressed: bool
    """True asks for gzip or deflate, and decodes it. Status 61 for a body that cannot be decoded."""
    cookies: Cookies | None
    """The jar for this request."""
    on_upload_progress: Callable[[int, int], object] | None
    """Gets sent and total bytes of the request's body; -1 when the total is unknown."""

class WholeBody(Options, total=False):
    """The body is in memory, or goes to a file. The Response comes when it is complete."""

    file: str | None
    """Path: the body of a 2xx goes there; body() is empty. Not with on_data or stream. Not writable: status 23. A device
    or a pipe: ValueError."""
    on_data: None
    stream: Literal[False]
    on_head: Callable[[Response], object] | None
    """Called once when the final header fields are there, before all other callbacks."""
    on_progress: Callable[[int, int], object] | None
    """Gets received and total bytes of the body; -1 when the total is unknown. At most ten times a second."""

class InPieces(Options, total=False):
    """The body goes to a callback, piece by piece."""

    on_data: Callable[[memoryview], object]
    """Gets the body piece by piece, with back-pressure; body() is empty. Not with file or stream."""
    file: None
    stream: Literal[False]
    on_head: Callable[[Response], object] | None
    on_progress: Callable[[int, int], object] | None

class Streamed(Options, total=False):
    """The Response comes before its body, which is read from it."""

    stream: bool
    """True: the Response comes when its final header fields are there. Not with file, on_data, on_head or
    on_progress."""
    file: None
    on_data: None
    on_head: None
    on_progress: None

class WholeBodyAsync(WholeBody, total=False):
    on_response: Callable[[Response], object] | None
    """The same as on_complete (generation 0.6 of the SDK). Both: TypeError."""

class InPiecesAsync(InPieces, total=False):
    on_response: Callable[[Response], object] | None

class StreamedAsync(Streamed, total=False):
    on_response: Callable[[Response], object] | None

class Cookie(TypedDict):
    """One cookie of Cookies.list()."""

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    http_only: bool
    subdomains: bool
    expires: int
    """Seconds since 1970; 0: at the end of the app."""

class Timings(TypedDict):
    """Seconds since the call, of the last hop; 0.0: it did not happen."""

    dns: float
    connect: float
    tls: float
    first_byte: float
    total: float
    received: int
    """Bytes of the body."""

class Stats(TypedDict):
    """What http.stats() gives."""

    in_flight: int
    """Slots that are taken."""
    free: int
    """Slots that are free."""
    submitted: int
    """Requests since the start."""
    refused: int
    """Requests that found no slot."""
    bytes_held: int
    """Bytes of complete bodies that the app has not received yet."""

Status: TypeAlias = Literal["pending", "success", "failed", "canceled"]
Kind: TypeAlias = Literal[
    "", "url", "scheme", "name", "resolver", "refused", "unreachable", "connect_timeout", "stall_timeout",
    "timeout", "reset", "closed", "truncated", "invalid_response", "invalid_chunk", "large_header", "large_body",
    "unsafe_redirect", "invalid_redirect", "many_redirects", "proxy", "tls", "cert_date", "cert_name",
    "cert_authority", "cert_revoked", "cert_invalid", "client_cert", "cacert", "file", "upload_file", "iterator",
    "rewind", "encoding", "auth", "memory", "slots", "other",
]  # fmt: skip
