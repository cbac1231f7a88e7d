# SPDX-License-Identifier: MIT
"""From power on to power off: the store's app, its end, the log, the screen, the network."""

import json
from pathlib import Path

import pytest
from machine import boot, read_data_disk
from PIL import Image
from support.emulated_machine import BOOT_SECONDS, SILENT, Boots, OnMachine


def test_app_in_the_store_runs_and_reads_its_pairs_and_images(boots: Boots, tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    Image.new("RGB", (64, 48), "green").save(picture)
    run = boots(
        """
        import image
        from datastore import ImageStore, KvStore
        show(__file__, KvStore().list(), KvStore().get("name"), ImageStore().list())
        data, kind = ImageStore().get("logo")
        show(bytes(data) == PICTURE, kind == image.PNG)
        """,
        pairs={"name": "Réception", "empty": ""},
        images={"logo": picture},
        PICTURE=picture.read_bytes(),
    )
    assert run.ok().lines == [
        ("/rom/main.py", ["empty", "name"], "Réception", ["logo"]),
        (True, True),
    ]


def test_without_a_disk_the_firmwares_own_store_is_there(run_app: OnMachine) -> None:
    run = run_app("import datastore; show(datastore.KvStore().get('carousel_url'))")
    assert run.shown == ("https://intranet.example/slides/slides.json",)


def test_network_says_the_machines_addresses(boots: Boots, run_app: OnMachine) -> None:
    code = "import network; show(*network.LAN().ifconfig())"
    assert run_app(code).shown == ("10.0.2.15", "255.255.255.0", "10.0.2.2", SILENT)
    run = boots(code, environment={"DL7450_NAME_SERVER": "10.0.2.3"})
    assert run.shown == ("10.0.2.15", "255.255.255.0", "10.0.2.2", "10.0.2.3")


def test_app_that_ends_powers_the_machine_off_with_its_exit_code(boots: Boots) -> None:
    run = boots("print('the last word'); sys.exit(3)")
    assert run.returncode == 3
    assert "the last word" in run.stdout


def test_fault_is_in_the_log_and_on_the_screen_and_exit_code_1(
    boots: Boots, data: Path, tmp_path: Path
) -> None:
    run = boots(
        "from splashscreen import Splashscreen; Splashscreen().add_text_box('fine'); 1 // 0", data=data
    )
    assert run.returncode == 1
    log = run.stdout.splitlines()
    start = log.index("Traceback (most recent call last):")
    end = log.index("ZeroDivisionError: divide by zero") + 1
    drawn = json.loads((read_data_disk(data, "screen", tmp_path) / "screen.json").read_text())
    (box,) = drawn["boxes"]
    assert box["lines"] == [log[end - 1], *log[start : end - 1]]


def test_screen_is_on_the_disk_when_the_machine_is_off(boots: Boots, data: Path, tmp_path: Path) -> None:
    boots("from splashscreen import Splashscreen; Splashscreen().add_text_box('Hello')", data=data).ok()
    drawn = json.loads((read_data_disk(data, "screen", tmp_path) / "screen.json").read_text())
    assert [box["lines"] for box in drawn["boxes"]] == [["Hello"]]


@pytest.mark.parametrize("line", ["/dev/nothing", "/dev/null"])
def test_serial_line_that_is_none_ends_the_machine_at_once(built: Path, line: str) -> None:
    with boot(built, environment={"DL7450_SERIAL": line}) as machine:
        assert machine.wait(BOOT_SECONDS) == 2
    assert machine.log.count(f"dl7450: --serial {line}: ") == 1


def test_another_program_than_the_firmwares_may_be_named(built: Path) -> None:
    with boot(built, environment={"DL7450_PROGRAM": "/no/such/program"}) as machine:
        assert machine.wait(BOOT_SECONDS) == 127
    assert "init: /no/such/program: No such file or directory" in machine.log
