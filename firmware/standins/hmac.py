# SPDX-License-Identifier: MIT
"""Message authentication with a key (RFC 2104). Stand-in for the vendor's module `hmac`.

Source of the rules: the DL-7450 SDK documentation, "hmac" and "class HMAC". Where it is silent, CPython is
the model.
"""

import binascii
import hashlib

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_BLOCK = 64  # bytes, of md5, sha1 and sha256, which do not say it


class HMAC:
    """The HMAC of a message that comes in pieces.

    key: bytes-like or str. msg: bytes-like or str, the first piece; None: nothing yet.
    digestmod: hashlib.md5, sha1 or sha256, another such constructor, or the name of one of them. None: md5.
    """

    _inner: Any  # a hash of hashlib
    _outer: Any

    def __init__(self, key: Any, msg: Any = None, digestmod: Any = None) -> None:
        if digestmod is None:
            digestmod = hashlib.md5
        elif isinstance(digestmod, str):
            if digestmod not in ("md5", "sha1", "sha256"):
                raise ValueError("digestmod: there is no hash '%s'" % digestmod)
            digestmod = getattr(hashlib, digestmod)
        if not callable(digestmod):
            raise TypeError("digestmod must be a constructor of hashlib")
        self._inner = digestmod()
        self._outer = digestmod()
        self.block_size = getattr(self._inner, "block_size", _BLOCK)
        self.digest_size = getattr(self._inner, "digest_size", None)
        key = _bytes("key", key)
        if len(key) > self.block_size:
            key = digestmod(key).digest()
        key += bytes(self.block_size - len(key))
        self._inner.update(bytes(byte ^ 0x36 for byte in key))
        self._outer.update(bytes(byte ^ 0x5C for byte in key))
        if msg is not None:
            self.update(msg)

    def update(self, msg: Any) -> None:
        """Add a piece of the message: bytes-like or str. After the digest it is a ValueError."""
        self._inner.update(_bytes("msg", msg))

    def digest(self) -> Any:
        """The code, as bytes. It can be asked for once: the hashes of hashlib are final then (ValueError)."""
        inner = self._inner.digest()
        self._outer.update(inner)
        return self._outer.digest()

    def hexdigest(self) -> str:
        """The code as a str of hexadecimal digits; as final as digest()."""
        return binascii.hexlify(self.digest()).decode()

    def copy(self) -> "HMAC":
        """A copy that goes on independently. NotImplementedError with the hashes of hashlib."""
        if not hasattr(self._inner, "copy"):
            raise NotImplementedError("copy: the hash has none")
        other = object.__new__(type(self))
        other._inner = self._inner.copy()
        other._outer = self._outer.copy()
        other.block_size = self.block_size
        other.digest_size = self.digest_size
        return other


def new(key: Any, msg: Any = None, digestmod: Any = None) -> HMAC:
    """Make an HMAC; the arguments are those of the class."""
    return HMAC(key, msg, digestmod)


def _bytes(name: str, data: Any) -> bytes:
    if not isinstance(data, (bytes, bytearray, memoryview, str)):
        raise TypeError("%s must be bytes-like or a str" % name)
    return data.encode() if isinstance(data, str) else bytes(data)
