# SPDX-License-Identifier: MIT
"""The splash screen: a background image and boxes of text, on 1920 x 1080 pixels.

What an app sets up is drawn together, the next time Python is idle.

Source: the SDK of the DL-7450, "splashscreen" and "class Splashscreen".
"""

from typing import Final, TypedDict

from image import ImageToken

class Alignment:
    """Where the text of a box lies: to the right of its x, to the left of it, or around it."""

    LEFT: Final[int]
    RIGHT: Final[int]
    MIDDLE: Final[int]

class Attributes(TypedDict, total=False):
    """The place of a box of text. For type checkers only. x and y belong together."""

    x: int
    """Pixels from the left edge of the screen."""
    y: int
    """Pixels from the upper edge of the screen to that of the box."""
    alignment: int
    """One of Alignment; the default is MIDDLE."""

class Splashscreen:
    """Controls what the screen shows. There is one screen, whatever number of objects an app makes."""

    def __init__(self) -> None: ...
    def set_background(
        self, background: bytes | bytearray | memoryview | ImageToken, image_type: int = ...
    ) -> None:
        """Show an image behind the text.

        Args:
            background: the bytes of an image file, copied at the call, or an ImageToken.
            image_type: image.PNG (the default) or image.BMP, or what ImageStore.get() gave. Not used with a token.

        Raises:
            TypeError: another type.
            ValueError: the data is no image of that type, or there is no such type.
        """

    def add_text_box(
        self, text: str | list[str], attributes: Attributes | dict[str, int] | None = None
    ) -> None:
        """Show text: a box at (x, y), or the message area in the middle of the screen.

        A second text at the same place replaces the first.

        Args:
            text: one str, or a list with one str a line; plain, or Pango markup.
            attributes: x and y (int, pixels) and alignment. Without x and y: the message area.

        Raises:
            TypeError: another type.
            ValueError: an unknown attribute or alignment, or x without y.
        """

    def remove_text_box(self, x: int, y: int) -> None:
        """Remove the box that was added at (x, y). Where there is none, nothing happens.

        Raises:
            TypeError: x or y is no int.
        """
