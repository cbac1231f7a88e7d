# SPDX-License-Identifier: MIT
"""The API of requests 2.32, over http.

Code that was written for requests runs.

modules/requests/README.md says what differs. Network errors are exceptions here, as users of requests expect.

Source: requests 2.32, "Developer Interface".
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeAlias, TypedDict

from typing_extensions import Unpack

from . import adapters as adapters
from . import auth as auth
from . import cookies as cookies
from . import exceptions as exceptions
from .adapters import BaseAdapter
from .auth import AuthBase
from .cookies import RequestsCookieJar
from .exceptions import ConnectionError as ConnectionError
from .exceptions import ConnectTimeout as ConnectTimeout
from .exceptions import HTTPError as HTTPError
from .exceptions import JSONDecodeError as JSONDecodeError
from .exceptions import ReadTimeout as ReadTimeout
from .exceptions import RequestException as RequestException
from .exceptions import Timeout as Timeout
from .exceptions import TooManyRedirects as TooManyRedirects
from .exceptions import URLRequired as URLRequired
from .structures import CaseInsensitiveDict

__version__: str

_Pairs: TypeAlias = dict[str, Any] | Iterable[tuple[str, Any]]
_Hook: TypeAlias = Callable[..., Any]

class _Options(TypedDict, total=False):
    params: _Pairs | str | bytes | None
    """Added to the query of the URL."""
    headers: dict[str, Any] | CaseInsensitiveDict | None
    """Header fields. The value None removes one of the session's."""
    cookies: dict[str, str] | RequestsCookieJar | None
    """Cookies for this request."""
    files: _Pairs | None
    """Files for a multipart body: {name: file}, or a tuple (file name, file[, type[, headers]])."""
    auth: tuple[str, str] | AuthBase | Callable[[PreparedRequest], PreparedRequest] | None
    """(user, password) is Basic."""
    timeout: float | tuple[float | None, float | None] | None
    """Seconds without a byte; a pair: for the connection, and without a byte. None: no limit."""
    allow_redirects: bool
    """False: the Response is the 3xx itself."""
    proxies: dict[str, str] | None
    """URL of the proxy by scheme."""
    hooks: dict[str, _Hook | list[_Hook]] | None
    """{"response": function}."""
    stream: bool | None
    """True: the body is read later."""
    verify: bool | str | None
    """False accepts every server, and the dock refuses it; a str is the path of certificates."""
    cert: str | tuple[str, str] | None
    """Path of a certificate with its key, or a pair of paths."""

class _NoParams(TypedDict, total=False):
    headers: dict[str, Any] | CaseInsensitiveDict | None
    """Header fields. The value None removes one of the session's."""
    cookies: dict[str, str] | RequestsCookieJar | None
    """Cookies for this request."""
    files: _Pairs | None
    """Files for a multipart body: {name: file}, or a tuple (file name, file[, type[, headers]])."""
    auth: tuple[str, str] | AuthBase | Callable[[PreparedRequest], PreparedRequest] | None
    """(user, password) is Basic."""
    timeout: float | tuple[float | None, float | None] | None
    """Seconds without a byte; a pair: for the connection, and without a byte. None: no limit."""
    allow_redirects: bool
    """False: the Response is the 3xx itself."""
    proxies: dict[str, str] | None
    """URL of the proxy by scheme."""
    hooks: dict[str, _Hook | list[_Hook]] | None
    """{"response": function}."""
    stream: bool | None
    """True: the body is read later."""
    verify: bool | str | None
    """False accepts every server, and the dock refuses it; a str is the path of certificates."""
    cert: str | tuple[str, str] | None
    """Path of a certificate with its key, or a pair of paths."""
    data: Any
    """The body: a dict is a form; bytes, str, files and iterators are sent as they are."""
    json: Any
    """An object that is sent as JSON."""

class _WithData(_Options, total=False):
    data: Any
    """The body: a dict is a form; bytes, str, files and iterators are sent as they are."""

class _WithJson(_Options, total=False):
    json: Any
    """An object that is sent as JSON."""

class _All(_WithData, total=False):
    json: Any
    """An object that is sent as JSON."""

