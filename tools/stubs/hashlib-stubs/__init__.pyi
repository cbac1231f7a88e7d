# SPDX-License-Identifier: MIT
"""Hashes: MD5, SHA-1 and SHA-256.

Source: the SDK of the DL-7450, "hashlib".
"""

from array import array
from typing import Any, TypeAlias, final

_Data: TypeAlias = str | bytes | bytearray | memoryview | array[Any]

@final
class md5:
    """MD5 (RFC 1321). It is broken: not for security.

    Args:
        data: the first piece of the message, bytes-like or str.
    """

    def __init__(self, data: _Data = ..., /) -> None: ...
    def update(self, data: _Data, /) -> None:
        """Add a piece of the message.

        Raises:
            TypeError: data is neither bytes-like nor a str.
            ValueError: the digest was asked for already.
        """

    def digest(self) -> bytes:
        """Return the hash. It is final: nothing can be added afterwards."""

@final
class sha1:
    """SHA-1 (RFC 3174). It is broken: not for signatures.

    Args:
        data: the first piece of the message, bytes-like or str.
    """

    def __init__(self, data: _Data = ..., /) -> None: ...
    def update(self, data: _Data, /) -> None:
        """Add a piece of the message.

        Raises:
            TypeError: data is neither bytes-like nor a str.
            ValueError: the digest was asked for already.
        """

    def digest(self) -> bytes:
        """Return the hash. It is final: nothing can be added afterwards."""

@final
class sha256:
    """SHA-256 (RFC 6234).

    Args:
        data: the first piece of the message, bytes-like or str.
    """

    def __init__(self, data: _Data = ..., /) -> None: ...
    def update(self, data: _Data, /) -> None:
        """Add a piece of the message.

        Raises:
            TypeError: data is neither bytes-like nor a str.
            ValueError: the digest was asked for already.
        """

    def digest(self) -> bytes:
        """Return the hash. It is final: nothing can be added afterwards."""
