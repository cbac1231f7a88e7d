# SPDX-License-Identifier: MIT
"""What a request brought (SDK: http.Response)."""

import json


class Response:
    """The answer to a request, or why there is none. Made by this module only."""

    def __init__(self, result):
        self._result = result

    def __repr__(self):
        return "<Response %d>" % self.status_code()

    def status_code(self):
        """Return the status as int: HTTP's (100 and more), or libcurl's error code (1 to 99)."""
        return self._result.status

    def headers(self):
        """Return a dict of str to str: the header fields of the final response.

        Fields of one name, compared without case, are joined with ", " (RFC 9110 5.3), Set-Cookie
        with a newline; the first spelling of the name is kept.
        """
        return self._result.headers()

    def body(self):
        """Return the raw body as bytearray, the same object at each call.

        After a failure it is what had arrived. MemoryError if the heap has no room; a later call
        may succeed.
        """
        return self._result.body()

    def header(self, name, default=None):
        """Return the value (str) of the header field name (str, any case), or default."""
        return self._result.header(name, default)

    def header_list(self):
        """Return all header fields as list of (name, value), in order, repeats kept."""
        return self._result.fields()

    def text(self, encoding="utf-8"):
        """Return the body as str. encoding: utf-8, ascii or latin-1.

        UnicodeError if the body is not in that encoding, LookupError for other encodings.
        """
        body = self.body()
        kind = encoding.lower().replace("_", "-")
        if kind in ("utf-8", "utf8"):
            return str(body, "utf-8")
        if kind in ("latin-1", "latin1", "iso-8859-1", "iso8859-1"):
            return "".join(map(chr, body))
        if kind in ("ascii", "us-ascii"):
            if any(byte > 127 for byte in body):
                raise UnicodeError("body is not ascii")
            return str(body, "utf-8")
        raise LookupError("encoding '%s' is not supported" % encoding)

    def json(self):
        """Return the body decoded as JSON (RFC 8259). ValueError if it is none."""
        return json.loads(self.body())

    def ok(self):
        """Return True for the statuses 200 to 399."""
        return 200 <= self._result.status < 400

    def url(self):
        """Return the URL (str) that answered, after redirects, without user info."""
        return self._result.url

    def error(self):
        """Return "" or one line for people: why there is no HTTP status. It holds no secrets.

        With status 60 it also says when the device's clock is earlier than its firmware.
        """
        return self._result.error

    def timings(self):
        """Return a dict: dns, connect, tls, first_byte, total as float seconds since the call, when
        that was done by the last hop (0.0: it did not happen, as on a reused connection), and
        received as int, body bytes."""
        return self._result.timings()
