# SPDX-License-Identifier: MIT
"""The page of `dock simulate`, in a browser."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from servers.wire import HOLD, WireFactory, reply
from support.har_schema import HAR
from support.simulator import Simulator, running

pytestmark = pytest.mark.needs("preload", "trace")

ROOT = Path(__file__).resolve().parent.parent.parent
Start = Callable[..., Simulator]

_KEEP = "from wakeup import Timer\nTimer(lambda: None, 60000, 60000)\n"


def expect(locator: object) -> object:
    from playwright.sync_api import expect as playwright_expect

    playwright_expect.set_options(timeout=15000)
    return playwright_expect(locator)


def row(page: object, number: int) -> object:
    return page.locator("#rows .row").nth(number)


def test_carousel(visit: Callable, binary: Path, tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools/simulate.py", "--no-browser", "--port", "0"]
    with running([*command, "--folder", tmp_path, "--binary", binary]) as simulator:
        page = visit(simulator)
        picture = page.locator("#picture")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1920, 1080]
        expect(row(page, 0).locator(".path")).to_have_text("/slides.json")
        expect(row(page, 0).locator("span").nth(5)).to_have_text("200")
        for phase in ("connect", "tls", "wait", "body"):
            expect(row(page, 0).locator(f"i.{phase}")).to_have_count(1)
        page.locator("#rates button").nth(1).click()
        first = picture.get_attribute("src")
        expect(picture).not_to_have_attribute("src", first)
        expect(page.locator(".thumb").nth(1)).to_be_visible()
        page.locator(".thumb").first.click()
        expect(picture).to_have_attribute("src", re.compile(r"/drawings/1\.png$"))
        expect(page.locator("#timers")).to_contain_text("go_on")
        expect(page.locator("#lines")).to_contain_text("round 1: meetings.png")
        page.close()  # it would ask the simulator that has ended


def test_requests(simulate: Start, visit: Callable, wire: WireFactory, refused_url: str) -> None:
    last = wire(reply(200, b'{"a": [1, 2]}', "Content-Type: application/json", "Set-Cookie: id=secret"))
    first = wire(reply(302, b"", f"Location: {last.url}/there"))
    held = wire([HOLD])
    code = f"""
import http
keys = {{"Authorization": "the key", "X-Api-Key": "the key"}}
http.post({first.url!r} + "/?token=the%20key", data=b"sent", headers=keys, timeout=5)
http.get({refused_url!r})
kept = [http.get_async({held.url!r}, print, timeout=600) for _ in range(16)]
http.get({held.url!r})
kept[0].cancel()
"""
    page = visit(simulate(code))
    rows = page.locator("#rows .row")
    expect(rows).to_have_count(3 + 17)
    status = [row(page, n).locator("> span").nth(3) for n in range(20)]
    expect(status[0]).to_have_text("302")
    expect(status[1]).to_have_text("200")
    expect(row(page, 1).locator("> span").first).to_have_text("↳")
    expect(status[2]).to_have_text("7 COULDNT_CONNECT")
    expect(status[3]).to_have_text("cancelled")
    expect(status[19]).to_have_text("89 NO_CONNECTION_AVAILABLE")
    expect(page.locator("#slots-text")).to_have_text("15 of 16 slots")
    expect(page.locator("#slots .busy")).to_have_count(15)

    details = page.locator("#details")
    row(page, 1).click()
    expect(details.locator("pre.body").last).to_have_text('{\n  "a": [\n    1,\n    2\n  ]\n}')
    details.get_by_role("button", name="hex").click()
    expect(details.locator("pre.body").last).to_contain_text("000000  7b 22 61 22")
    expect(details).not_to_contain_text("id=secret")
    details.get_by_role("button", name="Show secrets").click()
    expect(details).to_contain_text("id=secret")
    row(page, 0).click()
    expect(details).to_contain_text("Authorization")
    for secret in ("the key", "the%20key"):
        expect(page.locator("#requests")).not_to_contain_text(secret)
    expect(details.locator("pre.body")).to_have_text("sent")

    page.locator("#failed").check()
    expect(page.locator("#rows .row:visible")).to_have_count(2)
    page.locator("#failed").uncheck()
    page.locator("#filter").fill("/there")
    expect(page.locator("#rows .row:visible")).to_have_count(1)

    with page.expect_download() as download:
        page.locator("#har").click()
    archive = json.loads(Path(download.value.path()).read_text())
    jsonschema.validate(archive, HAR)
    entries = archive["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries[:3]] == [302, 200, 0]
    assert len(entries) == 20
    assert not re.search("the(%20| )key", json.dumps(archive))


@pytest.mark.parametrize(
    ("button", "status"),
    [
        ("Cable out", "7 COULDNT_CONNECT"),
        ("Refused", "7 COULDNT_CONNECT"),
        ("Reset", "56 RECV_ERROR"),
        ("No answer", "28 OPERATION_TIMEDOUT"),
    ],
)
def test_network(simulate: Start, visit: Callable, wire: WireFactory, button: str, status: str) -> None:
    server = wire(reply(200, bytes(10000)))
    code = f"""
