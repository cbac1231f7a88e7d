# SPDX-License-Identifier: MIT
"""Charsets: bytes to str with U+FFFD for what is wrong, as a whole and piece by piece."""


def charset(name):
    """Return utf-8, latin-1, ascii or utf-16..., or None for a name that looks like none.

    LookupError for a charset that MicroPython does not have.
    """
    name = name.lower().replace("_", "-")
    if name in ("utf8", "utf-8-sig"):
        return "utf-8"
    if name in ("latin1", "iso-8859-1", "iso8859-1"):
        return "latin-1"
    if name == "us-ascii":
        return "ascii"
    if name in ("utf-8", "latin-1", "ascii", "utf-16", "utf-16-le", "utf-16-be"):
        return name
    if "-" in name or any(char.isdigit() for char in name):
        raise LookupError("there is no charset %s" % name)
    return None


def decode(data, name):
    """Return str; name is what charset() gives."""
    if name == "utf-8":
        try:
            return str(data, "utf-8")
        except UnicodeError:
            return _repaired(data)
    if name == "latin-1":
        return "".join(map(chr, data))
    if name == "ascii":
        return "".join([chr(b) if b < 128 else "\ufffd" for b in data])
    return _utf16(data, name)


def _utf16(data, name):
    big = name == "utf-16-be"
    if name == "utf-16":
        big = data[:2] == b"\xfe\xff"
        if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
            data = data[2:]
    out = []
    high = 0
    for i in range(0, len(data) - 1, 2):
        unit = data[i] << 8 | data[i + 1] if big else data[i + 1] << 8 | data[i]
        if 0xDC00 <= unit < 0xE000 and high:
            out[-1] = chr(0x10000 + ((high & 0x3FF) << 10 | unit & 0x3FF))
            high = 0
            continue
        high = unit if 0xD800 <= unit < 0xDC00 else 0
        out.append("\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit))
    if len(data) % 2:
        out.append("\ufffd")
    return "".join(out)


def _length(data, i):
    # Returns (bytes, whether they are a character) at i (Unicode 3.9, table 3-7).
    first = data[i]
    if first < 0x80:
        return 1, True
    count = 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 0
    if not count:
        return 1, False
    low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
    high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
    for n in range(1, count):
        if i + n >= len(data) or not low <= data[i + n] <= high:
            return n, False
        low, high = 0x80, 0xBF
    return count, True


def _repaired(data):
    out = bytearray()
    i = 0
    while i < len(data):
        count, good = _length(data, i)
        out.extend(data[i : i + count] if good else b"\xef\xbf\xbd")
        i += count
    return str(out, "utf-8")


def decoded(chunks, encoding):
    """Yield str for each chunk of bytes; a character may lie in two of them."""
    name = charset(encoding)
    if name is None:
        raise LookupError("there is no charset %s" % encoding)
    rest = b""
    for chunk in chunks:
        rest += chunk
        whole = len(rest)
        if name == "utf-8":
            # At most three bytes at the end begin a character.
            for i in range(max(0, whole - 3), whole):
                if rest[i] >= 0xC0:
                    count, good = _length(rest, i)
                    if (
                        not good
                        and i + count == whole
                        and count < (2 if rest[i] < 0xE0 else 3 if rest[i] < 0xF0 else 4)
                    ):
                        whole = i
                        break
        elif name.startswith("utf-16"):
            if name == "utf-16" and len(rest) >= 2:
                name = "utf-16-be" if rest[:2] == b"\xfe\xff" else "utf-16-le"
                rest = rest[2:] if rest[:2] in (b"\xfe\xff", b"\xff\xfe") else rest
            whole = len(rest) & ~1
            byte = whole - (2 if name == "utf-16-be" else 1)
            if whole and 0xD8 <= rest[byte] < 0xDC:
                whole -= 2
        if whole:
            yield decode(rest[:whole], name)
        rest = rest[whole:]
    if rest:
        yield decode(rest, name)


def guess(data):
    """Return the charset that the bytes could be in."""
    try:
        str(data, "utf-8")
    except UnicodeError:
        return "ISO-8859-1"
    return "utf-8" if data and max(data) > 127 else "ascii"
