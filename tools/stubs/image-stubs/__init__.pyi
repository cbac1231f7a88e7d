# SPDX-License-Identifier: MIT
"""Image formats.

Source: the SDK of the DL-7450, "image".
"""

from typing import Final, Never

NONE: Final[int]
"""No image."""
PNG: Final[int]
BMP: Final[int]

class ImageToken:
    """Stands for an image of the datastore without a copy in Python's memory. ImageStore.get_token() makes it.

    Raises:
        TypeError: the class is called.
    """

    def __init__(self, never: Never, /) -> None: ...
