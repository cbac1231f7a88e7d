# SPDX-License-Identifier: MIT
"""The packets of MQTT 3.1.1 that the stand-in `mqtt` sends and receives (OASIS standard, chapters 2 and 3).

micropython-lib's umqtt is not used: it waits for the broker in each call, and has no QoS 2.
"""

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK = range(1, 10)
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14

_MOST_LENGTH_BYTES = 4
_MOST_TEXT_BYTES = 0xFFFF


def _packet(kind: int, flags: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    head = bytes([kind << 4 | flags])
    left = len(body)
    while True:
        head += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + body


def _number(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _text(value: str | bytes | bytearray) -> bytes:
    data = value.encode() if isinstance(value, str) else bytes(value)
    if len(data) > _MOST_TEXT_BYTES:
        raise TypeError("MQTT: a topic, name or password has at most %d bytes" % _MOST_TEXT_BYTES)
    return _number(len(data)) + data


def connect(
    client_id: str, keep_alive: int, will: tuple[Any, Any, int] | None, username: Any, password: Any
) -> bytes:
    """will: None or (topic, message, qos). The session is not a clean one."""
    flags = 0
    payload = [_text(client_id)]
    if will:
        flags |= 0x04 | will[2] << 3
        payload += [_text(will[0]), _text(will[1])]
    if username is not None:
        flags |= 0x80
        payload.append(_text(username))
    if password is not None:
        flags |= 0x40
        payload.append(_text(password))
    return _packet(CONNECT, 0, _text("MQTT"), bytes([4, flags]), _number(keep_alive), *payload)


def publish(topic: str, message: bytes, qos: int, mid: int, again: bool) -> bytes:
    return _packet(PUBLISH, again << 3 | qos << 1, _text(topic), _number(mid) if qos else b"", message)


def subscribe(mid: int, topics: list[tuple[str, int]]) -> bytes:
    return _packet(SUBSCRIBE, 2, _number(mid), *(_text(topic) + bytes([qos]) for topic, qos in topics))


def answer(kind: int, mid: int) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP."""
    return _packet(kind, 2 if kind == PUBREL else 0, _number(mid))


def plain(kind: int) -> bytes:
    """PINGREQ or DISCONNECT."""
    return _packet(kind, 0)


def take(data: bytes) -> tuple[int, int, bytes, bytes] | None:
    """Take the first packet of data: (kind, flags, body, rest), or None if it has not all come.

    Raises ValueError for what is no packet.
    """
    length = at = 0
    while True:
        at += 1
        if at > _MOST_LENGTH_BYTES:
            raise ValueError("MQTT: a length of more than four bytes")
        if at >= len(data):
            return None
        length |= (data[at] & 0x7F) << 7 * (at - 1)
        if data[at] < 0x80:
            break
    end = at + 1 + length
    if len(data) < end:
        return None
    return data[0] >> 4, data[0] & 0x0F, data[at + 1 : end], data[end:]


def mid_of(body: bytes) -> int:
    if len(body) < 2:
        raise ValueError("MQTT: a packet without its identifier")
    return body[0] << 8 | body[1]


def published(flags: int, body: bytes) -> tuple[str, bytes, int, int]:
    """The parts of a PUBLISH: (topic, message, qos, mid)."""
    size = mid_of(body)
    qos = flags >> 1 & 3
    at = 2 + size
    if qos == 3 or at + (2 if qos else 0) > len(body):
        raise ValueError("MQTT: a damaged PUBLISH")
    mid = mid_of(body[at:]) if qos else 0
    return str(body[2:at], "utf-8"), body[at + (2 if qos else 0) :], qos, mid
