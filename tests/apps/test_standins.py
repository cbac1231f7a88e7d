# SPDX-License-Identifier: MIT
"""The stand-ins for the vendor's splashscreen, image, datastore, network and dock modules."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.program import Program, clean_environment

Draw = Callable[..., dict]

# Data that begins as an image does: the stand-in reads only the beginning.
PNG = b"\x89PNG\r\n\x1a\n"
PREPARE = """
import image
from splashscreen import Alignment, Splashscreen
from wakeup import Timer
screen = Splashscreen()
"""


def box(x: int | None, y: int | None, *lines: str, alignment: str = "middle", markup: bool = False) -> dict:
    return {"x": x, "y": y, "alignment": alignment, "lines": list(lines), "markup": markup}


def test_screen_is_drawn_only_when_python_is_idle(draw: Draw, screen: Path) -> None:
    drawn = draw(
        PREPARE
        + """
import json, os
def drawing():
    try:
        with open(FOLDER + '/screen.json') as f:
            return json.load(f)['drawing']
    except OSError:
        return 0
def later():
    screen.add_text_box('two')
    time.sleep_ms(20)
    assert drawing() == 1, drawing()
def end():
    assert drawing() == 2, drawing()
screen.add_text_box('one')
screen.set_background(BACKGROUND)
time.sleep_ms(20)
assert drawing() == 0
timers = [Timer(later, 20), Timer(end, 60)]
""",
        FOLDER=str(screen),
        BACKGROUND=PNG,
    )
    assert (drawn["drawing"], drawn["width"], drawn["height"]) == (2, 1920, 1080)
    assert drawn["boxes"] == [box(None, None, "two")]


def test_nothing_is_written_without_a_screen_folder(run_app: Program, tmp_path: Path) -> None:
    run_app(PREPARE + "screen.set_background(b'BM', image.BMP)\nscreen.add_text_box('x')\n").ok()
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview"])
def test_background_is_copied_at_the_call(draw: Draw, screen: Path, kind: str) -> None:
    drawn = draw(
        PREPARE + f"data = bytearray(DATA)\nscreen.set_background({kind}(data))\ndata[8] = 0\n",
        DATA=PNG + b"1234",
    )
    assert drawn["background"] == "background.png"
    assert (screen / "background.png").read_bytes() == PNG + b"1234"


def test_background_of_the_other_kind_replaces_the_file_of_before(draw: Draw, screen: Path) -> None:
    screen.mkdir()
    (screen / "background.png").write_bytes(b"from a former run")
    drawn = draw(PREPARE + "screen.set_background(b'BM and so on', image.BMP)\n")
    assert drawn["background"] == "background.bmp"
    assert sorted(path.name for path in screen.iterdir()) == ["background.bmp", "screen.json"]


def test_background_of_a_former_run_is_gone_when_the_app_sets_none(draw: Draw, screen: Path) -> None:
    screen.mkdir()
    (screen / "background.png").write_bytes(b"from a former run")
    assert draw(PREPARE + "screen.add_text_box('x')\n")["background"] is None
    assert [path.name for path in screen.iterdir()] == ["screen.json"]


def test_files_are_always_whole_for_somebody_who_reads_along(
    binary: Path, run_app: Program, screen: Path
) -> None:
    script = run_app.write(
        PREPARE
        + """
pictures = [SIGNATURE + b'a' * 300000, SIGNATURE + b'b' * 500000]
count = 0
def task():
    global count
    count += 1
    screen.set_background(pictures[count % 2])
    screen.add_text_box(['line %d' % count] * 200)
    if count == 300:
        timer.cancel()
timer = Timer(task, 0, 1)
""",
        SIGNATURE=PNG,
    )
    whole = {PNG + b"a" * 300000, PNG + b"b" * 500000}
    looks = 0
    with subprocess.Popen([binary, script], env=clean_environment({"DL7450_SCREEN": str(screen)})) as process:
        try:
            end = time.monotonic() + 30
            while process.poll() is None:
                assert time.monotonic() < end
                if (screen / "screen.json").exists():
                    drawn = json.loads((screen / "screen.json").read_text())
                    assert len(drawn["boxes"][0]["lines"]) == 200
                    assert (screen / drawn["background"]).read_bytes() in whole
                    looks += 1
        finally:
            process.kill()
    assert process.returncode == 0
    assert looks > 10
    assert sorted(path.name for path in screen.iterdir()) == ["background.png", "screen.json"]


def test_boxes_are_named_by_their_place_and_replaced_and_removed(draw: Draw) -> None:
    drawn = draw(
        PREPARE
        + """
