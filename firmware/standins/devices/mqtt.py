# SPDX-License-Identifier: MIT
"""An MQTT client. Stand-in on the PC for the vendor's module `mqtt`: a real client, but without TLS.

Source of the rules: the DL-7450 SDK documentation, "mqtt", "class MqttClient" and "class MqttError". It
speaks MQTT 3.1.1 over TCP. Brokers with TLS or web sockets (ssl, mqtts, ws, wss) can only be reached where
the channel has a route for them (README.md of firmware/standins): then the connection goes there, in the
clear, and the certificates of the options are not used. Otherwise connect() is a NotImplementedError.

What the documentation leaves open: on_connect is called for each attempt that fails; a client keeps the app
running from connect() on, until the broker has refused it.
"""

import time

import _mqtt_packets as packets
import _tcp
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

QOS0, QOS1, QOS2 = range(3)

_SCHEMES = {"tcp": 1883, "mqtt": 1883, "ssl": 8883, "mqtts": 8883, "ws": 80, "wss": 443}
_PLAIN = ("tcp", "mqtt")
_ERRORS = {
    0: "No error",
    -1: "Generic error",
    -2: "Persistence error",
    -3: "The client is disconnected",
    -4: "The maximum number of in-flight messages reached",
    -5: "Invalid UTF-8 string",
    -6: "Invalid None value provided",
    -9: "Invalid QOS value",
    -10: "No more message IDs",
    -14: "Bad protocol in URL",
    1: "Connection Refused, unacceptable MQTT protocol",
    2: "Connection Refused, identifier rejected",
    3: "Connection Refused, server unavailable",
    4: "Connection Refused, bad user name or password",
    5: "Connection Refused, not authorised",
}
_TEXT = (str,)
_DATA = (str, bytes, bytearray)
_OPTIONS = {
    "keep_alive": (int,),
    "username": _TEXT,
    "password": _DATA,
    "will_topic": _TEXT,
    "will_qos": (int,),
    "will_message": _DATA,
    "trust_store": _DATA,
    "private_key": _DATA,
    "key_store": _DATA,
}
_CONNECT_MS = 20000  # for TCP and the broker's answer
_RETRY_MS = (1000, 2000, 4000, 8000, 16000, 32000, 60000)
_MOST_MIDS = 0xFFFF
_FOR_EVER_MS = 1 << 29

_clients: "list[MqttClient]" = []  # those that are to be connected


def ErrorDescription(errno: int) -> str:
    """The meaning of an error code or of a broker's answer, for people: a str."""
    if not isinstance(errno, int):
        raise TypeError("errno must be an int")
    return _ERRORS.get(errno, "Unknown error %d" % errno)


class MqttError(Exception):
    """What went wrong: errno (int, also args[0]) and a text for people (args[1])."""

    def __init__(self, errno: int = -1, message: str | None = None) -> None:
        super().__init__(errno, message or ErrorDescription(errno))
        self.errno = errno


