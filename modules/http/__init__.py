# SPDX-License-Identifier: MIT
"""HTTP for apps on the dock: the SDK's module `http`, over libcurl.

Source of the names and rules: the DL-7450 SDK, generations 0.4 to 0.7; statuses are HTTP's
(RFC 9110) or libcurl's (libcurl-errors). What an app did wrong raises TypeError or ValueError and
starts nothing; what the world did wrong is a Response.

Arguments of all functions:
    url: str, http:// or https:// .
    headers: dict of str to str, or None. A value None leaves out a header that would be sent
        automatically (Host, User-Agent, Accept, Content-Length). Copied at the call.
    data: bytes-like or str (sent as UTF-8), or None. Copied at the call.
    on_complete: callable(Response) or None; called once, at idle. Keyword alias: on_response.
Options, all by keyword:
    timeout: int or float, seconds for everything together, default 40; 0 is none. Then status 28.
    cacert: str or bytes-like with PEM certificates, replaces the system store; a leaf certificate
        pins the server; None is the system store. Without a usable certificate: status 77.
    allow_redirects: bool, default True. False gives the 3xx.
    max_redirects: int, default 10. More hops are status 47.
    max_size: int, bytes of body, default 16 MiB; 0 is no limit. More is status 63.
At most 16 requests at a time; the 17th completes at once with status 89.
"""

import _http

from ._request import Request, _dispatch, _Fault, _pending, _start, cancel_all
from ._response import Response


def get(url, headers=None, data=None, **options):
    """GET url and wait for the Response. Nothing else of the app runs meanwhile."""
    return Response(_http.perform("GET", url, headers, data, options))


def post(url, headers=None, data=None, **options):
    """POST data to url and wait for the Response. Nothing else of the app runs meanwhile."""
    return Response(_http.perform("POST", url, headers, data, options))


def get_async(url, on_complete=None, headers=None, data=None, **options):
    """Start a GET and return its Request at once."""
    return _start("GET", url, on_complete, headers, data, options)


def post_async(url, on_complete=None, headers=None, data=None, **options):
    """Start a POST and return its Request at once."""
    return _start("POST", url, on_complete, headers, data, options)


def stats():
    """Return a dict of ints: in_flight and free (slots), submitted and refused (requests since the
    start), bytes_held (body bytes of completed requests that were not handed over yet)."""
    return _http.stats()
