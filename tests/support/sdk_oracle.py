# SPDX-License-Identifier: MIT
"""Evaluates a file of expressions, one a line, and prints what each gives, or the name of its exception.

CPython runs this file as it is. The program under test runs COMMON alone, with its own modules.
"""

import sys

# What both run. Everything in it is MicroPython's Python.
COMMON = """
import hashlib
import hmac
from datetime import date, datetime, time, timedelta, timezone, tzinfo
utc = timezone.utc
def data(seed, n):
    return bytes((seed * (i + 1) >> (i % 7)) & 255 for i in range(n))
def digest(name, *parts):
    h = getattr(hashlib, name)(parts[0])
    for part in parts[1:]:
        h.update(part)
    return h.digest()
def mac(name, key, *parts):
    h = hmac.new(key, parts[0], getattr(hashlib, name))
    for part in parts[1:]:
        h.update(part)
    return h.hexdigest()
def evaluate(path):
    with open(path) as f:
        for line in f:
            try:
                result = eval(line)
                if isinstance(result, str):
                    result = result.encode()  # MicroPython's repr of text is another one
                result = repr(result)
            except Exception as e:
                result = type(e).__name__
            print(result)
"""

# The functions of the module time: the program has them as they are.
PROGRAM = (
    """
from time import gmtime, localtime, mktime, strftime, strptime
def local_strftime(form, seconds):
    return strftime(form, localtime(seconds))
"""
    + COMMON
)


def main(path: str) -> None:
    """Evaluate the file with CPython's modules; tuples of times have the SDK's length, eight."""
    import time

    names = {
        "gmtime": lambda seconds: tuple(time.gmtime(seconds))[:8],
        "localtime": lambda seconds: tuple(time.localtime(seconds))[:8],
        "mktime": lambda entries: int(time.mktime((*entries, -1))),
        "strftime": lambda form, entries: time.strftime(form, (*entries, -1)),
        # The SDK's tuple does not say what its time zone is: it is local time. CPython's does.
        "local_strftime": lambda form, seconds: time.strftime(form, time.localtime(seconds)),
        "strptime": lambda *args: tuple(time.strptime(*args))[:8],
    }
    exec(COMMON, names)
    names["evaluate"](path)


if __name__ == "__main__":
    main(sys.argv[1])