class Response:
    """The response to a request."""

    status_code: int
    """HTTP status. It is an attribute here, and a method of http.Response."""
    headers: CaseInsensitiveDict
    url: str
    reason: str
    history: list[Response]
    encoding: str | None
    """The encoding of text; an app may set it."""
    cookies: RequestsCookieJar
    elapsed: datetime.timedelta
    request: PreparedRequest
    raw: Any

    def __enter__(self) -> Self: ...
    def __exit__(self, *args: object) -> None: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[bytes]: ...
    @property
    def ok(self) -> bool:
        """Whether the status is less than 400."""

    @property
    def is_redirect(self) -> bool:
        """Whether it leads elsewhere."""

    @property
    def is_permanent_redirect(self) -> bool:
        """Whether it leads elsewhere for ever."""

    @property
    def apparent_encoding(self) -> str:
        """The encoding that the bytes look like."""

    @property
    def content(self) -> bytes:
        """The body."""

    @property
    def text(self) -> str:
        """The body as text."""

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """What the field Link says, by rel or url."""

    def json(self, **kwargs: Any) -> Any:
        """Return the body decoded as JSON.

        Raises:
            JSONDecodeError: it is no JSON.
        """

    def raise_for_status(self) -> None:
        """Raise if the status is 400 or more.

        Raises:
            HTTPError: with the response.
        """

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        """Iterate over the body in pieces of so many bytes."""

    def iter_lines(
        self, chunk_size: int = 512, decode_unicode: bool = False, delimiter: bytes | str | None = None
    ) -> Iterator[Any]:
        """Iterate over the lines of the body."""

    def close(self) -> None:
        """End the request."""

class Request:
    """A request that is not prepared."""

    method: str | None
    url: str | None
    headers: Any

    def __init__(
        self,
        method: str | None = None,
        url: str | None = None,
        headers: dict[str, Any] | None = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        auth: Any = None,
        cookies: Any = None,
        hooks: Any = None,
        json: Any = None,
    ) -> None: ...
    def prepare(self) -> PreparedRequest:
        """Make what is sent."""

class PreparedRequest:
    """What is sent."""

    method: str | None
    url: str | None
    headers: CaseInsensitiveDict
    body: Any

    def copy(self) -> PreparedRequest:
        """Return a copy."""

class Session:
    """What requests share: header fields, cookies, authentication, settings."""

    headers: CaseInsensitiveDict
    auth: tuple[str, str] | AuthBase | Callable[[PreparedRequest], PreparedRequest] | None
    cookies: RequestsCookieJar
    params: Any
    proxies: dict[str, str]
    hooks: dict[str, Any]
    stream: bool
    verify: bool | str
    cert: str | tuple[str, str] | None
    max_redirects: int
    trust_env: bool

    def __init__(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *args: object) -> None: ...
    def prepare_request(self, request: Request) -> PreparedRequest:
        """Make what is sent, with the settings of the session."""

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send what prepare_request() gave."""

    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        """Use an adapter for URLs that begin with prefix."""

    def get_adapter(self, url: str) -> BaseAdapter:
        """Return the adapter for a URL."""

    def close(self) -> None:
        """End the session."""

    def request(self, method: str, url: str, **kwargs: Unpack[_All]) -> Response:
        """Send a request with any method."""

    def get(self, url: str, **kwargs: Unpack[_All]) -> Response:
        """Send a GET request."""

    def options(self, url: str, **kwargs: Unpack[_All]) -> Response:
        """Send an OPTIONS request."""

    def head(self, url: str, **kwargs: Unpack[_All]) -> Response:
        """Send a HEAD request. Redirects are not followed."""

    def post(self, url: str, data: Any = None, json: Any = None, **kwargs: Unpack[_Options]) -> Response:
        """Send a POST request."""

    def put(self, url: str, data: Any = None, **kwargs: Unpack[_WithJson]) -> Response:
        """Send a PUT request."""

    def patch(self, url: str, data: Any = None, **kwargs: Unpack[_WithJson]) -> Response:
        """Send a PATCH request."""

    def delete(self, url: str, **kwargs: Unpack[_All]) -> Response:
        """Send a DELETE request."""

def request(method: str, url: str, **kwargs: Unpack[_All]) -> Response:
    """Send a request with any method.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def get(url: str, params: _Pairs | str | bytes | None = None, **kwargs: Unpack[_NoParams]) -> Response:
    """Send a GET request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def options(url: str, **kwargs: Unpack[_All]) -> Response:
    """Send an OPTIONS request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def head(url: str, **kwargs: Unpack[_All]) -> Response:
    """Send a HEAD request. Redirects are not followed.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def post(url: str, data: Any = None, json: Any = None, **kwargs: Unpack[_Options]) -> Response:
    """Send a POST request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def put(url: str, data: Any = None, **kwargs: Unpack[_WithJson]) -> Response:
    """Send a PUT request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def patch(url: str, data: Any = None, **kwargs: Unpack[_WithJson]) -> Response:
    """Send a PATCH request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def delete(url: str, **kwargs: Unpack[_All]) -> Response:
    """Send a DELETE request.

    Raises:
        RequestException: one of its subclasses, for every failure of the network.
    """

def session() -> Session:
    """Make a Session."""

class _Codes:
    def __getattr__(self, name: str) -> int: ...
    def __getitem__(self, name: str) -> int: ...

codes: _Codes
"""Statuses by name: codes.ok, codes.not_found."""
