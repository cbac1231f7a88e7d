# SPDX-License-Identifier: MIT
"""The channel that drives the stand-ins of devices: a file or a socket with lines of JSON."""

import json
import re
from pathlib import Path

import pytest
from support.devices import Peer, devices
from support.program import Program

pytestmark = pytest.mark.needs("devices")

ROOT = Path(__file__).resolve().parents[2]

BUTTON = """
import gpio, idle
presses = []
def pressed():
    presses.append(1)
    show(len(presses))
    if len(presses) == LAST:
        sys.exit()
button = gpio.create("JOYSTICK_CENTER", callback=pressed)
"""


def press_twice(peer: Peer) -> None:
    """Press the joystick twice when the app watches it."""
    peer.ready()
    peer.wait(device="gpio", watched=True)
    peer.press("JOYSTICK_CENTER")
    peer.press("JOYSTICK_CENTER")
    peer.rest()


def lines_file(folder: Path, *lines: object) -> dict[str, str]:
    """A file for DL7450_DEVICES; a str is a line as it is."""
    path = folder / "devices.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return {"DL7450_DEVICES": str(path)}


def pin(active: bool) -> dict:
    return {"device": "gpio", "pin": "JOYSTICK_CENTER", "active": active}


def test_lines_of_a_file_come_one_after_the_other_and_wait_where_they_say(
    run_app: Program, tmp_path: Path
) -> None:
    env = lines_file(
        tmp_path, pin(False), {"after": 150}, pin(True), pin(False), "", {"after": 50}, pin(True)
    )
    result = run_app(BUTTON, LAST=9, env=env).ok()
    assert result.lines == [(1,), (2,)]  # and then no line is left, and the app ends
    assert result.seconds >= 0.2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "a line must be one JSON object"),
        ("[]", "a line must be one JSON object"),
        ({"device": "lamp"}, "device must be one of gpio, host,"),
        ({"device": "gpio", "pin": "NONE", "active": True}, "the board has no pin 'NONE'"),
        ({"device": "gpio", "pin": "JOYSTICK_UP", "active": 1}, "active must be true or false"),
        ({"device": "gpio", "pin": "JOYSTICK_UP", "color": "red"}, "unexpected keyword argument 'color'"),
        ({"after": -1}, "after must be milliseconds"),
        ({"device": "route", "from": "a:1", "to": "192.0.2.1:1"}, "an address of the loopback"),
        ({"device": "route", "from": "a:1", "to": "127.0.0.1"}, "an address of the loopback"),
    ],
)
def test_wrong_line_of_a_file_is_named(run_app: Program, tmp_path: Path, line: object, reason: str) -> None:
    env = lines_file(tmp_path, pin(False), line)
    result = run_app("import gpio\nshow('not reached')\n", env=env)
    assert (result.returncode, result.lines) == (1, [])
    last = result.stderr.splitlines()[-1]
    assert last.startswith(f"ValueError: DL7450_DEVICES: {env['DL7450_DEVICES']}:2: ")
    assert reason in last


def test_example_of_the_documents(run_app: Program, tmp_path: Path, fast_clock: dict[str, str]) -> None:
    readme = (ROOT / "firmware/standins/README.md").read_text()
    (example,) = re.findall(r"```\n(\{.*?)```", readme, re.DOTALL)
    result = run_app(
        """
        import gpio, i2c
        gpio.create("LED").write(1)
        up = gpio.create("JOYSTICK_UP", lambda: show("pressed"))
        show(bytes(i2c.i2c().read(24, 5, 2)))
        """,
        env=fast_clock | lines_file(tmp_path, example),
    ).ok()
    assert result.lines == [(b"\xc1\x58",), ("pressed",)]


def test_missing_file_is_named(run_app: Program, tmp_path: Path) -> None:
    result = run_app("import gpio\n", env={"DL7450_DEVICES": f"{tmp_path}/none"})
    assert result.returncode == 1
    assert f"DL7450_DEVICES: cannot open '{tmp_path}/none'" in result.stderr


def test_app_without_a_callback_ends_although_lines_are_left(run_app: Program, tmp_path: Path) -> None:
    env = lines_file(tmp_path, {"after": 20000}, pin(True))
    assert run_app("import gpio\nshow(gpio.create('JOYSTICK_CENTER').read())\n", env=env).shown == (1,)


