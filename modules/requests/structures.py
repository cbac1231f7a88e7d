# SPDX-License-Identifier: MIT
"""Dictionaries whose names are compared without case, and the table of status codes."""

from collections import OrderedDict

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any


def is_mapping(value: object) -> bool:
    return isinstance(value, dict) or hasattr(value, "items")


def to_key_val_list(value: Any) -> Any:
    """Return a dict or a list of pairs as a list of pairs."""
    if value is None:
        return None
    if isinstance(value, (str, bytes, bool, int)):
        raise ValueError("must be a dict or pairs")
    return list(value.items() if is_mapping(value) else value)


def _set(target: object, source: object) -> None:
    for name, value in source.__dict__.items():
        setattr(target, name, value)


class CaseInsensitiveDict:
    """A dict for header fields: the case of the last spelling is kept, and not compared."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        self._store: OrderedDict[str, tuple[str, Any]] = OrderedDict()
        if data is not None or kwargs:
            self.update(data, **kwargs)

    def __setitem__(self, key: str, value: Any) -> None:
        self._store[key.lower()] = (key, value)

    def __getitem__(self, key: str) -> Any:
        return self._store[key.lower()][1]

    def __delitem__(self, key: str) -> None:
        del self._store[key.lower()]

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._store

    def __iter__(self) -> Iterator[str]:
        for pair in self._store.values():
            yield pair[0]

    def __len__(self) -> int:
        return len(self._store)

    def __eq__(self, other: Any) -> bool:
        if not is_mapping(other):
            return NotImplemented
        return dict(self.lower_items()) == dict(CaseInsensitiveDict(other).lower_items())

    def __repr__(self) -> str:
        return "{%s}" % ", ".join(["%r: %r" % pair for pair in self._store.values()])

    def lower_items(self) -> Iterator[tuple[str, Any]]:
        for key, pair in self._store.items():
            yield key, pair[1]

    def items(self) -> list[tuple[str, Any]]:
        return list(self._store.values())

    def keys(self) -> list[str]:
        return list(self)

    def values(self) -> list[Any]:
        return list(map(self.get, self))

    def copy(self) -> "CaseInsensitiveDict":
        other = CaseInsensitiveDict()
        other._store.update(self._store)
        return other

    def get(self, key: str, default: Any = None) -> Any:
        pair = self._store.get(key.lower())
        return default if pair is None else pair[1]

    def setdefault(self, key: str, default: Any = None) -> Any:
        return self._store.setdefault(key.lower(), (key, default))[1]

    def pop(self, key: str, *default: Any) -> Any:
        if default and key not in self:
            return default[0]
        return self._store.pop(key.lower())[1]

    def popitem(self) -> tuple[str, Any]:
        for pair in self._store.values():
            del self[pair[0]]
            return pair
        raise KeyError

    def clear(self) -> None:
        self._store.clear()

    def update(self, other: Any = None, **kwargs: Any) -> None:
        store = self._store
        pairs: Any
        for pairs in (other, kwargs):
            if pairs is not None:
                for key, value in pairs.items() if is_mapping(pairs) else pairs:
                    store[key.lower()] = (key, value)


class Received(CaseInsensitiveDict):
    """The header fields of an answer: only when the app asks for one, they are put in order."""

    def __init__(self, value: dict[str, str]) -> None:
        self._given: dict[str, str] | Any = value

    def __getitem__(self, key: str) -> Any:
        # As the server has spelled it, most often. A value with a newline is of several Set-Cookie.
        value = self._given and self._given.get(key)
        return value if value and "\n" not in value else self._store[key.lower()][1]

    def __getattr__(self, name: str) -> Any:
        if name != "_store":
            raise AttributeError(name)
        self._store = store = OrderedDict()
        for pair in self._given.items():
            store[pair[0].lower()] = pair
        self._given = None  # from now on there is one place for changes
        cookies = store.get("set-cookie")
        if cookies is not None:
            # `http` joins them with a newline, for their values may hold commas.
            store["set-cookie"] = (cookies[0], cookies[1].replace("\n", ", "))
        return store


class LookupDict:
    """Names as attributes and as items; an item that is not there is None."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def __repr__(self) -> str:
        return "<lookup '%s'>" % self.name

    def __getitem__(self, key: str) -> Any:
        return getattr(self, key, None)

    def get(self, key: str, default: Any = None) -> Any:
        return getattr(self, key, default)
