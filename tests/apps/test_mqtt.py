# SPDX-License-Identifier: MIT
"""The stand-in mqtt: against a real mosquitto, and against a broker that plays scripts."""

import struct
from collections.abc import Iterator

import pytest
from servers.broker import Link, broker
from servers.mosquitto import ACCOUNT, Mosquitto, mosquitto
from support.devices import devices
from support.program import Program

pytestmark = pytest.mark.needs("devices")

PREPARE = """
from mqtt import ErrorDescription, MqttClient, MqttError, QOS0, QOS1, QOS2
def reason(call, *args):
    try:
        call(*args)
    except Exception as e:
        return type(e).__name__, e.args[-1]
def end(*values):
    show(*values)
    sys.exit()
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server


def url(port: int, scheme: str = "mqtt") -> str:
    return f"{scheme}://127.0.0.1:{port}"


def text(value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def test_messages_of_each_qos_come_back_from_a_real_broker(run_app: Program, real: Mosquitto) -> None:
    result = run_app(
        PREPARE
        + """
client = MqttClient(URL, "round trip")
messages = [("a/b", b"", QOS0), ("a/é", "zwei", QOS1), ("a/b/c", bytearray(b"\\0" * 70000), QOS2)]
received = []
def on_connect(rc, flags):
    show(rc, flags)
    show(client.subscribe([("a/#", QOS2), ("b", QOS1), ("c", QOS0)]))
def on_subscribe(mid, qos):
    show(mid, qos)
    show([client.publish(*message) for message in messages])
def on_message(topic, message):
    received.append((topic, len(message), type(message).__name__))
    if len(received) == 3:
        end(sorted(received))
client.on_subscribe(on_subscribe)
client.on_message(on_message)
client.connect(on_connect)
show("connecting")
""",
        URL=url(real.port),
    ).ok()
    assert result.lines == [
        ("connecting",),
        (0, {}),
        (1,),
        (1, [2, 1, 0]),
        ([2, 3, 4],),
        ([("a/b", 0, "bytearray"), ("a/b/c", 70000, "bytearray"), ("a/é", 4, "bytearray")],),
    ]


def test_account_is_checked_and_a_refusal_is_for_ever(run_app: Program, real: Mosquitto) -> None:
    code = """
client = MqttClient(URL, "account")
client.connect(lambda rc, flags: end(rc) if rc == 0 else show(rc), {"username": NAME, "password": PASSWORD})
"""
    name, password = ACCOUNT
    for secret, answer in ((password, 0), (password.encode(), 0), ("wrong", 5)):
        run = run_app(PREPARE + code, URL=url(real.port), NAME=name, PASSWORD=secret)
        assert run.shown == (answer,)  # after 5, no attempt keeps the app running


def test_session_is_kept_and_the_will_is_published(run_app: Program, real: Mosquitto) -> None:
    subscriber = """
client = MqttClient(URL, "keeps its session")
client.on_message(lambda topic, message: end(topic, bytes(message)))
def on_connect(rc, flags):
    if FIRST:
        client.subscribe(("will", 1))
client.on_subscribe(lambda mid, qos: end(qos))
client.connect(on_connect)
"""
    assert run_app(PREPARE + subscriber, URL=url(real.port), FIRST=True).shown == ([1],)
    run_app(
        PREPARE
        + """
import mqtt
client = MqttClient(URL, "dies")
def die(rc, flags):
    mqtt._clients.clear()  # then the end of the app does not say goodbye
    sys.exit()
client.connect(die, {"will_topic": "will", "will_qos": 1, "will_message": b"died", "keep_alive": 60})
""",
        URL=url(real.port),
    ).ok()
    assert run_app(PREPARE + subscriber, URL=url(real.port), FIRST=False).shown == ("will", b"died")


def test_connect_packet_has_what_the_options_say(run_app: Program) -> None:
    packets = []

    def script(link: Link) -> None:
        packets.append(link.accept())
        packets.append(link.receive())

    with broker(script) as port:
        run_app(
            PREPARE
            + """
client = MqttClient(URL, "id")
options = {"keep_alive": 7, "username": "ü", "password": b"\\xff", "will_topic": "w", "will_qos": 2,
           "will_message": None, "trust_store": None}
