# SPDX-License-Identifier: MIT
"""Text laid out by Pango as the dock does it, with the fonts that `make` puts into build/fonts.

The vendor's documentation has one picture of a dock's screen, of the sample samples/introduction/default.py.
It shows: Noto Sans, of which only the regular face is there (bold is made from it); 36 points at 96 dots an
inch, which is 48 pixels; white; hinted slightly. fonts.conf beside this file is made after it.

Pango is called through cffi, as cairocffi's documentation shows. The packages on top of it have no wheels,
and no pango_parse_markup().
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import cffi

CONFIG = Path(__file__).resolve().with_name("fonts.conf")
FONTS = CONFIG.parent.parent / "build/fonts"
# Before fontconfig's first use: the machine's own fonts and settings would make other pictures.
os.environ["FONTCONFIG_FILE"] = str(CONFIG)

_ADVICE = "`make build/fonts` brings Pango and the fonts"

FONT = b"Noto Sans 36"
WHITE = (1, 1, 1)
# Of the machine's user otherwise; some glyphs depend on it.
LANGUAGE = b"en"
ALIGNMENTS = {"left": 0, "middle": 1, "right": 2}  # PangoAlignment

# Where an error is, in Pango's words. It counts from a tag that it puts around the text.
_PLACE = re.compile(r"^Error on line \d+(?: char \d+)?: | on line \d+(?: char \d+)?")

_ffi = cffi.FFI()
_ffi.cdef("""
    typedef struct { uint32_t domain; int code; char *message; } GError;
    typedef struct { int x, y, width, height; } PangoRectangle;
    typedef ... PangoLayout;
    typedef ... PangoContext;
    typedef ... PangoFontDescription;

    void g_free(void *memory);
    void g_error_free(GError *error);
    void g_object_unref(void *object);

    int pango_parse_markup(const char *markup, int length, uint32_t accel_marker, void **attributes,
        char **text, uint32_t *accel_char, GError **error);
    PangoFontDescription *pango_font_description_from_string(const char *name);
    void pango_font_description_free(PangoFontDescription *description);
    void *pango_language_from_string(const char *name);
    void pango_context_set_language(PangoContext *context, void *language);
    PangoContext *pango_layout_get_context(PangoLayout *layout);
    void pango_layout_set_font_description(PangoLayout *layout, const PangoFontDescription *description);
    void pango_layout_set_alignment(PangoLayout *layout, int alignment);
    void pango_layout_set_text(PangoLayout *layout, const char *text, int length);
    void pango_layout_set_markup(PangoLayout *layout, const char *markup, int length);
    void pango_layout_get_pixel_extents(PangoLayout *layout, PangoRectangle *ink, PangoRectangle *logical);
    int pango_layout_get_unknown_glyphs_count(PangoLayout *layout);

    PangoLayout *pango_cairo_create_layout(void *canvas);
    void pango_cairo_show_layout(void *canvas, PangoLayout *layout);
""")

try:
    import cairocffi  # it loads the library when it is imported

    _glib = _ffi.dlopen("libglib-2.0.so.0")
    _gobject = _ffi.dlopen("libgobject-2.0.so.0")
    _pango = _ffi.dlopen("libpango-1.0.so.0")
    _pangocairo = _ffi.dlopen("libpangocairo-1.0.so.0")
except OSError as missing:
    raise ImportError(f"{_ADVICE}: {missing}") from missing


class MarkupError(ValueError):
    """A text is no Pango markup. The words are Pango's own."""


class Area(NamedTuple):
    """A part of the screen, in pixels. The point (right, bottom) is just outside."""

    left: int
    top: int
    right: int
    bottom: int


def without_markup(markup: str) -> str:
    """Return the text that markup shows. Raises MarkupError."""
    data = markup.encode()
    text, error = _ffi.new("char **"), _ffi.new("GError **")
    if not _pango.pango_parse_markup(data, len(data), 0, _ffi.NULL, text, _ffi.NULL, error):
        words = _ffi.string(error[0].message).decode(errors="replace")  # it may cut a character in two
        _glib.g_error_free(error[0])
        raise MarkupError(_PLACE.sub("", words))
    shown = _ffi.string(text[0]).decode()
    _glib.g_free(text[0])
    return shown


class Canvas:
    """Pixels on which Cairo draws."""

    def __init__(self, size: tuple[int, int], pixels: bytearray) -> None:
        """Draw on pixels: rows of four bytes a pixel, which are blue, green, red, and not used."""
        if not FONTS.is_dir():
            raise FileNotFoundError(f"there are no fonts: {_ADVICE}")
        width, height = size
        surface = cairocffi.ImageSurface(cairocffi.FORMAT_RGB24, width, height, pixels, 4 * width)
        self.context = cairocffi.Context(surface)
        # The same pointer, for the functions above.
        self.pointer = _ffi.cast("void *", int(cairocffi.ffi.cast("uintptr_t", self.context._pointer)))


class Layout:
    """A text, laid out. Only its newlines end a line: nothing is wrapped."""

    def __init__(self, canvas: Canvas, text: str, *, markup: bool, alignment: str) -> None:
        """Lay out text for canvas. alignment: a key of ALIGNMENTS. Raises MarkupError."""
        self.text = without_markup(text) if markup else text
        self._canvas = canvas
        self._layout = _ffi.gc(_pangocairo.pango_cairo_create_layout(canvas.pointer), _gobject.g_object_unref)
        context = _pango.pango_layout_get_context(self._layout)
        _pango.pango_context_set_language(context, _pango.pango_language_from_string(LANGUAGE))
        font = _pango.pango_font_description_from_string(FONT)
        _pango.pango_layout_set_font_description(self._layout, font)  # it copies the description
        _pango.pango_font_description_free(font)
        _pango.pango_layout_set_alignment(self._layout, ALIGNMENTS[alignment])
        put = _pango.pango_layout_set_markup if markup else _pango.pango_layout_set_text
        data = text.encode()
        put(self._layout, data, len(data))

    def areas(self, x: int, y: int) -> tuple[Area, Area]:
        """Return the area of the text at (x, y), and the area in which it has ink."""
        ink, logical = _ffi.new("PangoRectangle *"), _ffi.new("PangoRectangle *")
        _pango.pango_layout_get_pixel_extents(self._layout, ink, logical)
        return _moved(logical, x, y), _moved(ink, x, y)

    def unknown(self) -> int:
        """Return how many characters no font has. Pango draws a box with a number for each."""
        return _pango.pango_layout_get_unknown_glyphs_count(self._layout)

    def draw(self, x: int, y: int) -> None:
        """Draw the text, its upper left corner at (x, y)."""
        self._canvas.context.set_source_rgb(*WHITE)
        self._canvas.context.move_to(x, y)
        _pangocairo.pango_cairo_show_layout(self._canvas.pointer, self._layout)


def _moved(box: object, x: int, y: int) -> Area:
    left, top = x + box.x, y + box.y
    return Area(left, top, left + box.width, top + box.height)