import http
from wakeup import Timer
Timer(lambda: http.get_async({server.url!r}, lambda r: None, timeout=1), 300, 300)
"""
    page = visit(simulate(code))
    expect(row(page, 0).locator("> span").nth(3)).to_have_text("200")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#conditions [aria-pressed=true]")).to_have_text(button)
    expect(page.locator("#rows .row", has_text=status).first).to_be_visible()


@pytest.mark.parametrize(
    ("button", "status"),
    [("No names", "6 COULDNT_RESOLVE_HOST"), ("Resolver hangs", "28 OPERATION_TIMEDOUT")],
)
def test_names(simulate: Start, visit: Callable, button: str, status: str) -> None:
    code = """
import http
from wakeup import Timer
Timer(lambda: http.get_async("http://shop.example/", lambda r: None, timeout=1), 300, 300)
"""
    page = visit(simulate(code))
    page.get_by_label("Host", exact=True).fill("shop.example")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#conditions-set")).to_contain_text("shop.example")
    expect(page.locator("#conditions [aria-pressed=true]")).to_have_text(button)
    page.locator("#requests-clear").click()  # those before had no condition
    expect(page.locator("#rows .row", has_text=status).first).to_be_visible()


def test_slow_line(simulate: Start, visit: Callable, wire: WireFactory) -> None:
    server = wire(reply(200, bytes(4000)))
    code = f"""
import http
from wakeup import Timer
Timer(lambda: print("took", int(http.get({server.url!r}).timings()["total"] * 10)), 300, 300)
"""
    page = visit(simulate(code))
    lines = page.locator("#lines .stdout")
    expect(lines.first).to_have_text(re.compile("took 0$"))
    page.get_by_label("bytes/s").fill("10000")
    page.get_by_label("delay ms").fill("200")
    page.get_by_role("button", name="Slow", exact=True).click()
    expect(page.locator("#conditions-set")).to_contain_text("slow 10000 200")
    # 4,000 bytes are 0.4 s after a delay of 0.2 s.
    expect(lines.filter(has_text=re.compile("took ([6-9]|1[0-9])$")).first).to_be_visible()
    page.get_by_label("delay ms").fill("250")
    page.get_by_label("delay ms").press("Tab")
    expect(page.locator("#conditions-set")).to_contain_text("slow 10000 250")
    page.get_by_role("button", name="Online", exact=True).click()
    expect(page.locator("#conditions-set")).not_to_contain_text("slow")
    page.get_by_label("delay ms").fill("300")
    page.get_by_label("delay ms").press("Tab")
    page.get_by_role("button", name="Refused", exact=True).click()
    expect(page.locator("#conditions-set")).to_have_text(re.compile("^all hostsrefused"))


def test_clear_requests(simulate: Start, visit: Callable, wire: WireFactory) -> None:
    url, held = wire(reply(200, b"x")).url, wire([HOLD]).url
    code = f"""
