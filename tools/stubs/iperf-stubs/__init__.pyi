# SPDX-License-Identifier: MIT
"""An iperf3 client.

Source: the samples of the vendor; no document has this module.
"""

from collections.abc import Callable
from typing import Any

class IperfClient:
    """Measures the bandwidth to an iperf3 server, over TCP, for five seconds.

    Args:
        hostname: the server.
        port: 1 to 65535.

    Raises:
        TypeError: a wrong type, or no such port.
    """

    def __init__(self, hostname: str, port: int = 5201) -> None: ...
    def run(self, on_complete: Callable[[dict[str, Any]], object] | None = None) -> None:
        """Start a test.

        Args:
            on_complete: called with the result as iperf3's JSON has it, when Python is idle. It has `error` when
                the test failed.

        Raises:
            TypeError: on_complete cannot be called.
        """
