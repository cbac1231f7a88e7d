# SPDX-License-Identifier: MIT
"""`make screenshot`: the picture of the page that README shows, with the carousel at work.

screenshot.py PICTURE
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "build/browser"), str(ROOT / "tests")]

from PIL import Image  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402
from support.simulator import CHROMIUM, running  # noqa: E402

_COLOURS = 256  # enough for the page, and a third of the size


def main() -> None:
    """Run the command line."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [
            sys.executable,
            ROOT / "tools/simulate.py",
            "--no-browser",
            "--port",
            "0",
            "--folder",
            folder,
        ]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1680, "height": 960}, color_scheme="dark")
        with running(command) as simulator:
            page.goto(simulator.url)
            page.locator("#slow-bytes").fill("80000")
            page.get_by_role("button", name="Slow").click()
            expect(page.locator(".thumb").nth(2)).to_be_visible(timeout=30000)
            page.get_by_role("button", name="Refused").click()
            expect(page.locator("#rows .failed").first).to_be_visible(timeout=15000)
            page.get_by_role("button", name="Slow", exact=True).click()
            expect(page.locator(".thumb").nth(5)).to_be_visible(timeout=30000)
            page.locator("#rows .row").nth(1).click()
            expect(page.locator("#details img.picture")).to_be_visible()
            expect(page.locator("#drawing")).to_contain_text("drawing 6")
            expect(page.locator(".thumb img").nth(5)).to_have_js_property("naturalWidth", 192)
            page.screenshot(path=target)
            page.close()
        browser.close()
    with Image.open(target) as image:
        small = image.convert("RGB").quantize(_COLOURS, kmeans=1)
    small.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
