# SPDX-License-Identifier: MIT
"""Ports that do not answer: one never completes a connection, the other accepts it and never reads."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def blackhole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A loopback port on which no connection completes: its accept queue is full, so Linux drops each SYN."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family))
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(16):
            filler = stack.enter_context(socket.socket(family))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            _, connected, _ = select.select([], [filler], [], 0.1)
            if not connected:
                yield listener.getsockname()[1]
                return
        raise AssertionError("the accept queue of a loopback port does not fill up")


@contextmanager
def deaf() -> Iterator[int]:
    """A loopback port that accepts connections and never reads from them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
