# SPDX-License-Identifier: MIT
"""The REPL on the serial line: firmware/serial_repl.c."""

from typing import Any

def repl(env: dict[str, Any], /) -> None: ...
