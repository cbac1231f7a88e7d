# SPDX-License-Identifier: MIT
"""Starts `dock simulate`, and opens its page in Debian's Chromium."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.simulator import CHROMIUM, Simulator, running

ROOT = Path(__file__).resolve().parent.parent.parent
# `make browser` installs it there.
sys.path.insert(0, str(ROOT / "build/browser"))

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def simulate(binary: Path, tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    """simulate(code, *options): runs an app in `dock simulate`."""
    with ExitStack() as stack:

        def start(code: str, *options: str | Path, env: dict[str, str] | None = None) -> Simulator:
            app = tmp_path / "app.py"
            app.write_text(code)
            dock = Path(sys.executable).with_name("dock")
            command = [dock, "simulate", "--no-browser", "--port", "0", "--program", binary, *options, app]
            return stack.enter_context(running(command, env))

        yield start


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium, without a window."""
    if not Path(CHROMIUM).exists() or not (ROOT / "build/browser/playwright").is_dir():
        pytest.fail("no browser: run `make browser`", pytrace=False)
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []  # Chromium has none for root
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: "Browser") -> "Iterator[Callable[[Simulator], Page]]":
    """visit(simulator): opens its page. In the end no page may have had an error, or asked another host."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1600, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15000)

    def open_page(simulator: Simulator) -> "Page":
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        own = f"http://127.0.0.1:{simulator.port}/"
        page.on(
            "request",
            lambda request: None if request.url.startswith((own, "blob:")) else errors.append(request.url),
        )
        page.goto(simulator.url)
        return page

    yield open_page
    context.close()
    assert not errors
