# SPDX-License-Identifier: MIT
"""The API of requests 2.32 (https://requests.readthedocs.io) over `http`. README.md says what differs."""

__title__ = "requests"
__version__ = "2.32.5"  # of the API

import sys

from . import _url as compat  # of requests.compat: urljoin(), quote(), quote_plus(), unquote()
from .api import delete, get, head, options, patch, post, put, request
from .exceptions import (
    ConnectionError,
    ConnectTimeout,
    HTTPError,
    JSONDecodeError,
    ReadTimeout,
    RequestException,
    Timeout,
    TooManyRedirects,
    URLRequired,
)
from .models import PreparedRequest, Request, Response
from .sessions import Session, session
from .status_codes import codes

sys.modules["requests.compat"] = compat

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any


def __getattr__(name: str) -> Any:
    # Modules that few apps need cost no heap until one names them.
    if name in ("adapters", "auth", "cookies", "packages", "utils"):
        return __import__("requests." + name, None, None, (name,))
    raise AttributeError(name)
