# SPDX-License-Identifier: MIT
# In front of each script of tests/compat, on CPython and on MicroPython.


def plain(value):
    # What repr() shows of plain data, the same on both sides: names of dicts sorted, texts in ASCII.
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, str):
        out = []
        for char in value:
            code = ord(char)
            out.append(char if 32 <= code < 127 and char not in "\\'" else "\\u{%x}" % code)
        return "'" + "".join(out) + "'"
    if isinstance(value, (bytes, bytearray)):
        return "b" + plain("".join([chr(byte) for byte in value]))
    if isinstance(value, float):
        return "%.6g" % value
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([plain(item) for item in value]) + "]"
    if isinstance(value, type):
        return "<class " + value.__name__ + ">"
    if hasattr(value, "items"):
        return "{" + ", ".join([plain(key) + ": " + plain(item) for key, item in sorted(value.items())]) + "}"
    return "<" + type(value).__name__ + ">"


def check(name, value):
    if callable(value) and not isinstance(value, type):
        try:
            value = value()
        except Exception as e:
            print(name + " = raises " + type(e).__name__)
            return
    print(name + " = " + plain(value))