import http
for n in range(3):
    http.get({url!r})
http.get_async({held!r}, print, timeout=600)
"""
    simulator = simulate(code)
    one, two = visit(simulator), visit(simulator)
    for page in (one, two):
        expect(page.locator("#rows .row")).to_have_count(4)
    one.locator("#rows .row").first.click()
    expect(one.locator("#details")).to_contain_text("Content-Length")
    one.keyboard.press("c")
    for page in (one, two):  # what is pending stays
        expect(page.locator("#rows .row")).to_have_count(1)
        expect(page.locator("#rows-count")).to_have_text("1 requests")
    expect(one.locator("#details")).to_contain_text("Select a request")
    entries = simulator.get("requests.har").json()["log"]["entries"]
    assert [entry["request"]["url"] for entry in entries] == [f"{held}/"]
    one.keyboard.press("r")
    expect(two.locator("#rows .row")).to_have_count(1 + 4)


def test_settings_and_restart(simulate: Start, visit: Callable, tmp_path: Path) -> None:
    code = _KEEP + "from datastore import KvStore\nprint('it is', KvStore().get('name'))\n"
    store = tmp_path / "rom"
    store.mkdir()
    (store / "kv.json").write_text('{"name": "first"}')
    simulator = simulate(code, "--store", store)
    page = visit(simulator)
    lines = page.locator("#lines")
    expect(lines).to_contain_text("it is first")
    page.get_by_label("name", exact=True).fill("second")
    page.get_by_label("name", exact=True).press("Enter")
    page.keyboard.press("r")
    expect(lines).to_contain_text("it is second")
    (tmp_path / "app.py").write_text(code.replace("it is", "now it is"))
    expect(lines).to_contain_text("restarted: app.py changed")
    expect(lines).to_contain_text("now it is second")
    (store / "kv.json").write_text('{"name": "first", "more": "x"}')
    expect(lines).to_contain_text("restarted: kv.json changed")
    assert json.loads((store / "kv.json").read_text())["name"] == "first"
    expect(page.get_by_label("more", exact=True)).to_have_value("x")


def test_restarts_for_modules_that_the_app_imports(simulate: Start, visit: Callable, tmp_path: Path) -> None:
    (tmp_path / "menu.py").write_text("import dishes\n")
    (tmp_path / "dishes.py").write_text("print('soup')\n")
    page = visit(simulate(_KEEP + "import menu\n"))
    lines = page.locator("#lines")
    expect(lines).to_contain_text("soup")
    (tmp_path / "test_app.py").write_text("")
    (tmp_path / "dishes.py").write_text("print('pasta')\n")
    expect(lines).to_contain_text("pasta")
    # In the order in which it happens.
    expect(lines.locator(".note span").nth(0)).to_have_text("the app ended with exit code 130")
    expect(lines.locator(".note span").nth(1)).to_have_text("restarted: dishes.py changed")
    assert "test_app.py" not in lines.inner_text()


def test_fault(simulate: Start, visit: Callable) -> None:
    page = visit(simulate("def fail():\n    raise ValueError('no good')\nfail()\n"))
    expect(page.locator("#state")).to_contain_text("fault, ended with exit code 1")
    expect(page.locator("#fault")).to_contain_text("ValueError: no good")
    expect(page.locator("#fault")).to_contain_text("line 2, in fail")
    expect(page.locator("#lines .traceback").first).to_contain_text("Traceback")
    expect(page.locator("#lines .traceback").last).to_contain_text("ValueError: no good")
    page.get_by_role("button", name="Restart").click()
    expect(page.locator("#about")).to_contain_text("run 2")


def test_keyboard_alone(simulate: Start, visit: Callable, wire: WireFactory) -> None:
    code = f"""
