# SPDX-License-Identifier: MIT
"""An MQTT client.

Source: the SDK of the DL-7450, "mqtt", "class MqttClient" and "class MqttError".
"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypedDict

QOS0: Literal[0]
"""At most once."""
QOS1: Literal[1]
"""At least once."""
QOS2: Literal[2]
"""Exactly once."""

Qos: TypeAlias = Literal[0, 1, 2]
"""For type checkers only."""

class Options(TypedDict, total=False):
    """The options of connect(). For type checkers only."""

    keep_alive: int
    """Seconds between two signs of life, at most 65535."""
    username: str | None
    password: str | bytes | bytearray | None
    """It needs username."""
    will_topic: str | None
    will_qos: Qos | None
    will_message: str | bytes | bytearray | None
    trust_store: str | bytes | bytearray | None
    """Certificates in PEM that the broker must have one of."""
    private_key: str | bytes | bytearray | None
    key_store: str | bytes | bytearray | None

def ErrorDescription(errno: int) -> str:
    """Return the meaning of an error code, for people.

    Raises:
        TypeError: errno is no int.
    """

class MqttError(Exception):
    """What went wrong."""

    errno: int
    """The number, args[0] too. args[1] is a text for people."""

    def __init__(self, errno: int = -1, message: str | None = None) -> None: ...

class MqttClient:
    """A client of a broker.

    Args:
        broker_url: SCHEME://HOST:PORT; tcp, mqtt, ssl, mqtts, ws or wss.
        client_id: the identifier.

    Raises:
        TypeError: a wrong type.
        MqttError: -14 for another scheme.
    """

    def __init__(self, broker_url: str, client_id: str) -> None: ...
    def connect(self, on_connect: Callable[[int, dict[str, Any]], object], options: Options = ...) -> None:
        """Connect when Python is idle; again and again until the broker has answered.

        Args:
            on_connect: called with rc and flags. rc is 0, the reason for which the broker refuses (1 to 5), or -1
                when there is no connection and another attempt follows.
            options: see there.

        Raises:
            TypeError: a wrong type, or an unknown option.
            NotImplementedError: on the PC, for TLS and web sockets without a route.
        """

    def publish(self, topic: str, message: str | bytes | bytearray, qos: Qos) -> int:
        """Send a message, now or once connected.

        Returns:
            Its identifier.

        Raises:
            TypeError: a wrong type, or no such qos.
            MqttError: -10 when no identifier is free.
        """

    def subscribe(self, topics: tuple[str, Qos] | list[tuple[str, Qos]]) -> int:
        """Subscribe to one or several topics.

        Returns:
            The identifier; -3 when the client is not connected.

        Raises:
            TypeError: a wrong type, or no such qos.
        """

    def on_message(self, callback: Callable[[str, bytearray], object]) -> None:
        """Call callback(topic, message) for each message that arrives, when Python is idle.

        Raises:
            TypeError: callback cannot be called.
        """

    def on_subscribe(self, callback: Callable[[int, list[int]], object]) -> None:
        """Call callback(mid, granted_qos) when the broker has granted a subscription.

        Raises:
            TypeError: callback cannot be called.
        """