def test_app_starts_when_the_peer_is_ready(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        assert peer.wait()["version"] == 1
        peer.ready({"device": "gpio", "pin": "LAMP", "mode": "output", "active_high": True})
        peer.wait(device="gpio", pin="LAMP", active=True)

    with devices(script) as env:
        run_app("import gpio\ngpio.create('LAMP').write(1)\n", env=env).ok()


def test_wrong_line_of_a_socket_is_answered_and_the_others_count(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready()
        peer.wait(device="gpio", watched=True)
        peer.send_raw(b'{"device": "gpio"}\n{"dev')
        assert "argument" in peer.wait(line='{"device": "gpio"}')["error"]
        peer.send_raw(b'ice": "gpio", "pin": "JOYSTICK_CENTER", "active": true}\n')
        peer.rest()

    with devices(script) as env:
        assert run_app(BUTTON, LAST=1, env=env).shown == (1,)


def test_app_that_waits_for_the_peer_ends_with_it(run_app: Program) -> None:
    def script(peer: Peer) -> None:
        peer.ready()
        peer.wait(device="gpio", watched=True)
        peer.press("JOYSTICK_CENTER")

    with devices(script) as env:
        assert run_app(BUTTON, LAST=9, env=env).shown == (1,)


def test_peer_that_goes_before_it_is_ready_is_an_error(run_app: Program) -> None:
    with devices(lambda peer: peer.send(pin(True))) as env:
        result = run_app("import gpio\n", env=env)
    assert result.returncode == 1
    assert "DL7450_DEVICES: the peer did not send a line with ready" in result.stderr


@pytest.mark.parametrize("http_too", [False, True])
def test_waiting_for_the_peer_is_one_wait_without_polling(
    run_app: Program, dead_port: int, http_too: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.ready({"device": "gpio", "pin": "LAMP", "mode": "output"})
        peer.wait(device="gpio", watched=True)
        peer.wait(device="gpio", pin="LAMP")  # half a second later
        peer.press("JOYSTICK_CENTER")
        peer.rest()

    with devices(script) as env:
        result = run_app(
            BUTTON
            + """
from wakeup import Timer
turns = 0
def count():
    global turns
    turns += 1
    return False
idle.add(count, lambda: None)
if HTTP_TOO:
    http.get_async("http://127.0.0.1:%d/" % PORT, print)
before = 0
def first():
    global before
    before = turns
def end():
    show(turns - before < 5)
    gpio.create("LAMP").write(1)
timers = [Timer(first, 50), Timer(end, 500)]
""",
            LAST=1,
            PORT=dead_port,
            HTTP_TOO=http_too,
            env=env,
        ).ok()
    assert result.lines == [(True,), (1,)]


def test_callbacks_come_while_an_asyncio_loop_waits(run_app: Program) -> None:
    with devices(press_twice) as env:
        result = run_app(
            """
            import asyncio, gpio
            async def main():
                pressed = asyncio.Event()
                count = 0
                def press():
                    nonlocal count
                    count += 1
                    if count == 2:
                        pressed.set()
                gpio.create("JOYSTICK_CENTER", press)
                await asyncio.wait_for(pressed.wait(), 20)
                show(count)
            asyncio.run(main())
            sys.exit()
            """,
            env=env,
        )
    assert result.shown == (2,)
    assert result.seconds < 10


def test_callback_may_run_a_loop_of_its_own(run_app: Program) -> None:
    with devices(press_twice) as env:
        result = run_app(
            """
            import asyncio, gpio
            presses = []
            async def wait():
                await asyncio.sleep_ms(50)
            def press():
                presses.append(1)
                asyncio.run(wait())
                show(len(presses))  # no other callback has run meanwhile
                if len(presses) == 2:
                    sys.exit()
            gpio.create("JOYSTICK_CENTER", press)
            """,
            env=env,
        ).ok()
    assert result.lines == [(1,), (2,)]


def test_large_lines_arrive_whole_in_both_directions(run_app: Program) -> None:
    text = "x" * 300_000

    def script(peer: Peer) -> None:
        peer.ready()
        peer.wait(device="vision", watched=True)
        peer.send({"device": "vision", "text": text})
        peer.send_raw(b"[" + b"1" * 300_000 + b"]\n")
        assert len(peer.wait(error="a line must be one JSON object")["line"]) == 300_002

    with devices(script) as env:
        result = run_app(
            """
            from vision_client import VisionClient
            client = VisionClient()
            client.on_message(lambda message: show(len(message), type(message).__name__))
            """,
            env=env,
        )
    assert result.shown == (300_000, "bytearray")
