# SPDX-License-Identifier: MIT
"""What a Session sends with.

Source: requests 2.32, "Transport Adapters".
"""

from typing import Any

from . import PreparedRequest, Response

class BaseAdapter:
    """The base of adapters."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response: ...
    def close(self) -> None: ...

class HTTPAdapter(BaseAdapter):
    """Sends with `http`. Only max_retries has a meaning: how often a request is tried again."""

    def __init__(
        self,
        pool_connections: int = 10,
        pool_maxsize: int = 10,
        max_retries: Any = 0,
        pool_block: bool = False,
    ) -> None: ...