screen.add_text_box('old', {'x': 10, 'y': 20})
screen.add_text_box('gone', {'x': 10, 'y': 30})
screen.add_text_box('right', {'x': 1890, 'y': 20, 'alignment': Alignment.RIGHT})
screen.add_text_box(['one', 'two\\nthree'], {'x': 10, 'y': 20, 'alignment': Alignment.LEFT})
screen.remove_text_box(10, 30)
screen.remove_text_box(11, 30)
Splashscreen().add_text_box('low', {'x': 0, 'y': 1000})
"""
    )
    assert drawn["boxes"] == [
        box(10, 20, "one", "two", "three", alignment="left"),
        box(1890, 20, "right", alignment="right"),
        box(0, 1000, "low"),
    ]


@pytest.mark.parametrize("attributes", ["", ", None", ", {}", ", {'alignment': Alignment.MIDDLE}"])
def test_text_without_a_place_goes_to_the_message_area(draw: Draw, attributes: str) -> None:
    drawn = draw(PREPARE + f"screen.add_text_box('old')\nscreen.add_text_box('new'{attributes})\n")
    assert drawn["boxes"] == [box(None, None, "new")]


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("1 < 2 & 3 > 2", False),
        ("<b>bold</b>", True),
        ('<span size="large">', True),
        ("a &amp; b", True),
        ("5 &#8364;", True),
        ("<blink>no tag of Pango's", True),
    ],
)
def test_markup_is_told_from_plain_text(draw: Draw, text: str, markup: bool) -> None:
    assert draw(PREPARE + "screen.add_text_box(TEXT)\n", TEXT=text)["boxes"][0]["markup"] is markup


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("set_background('text')", "TypeError: background must be bytes-like or an ImageToken"),
        ("set_background(None)", "TypeError: background must be bytes-like or an ImageToken"),
        ("set_background(b'GIF89a')", "ValueError: background is no PNG image"),
        ("set_background(b'')", "ValueError: background is no PNG image"),
        ("set_background(b'BMxx')", "ValueError: background is no PNG image"),
        ("set_background(PNG, image.BMP)", "ValueError: background is no BMP image"),
        ("set_background(PNG, image.NONE)", "ValueError: image_type must be image.PNG or image.BMP"),
        ("set_background(PNG, 'png')", "TypeError: image_type must be image.PNG or image.BMP"),
        ("add_text_box(1)", "TypeError: text must be a str or a list of str"),
        ("add_text_box(['a', 1])", "TypeError: text must be a str or a list of str"),
        ("add_text_box('a', 'b')", "TypeError: attributes must be a dict"),
        ("add_text_box('a', {'z': 1})", "ValueError: attributes: unknown key 'z'"),
        ("add_text_box('a', {'x': 1})", "ValueError: attributes: x and y belong together, y is missing"),
        ("add_text_box('a', {'x': 1, 'y': '2'})", "TypeError: y must be an int"),
        (
            "add_text_box('a', {'alignment': 9})",
            "ValueError: alignment must be LEFT, RIGHT or MIDDLE of Alignment",
        ),
        ("remove_text_box(None, 1)", "TypeError: x must be an int"),
    ],
)
def test_wrong_arguments_are_named_and_change_nothing(draw: Draw, call: str, error: str) -> None:
    drawn = draw(
        PREPARE
        + f"""
screen.add_text_box('kept')
try:
    screen.{call}
    assert False
except (TypeError, ValueError) as e:
    text = type(e).__name__ + ': ' + str(e)
assert text == ERROR, text
""",
        ERROR=error,
        PNG=PNG,
    )
    assert (drawn["boxes"], drawn["background"]) == ([box(None, None, "kept")], None)


@pytest.mark.parametrize("where", ["main part", "callback"])
def test_fault_of_an_app_is_on_the_screen(run_app: Program, screen: Path, where: str) -> None:
    start = "fail()" if where == "main part" else "timer = Timer(fail, 0)"
    code = f"""
