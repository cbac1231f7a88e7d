# SPDX-License-Identifier: MIT
"""webrequest, as CEF Python names it."""

from webrequest import Request as Request
from webrequest import Response as Response
from webrequest import WebRequest as WebRequest

def __getattr__(name: str) -> int: ...