import http
from splashscreen import Splashscreen
screen = Splashscreen()
screen.add_text_box("one")
for n in range(3):
    http.get({wire(reply(200, b"answer")).url!r} + "/%d" % n)
{_KEEP}
"""
    page = visit(simulate(code))
    expect(page.locator("#picture")).to_be_visible()
    keys = page.keyboard
    keys.press("/")
    keys.type("/2")
    expect(page.locator("#rows .row:visible")).to_have_count(1)
    keys.press("Escape")
    keys.press("q")
    expect(page.locator("#rows [aria-selected=true] .path")).to_have_text("/2")
    keys.press("/")
    keys.press("Delete")
    keys.press("Escape")
    keys.press("q")
    keys.press("Home")
    keys.press("ArrowDown")
    expect(page.locator("#rows [aria-selected=true] .path")).to_have_text("/1")
    expect(page.locator("#details")).to_contain_text("answer")
    keys.press("Enter")
    expect(page.locator("#details")).to_be_focused()
    keys.press("f")
    expect(page.locator("#full-dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#full-dialog")).not_to_be_visible()
    theme = page.evaluate("getComputedStyle(document.body).backgroundColor")
    keys.press("t")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != theme
    with page.expect_download() as download:
        keys.press("p")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    keys.press("s")
    expect(page.locator("#state")).to_contain_text("ended with exit code 130")


def test_dock_and_clock(simulate: Start, visit: Callable) -> None:
    code = """
import gpio
import network
from wakeup import Timer

def look():
    print("LAN", network.LAN().ifconfig()[0])

Timer(look, 3600000, 3600000)
"""
    page = visit(simulate(code))
    expect(page.locator("#timers")).to_contain_text("look")
    step = page.get_by_role("button", name="Step to the next timer")
    step.click()
    expect(page.locator("#held")).to_contain_text("held, the next one in 60 min")
    expect(page.locator("#timers")).to_contain_text("in 60 min")
    step.click()
    expect(page.locator("#lines")).to_contain_text("LAN 192.0.2.45")
    page.locator("#lan").uncheck()
    expect(page.locator("#lan")).not_to_be_checked()
    step.click()
    expect(page.locator("#lines .stdout")).to_have_count(2)
    expect(page.locator("#lines .stdout").last).not_to_contain_text("192.0.2.45")
    page.locator("#rates button").first.click()
    expect(page.locator("#held")).to_have_text("")
    page.locator("#monitors").get_by_role("button", name="3").click()
    expect(page.locator("#monitors [aria-pressed=true]")).to_have_text("3")


def test_timer_runs_down_in_the_time_of_the_app(simulate: Start, visit: Callable) -> None:
    page = visit(simulate("from wakeup import Timer\nTimer(lambda: None, 7200000)\n"))
    left = page.locator("#timers .num")
    expect(left).to_have_text("in 120 min")
    page.locator("#rates button").last.click()
    expect(left).to_have_text(re.compile("in 1[01][0-8] min"))  # the app waits, and says nothing meanwhile
    page.get_by_role("button", name="Step to the next timer").click()
    expect(page.locator("#held")).to_contain_text("held, the next one in")
    minutes = int(re.search(r"in (\d+) min", page.locator("#held").inner_text())[1])
    expect(left).to_have_text(re.compile(f"in ({minutes - 1}|{minutes}|{minutes + 1}) min"))


def test_devices(simulate: Start, visit: Callable) -> None:
    code = """
import i2c, usb
from vision_client import VisionClient
bus = i2c.I2C()

def heard(message):
    if message == b"usb":
        print("usb", usb.find())
    elif message == b"warm":
        print("register", bytes(bus.read(0x18, 5, 2)))
    else:
        bus.write(0x3C, 0, b"\\xaf")
        bus.write(0x3C, 0x40, b"\\x01\\x80")
        print("drawn")

