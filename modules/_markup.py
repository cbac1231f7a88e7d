# SPDX-License-Identifier: MIT
"""What Pango accepts as markup. Only the strict mode of the host build uses it.

Source of the rules: the page "Pango Markup" of Pango's documentation, and GMarkup, which reads it. The
values of attributes are not looked at.
"""

import re

from splashscreen import _MARKUP

_TAGS = "b big i markup s small span sub sup tt u".split()
_ATTRIBUTES = (
    "allow_breaks alpha background bgalpha background_alpha bgcolor baseline_shift color face fallback "
    "fgalpha fgcolor font font_desc font_family font_features font_scale font_size font_stretch font_style "
    "font_variant font_weight foreground gravity gravity_hint insert_hyphens lang letter_spacing line_height "
    "overline overline_color rise segment show size stretch strikethrough strikethrough_color style "
    "text_transform underline underline_color variant weight"
).split()
_ENTITIES = ("amp", "apos", "gt", "lt", "quot")

_NAME = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")
_NUMBER = re.compile("#([0-9]+|x[0-9a-fA-F]+)$")


def fault(text: str) -> str | None:
    """Return what is wrong with text (str) as markup, in words; None if nothing is, or if it is plain."""
    if not _MARKUP.search(text):
        return None
    try:
        _read(text)
    except ValueError as e:
        return str(e)
    return None


def _read(text: str) -> None:
    tags: list[str] = []
    at = 0
    while at < len(text):
        start = text.find("<", at)
        _check_entities(text[at:] if start < 0 else text[at:start])
        if start < 0:
            break
        at = _read_tag(text, start, tags)
    if tags:
        raise ValueError("<%s> is not closed" % tags[-1])


def _check_entities(text: str) -> None:
    for piece in text.split("&")[1:]:
        name, end, _ = piece.partition(";")
        if not end or not (name in _ENTITIES or _is_character(name)):
            raise ValueError("& must be written &amp;" if not end else "there is no character &%s;" % name)


def _is_character(name: str) -> bool:
    if not _NUMBER.match(name):
        return False
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return 0 < code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _read_tag(text: str, start: int, tags: list[str]) -> int:
    # Returns the position after the tag at text[start], and keeps the list of the tags that are open.
    for begin, end in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!DOCTYPE", ">"), ("<?", "?>")):
        if text[start : start + len(begin)] == begin:
            at = text.find(end, start)
            if at < 0:
                raise ValueError("%s is not closed" % begin)
            return at + len(end)
    closes = text[start + 1 : start + 2] == "/"
    at = start + 2 if closes else start + 1
    found = _NAME.match(text[at:])
    if not found:
        raise ValueError("< must be written &lt;")
    name = found.group(0)
    at = _skip_blanks(text, at + len(name))
    if closes:
        if not tags or tags[-1] != name:
            raise ValueError("</%s> closes %s" % (name, "<%s>" % tags[-1] if tags else "nothing"))
        tags.pop()
    else:
        if name not in _TAGS:
            raise ValueError("there is no tag <%s>" % name)
        at = _read_attributes(text, at, name)
        if text[at : at + 1] == "/":
            at += 1
        else:
            tags.append(name)
    if text[at : at + 1] != ">":
        raise ValueError("the tag <%s has no >" % name)
    return at + 1


def _read_attributes(text: str, at: int, tag: str) -> int:
    seen = []
    while text[at : at + 1] not in (">", "/", ""):
        found = _NAME.match(text[at:])
        if not found:
            raise ValueError("the tag <%s has no >" % tag)
        name = found.group(0)
        at = _skip_blanks(text, at + len(name))
        if text[at : at + 1] != "=":
            raise ValueError("the attribute %s of <%s> has no value" % (name, tag))
        at = _skip_blanks(text, at + 1)
        quote = text[at : at + 1]
        end = text.find(quote, at + 1) if quote in ("'", '"') else -1
        if end < 0:
            raise ValueError("the value of %s must be in quotes" % name)
        _check_entities(text[at + 1 : end])
        if tag != "span" or name not in _ATTRIBUTES:
            raise ValueError("<%s> has no attribute %s" % (tag, name))
        if name in seen:
            raise ValueError("the attribute %s is there twice" % name)
        seen.append(name)
        at = _skip_blanks(text, end + 1)
    return at


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r") and at < len(text):
        at += 1
    return at
