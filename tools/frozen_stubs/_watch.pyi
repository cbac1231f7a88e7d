# SPDX-License-Identifier: MIT
"""What else ends the wait of the idle loop: firmware/watch.c."""

def add(fd: int, /) -> None: ...