client = VisionClient()
client.on_message(heard)
"""
    page = visit(simulate(code))
    lines = page.locator("#lines")
    expect(page.locator("#listens")).to_have_text("The app waits for messages.")

    def send(text: str) -> None:
        page.get_by_label("A message of the backend").fill(text)
        page.get_by_role("button", name="Send", exact=True).click()

    page.get_by_label("Vendor and product").fill("46d:C52B")
    page.get_by_label("Its name").fill("Receiver")
    page.get_by_role("button", name="Plug in").click()
    expect(page.locator("#usb")).to_contain_text("046d:c52bReceiver")
    send("usb")
    expect(lines).to_contain_text("Receiver")
    page.get_by_role("button", name="Unplug Receiver").click()
    expect(page.locator("#usb")).to_contain_text("Nothing is plugged in.")
    page.get_by_label("Vendor and product").fill("none")
    page.get_by_role("button", name="Plug in").click()
    expect(page.locator("#notice")).to_contain_text("a USB device is VENDOR:PRODUCT")

    page.get_by_label("Temperature").fill("30")
    page.locator("#thermometer").check()
    expect(page.locator("#thermometer")).to_be_checked()
    send("warm")
    expect(lines).to_contain_text("register b'\\xc1\\xe0'")

    page.locator("#oled").check()
    expect(page.locator("#panel-state")).to_have_text("nothing written")
    send("draw")
    expect(lines).to_contain_text("drawn")
    expect(page.locator("#panel-state")).to_contain_text("contrast")
    lit = """canvas => [[0, 0], [0, 1], [1, 7], [1, 0]].map(
        ([x, y]) => canvas.getContext("2d").getImageData(x, y, 1, 1).data[2])"""
    assert page.locator("#panel").evaluate(lit) == [255, 0, 255, 0]


def test_two_pages_and_one_that_goes_away(simulate: Start, visit: Callable) -> None:
    simulator = simulate(_KEEP + "print('hello')")
    one, two = visit(simulator), visit(simulator)
    expect(one.locator("#lines")).to_contain_text("hello")
    expect(two.locator("#lines")).to_contain_text("hello")
    one.close()
    two.keyboard.press("r")
    expect(two.locator("#about")).to_contain_text("run 2")
    three = visit(simulator)
    expect(three.locator("#lines > div")).to_have_count(two.locator("#lines > div").count())


def test_drawing_that_has_no_picture_says_why(simulate: Start, browser: object) -> None:
    code = """
from splashscreen import Splashscreen
from wakeup import Timer
screen = Splashscreen()
screen.add_text_box("fine")
screen.add_text_box("W" * 50, {"x": 960, "y": 100})

def wrong():
    screen.add_text_box("1 <b> 2")

Timer(wrong, 500, 500)
"""
    page = browser.new_page()  # its console has an error: visit() would refuse it
    page.goto(simulate(code).url)
    expect(page.locator("#no-picture")).to_contain_text("write &lt; for <")
    expect(page.locator("#drawing")).to_contain_text(re.compile("drawing ([3-9]|[1-9][0-9])"))
    expect(page.locator(".thumb").nth(1)).to_have_text("no picture2")
    expect(page.locator(".thumb").first.locator("img")).to_be_visible()
    notes = page.locator("#lines .note span")
    expect(notes).to_have_count(2)  # once for each box
    expect(notes.filter(has_text="the text at (960, 100) is cut: it reaches from (")).to_have_count(1)
    expect(notes.filter(has_text="refuses the markup of the text in the message area")).to_have_count(1)
    page.close()


def test_flood_is_said(simulate: Start, visit: Callable) -> None:
    code = """
from splashscreen import Splashscreen
screen = Splashscreen()
import splashscreen
for n in range(20000):
    print("line", n)
for n in range(200):
    screen.add_text_box(str(n), {"x": 1, "y": 1})
    splashscreen._draw()
"""
    simulator = simulate(code)
    page = visit(simulator)
    expect(page.locator("#lines .note").first).to_contain_text(
        "lines are left out: more than 1000 in a second"
    )
    expect(page.locator("#drawing")).to_contain_text("drawing 200")
    expect(page.locator(".thumb")).to_have_count(50)
    assert "line 19999\n" in simulator.output