client.connect(lambda rc, flags: end(rc), options)
""",
            URL=url(port, "tcp"),
        ).ok()
    body = text("MQTT") + b"\x04\xd4\x00\x07" + text("id") + text("w") + text("") + text("ü") + text(b"\xff")
    assert packets == [b"\x10" + bytes([len(body)]) + body, b"\xe0\x00"]  # and it says goodbye


def test_lost_connection_is_reported_and_made_again_and_messages_are_sent_again(
    run_app: Program, fast_clock: dict[str, str]
) -> None:
    seen = []

    def first(link: Link) -> None:
        link.accept()
        seen.extend(link.receive() for _ in range(3))
        link.send(b"\x50\x02\x00\x03")  # PUBREC for the message of QoS 2
        seen.append(link.receive())

    def second(link: Link) -> None:
        link.receive()  # CONNECT; the connection ends without an answer

    def third(link: Link) -> None:
        link.accept()
        seen.extend(link.receive() for _ in range(2))
        link.send(b"\x40\x02\x00\x02" + b"\x70\x02\x00\x03")  # both are done
        link.send(b"\x30\x04" + text("t") + b"e")
        link.receive()

    with broker(first, second, third) as port:
        result = run_app(
            PREPARE
            + """
client = MqttClient(URL, "id")
mids = [client.publish("t", b"0", 0), client.publish("t", b"1", 1), client.publish("t", b"2", 2)]
client.on_message(lambda topic, message: end(len(client._queue)))
client.connect(lambda rc, flags: show(rc))
show(*mids)
""",
            URL=url(port),
            env=fast_clock,
        ).ok()
    assert result.lines == [(1, 2, 3), (0,), (-1,), (-1,), (0,), (0,)]
    assert seen == [
        b"\x30\x04" + text("t") + b"0",
        b"\x32\x06" + text("t") + b"\x00\x021",
        b"\x34\x06" + text("t") + b"\x00\x032",
        b"\x62\x02\x00\x03",  # PUBREL
        b"\x3a\x06" + text("t") + b"\x00\x021",  # DUP
        b"\x62\x02\x00\x03",  # not the message, which the broker has
    ]


def test_attempts_come_after_1_2_4_seconds_and_so_on(
    run_app: Program, refused_port: int, fast_clock: dict[str, str]
) -> None:
    result = run_app(
        PREPARE
        + """
times = []
def on_connect(rc, flags):
    times.append(time.time())
    if len(times) == 9:
        end(rc, ErrorDescription(rc), [round(b - a) for a, b in zip(times, times[1:])])
client = MqttClient(URL, "id")
client.connect(on_connect)
""",
        URL=url(refused_port),
        env=fast_clock,
    )
    rc, description, delays = result.shown
    assert (rc, description) == (-1, "Generic error")
    planned = [1, 2, 4, 8, 16, 32, 60, 60]
    assert all(at <= delay < at + 8 for delay, at in zip(delays, planned, strict=True)), delays


def test_broker_is_asked_whether_it_is_there(run_app: Program, fast_clock: dict[str, str]) -> None:
    pings = []

    def script(link: Link) -> None:
        link.accept()
        for _ in range(2):
            pings.append(link.receive())
            link.send(b"\xd0\x00")
        pings.append(link.receive())
        pings.append(link.receive())  # without an answer the client gives the connection up

    with broker(script) as port:
        result = run_app(
            PREPARE
            + """
client = MqttClient(URL, "id")
client.connect(lambda rc, flags: end(rc) if rc else show(rc), {"keep_alive": 30})
""",
            URL=url(port),
            env=fast_clock,
        ).ok()
    assert result.lines == [(0,), (-1,)]
    assert pings == [b"\xc0\x00"] * 3 + [b""]


def test_message_of_qos_2_that_comes_twice_is_delivered_once(run_app: Program) -> None:
    answers = []

    def script(link: Link) -> None:
        link.accept()
        message = b"\x06" + text("t") + b"\x00\x07x"
        link.send(b"\x34" + message + b"\x3c" + message)
        answers.extend(link.receive() for _ in range(2))
        link.send(b"\x62\x02\x00\x07")
        answers.append(link.receive())
        link.send(b"\x32" + b"\x06" + text("t") + b"\x00\x08y")
        answers.append(link.receive())

    with broker(script) as port:
        result = run_app(
            PREPARE
            + """
client = MqttClient(URL, "id")
messages = []
def on_message(topic, message):
    messages.append(bytes(message))
    if message == b"y":
        end(messages)
client.on_message(on_message)
client.connect(lambda rc, flags: None)
""",
            URL=url(port),
        )
    assert result.shown == ([b"x", b"y"],)
    assert answers == [b"\x50\x02\x00\x07", b"\x50\x02\x00\x07", b"\x70\x02\x00\x07", b"\x40\x02\x00\x08"]


@pytest.mark.parametrize(
    "packet",
    [
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x36\x05\x00\x01t\x00\x01",  # QoS 3
        b"\x30\x02\x00\x09",  # a topic that is longer than the packet
        b"\x40\x01\x00",  # half an identifier
        b"\x30\x03\x00\x01\xff",  # a topic that is no UTF-8
        b"\x20\x02\x00\x00",  # accepted once more
    ],
)
def test_packet_that_is_none_ends_the_connection(run_app: Program, packet: bytes) -> None:
    def script(link: Link) -> None:
        link.accept()
        link.send(packet)
        assert link.receive() == b""

    with broker(script) as port:
        result = run_app(
            PREPARE
            + """