screen.set_background(PNG)
screen.add_text_box('of the app')
def fail():
    raise RuntimeError('<b>it broke</b>')
{start}
"""
    result = run_app(PREPARE + code, env={"DL7450_SCREEN": str(screen)}, PNG=PNG)
    assert result.returncode == 1
    drawn = json.loads((screen / "screen.json").read_text())
    (fault,) = drawn["boxes"]
    *frames, reason = result.stderr.splitlines()
    assert fault["lines"] == [reason, *frames]
    assert reason == "RuntimeError: <b>it broke</b>"
    assert len(frames) == (3 if where == "main part" else 2)  # including the line "Traceback"
    assert (fault["markup"], drawn["background"]) == (False, None)


def test_fault_is_drawn_for_an_app_that_knows_no_screen(run_app: Program, screen: Path) -> None:
    assert run_app("1 / 0\n", env={"DL7450_SCREEN": str(screen)}).returncode == 1
    assert "ZeroDivisionError" in (screen / "screen.json").read_text()


def test_stores_read_the_rom_folder(run_app: Program, rom: Path) -> None:
    (rom / "images" / "zebra.png").write_bytes(PNG)
    (rom / "images" / "apple.bmp").write_bytes(b"BM123")
    (rom / "images" / "notes.txt").write_bytes(b"no image")
    (rom / "kv.json").write_text('{"b": "2", "a": "\\u00e9", "empty": ""}')
    result = run_app(
        """
        import image
        from datastore import ImageStore, KvStore
        images, pairs = ImageStore(), KvStore()
        data, kind = images.get('apple')
        show(images.list(), type(data).__name__, bytes(data), kind == image.BMP)
        show(images.get('zebra')[1] == image.PNG)
        show(pairs.list(), pairs.get('a'), pairs.get('b'), pairs.get('missing'))
        """,
        env={"DL7450_ROM": str(rom)},
    )
    assert result.ok().lines == [
        (["apple", "zebra"], "bytearray", b"BM123", True),
        (True,),
        (["a", "b", "empty"], "é", "2", ""),
    ]


def test_stores_are_empty_without_a_rom_folder(run_app: Program) -> None:
    code = "from datastore import *\nshow(ImageStore().list(), KvStore().list(), KvStore().get('a'))\n"
    assert run_app(code).shown == ([], [], "")


def test_token_shows_an_image_of_the_store_in_its_own_format(draw: Draw, screen: Path, rom: Path) -> None:
    (rom / "images" / "default.bmp").write_bytes(b"BM and pixels")
    code = """
        from datastore import ImageStore
        from splashscreen import Splashscreen
        Splashscreen().set_background(ImageStore().get_token('default'))
        """
    assert draw(code, env={"DL7450_ROM": str(rom)})["background"] == "background.bmp"
    assert (screen / "background.bmp").read_bytes() == b"BM and pixels"


@pytest.mark.parametrize("how", ["get_token", "get"])
def test_jpeg_of_the_store_is_shown(draw: Draw, screen: Path, rom: Path, how: str) -> None:
    """The vendor's sample of a store has one, although the module `image` has no constant for it."""
    (rom / "images" / "logo.jpeg").write_bytes(b"\xff\xd8\xff and pixels")
    code = f"""
        from datastore import ImageStore
        from splashscreen import Splashscreen
        assert ImageStore().list() == ['logo']
        image = ImageStore().{how}('logo')
        Splashscreen().set_background(*image if isinstance(image, tuple) else (image,))
        """
    assert draw(code, env={"DL7450_ROM": str(rom)})["background"] == "background.jpeg"
    assert (screen / "background.jpeg").read_bytes() == b"\xff\xd8\xff and pixels"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("ImageStore().get('none')", "ValueError: image_tag: there is no image 'none' in ROM"),
        ("ImageStore().get_token(1)", "TypeError: image_tag must be a str"),
        ("ImageToken()", "TypeError: an ImageToken comes from ImageStore.get_token()"),
        ("KvStore().get(1)", "TypeError: key must be a str"),
        (
            "Splashscreen().set_background(ImageStore().get_token('bad'))",
            "ValueError: background is no PNG image",
        ),
        ("DockControl().set_timezone('Nowhere')", "ValueError: timezone: 'Nowhere' is not supported"),
        ("DockControl().set_timezone(1)", "TypeError: timezone must be a str"),
        ("DockControl().suspend_host_connection(1)", "TypeError: suspend must be a bool"),
    ],
)
def test_errors_of_stores_and_dock(run_app: Program, rom: Path, call: str, error: str) -> None:
    (rom / "images" / "bad.png").write_bytes(b"not an image")
    code = f"""
        from datastore import ImageStore, KvStore
        from dock import DockControl
        from image import ImageToken
        from splashscreen import Splashscreen
        screen = Splashscreen()
        try:
            {call}
        except (TypeError, ValueError) as e:
            show(type(e).__name__ + ': ' + str(e))
        """
    assert run_app(code, env={"DL7450_ROM": str(rom)}).shown == (error.replace("ROM", str(rom)),)


