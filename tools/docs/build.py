# SPDX-License-Identifier: MIT
"""Builds the reference: pages, pictures, HTML by Sphinx, and the pages in the form of the SDK's documents.

Warnings are errors, and links that lead nowhere are warnings. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from from_stubs import module_pages, options_page
from links import wrong_links
from pictures import PICTURES

HERE = Path(__file__).resolve().parent
STUBS = HERE.parent / "stubs"
# The modules of this project; the others are the vendor's, and have pages in the SDK's documents already.
OWN = ("http", "requests", "urlrequest", "kivy", "webrequest", "cefpython3", "feed", "idle")
SDK = """\
# The smallest settings that the pages need.
project = "http"
"""


def prepare(folder: Path) -> None:
    """Put everything that Sphinx reads into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "library").mkdir(parents=True)
    (folder / "pictures").mkdir()
    for path in HERE.glob("*.rst"):
        shutil.copyfile(path, folder / path.name)
    for name in ("conf.py", "reference.css"):
        shutil.copyfile(HERE / name, folder / name)
    for name, draw in PICTURES.items():
        (folder / "pictures" / f"{name}.svg").write_text(draw())
    modules = sorted(path.parent.name.removesuffix("-stubs") for path in STUBS.glob("*-stubs/__init__.pyi"))
    for module in modules:
        _write(folder / "library", module)
    _toctree(folder / "library" / "own.rst", "Modules of this project", [m for m in OWN if m in modules])
    _toctree(folder / "library" / "sdk.rst", "Modules of the SDK", [m for m in modules if m not in OWN])


def sdk_pages(folder: Path) -> None:
    """Put the pages of `http` into a folder, to be copied into docs/library of the SDK's documents."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "library").mkdir(parents=True)
    _write(folder / "library", "http")
    (folder / "conf.py").write_text(SDK)
    (folder / "index.rst").write_text("Library\n=======\n\n.. toctree::\n\n   library/http.rst\n")


def _write(folder: Path, module: str) -> None:
    pages = module_pages(module, STUBS / f"{module}-stubs" / "__init__.pyi", options_page=module == "http")
    if module == "http":
        name = f"{module}.options"
        pages[name] = options_page(STUBS / "http-stubs" / "_options.pyi")
        pages[module] = pages[module].replace("   :maxdepth: 1\n\n", f"   :maxdepth: 1\n\n   {name}.rst\n")
        # The words that the stubs have no place for.
        pages[module] = pages[module].replace("Functions\n---------\n", (HERE / "http.inc").read_text(), 1)
    for name, text in pages.items():
        (folder / f"{name}.rst").write_text(text)


def _toctree(path: Path, title: str, modules: list[str]) -> None:
    entries = "".join(f"   {module}.rst\n" for module in modules)
    path.write_text(f"{title}\n{'=' * len(title)}\n\n.. toctree::\n   :maxdepth: 1\n\n{entries}")


def sphinx(source: Path, target: Path) -> int:
    """Make HTML. Gives the exit code of Sphinx."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-b", "html"]
    return subprocess.run(
        [*command, "-d", target.parent / "doctrees", source, target], check=False
    ).returncode


def main() -> int:
    """Build both forms into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    prepare(folder / "source")
    sdk_pages(folder / "sdk")
    code = sphinx(folder / "source", folder / "html") or sphinx(folder / "sdk", folder / "sdk-html")
    wrong = [] if code else [*wrong_links(folder / "html"), *wrong_links(folder / "sdk-html")]
    for link in wrong:
        print(f"error: this link leads nowhere: {link}", file=sys.stderr)
    code = code or bool(wrong)
    if code == 0:
        pages = len(list((folder / "html").rglob("*.html")))
        print(f"{folder}/html/index.html: {pages} pages; {folder}/sdk/library: pages for the SDK's documents")
    return code


if __name__ == "__main__":
    sys.exit(main())
