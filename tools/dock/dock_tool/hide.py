# SPDX-License-Identifier: MIT
"""Removes secrets from what is stored of requests: passwords, keys, tokens and cookies."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit

from dock_tool.secret_names import PARAMETER, is_secret, without_user

REMOVED = "(removed)"  # in a stored URL it stands for any text
_SHORTEST = 6  # bytes; a shorter secret is removed only where its name stands, not from other texts
_FORM = re.compile(r"(?:^|(?<=&))([^=&#\s]+)=([^&#\s]*)")
_JSON = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)"')


class Secrets:
    """What is secret: values that stand where secrets stand. names: more names of such places."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {name.lower() for name in names}
        self.values: set[str] = set()

    def _is_secret(self, name: str, *, parameter: bool = False) -> bool:
        return unquote(name).lower() in self._names or is_secret(name, parameter=parameter)

    def _add(self, value: str) -> None:
        for text in (value, unquote(value)):
            if len(text) >= _SHORTEST and text != REMOVED:
                self.values.add(text)

    # --------------------------------------------------------------------------------------------
    # Find

    def find_in_url(self, url: str) -> None:
        """Take the secrets of a URL."""
        try:
            user = urlsplit(url).netloc.rpartition("@")[0]
        except ValueError:
            user = ""
        self._add(user.partition(":")[2])
        for name, value in PARAMETER.findall(url):
            if self._is_secret(name, parameter=True):
                self._add(value)

    def find_in_fields(self, fields: Iterable[tuple[str, str]]) -> None:
        """Take the secrets of header fields."""
        for name, value in fields:
            if name.lower() in ("cookie", "set-cookie"):
                pairs = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
                for pair in pairs:
                    self._add(pair.partition("=")[2].strip().strip('"'))
            elif name.lower() in ("authorization", "proxy-authorization"):
                self._find_in_authorization(value)
            elif self._is_secret(name):
                self._add(value)
            elif name.lower() in ("location", "referer"):
                self.find_in_url(value)

    def _find_in_authorization(self, value: str) -> None:
        scheme, _, given = value.partition(" ")
        if scheme.lower() == "digest":
            self._add((re.search(r'response="?([^",]*)', given) or ["", ""])[1])
            return
        self._add(given or value)
        if scheme.lower() == "basic":
            with suppress(ValueError):
                self._add(base64.b64decode(given).decode().partition(":")[2])

    def find_in_body(self, body: bytes) -> None:
        """Take the secrets of a form or of JSON."""
        text = _text(body) or ""
        for name, _, value in _JSON.findall(text):
            if self._is_secret(name):
                self._add(value)
        if not text.lstrip().startswith(("{", "[", "<")):
            for name, value in _FORM.findall(text):
                if self._is_secret(name):
                    self._add(value)

    def find_in_settings(self, settings: dict[str, str]) -> None:
        """Take the secrets of the app's settings."""
        for name, value in settings.items():
            if self._is_secret(name, parameter=True):
                self._add(value)

    # --------------------------------------------------------------------------------------------
    # Remove

    def text(self, text: str) -> str:
        """Return the text without the values."""
        for value in sorted(self.values, key=len, reverse=True):
            for form in {value, quote(value), quote(value, safe="")}:
                text = text.replace(form, REMOVED)
        return text

    def url(self, url: str) -> str:
        """Return a URL without user, password and secrets."""

        def hidden(match: re.Match[str]) -> str:
            is_secret = match[2] and self._is_secret(match[1], parameter=True)
            return f"{match[1]}={REMOVED}" if is_secret else match[0]

        return self.text(PARAMETER.sub(hidden, without_user(url)))

    def fields(self, fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return header fields without secrets. The name of a cookie and its attributes stay."""
        return [(name, self._field(name, value)) for name, value in fields]

    def _field(self, name: str, value: str) -> str:
        if name.lower() == "set-cookie":
            cookie, semicolon, attributes = value.partition(";")
            return f"{cookie.partition('=')[0]}={REMOVED}{semicolon}{self.text(attributes)}"
        if self._is_secret(name):
            return REMOVED
        return self.url(value) if name.lower() in ("location", "referer") else self.text(value)

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets. What is no text stays as it is."""
        text = _text(body)
        if text is None:
            return body

        def hidden(match: re.Match[str]) -> str:
            is_secret = match[3] and self._is_secret(match[1])
            return f'"{match[1]}"{match[2]}"{REMOVED}"' if is_secret else match[0]

        def hidden_form(match: re.Match[str]) -> str:
            return f"{match[1]}={REMOVED}" if match[2] and self._is_secret(match[1]) else match[0]

        if text.lstrip().startswith(("{", "[")):
            text = _JSON.sub(hidden, text)
        elif not text.lstrip().startswith("<"):
            text = _FORM.sub(hidden_form, text)
        return self.text(text).encode()


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
