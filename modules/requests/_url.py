# SPDX-License-Identifier: MIT
"""URLs (RFC 3986), as far as requests shows them to an app. What is sent, `http` and libcurl decide."""

from micropython import const

from .exceptions import InvalidURL

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_UNRESERVED = const("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}


def split(url: str) -> tuple[str, str, str, str, str]:
    """Return (scheme, netloc, path, query, fragment), each "" if it is not there."""
    url, _, fragment = url.partition("#")
    url, _, query = url.partition("?")
    scheme = netloc = ""
    at = url.find(":")
    if at > 0 and url[0].isalpha() and not url[:at].strip(_UNRESERVED[:-2] + "+"):
        scheme = url[:at].lower()
        url = url[at + 1 :]
    if url.startswith("//"):
        netloc, slash, path = url[2:].partition("/")
        url = slash + path
    return scheme, netloc, url, query, fragment


def unsplit(*parts: str) -> str:
    scheme, netloc, path, query, fragment = parts
    if netloc:
        path = "//" + netloc + (path if not path or path[0] == "/" else "/" + path)
    if scheme:
        path = scheme + ":" + path
    if query:
        path += "?" + query
    return path + "#" + fragment if fragment else path


def host_and_port(text: str) -> tuple[str | None, str, int | None]:
    """Return (user info or None, host, port or None) of a text. InvalidURL for a port that is none."""
    auth, at, host = text.rpartition("@")
    port = ""
    if host.startswith("["):
        host, bracket, port = host.partition("]")
        host += bracket
        if port and port[0] != ":":
            raise InvalidURL("port")
        port = port[1:]
    elif ":" in host:
        host, _, port = host.rpartition(":")
    if port and not (port.isdigit() and int(port) < 65536):
        raise InvalidURL("port")
    return (auth if at else None), host.lower(), int(port) if port else None


def origin(url: str) -> tuple[str, str, int | None]:
    """Return what two URLs of the same origin share (RFC 9110 4.3.1)."""
    scheme, netloc, _, _, _ = split(url)
    _, host, port = host_and_port(netloc)
    return scheme, host, port or _PORTS.get(scheme)


def shown(url: str) -> str:
    """Return the URL without user info, query and fragment: for texts that people read."""
    scheme, netloc, path, _, _ = split(url)
    return unsplit(scheme, netloc.rpartition("@")[2], path, "", "")


def without_dots(path: str) -> str:
    """Return the path without the segments . and .. (RFC 3986 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if path[:1] == "/" and (not kept or kept[0]):
        kept.insert(0, "")
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def idna(host: str) -> str:
    """Return a host name in ASCII: the labels that are not ASCII in Punycode (RFC 3492)."""
    return ".".join(
        [
            label if len(label) == len(label.encode()) else "xn--" + _punycode(label)
            for label in host.split(".")
        ]
    )


def _punycode(text: str) -> str:
    out = [char for char in text if ord(char) < 128]
    done = basic = len(out)
    if basic:
        out.append("-")
    code, delta, bias = 128, 0, 72
    while done < len(text):
        least = min([ord(char) for char in text if ord(char) >= code])
        delta += (least - code) * (done + 1)
        code = least
        for char in text:
            delta += ord(char) < code
            if ord(char) != code:
                continue
            q = delta
            k = 36
            while True:
                t = min(max(k - bias, 1), 26)
                if q < t:
                    break
                out.append(_UNRESERVED[26 + t + (q - t) % (36 - t)])
                q = (q - t) // (36 - t)
                k += 36
            out.append(_UNRESERVED[26 + q])  # a to z, 0 to 9
            delta = delta // (2 if done > basic else 700)
            done += 1
            delta += delta // done
            bias = 0
            while delta > 455:
                delta //= 35
                bias += 36
            bias += 36 * delta // (delta + 38)
            delta = 0
        delta += 1
        code += 1
    return "".join(out)


def urljoin(base: str, url: str) -> str:
    """Return the URL of a reference, as RFC 3986 5.2 resolves it."""
    scheme, netloc, path, query, fragment = split(url)
    base_scheme, base_netloc, base_path, base_query, _ = split(base)
    if not url:
        return base
    if scheme and scheme != base_scheme:
        return url
    if not netloc:
        netloc = base_netloc
        if not path:
            path = base_path
            query = query or base_query
        elif path[0] != "/":
            path = base_path.rpartition("/")[0] + "/" + path
        path = without_dots(path)
    return unsplit(base_scheme, netloc, path, query, fragment)


def quote(text: str | bytes | bytearray, safe: str = "/") -> str:
    """Percent-encode the bytes of text (str as UTF-8, or bytes) that are neither unreserved nor in safe."""
    if isinstance(text, str):
        text = text.encode()
    return "".join(
        [chr(b) if b < 128 and (chr(b) in _UNRESERVED or chr(b) in safe) else "%%%02X" % b for b in text]
    )


def encode(text: str, safe: str) -> str:
    """Percent-encode what a text of a URL may not have. What is encoded stays if every % encodes."""
    if not text:
        return text
    first, *rest = text.split("%")
    try:
        text = "%".join([first] + ["%02X%s" % (_hex(one), one[2:]) for one in rest])
        safe += "%"
    except ValueError:
        pass
    return quote(text, safe + "!$&'()*+,;=")


def quote_plus(value: Any) -> str:
    if not isinstance(value, (str, bytes, bytearray)):
        value = str(value)
    return quote(value, " ").replace(" ", "+")


def unquote(text: str) -> str:
    """Undo percent-encoding; bytes that are not UTF-8 become U+FFFD."""
    first, *parts = text.split("%")
    if not parts:
        return text
    data = bytearray(first.encode())
    for part in parts:
        try:
            data.append(_hex(part))
            part = part[2:]
        except ValueError:
            part = "%" + part
        data.extend(part.encode())
    from .utils import decode

    return decode(data, "utf-8")


def _hex(text: str) -> int:
    if len(text) < 2 or text[0] in " +-_" or text[1] in " _":
        raise ValueError
    return int(text[:2], 16)


def requote(url: str) -> str:
    """Encode what RFC 3986 does not allow, and decode what need not be encoded."""
    first, *parts = url.split("%")
    out = [first]
    for part in parts:
        try:
            char = chr(_hex(part))
        except ValueError:
            # Some % is no encoding, so all are encoded.
            if part[:2].isalpha() or part[:2].isdigit():
                return quote(url, "!#$&'()*+,/:;=?@[]~")
            char = ""
        out.append(char + part[2:] if char and char in _UNRESERVED else "%" + part)
    return quote("".join(out), "!#$%&'()*+,/:;=?@[]~")