def test_image_without_a_store_is_an_error_that_names_the_variable(run_app: Program) -> None:
    run = run_app("from datastore import ImageStore\nImageStore().get('default')\n")
    assert run.returncode == 1
    assert run.stderr.endswith(
        "ValueError: image_tag: there is no image 'default' in the store: DL7450_ROM names none\n"
    )


@pytest.mark.parametrize("where", ["/proc/nowhere", "/dev/null", "/dev/null/below"])
def test_screen_that_cannot_be_written_is_an_error_that_names_the_variable(
    run_app: Program, where: str
) -> None:
    run = run_app(PREPARE + "screen.add_text_box('x')\n", env={"DL7450_SCREEN": where})
    assert run.returncode == 1
    fault, second = run.stderr.splitlines()
    assert f"DL7450_SCREEN: cannot write to '{where}'" in fault
    assert second.startswith("splashscreen: the fault could not be drawn: ")


@pytest.mark.parametrize(
    "text", [b'{"number": 1}', b"[]", b"", b'{"x": "cut off"', b'{"x": ""} y', b'{"x": "\xff"}']
)
def test_bad_pairs_are_reported_with_their_file(run_app: Program, rom: Path, text: bytes) -> None:
    (rom / "kv.json").write_bytes(text)
    result = run_app("from datastore import KvStore\nKvStore().get('x')\n", env={"DL7450_ROM": str(rom)})
    assert result.returncode == 1
    assert f"{rom}/kv.json must be one JSON object of strings" in result.stderr


NETWORK = """
from network import LAN
from wakeup import Timer
lan = LAN()
show(lan.ifconfig()[0], lan.mac() == lan.mac_address(), lan.mac().count(':'))
timer = Timer(lambda: show(lan.ifconfig()[0]), 400)
"""


@pytest.mark.parametrize(
    ("setting", "at_once", "later"),
    [(None, "192.0.2.45", "192.0.2.45"), ("none", "", ""), ("300", "", "192.0.2.45")],
)
def test_network_can_be_there_late_or_absent(
    run_app: Program, setting: str | None, at_once: str, later: str
) -> None:
    env = {"DL7450_NETWORK": setting} if setting else {}
    assert run_app(NETWORK, env=env).ok().lines == [(at_once, True, 5), (later,)]


def test_network_has_the_addresses_that_it_is_given(run_app: Program) -> None:
    addresses = ("10.0.2.15", "255.255.255.0", "10.0.2.2", "10.0.2.3")
    code = "import network; show(*network.LAN().ifconfig())"
    assert run_app(code, env={"DL7450_NETWORK": " ".join(addresses)}).shown == addresses


@pytest.mark.parametrize(
    "setting",
    [
        "never",
        "-1",
        "1.5",
        "10.0.2.15",
        "10.0.2.15 255.255.255.0 10.0.2.2",
        "1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.256",
    ],
)
def test_network_setting_of_another_form_is_a_valueerror_that_shows_it(
    run_app: Program, setting: str
) -> None:
    run = run_app("import network; network.LAN().ifconfig()", env={"DL7450_NETWORK": setting})
    assert run.returncode == 1
    assert f"ValueError: DL7450_NETWORK: none, milliseconds or four addresses, not '{setting}'" in run.stderr


def test_dock_has_an_id_and_one_monitor_at_four_outputs(run_app: Program) -> None:
    result = run_app("""
        from dock import DockInfo
        info = DockInfo()
        show(info.dock_id() == DockInfo().dock_id() != '', info.host_status() == DockInfo.HOST_NOT_CONNECTED)
        show(*[(m.valid(), m.name(), m.preferred_mode(), m.serial_number()) for m in info.monitors()])
        """)
    absent = (False, "", (0, 0), 0)
    assert result.ok().lines == [
        (True, True),
        ((True, "Host screen", (1920, 1080), 7450), absent, absent, absent),
    ]


def test_timezone_changes_local_time(run_app: Program) -> None:
    result = run_app("""
        from dock import DockControl
        DockControl().set_timezone('HST')
        midnight = 1767225600  # 2026-01-01 00:00 UTC
        show(time.localtime(midnight)[:5], time.gmtime(midnight)[:5])
        """)
    assert result.shown == ((2025, 12, 31, 14, 0), (2026, 1, 1, 0, 0))
