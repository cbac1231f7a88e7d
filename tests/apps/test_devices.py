# SPDX-License-Identifier: MIT
"""The stand-ins gpio, usb, vision_client, dock, monitor and network, driven through the channel."""

import ast
import base64
import re
import zlib
from pathlib import Path

import pytest
from support.devices import Peer, devices
from support.program import Program

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.needs("devices")


# Runs a call and gives the type and text of its exception.
REASON = """
def reason(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as e:
        return type(e).__name__, str(e)
"""


def test_input_has_levels_and_calls_back_once_for_each_activation(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready({"device": "gpio", "pin": "HIGH", "mode": "input", "active_high": True})
        for _ in range(4):
            peer.wait(device="gpio", watched=True)
        for pin in ("JOYSTICK_UP", "HIGH"):
            peer.press(pin)
            peer.send({"device": "gpio", "pin": pin, "active": True})
            peer.send({"device": "gpio", "pin": pin, "active": True})  # no transition
        peer.press("JOYSTICK_LEFT")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            """
            import gpio
            seen = []
            def note(name):
                seen.append(name)
            def last():
                show(sorted(seen), low.read(), high.read())
                sys.exit()
            low = gpio.create("JOYSTICK_UP", lambda: note("up"))
            high = gpio.create("HIGH", callback=lambda: note("high"))
            gpio.create("HIGH", lambda: note("too"))
            gpio.create("JOYSTICK_LEFT", last)
            show(low.read(), high.read(), low.active_high(), high.active_high(), repr(low))
            """,
            env=env,
        ).ok()
    assert result.lines == [
        (1, 0, False, True, "<stand-in for a DigitalInput: JOYSTICK_UP>"),
        (["high", "high", "too", "too", "up", "up"], 0, 1),
    ]


def test_output_is_heard_outside(run_app: Program) -> None:
    heard = []

    def script(peer: Peer) -> None:
        peer.ready({"device": "gpio", "pin": "LED", "mode": "output"})
        heard.extend(peer.rest())

    with devices(script) as env:
        result = run_app(
            REASON
            + """
import gpio
led = gpio.create("LED")
for value in (1, 0, True):
    led.write(value)
show(reason(led.write, 2), reason(led.write, "1"), led.active_high())
""",
            env=env,
        )
    wrong = ("ValueError", "val must be 0 or 1")
    assert result.shown == (wrong, wrong, False)
    levels = [(event["active"], event["level"]) for event in heard if event.get("device") == "gpio"]
    assert levels == [(True, 0), (False, 1), (True, 0)]


def test_wrong_pins_and_callbacks_are_refused(run_app: Program) -> None:
    with devices(lambda peer: peer.ready({"device": "gpio", "pin": "LED", "mode": "output"})) as env:
        result = run_app(
            REASON
            + """
import gpio
show(reason(gpio.create, "NONE"))
show(reason(gpio.create, None))
show(reason(gpio.create, "LED", print))
show(reason(gpio.create, "JOYSTICK_UP", 1))
show(reason(gpio.DigitalInput, 1, True))
show(reason(gpio.DigitalOutput, "LED", None))
show(gpio.DigitalInput("NONE", True, print).read(), gpio.DigitalOutput("NONE", True).write(1))
""",
            env=env,
        ).ok()
    assert result.lines == [
        (("TypeError", "pin_name: the board has no pin 'NONE'"),),
        (("TypeError", "pin_name: the board has no pin 'None'"),),
        (("TypeError", "callback: pin 'LED' is an output"),),
        (("TypeError", "callback must be callable"),),
        (("TypeError", "pin_name must be a str"),),
        (("TypeError", "active_high must be a bool"),),
        (-1, None),
    ]


def test_exception_of_a_callback_is_an_app_fault_and_the_others_are_dropped(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready()
        peer.wait(device="gpio", pin="JOYSTICK_DOWN", watched=True)
        peer.press("JOYSTICK_UP")
        peer.press("JOYSTICK_DOWN")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            "import gpio\ngpio.create('JOYSTICK_UP', lambda: 1 / 0)\ngpio.create('JOYSTICK_DOWN', print)\n",
            env=env,
        )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.endswith("ZeroDivisionError: divide by zero\n")


def test_app_with_a_callback_ends_when_nothing_can_come(run_app: Program) -> None:
    assert run_app("import gpio\ngpio.create('JOYSTICK_UP', print)\nshow(1)\n").shown == (1,)


def test_usb_devices_come_and_go(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready({"device": "usb", "devices": [[0x046D, 0xC52B, "Receiver"], [1, 2, "é"]]})
        peer.wait(device="gpio", watched=True)
        peer.send({"device": "usb", "devices": [[1, 2]]}, {"device": "usb", "devices": []})
        peer.wait(device=None)  # the wrong line changes nothing
        peer.press("JOYSTICK_UP")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            """
            import gpio, usb
            show(usb.find())
            gpio.create("JOYSTICK_UP", lambda: (show(usb.find()), sys.exit()))
            """,
            env=env,
        ).ok()
    assert result.lines == [([(0x046D, 0xC52B, "Receiver"), (1, 2, "é")],), ([],)]


