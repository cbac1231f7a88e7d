# SPDX-License-Identifier: MIT
"""The stand-in i2c and its virtual devices."""

import re
from pathlib import Path

import pytest
from support.devices import Peer, devices
from support.program import Program

pytestmark = pytest.mark.needs("devices")

ROOT = Path(__file__).resolve().parents[2]

MCP9808 = {"device": "i2c", "address": 0x18, "model": "MCP9808", "temperature": 21.25}
SSD1306 = {"device": "i2c", "address": 0x3C, "model": "SSD1306"}

PREPARE = """
from i2c import I2C, Bus, I2cError, i2c
bus = I2C()
def error(call, *args):
    try:
        return call(*args)
    except I2cError as e:
        assert e.args[0] == e.errno
        return e.errno, e.args[1]
    except TypeError as e:
        return "TypeError", str(e)
"""


def run(run_app: Program, code: str, *lines: dict, **more: object) -> list[tuple]:
    with devices(lambda peer: peer.ready(*lines)) as env:
        return run_app(PREPARE + code, env=env, **more).ok().lines


def test_wrong_buses_addresses_and_arguments(run_app: Program) -> None:
    lines = run(
        run_app,
        """
show(error(I2C, Bus.I2C0))
show(error(i2c, 7))
show(error(bus.read, 0x07, 0, 1), error(bus.write, 0x78, 0, b"x"))
show(error(bus.read, 0x20, 0, 1))
show(error(bus.read, "x", 0, 1), error(bus.read, 0x18, 256, 1), error(bus.read, 0x18, 5, 0))
show(error(bus.write, 0x18, 1, "x"))
show(isinstance(i2c(), I2C), repr(bus))
""",
        MCP9808,
    )
    assert lines == [
        ((1, "Invalid bus ID: only I2C1 is there"),),
        ((1, "Invalid bus ID: only I2C1 is there"),),
        ((2, "Device address out of range: 0x7"), (2, "Device address out of range: 0x78")),
        ((3, "Transmit select error: there is no device at 0x20"),),
        (
            ("TypeError", "address must be an int"),
            ("TypeError", "register must be an int of 8 bits"),
            ("TypeError", "nbytes must be an int, 1 or more"),
        ),
        (("TypeError", "payload must be bytes-like"),),
        (True, "<stand-in for the bus I2C1: 1 devices>"),
    ]


@pytest.mark.parametrize(
    ("celsius", "registers"),
    # Thirteen bits in two's complement, in sixteenths; all limits are 0 after power on.
    [(21.25, b"\xc1\x54"), (0, b"\x80\x00"), (-0.25, b"\x3f\xfc"), (-40, b"\x3d\x80"), (125, b"\xc7\xd0")],
)
def test_thermometer_measures_what_the_channel_sets(
    run_app: Program, celsius: float, registers: bytes
) -> None:
    lines = run(
        run_app,
        """
show(*(bytes(bus.read(0x18, register, 2)) for register in (5, 6, 7)), type(bus.read(0x18, 5, 2)).__name__)
""",
        MCP9808 | {"temperature": celsius},
    )
    assert lines == [(registers, b"\x00\x54", b"\x04\x00", "bytearray")]


def test_registers_of_the_thermometer(run_app: Program) -> None:
    lines = run(
        run_app,
        r"""
bus.write(0x18, 2, b"\x01\x40")  # the upper limit is 20 degrees
bus.write(0x18, 4, bytearray(b"\x01\x90"))  # critical is 25
show(bytes(bus.read(0x18, 2, 2)), bytes(bus.read(0x18, 5, 2)), bytes(bus.read(0x18, 8, 1)))
show(error(bus.write, 0x18, 6, b"\0\0"), error(bus.write, 0x18, 8, b"\0\0"), error(bus.read, 0x18, 9, 2))
show(error(bus.read, 0x18, 5, 3))
""",
        MCP9808,
    )
    assert lines == [
        (b"\x01\x40", b"\x41\x54", b"\x03"),
        (
            (5, "Write error: register 0x6 of an MCP9808 does not take 2 bytes"),
            (5, "Write error: register 0x8 of an MCP9808 does not take 2 bytes"),
            (4, "Read error: an MCP9808 has no register 0x9"),
        ),
        ((4, "Read error: register 0x5 has 2 bytes"),),
    ]


