# SPDX-License-Identifier: MIT
"""Runs the samples of a checkout of the vendor's repository, unmodified, and the examples of its documents.

Prints a table: each sample or example, and what it showed or why it did not. Exits 0 if each sample showed
what its script in scripts.py waits for, and each example did what documents.toml says of it.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from samples import documents  # noqa: E402
from samples.documents import Example  # noqa: E402
from samples.scripts import SAMPLES, Sample  # noqa: E402
from samples.session import Ended, Session  # noqa: E402
from samples.site import Site, site  # noqa: E402
from servers.iperf3 import iperf3  # noqa: E402

_FACTORY_APP = "scripts/rom_store_rosewood/app.py"  # its CRC-32 is what the factory test expects
_MOST_TEXT = 400
_EXAMPLES_AT_ONCE = 8


def find(checkout: Path) -> list[str]:
    """The samples, and the apps of the ROM stores, as paths below the checkout."""
    paths = [*checkout.glob("samples/*/*.py"), *checkout.glob("scripts/rom_store_*/*.py")]
    return sorted(str(path.relative_to(checkout)) for path in paths)


def _unknown(app: Session) -> str:
    """For a sample that is newer than scripts.py: it must run until it shows a text."""
    return f"(no script for it) {app.wait_text('.')}"


def _store(name: str, site: Site, checkout: Path, folder: Path) -> Path:
    if name == "usual":
        return site.store
    # The app alone: with images the sample reads an attribute that it does not have.
    store = folder / "store"
    store.mkdir()
    if (checkout / _FACTORY_APP).exists():
        shutil.copy(checkout / _FACTORY_APP, store / "main.py")
    return store


def run(binary: Path, checkout: Path, name: str, site: Site) -> tuple[bool, str]:
    """Run one sample: whether it showed what it should, and what that was."""
    sample = SAMPLES.get(name) or Sample(_unknown)
    with tempfile.TemporaryDirectory(prefix="sample-") as path:
        folder = Path(path)
        store = _store(sample.store, site, checkout, folder)
        with ExitStack() as stack:
            routes = [_route("test.mosquitto.org:8886", site.broker)]  # the stand-in for MQTT has no TLS
            if sample.iperf:  # a server of its own: it does one test at a time
                routes.append(_route("iperf-server:5000", stack.enter_context(iperf3(folder / "iperf3.log"))))
            session = Session(binary, checkout / name, site, folder, store, [*sample.lines, *routes])
            app = stack.enter_context(session)
            try:
                return True, sample.script(app)
            except (AssertionError, Ended, OSError) as error:
                return False, str(error) or repr(error)


def run_example(binary: Path, example: Example, site: Site) -> tuple[bool, str]:
    """Run one example: whether it did what it should, and what that was."""
    with tempfile.TemporaryDirectory(prefix="example-") as folder:
        return documents.run(binary, example, site, Path(folder))


def _route(server: str, port: int) -> dict:
    return {"device": "route", "from": server, "to": f"127.0.0.1:{port}"}


def main(args: Sequence[str]) -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="of the vendor's repository")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/UNIX/dl7450", help="the host build")
    options = parser.parse_args(args)
    checkout = options.checkout.resolve()
    names = find(checkout)
    if not names:
        print(f"SAMPLES={options.checkout}: there are no samples/*/*.py in it", file=sys.stderr)
        return 2
    examples = list(documents.find(checkout))
    start = time.monotonic()
    # All at once: they wait nearly all the time.
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as servers,
        ThreadPoolExecutor(len(names)) as pool,
        ThreadPoolExecutor(_EXAMPLES_AT_ONCE) as few,
    ):
        binary = options.binary.resolve()
        results = list(pool.map(lambda name: run(binary, checkout, name, servers), names))
        done = list(few.map(lambda example: run_example(binary, example, servers), examples))
    good = print_table(names, results)
    print(f"{good} of {len(names)} samples showed what they should")
    if examples:
        passed = print_table([example.name for example in examples], done)
        print(f"{passed} of {len(examples)} examples of the documents did what they should")
    print(f"{time.monotonic() - start:.0f} s")
    return 0 if all(well for well, _ in results + done) else 1


def print_table(names: list[str], results: list[tuple[bool, str]]) -> int:
    """Print a line for each; return how many are well."""
    width = max(len(name) for name in names)
    for name, (good, shown) in zip(names, results, strict=True):
        print(f"{name:{width}}  {'ok    ' if good else 'FAILED'}  {shown[:_MOST_TEXT]}")
    return sum(good for good, _ in results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
