# SPDX-License-Identifier: MIT
"""HTTP for apps on the dock: the SDK's module `http`, over libcurl.

Source of the names and rules: the DL-7450 SDK, generations 0.4 to 0.7; statuses are HTTP's
(RFC 9110) or libcurl's (libcurl-errors). An error in the app's call raises TypeError or ValueError and
starts no request. Any other failure is a Response.

Arguments of all functions:
    method: str, an HTTP token; sent as it is.
    url: str, http:// or https:// . User info in it becomes Basic authentication.
    headers: dict of str to str, or a list of pairs (name, value), or None. A list may repeat a name: both are
        sent, in order. A value None leaves out a header that would be sent
        by default (Host, User-Agent, Accept, Content-Length). If two names of a dict differ only in case, the
        later one is used. Copied at the call.
    data: bytes-like or str (sent as UTF-8), copied at the call; or a file that is open for
        reading in binary mode, which is sent from its position on; or an iterator, generator or
        iterable object that gives pieces (bytes-like or str), which are sent as it gives them; or None. An
        iterator runs while a sync call waits, or at idle; its exception ends the request. Its body is sent
        with chunked transfer coding, or with the app's Content-Length: more or less bytes than that are
        status 26. It cannot be sent a second time: a 307, for example, ends with status 65.
    on_complete: callable(Response) or None; called once, when Python is idle. Keyword alias: on_response.
Options, all by keyword; the default is None unless another is given:
    timeout: int or float, seconds for the whole request, default 40; 0 is none. After it: status 28.
    connect_timeout: int or float, seconds for name, connection and TLS together, in each hop; None or 0:
        only timeout counts. After it: status 28, and error() names the limit.
    stall_timeout: int or float, seconds without a byte in either direction, once connected; None or 0 is
        none. The time for which bytes wait for the app does not count. After it: status 28, as above.
    cacert: str or bytes-like with PEM certificates, replaces the system store; a leaf certificate
        pins the server; None is the system store. Without a usable certificate: status 77.
    cert: (certificate, key), each PEM as str or bytes-like, for mutual TLS. Unusable: status 58.
        It is not shown to another origin after a redirect.
    verify: bool, default True. False accepts any peer; a board may forbid it (ValueError).
    allow_redirects: bool, default True. False gives the 3xx.
    max_redirects: int, default 10. More hops are status 47.
    max_size: int, bytes of body after decoding; 0 is no limit. More is status 63. The default is 16 MiB,
        and no limit for a body that goes to file, on_data or a stream.
    file: str, path for the body of a 2xx. The body is written as it arrives, to PATH.n.part with
        n from 0 to 15, which is renamed when it is complete. A power cut may leave such files: the
        next request with this path removes them. body() is then empty. Other statuses have a body(). Not
        writable: status 23.
    on_data: callable(memoryview), gets the body piece by piece, at idle; body() is then empty. The
        response pauses while 64 KiB wait for on_data; with compressed, up to 16 KiB that were read are
        decoded first. The memoryview stays valid after the call.
    stream: bool, default False. True gives the Response when its final header fields are there. Its body
        is then read from it, by read(), readinto(), readline(), or as the lines of an iteration.
    on_head: callable(Response), called when the final header fields are there, before on_data and
        on_progress. It is the Response with which the request ends; it has no body until then.
    on_progress: callable(received, total), ints, bytes of body; total is -1 if unknown. When idle, at
        most ten times a second, and once at the end.
    on_upload_progress: callable(sent, total), the same for the body of the request.
    params: dict or list of pairs, added to the query. Values as in requests: a list gives the name
        several times, None is left out, everything else is its str.
    json: an object that is sent as JSON, application/json. ValueError for NaN, infinity, half of a surrogate
        pair, and an object that is too deep or contains itself.
    form: dict or list of pairs, sent as application/x-www-form-urlencoded, or with files as multipart.
    files: dict or list of pairs, sent as multipart/form-data (RFC 7578). A value is bytes-like, or the
        path (str) of a file that is streamed, or (file name, one of these[, content type]).
        A file that cannot be read: status 26.
    auth: (user, password) for Basic, ("digest", user, password) for Digest.
    proxy: str, http:// or https:// URL of a proxy, "" for none. None is the environment's proxy on a PC and
        no proxy on a device.
    proxy_headers: dict or list of pairs as headers, for the proxy only: sent in CONNECT, and in http requests
        that go through the proxy; never to the server through a tunnel.
    compressed: bool, default False. True requests gzip or deflate and decodes it.
    cookies: a Cookies jar.
check(url, headers, data, **options) raises what get() would raise, and sends nothing.
run_callback(name, url, callback, *args, **named) calls a callback of the app, for modules over http.
A sync call runs on_head, on_data and on_progress while it waits. At most 16 requests at a time; the 17th
completes at once with status 89.
"""

__version__ = "0.2.0"  # the project's version; tests/tools/test_version.py compares all places

from _http import Function as _function
from _http import dispatch  # for ports, not for apps: see http/README.md

from ._aio import gather
from ._cookies import Cookies
from ._request import Request, cancel_all, check, request, request_async, run_callback, stats
from ._response import Response

# No name is deleted here: MicroPython's help() would crash at the hole in the module's dict.

# The same as request() and request_async() without their first argument.
get = _function("get", "GET", request, False)
get_async = _function("get_async", "GET", request_async, True)
post = _function("post", "POST", request, False)
post_async = _function("post_async", "POST", request_async, True)
put = _function("put", "PUT", request, False)
put_async = _function("put_async", "PUT", request_async, True)
patch = _function("patch", "PATCH", request, False)
patch_async = _function("patch_async", "PATCH", request_async, True)
delete = _function("delete", "DELETE", request, False)
delete_async = _function("delete_async", "DELETE", request_async, True)
head = _function("head", "HEAD", request, False)
head_async = _function("head_async", "HEAD", request_async, True)
options = _function("options", "OPTIONS", request, False)
options_async = _function("options_async", "OPTIONS", request_async, True)