def test_temperature_changes_and_the_sensor_is_unplugged(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready(MCP9808)
        peer.wait(device="gpio", watched=True)
        peer.send({"device": "i2c", "address": 0x18, "temperature": 30}, {"device": "i2c", "address": 9})
        peer.send({"device": "i2c", "address": 0x18, "temperature": 200})
        peer.press("JOYSTICK_UP")
        peer.send({"device": "i2c", "address": 0x18, "attached": False})
        peer.press("JOYSTICK_UP")
        errors = [event["error"] for event in peer.rest() if "error" in event]
        assert errors == [
            "there is no device at this address; model attaches one",
            "temperature must be from -40 to 125",
        ]

    with devices(script) as env:
        result = run_app(
            PREPARE
            + """
import gpio
def look():
    data = error(bus.read, 0x18, 5, 2)
    show(data[0] if data[0] == 3 else bytes(data))
    if data[0] == 3:
        sys.exit()
gpio.create("JOYSTICK_UP", look)
""",
            env=env,
        ).ok()
    assert result.lines == [(b"\xc1\xe0",), (3,)]


def picture(run_app: Program, code: str) -> list[dict]:
    """What the channel hears of the display."""
    events: list[dict] = []

    def script(peer: Peer) -> None:
        peer.ready(SSD1306)
        events.extend(event for event in peer.rest() if event.get("device") == "i2c")

    with devices(script) as env:
        run_app(
            PREPARE
            + """
def command(*data):
    bus.write(0x3c, 0, bytes(data))
def pixels(data):
    bus.write(0x3c, 0x40, data)
"""
            + code,
            env=env,
        ).ok()
    return events


def test_display_has_the_pixels_and_is_told_once_for_all_writes(run_app: Program) -> None:
    (event,) = picture(
        run_app,
        """
command(0xAE)
command(0x20, 0)        # horizontal: columns 126 to 127 of pages 2 and 3
command(0x21, 126); command(127)  # a command may come in parts
command(0x22, 2, 3, 0x81, 0xCF, 0xA7, 0xAF)
pixels(b"abcd")
pixels(b"e")            # around again
""",
    )
    expected = bytearray(1024)
    expected[2 * 128 + 126 : 2 * 128 + 128] = b"eb"
    expected[3 * 128 + 126 : 3 * 128 + 128] = b"cd"
    assert bytes.fromhex(event.pop("pixels")) == expected
    assert event == {
        "device": "i2c", "address": 0x3C, "on": True, "inverse": True, "all_on": False, "contrast": 0xCF,
        "scroll": None,
    }  # fmt: skip


def test_display_in_its_other_modes(run_app: Program) -> None:
    (event,) = picture(
        run_app,
        """
command(0xB1, 0x0F, 0x17)    # page mode, page 1, column 0x7f; it stays on its page
pixels(b"xy")
command(0x20, 1, 0x21, 10, 11, 0x22, 6, 7)  # vertical
pixels(b"abcd")
command(0x27, 0, 0, 0, 7, 0, 0x7F, 0x2F)
""",
    )
    expected = bytearray(1024)
    expected[128 + 127], expected[128] = b"xy"
    for at, byte in ((6 * 128 + 10, "a"), (7 * 128 + 10, "b"), (6 * 128 + 11, "c"), (7 * 128 + 11, "d")):
        expected[at] = ord(byte)
    assert bytes.fromhex(event["pixels"]) == expected
    assert event["scroll"] == "left"


def test_display_refuses_what_it_does_not_have(run_app: Program) -> None:
    lines = run(
        run_app,
        r"""
show(error(bus.write, 0x3c, 0, b"\xf0"), error(bus.write, 0x3c, 1, b"x"))
show(error(bus.write, 0x3c, 0, b"\x21\x02\x01"))
off = bytes(bus.read(0x3c, 0, 1))
bus.write(0x3c, 0, b"\xaf")
show(off, bytes(bus.read(0x3c, 0, 2)))
""",
        SSD1306,
    )
    assert lines == [
        (
            (5, "Write error: an SSD1306 has no command 0xf0"),
            (5, "Write error: an SSD1306 has commands at 0x0 and pixels at 0x40"),
        ),
        ((5, "Write error: the range 2 to 1 is empty"),),
        (b"\x40", b"\0\0"),
    ]


def test_device_that_an_app_developer_writes(run_app: Program) -> None:
    readme = (ROOT / "firmware/standins/README.md").read_text()
    (own_device,) = re.findall(r"```python\n(class Tmp102:.*?)```", readme, re.DOTALL)
    (run_app.folder / "tmp102.py").write_text(own_device)
    lines = run(
        run_app,
        """
show(bytes(bus.read(0x48, 0, 2)))
show(error(bus.read, 0x48, 1, 2), error(bus.write, 0x48, 0, b"x"))
""",
        {"device": "i2c", "address": 0x48, "model": "tmp102:Tmp102", "celsius": -25},
        {"device": "i2c", "address": 0x49, "model": "no_such:Device"},
    )
    assert lines == [
        (b"\xe7\x00",),
        ((4, "Read error: only the temperature can be read"), (5, "Write error: it is read-only")),
    ]