client = MqttClient(URL, "id")
client.connect(lambda rc, flags: end(rc) if rc else None)
""",
            URL=url(port),
        )
    assert result.shown == (-1,)


def test_exception_of_a_callback_is_an_app_fault(run_app: Program) -> None:
    def script(link: Link) -> None:
        link.accept()
        assert link.receive() == b"\xe0\x00"

    with broker(script) as port:
        result = run_app(
            PREPARE + "def fail(rc, flags):\n    raise OSError(5)\nMqttClient(URL, 'id').connect(fail)\n",
            URL=url(port),
        )
    assert result.returncode == 1
    assert result.stderr.endswith("OSError: [Errno 5] EIO\n")


def test_brokers_with_tls_need_a_route(run_app: Program) -> None:
    code = """
client = MqttClient("mqtts://broker.example:8886", "id")
show(repr(client))
client.connect(lambda rc, flags: end(rc), {"trust_store": "any"})
"""
    result = run_app(PREPARE + code)
    assert result.returncode == 1
    assert "NotImplementedError: this stand-in of mqtt has no mqtts: give it a broker with" in result.stderr
    with broker(lambda link: (link.accept(), link.receive())) as port:
        route = {"device": "route", "from": "broker.example:8886", "to": f"127.0.0.1:{port}"}
        with devices(lambda peer: (peer.ready(route), peer.rest())) as env:
            result = run_app(PREPARE + code, env=env).ok()
    assert result.lines == [("<stand-in for an MqttClient: broker.example:8886, without TLS>",), (0,)]


def test_wrong_arguments(run_app: Program) -> None:
    result = run_app(
        PREPARE
        + """
client = MqttClient("mqtt://host", "id")
for call in (
    lambda: MqttClient("http://host", "id"),
    lambda: MqttClient("host", "id"),
    lambda: MqttClient("mqtt://:1", "id"),
    lambda: MqttClient("mqtt://host:x", "id"),
    lambda: MqttClient("mqtt://host", None),
    lambda: client.connect(None),
    lambda: client.connect(print, []),
    lambda: client.connect(print, {"retain": 1}),
    lambda: client.connect(print, {"keep_alive": "1"}),
    lambda: client.connect(print, {"keep_alive": 65536}),
    lambda: client.connect(print, {"password": "x"}),
    lambda: client.connect(print, {"will_topic": "", "will_qos": 0}),
    lambda: client.publish("", b"", 0),
    lambda: client.publish("t", 1, 0),
    lambda: client.publish("t", b"", 3),
    lambda: client.publish("t" * 65536, b"", 0),
    lambda: client.subscribe("t"),
    lambda: client.subscribe([]),
    lambda: client.subscribe(("t", None)),
    lambda: client.on_message(1),
    lambda: client.on_subscribe(None),
):
    show(*reason(call))
show(client.subscribe(("t", 1)), ErrorDescription(4), ErrorDescription(-77), MqttError(-9).errno)
show(client._host, client._port, MqttClient("wss://[::1]", "x")._host, MqttClient("ssl://a:1/", "x")._port)
""",
    ).ok()
    *errors, numbers, hosts = result.lines
    assert [name for name, _ in errors[:5]] == ["MqttError"] * 4 + ["TypeError"]
    assert {name for name, _ in errors[5:]} == {"TypeError"}
    assert [message for _, message in errors] == [
        "Bad protocol in URL",
        "Bad protocol in URL",
        "broker_url must be SCHEME://HOST:PORT, not 'mqtt://:1'",
        "broker_url must be SCHEME://HOST:PORT, not 'mqtt://host:x'",
        "client_id must be a str",
        "on_connect must be callable",
        "options must be a dict",
        "options: unknown key 'retain'",
        "options: keep_alive has a wrong type",
        "options: keep_alive must be seconds, at most 65535",
        "options: password needs username",
        "topic must be a str, and not empty",
        "topic must be a str, and not empty",
        "message must be a str or bytes-like",
        "qos must be 0, 1 or 2",
        "MQTT: a topic, name or password has at most 65535 bytes",
        "topics must be (topic, qos) or a list of these",
        "topics must be (topic, qos) or a list of these",
        "qos must be 0, 1 or 2",
        "callback must be callable",
        "callback must be callable",
    ]
    assert numbers == (-3, "Connection Refused, bad user name or password", "Unknown error -77", -9)
    assert hosts == ("host", 1883, "::1", 1)
