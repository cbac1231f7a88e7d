# SPDX-License-Identifier: MIT
"""`make samples`: what it says of samples that show what they should, and of samples that do not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# An app with the name of a sample; it does what the script for that sample waits for.
BUTTON = """
import gpio
from splashscreen import Splashscreen
presses = 0
def pressed():
    global presses
    presses += 1
    Splashscreen().add_text_box("Pressed %d times" % presses)
button = gpio.create("JOYSTICK_CENTER", pressed)
Splashscreen().add_text_box("Waiting for button press...")
"""
CAROUSEL = """
import http
response = http.get("https://sdkworkshop.blob.core.windows.net/dl-7450/content.json")
raise ValueError("%s, and then none for %s" % (
    response.status_code(), http.get("https://elsewhere.example/").status_code()))
"""

# Two examples, and what is none: a command and a list.
FRAGMENTS = """
.. code-block:: bash

   ls

The address::

    print(nic.ifconfig()[0])

.. note::

   no_code

.. code-block:: python

   no_such()

The end: a::b.
"""
TIMER = """
::

  from splashscreen import Splashscreen
  from wakeup import Timer
  count = 0
  def show():
      global count
      count += 1
      if count > 2:
          timer.cancel()
      else:
          Splashscreen().add_text_box("%d" % count)
  timer = Timer(show, 0, 1)
"""


def run(binary: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tests/samples/run.py", "--binary", binary, checkout]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


def write(checkout: Path, name: str, code: str) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text(code)


def test_table_says_what_each_sample_showed(binary: Path, tmp_path: Path) -> None:
    write(tmp_path, "samples/gpio/button_gpio.py", BUTTON)
    write(tmp_path, "samples/gpio/joystick_gpio.py", "from gpio import no_such_name\n")
    write(tmp_path, "samples/http/carousel.py", CAROUSEL)
    write(
        tmp_path,
        "samples/new/newer.py",
        "from splashscreen import Splashscreen\nSplashscreen().add_text_box('new')\n",
    )
    write(tmp_path, "samples/new/silent.py", "")
    done = run(binary, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    rows = [line.split(None, 2) for line in done.stdout.splitlines()]
    assert rows == [
        ["samples/gpio/button_gpio.py", "ok", "Pressed 2 times"],
        ["samples/gpio/joystick_gpio.py", "FAILED", "ImportError: can't import name no_such_name"],
        ["samples/http/carousel.py", "FAILED", "ValueError: 200, and then none for 6"],
        ["samples/new/newer.py", "ok", "(no script for it) new"],
        ["samples/new/silent.py", "FAILED", "it ended; no text like '.', the screen has []"],
        *rows[-2:],
    ]
    assert rows[-2:] == [["2", "of", "5 samples showed what they should"], rows[-1]]


def test_all_is_well_is_exit_code_0(binary: Path, tmp_path: Path) -> None:
    write(tmp_path, "samples/gpio/button_gpio.py", BUTTON)
    assert run(binary, tmp_path).returncode == 0


def test_examples_of_documents_run_too(binary: Path, tmp_path: Path) -> None:
    """Their names are those of pages of the vendor's, of which documents.toml knows something."""
    write(tmp_path, "samples/gpio/button_gpio.py", BUTTON)
    write(tmp_path, "docs/library/network.LAN.rst", FRAGMENTS)
    write(tmp_path, "docs/library/usb.rst", "For example::\n\n    DockInfo()\n")
    write(tmp_path, "docs/library/i2c.rst", ".. code-block:: python\n\n   class C:\n       pass\n")
    write(tmp_path, "docs/library/wakeup.Timer.rst", TIMER)
    done = run(binary, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    lines = [line.split(None, 3) for line in done.stdout.splitlines()[2:-1]]
    assert lines == [
        ["docs/library/i2c.rst", "1", "FAILED", "no SyntaxError, which documents.toml names, but: no error"],
        ["docs/library/network.LAN.rst", "1", "ok", "(a fragment) 192.0.2.45"],
        ["docs/library/network.LAN.rst", "2", "FAILED", "NameError: name 'no_such' isn't defined"],
        ["docs/library/usb.rst", "1", "ok", lines[3][3]],
        ["docs/library/wakeup.Timer.rst", "1", "ok", "2"],
        ["3", "of", "5", "examples of the documents did what they should"],
    ]
    error = "(an error of the document: it imports no DockInfo) NameError: name 'DockInfo' isn't defined"
    assert lines[3][3] == error


@pytest.mark.parametrize("sample", ["README.md", None])
def test_folder_without_samples_is_an_error(binary: Path, tmp_path: Path, sample: str | None) -> None:
    if sample:
        write(tmp_path, f"samples/{sample}", "")
    done = run(binary, tmp_path)
    assert done.returncode == 2
    assert "there are no samples/*/*.py in it" in done.stderr
