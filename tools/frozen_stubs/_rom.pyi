# SPDX-License-Identifier: MIT
"""The ROM store, and precompiled apps: firmware/rom_store.c."""

from types import CodeType

def map(path: str, /) -> memoryview: ...
def load_mpy(path: str, /) -> CodeType: ...