class MqttClient:
    """A client of the broker at broker_url, SCHEME://HOST:PORT, with the identifier client_id (str)."""

    _on_connect: Callable[[int, dict[str, Any]], object] | None
    _on_message: Callable[[str, bytearray], object] | None
    _on_subscribe: Callable[[int, list[int]], object] | None

    def __init__(self, broker_url: str, client_id: str) -> None:
        for name, value in (("broker_url", broker_url), ("client_id", client_id)):
            if not isinstance(value, str):
                raise TypeError("%s must be a str" % name)
        scheme, _, rest = broker_url.partition("://")
        if scheme not in _SCHEMES:
            raise MqttError(-14)
        host, colon, port = rest.rstrip("/").rpartition(":")
        if not colon or port.endswith("]"):
            host, port = rest.rstrip("/"), str(_SCHEMES[scheme])
        if not host or not port.isdigit():
            raise MqttError(-1, "broker_url must be SCHEME://HOST:PORT, not '%s'" % broker_url)
        self._scheme = scheme
        self._host, self._port = host.strip("[]"), int(port)
        self._client_id = client_id
        self._on_connect = self._on_message = self._on_subscribe = None
        self._last_mid = 0
        self._queue: list[Any] = []  # [mid, packet, sent]: in order, until the broker has confirmed them
        self._received: set[int] = set()  # identifiers of QoS 2 that the broker has not released
        self._connection: _tcp.Connection | Any = None
        self._up = False
        self._attempts = 0
        self._calls: list[tuple[Any, tuple[Any, ...]]] = []  # callbacks of this step, and their arguments

    def connect(
        self, on_connect: Callable[[int, dict[str, Any]], object], options: dict[str, Any] = {}
    ) -> None:
        """Connect when Python is idle; again and again until the broker has answered.

        on_connect(rc, flags): rc is 0, the reason for which the broker refuses (1 to 5), or -1 when there
            is no connection (any more) and another attempt follows.
        options: dict; the documentation lists the keys. A wrong one is a TypeError.
        """
        if not callable(on_connect):
            raise TypeError("on_connect must be callable")
        self._hello = _hello(self._client_id, options)
        if self._scheme not in _PLAIN and not _tcp.routed(self._host, self._port):
            raise NotImplementedError(
                "this stand-in of mqtt has no %s: give it a broker with mqtt://, or a route in DL7450_DEVICES"
                " for %s:%d" % (self._scheme, self._host, self._port)
            )
        self._keep_alive_ms = (options.get("keep_alive") or 0) * 1000
        self._on_connect = on_connect
        self._drop()
        self._attempts = 0
        self._at = time.ticks_ms()  # of the next attempt, the next ping, or the end of this attempt
        if self not in _clients:
            _clients.append(self)

    def publish(self, topic: str, message: Any, qos: int) -> int:
        """Send message (str or bytes-like) to topic (str), now or once connected; returns its identifier."""
        _check_topic(topic, qos)
        if not isinstance(message, (str, bytes, bytearray)):
            raise TypeError("message must be a str or bytes-like")
        message = message.encode() if isinstance(message, str) else bytes(message)
        mid = self._new_mid()
        packet = packets.publish(topic, message, qos, mid, False)
        self._queue.append([mid if qos else 0, packet, False])
        self._flush()
        return mid

    def subscribe(self, topics: Any) -> int:
        """Subscribe to topics: (topic, qos), or a list of these.

        Returns the identifier, an int; -3 when the client is not connected.
        """
        if isinstance(topics, tuple):
            topics = [topics]
        if not isinstance(topics, list) or not topics:
            raise TypeError("topics must be (topic, qos) or a list of these")
        for topic, qos in topics:
            _check_topic(topic, qos)
        if not self._up:
            return -3
        mid = self._new_mid()
        self._send(packets.subscribe(mid, topics))
        return mid

    def on_message(self, callback: Callable[[str, bytearray], object]) -> None:
        """Call callback(topic, message), a str and a bytearray, for each message that arrives."""
        self._on_message = _callback(callback)

    def on_subscribe(self, callback: Callable[[int, list[int]], object]) -> None:
        """Call callback(mid, granted_qos), an int and a list of int, when the broker has granted them."""
        self._on_subscribe = _callback(callback)

    def __repr__(self) -> str:
        return "<stand-in for an MqttClient: %s:%d, without TLS>" % (self._host, self._port)

    def _new_mid(self) -> int:
        used = {item[0] for item in self._queue}
        if len(used) >= _MOST_MIDS:
            raise MqttError(-10)
        while True:
            self._last_mid = self._last_mid % _MOST_MIDS + 1
            if self._last_mid not in used:
                return self._last_mid

    # ---- in the idle step

    def _step(self) -> bool:
        try:
            if self._connection is None:
                busy = self._start()
            elif not self._up and time.ticks_diff(time.ticks_ms(), self._at) >= 0:
                raise OSError("the broker does not answer")
            else:
                busy = self._go_on()
        except (OSError, ValueError):
            self._lost()
            busy = True
        # An exception of a callback is the app's own.
        while self._calls:
            callback, args = self._calls.pop(0)
            if callback:
                callback(*args)
        return busy

    def _start(self) -> bool:
        if time.ticks_diff(time.ticks_ms(), self._at) < 0:
            return False
        self._at = time.ticks_add(time.ticks_ms(), _CONNECT_MS)
        self._input = b""
        self._greeted = False
        self._connection = _tcp.Connection(self._host, self._port)
        return True

    def _go_on(self) -> bool:
        connection = self._connection
        if not connection.connected():
            return False
        if not self._greeted:
            self._greeted = True
            connection.send(self._hello)
        connection.send()
        if self._up and self._keep_alive_ms and time.ticks_diff(time.ticks_ms(), self._at) >= 0:
            if self._pinged:
                raise OSError("the broker does not answer")
            self._ping()
        data = connection.receive()
        self._input += data
        while self._connection is connection:
            packet = packets.take(self._input)
            if packet is None:
                break
            self._input = packet[3]
            self._packet(*packet[:3])
        return bool(data)

    def _ping(self) -> None:
        self._pinged = True
        self._at = time.ticks_add(time.ticks_ms(), self._keep_alive_ms)
        self._send(packets.plain(packets.PINGREQ))

    def _packet(self, kind: int, flags: int, body: bytes) -> None:
        if self._up == (kind == packets.CONNACK):
            raise ValueError("MQTT: a packet at the wrong time")
        if kind == packets.CONNACK:
            self._answered(packets.mid_of(body) & 0xFF)
        elif kind == packets.PUBLISH:
            self._arrived(*packets.published(flags, body))
        elif kind == packets.SUBACK:
            self._calls.append((self._on_subscribe, (packets.mid_of(body), list(body[2:]))))
        elif kind == packets.PINGRESP:
            self._pinged = False
        else:
            self._confirmed(kind, packets.mid_of(body))

    def _answered(self, rc: int) -> None:
        if rc:
            _clients.remove(self)  # for ever
            self._drop()
        else:
            self._up = True
            self._pinged = False
            self._attempts = 0
            self._at = time.ticks_add(time.ticks_ms(), self._keep_alive_ms)
            for item in self._queue:
                item[2] = False
            self._flush()
        self._calls.append((self._on_connect, (rc, {})))

    def _arrived(self, topic: str, message: bytes, qos: int, mid: int) -> None:
        again = mid in self._received
        if qos == 2:
            self._received.add(mid)
        if qos:
            self._send(packets.answer(packets.PUBREC if qos == 2 else packets.PUBACK, mid))
        if not again or qos < 2:
            self._calls.append((self._on_message, (topic, bytearray(message))))

    def _confirmed(self, kind: int, mid: int) -> None:
        if kind == packets.PUBREL:
            self._received.discard(mid)
            self._send(packets.answer(packets.PUBCOMP, mid))
        elif kind == packets.PUBREC:
            release = packets.answer(packets.PUBREL, mid)
            for item in self._queue:
                if item[0] == mid:
                    item[1] = release  # this is sent again after a lost connection, and not the message
            self._send(release)
        else:
            self._queue = [item for item in self._queue if item[0] != mid]

    def _flush(self) -> None:
        # Send what waits; QoS 0 is over then, the others stay until they are confirmed.
        if not self._up:
            return
        for item in self._queue:
            if not item[2]:
                self._send(item[1])
                item[2] = True
                # If it has to be sent again, it is marked so (DUP). PUBREL has no such mark.
                if item[1][0] >> 4 == packets.PUBLISH:
                    item[1] = bytes([item[1][0] | 8]) + item[1][1:]
        self._queue = [item for item in self._queue if item[0]]

    def _send(self, data: bytes) -> None:
        if self._connection:
            try:
                self._connection.send(data)
            except OSError:
                pass  # the next step meets it too, and reports it

    def _lost(self) -> None:
        self._drop()
        wait = _RETRY_MS[min(self._attempts, len(_RETRY_MS) - 1)]
        self._attempts += 1
        self._at = time.ticks_add(time.ticks_ms(), wait)
        self._calls.append((self._on_connect, (-1, {})))

    def _drop(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
        self._up = False

    def _due(self) -> int:
        if self._up and not self._keep_alive_ms:
            return _FOR_EVER_MS
        return max(0, time.ticks_diff(self._at, time.ticks_ms()))

    def _stop(self) -> None:
        if self._up:
            self._send(packets.plain(packets.DISCONNECT))
        self._drop()


def _hello(client_id: str, options: dict[str, Any]) -> bytes:
    if not isinstance(options, dict):
        raise TypeError("options must be a dict")
    for name, value in options.items():
        if name not in _OPTIONS:
            raise TypeError("options: unknown key '%s'" % (name,))
        if value is not None and not isinstance(value, _OPTIONS[name]):
            raise TypeError("options: %s has a wrong type" % name)
    get: Any = options.get
    if get("password") is not None and get("username") is None:
        raise TypeError("options: password needs username")
    keep_alive = get("keep_alive") or 0
    if not 0 <= keep_alive <= 0xFFFF:
        raise TypeError("options: keep_alive must be seconds, at most 65535")
    will = None
    if get("will_topic") is not None and get("will_qos") is not None:
        _check_topic(get("will_topic"), get("will_qos"))
        will = (get("will_topic"), get("will_message") or b"", get("will_qos"))
    return packets.connect(client_id, keep_alive, will, get("username"), get("password"))


def _check_topic(topic: str, qos: int) -> None:
    if not isinstance(topic, str) or not topic:
        raise TypeError("topic must be a str, and not empty")
    if not isinstance(qos, int) or not 0 <= qos <= 2:
        raise TypeError("qos must be 0, 1 or 2")


def _callback(callback: Any) -> Any:
    if not callable(callback):
        raise TypeError("callback must be callable")
    return callback


def _step() -> bool:
    busy = False
    for client in list(_clients):
        busy = client._step() or busy
    return busy


def _due() -> int | None:
    return min((client._due() for client in _clients), default=None)


def _stop() -> None:
    for client in _clients:
        client._stop()
    _clients.clear()


idle.add(_step, _due, _stop)
