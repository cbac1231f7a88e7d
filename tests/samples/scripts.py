# SPDX-License-Identifier: MIT
"""What is done with each sample, and what it must show. Each script returns that for the table."""

from collections.abc import Callable
from dataclasses import dataclass, field

from samples.session import Session
from samples.site import DOCK_NAME

Script = Callable[[Session], str]


@dataclass(frozen=True)
class Sample:
    """A script, and what the devices are before the sample starts."""

    script: Script
    lines: list[dict] = field(default_factory=list)
    store: str = "usual"  # or "rosewood": the app of that store alone
    iperf: bool = False  # it needs an iperf3 server


def _dst_timezone(app: Session) -> str:
    first = app.wait_text(r"^2025-03-30 00:59:59")
    return f"{first}; then {app.wait_text(r'^2025-03-30 02:00:00.*BST')}"


def _host_connection(app: Session) -> str:
    shown = [app.wait_text("^No host connected")]
    app.devices().send({"device": "host", "connected": True})
    for text in ("Access revoked for 10 seconds", "^Host Connected"):
        shown.append(app.wait_text(text))
    app.devices().send({"device": "host", "connected": False})
    shown.append(app.wait_text("^No host connected"))
    return "; ".join(shown)


def _management(app: Session) -> str:
    shown = [app.wait_text("1234:abcd Mouse"), app.wait_text("^1: .*Left 3840x2160")]
    assert not any("Hub" in line for line in app.texts()), app.texts()
    app.devices().send({"device": "monitors", "outputs": []})
    shown.append(app.wait_text("^1: .*Not connected"))
    return "; ".join(shown)


def _rosewood(app: Session) -> str:
    shown = [app.wait_text(f"^{test}: Success") for test in ("Images", "Key Values", "Factory App", "Iperf")]
    return "; ".join([*shown, app.wait_text("^Final result: Success")])


def _button(app: Session) -> str:
    app.wait_text("^Waiting for button press")
    for _ in range(2):
        app.devices().press("JOYSTICK_CENTER")
    return app.wait_text("^Pressed 2 times")


def _joystick(app: Session) -> str:
    app.wait_text("^Waiting for joystick press")
    shown = []
    for name in ("CENTER", "UP", "DOWN", "LEFT", "RIGHT"):
        app.devices().press(f"JOYSTICK_{name}")
        shown.append(app.wait_text(f"^JOYSTICK_{name}: 1"))
    return "; ".join(shown)


def _carousel(app: Session) -> str:
    first = app.wait_background()
    return f"the background {first}, then {app.wait_background(other_than=first)}"


def _mcp9808(app: Session) -> str:
    shown = [app.wait_text("MCP9808 rev"), app.wait_text("Temperature: 21.50")]
    app.devices().send({"device": "i2c", "address": 0x18, "temperature": 30.25})
    return "; ".join([*shown, app.wait_text("Temperature: 30.25")])


def _ssd1306(app: Session) -> str:
    event = app.devices().wait(device="i2c", scroll="right")
    pixels = bytes.fromhex(event["pixels"])
    lit = sum(byte.bit_count() for byte in pixels)
    # The logo is 32 pixels wide, from column 48 on and from page 2 on.
    inside = sum(pixels[page * 128 + x].bit_count() for page in range(2, 8) for x in range(48, 80))
    assert event["on"], event
    assert lit == inside > 50, (lit, inside)
    return f"on the display: {lit} pixels, all in the logo's place, scrolling to the right"


def _default(app: Session) -> str:
    app.wait_background()
    return "; ".join([app.wait_text(f"^Dock: {DOCK_NAME}"), app.wait_text("^IP Address: 192.0.2.45")])


def _rosewood_app(app: Session) -> str:
    app.wait_background()
    return "; ".join([app.wait_text("^IP Address: 192.0.2.45"), app.wait_text("^MAC Address: 02:")])


def _text_and_image(app: Session) -> str:
    app.wait_text("^Waiting for instruction")
    app.devices().send({"device": "vision", "text": "tGrüße"})
    return app.wait_text("^Grüße$")


def _text_message(app: Session) -> str:
    app.wait_text("^Waiting for message")
    app.devices().send({"device": "vision", "text": "tHello"})
    return app.wait_text("^Hello$")


def _iperf(app: Session) -> str:
    return "; ".join([app.wait_text(r"^4: [1-9]"), app.wait_text("^Average: [1-9]")])


def _mosquitto(app: Session) -> str:
    app.wait_text("^Subscribed to .* with ID 1 and QoS 2|^Received ")
    return app.wait_text("^Received .*/interesting/topic/news: Hello, World!")


def _clock(app: Session) -> str:
    first = app.wait_text(r"^\d\d:\d\d:\d\d \((GMT|UTC)\)")
    return f"{first}, then {app.wait_text(f'^(?!{first[:8]})[0-9][0-9]:[0-9][0-9]:')}"


_MONITORS = [{"name": "Left", "width": 3840, "height": 2160}, None]
_USB = [[0x1D6B, 0x0002, "Hub"], [0x1234, 0xABCD, "Mouse"]]
_THERMOMETER = {"device": "i2c", "address": 0x18, "model": "MCP9808", "temperature": 21.5}

SAMPLES = {
    "samples/datetime/dst_timezone.py": Sample(_dst_timezone),
    "samples/dock_management/host_connection_control.py": Sample(_host_connection),
    "samples/dock_management/management.py": Sample(
        _management,
        [{"device": "monitors", "outputs": _MONITORS}, {"device": "usb", "devices": _USB}],
    ),
    "samples/factory/rosewood_test.py": Sample(_rosewood, store="rosewood", iperf=True),
    "samples/gpio/button_gpio.py": Sample(_button),
    "samples/gpio/joystick_gpio.py": Sample(_joystick),
    "samples/http/carousel.py": Sample(_carousel),
    "samples/http/carousel_using_async.py": Sample(_carousel),
    "samples/i2c/mcp9808.py": Sample(_mcp9808, [_THERMOMETER]),
    "samples/i2c/ssd1306.py": Sample(_ssd1306, [{"device": "i2c", "address": 0x3C, "model": "SSD1306"}]),
    "samples/introduction/default.py": Sample(_default),
    "samples/iot/text_and_image.py": Sample(_text_and_image),
    "samples/iot/text_message.py": Sample(_text_message),
    "samples/iperf/iperf_client_runner.py": Sample(_iperf, iperf=True),
    "samples/mqtt/mosquitto.py": Sample(_mosquitto),
    "samples/timers/clock.py": Sample(_clock),
    "scripts/rom_store_default/app.py": Sample(_default),
    "scripts/rom_store_rosewood/app.py": Sample(_rosewood_app),
}
