# SPDX-License-Identifier: MIT
"""Message authentication with a key (RFC 2104).

Source: the SDK of the DL-7450, "hmac" and "class HMAC"; where it is silent, CPython.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

Digest: TypeAlias = Callable[..., Any] | Literal["md5", "sha1", "sha256"]
"""A constructor of hashlib, or its name. For type checkers only."""

class HMAC:
    """The HMAC of a message that comes in pieces.

    Args:
        key: bytes-like or str.
        msg: the first piece; None: nothing yet.
        digestmod: hashlib.md5, sha1 or sha256, or the name of one of them. None: md5.

    Raises:
        TypeError: another type.
        ValueError: there is no such hash.
    """

    block_size: int
    """Bytes of a block of the hash."""
    digest_size: int | None
    """Bytes of the code; None: the hash does not say it."""

    def __init__(
        self,
        key: bytes | bytearray | memoryview | str,
        msg: bytes | bytearray | memoryview | str | None = None,
        digestmod: Digest | None = None,
    ) -> None: ...
    def update(self, msg: bytes | bytearray | memoryview | str) -> None:
        """Add a piece of the message.

        Raises:
            TypeError: another type.
            ValueError: the digest was asked for already.
        """

    def digest(self) -> bytes:
        """Return the code. It can be asked for once.

        Raises:
            ValueError: it was asked for already.
        """

    def hexdigest(self) -> str:
        """Return the code as hexadecimal digits. It can be asked for once, as digest()."""

    def copy(self) -> HMAC:
        """Return a copy that goes on independently.

        Raises:
            NotImplementedError: with the hashes of hashlib, which have no copy().
        """

def new(
    key: bytes | bytearray | memoryview | str,
    msg: bytes | bytearray | memoryview | str | None = None,
    digestmod: Digest | None = None,
) -> HMAC:
    """Make an HMAC. The arguments are those of the class."""
