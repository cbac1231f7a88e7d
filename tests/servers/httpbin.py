# SPDX-License-Identifier: MIT
"""A real httpbin on loopback, in a thread: it echoes requests, sets cookies, asks for passwords."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    """A request handler without a log: stderr is for the program under test."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def httpbin() -> Iterator[str]:
    """Serve until the end of the `with`; yields the origin, without a slash at the end."""
    from httpbin import app  # imported late: it takes a second and prints a warning

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
        assert not thread.is_alive(), "httpbin does not end"