def test_messages_of_the_backend(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready({"device": "vision", "text": "nobody has asked yet"})
        peer.wait(device="vision", watched=True)
        peer.send({"device": "vision", "text": "té"}, {"device": "vision"})
        assert peer.wait(line='{"device": "vision"}')["error"] == "a message is either text or base64"
        peer.send({"device": "vision", "base64": base64.b64encode(bytes(range(256))).decode()})
        peer.rest()

    with devices(script) as env:
        result = run_app(
            REASON
            + """
from vision_client import VisionClient
client = VisionClient()
def on_message(message):
    show(type(message).__name__, bytes(message))
    if len(message) == 256:
        sys.exit()
show(reason(client.on_message, None), reason(client.send_message, b"x")[0])
client.on_message(print)
client.on_message(on_message)
""",
            env=env,
        ).ok()
    assert result.lines == [
        (("TypeError", "callback must be callable"), "NotImplementedError"),
        ("bytearray", "té".encode()),
        ("bytearray", bytes(range(256))),
    ]


def test_host_is_connected_suspended_resumed_and_unplugged(run_app: Program) -> None:
    heard = []

    def script(peer: Peer) -> None:
        peer.ready()
        for connected in (True, True, False, True):
            peer.wait(device="gpio", pin="STEP")
            peer.send({"device": "host", "connected": connected})
            peer.press("JOYSTICK_UP")
        heard.extend(peer.rest())

    with devices(lambda peer: script(peer)) as env:
        result = run_app(
            """
            import gpio
            from dock import DockControl, DockInfo
            info, control = DockInfo(), DockControl()
            gpio._drive_gpio("STEP", "output")
            step = gpio.create("STEP")
            steps = iter((True, None, True, None))
            def changed():
                before = info.host_status()
                try:
                    suspend = next(steps)
                except StopIteration:
                    sys.exit()
                if suspend is not None:
                    control.suspend_host_connection(suspend)
                show(before, info.host_status())
                step.write(1)
            changes = gpio.create("JOYSTICK_UP", changed)
            changed()
            """,
            env=env,
        ).ok()
    none, connected, suspended = 0, 1, 2
    assert result.lines == [
        (none, none),  # nothing to suspend
        (connected, connected),
        (connected, suspended),
        (none, none),  # an unplug ends the suspension
    ]
    assert [event["status"] for event in heard if event.get("device") == "host"] == [none, suspended]


def test_monitors_come_and_go(run_app: Program) -> None:
    lines = (
        {
            "device": "monitors",
            "outputs": [None, {"name": "Left", "width": 3840, "height": 2160, "serial": 9}],
        },
        {"device": "monitors", "outputs": [{"edid": "00" * 128}]},
        {"device": "monitors", "outputs": []},
    )

    def script(peer: Peer) -> None:
        peer.ready()
        for line in lines:
            peer.wait(device="gpio", watched=True)
            peer.send({"device": "monitors", "outputs": [{"name": "x" * 14}]}, line)
            peer.press("JOYSTICK_UP")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            """
            import gpio
            from dock import DockInfo
            turns = 0
            def changed():
                global turns
                monitors = DockInfo().monitors()
                show([(m.name(), m.preferred_mode(), m.serial_number()) for m in monitors if m.valid()],
                     len(monitors))
                turns += 1
                if turns == 4:
                    sys.exit()
                gpio.create("JOYSTICK_UP", changed if turns == 1 else lambda: None)
            changed()
            """,
            env=env,
        ).ok()
    host = ("Host screen", (1920, 1080), 7450)
    left = ("Left", (3840, 2160), 9)
    assert result.lines == [([host], 4), ([left], 4), ([], 4), ([], 4)]


def test_network_gets_and_loses_its_address(run_app: Program) -> None:
    addresses = ["198.51.100.7", "255.255.255.0", "198.51.100.1", "198.51.100.1"]

    def script(peer: Peer) -> None:
        peer.ready({"device": "network", "addresses": None})
        peer.wait(device="gpio", watched=True)
        peer.send(
            {"device": "network", "addresses": ["1.2.3"]}, {"device": "network", "addresses": addresses}
        )
        peer.press("JOYSTICK_UP")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            """
            from network import LAN
            import gpio
            show(*LAN().ifconfig())
            gpio.create("JOYSTICK_UP", lambda: (show(*LAN().ifconfig()), sys.exit()))
            """,
            env=env,
        ).ok()
    assert result.lines == [("", "", "", ""), tuple(addresses)]


def test_each_stand_in_says_that_it_is_one() -> None:
    folder = ROOT / "firmware/standins"
    rows = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    for path in (*folder.glob("*.py"), *(folder / "devices").glob("[!_]*.py")):
        if path.name != "manifest.py":
            docstring = ast.get_docstring(ast.parse(path.read_text()))
            assert re.search("[Ss]tand-in ", docstring or ""), path
            assert path.stem in documented


def test_code_store_knows_the_checksum_of_the_app_in_the_store(run_app: Program, rom: Path) -> None:
    code = "from datastore import CodeStore\nshow(CodeStore().info())\n"
    assert run_app(code).shown == ({"checksum": 0},)
    (rom / "main.py").write_bytes(b"# an app\r\n")
    expected = {"checksum": zlib.crc32(b"# an app\r\n")}
    assert run_app(code, env={"DL7450_ROM": str(rom)}).shown == (expected,)
