# SPDX-License-Identifier: MIT
"""A small Debian mirror on loopback, and the settings of an apt that knows only this mirror."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ARCH = subprocess.run(
    ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
).stdout.strip()


class Mirror:
    """Serves the folder `www`, lists the requested paths in `requests`; scripts run in `cwd` with `env`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.www = folder / "www"
        self.cwd = folder / "checkout"
        self.requests: list[str] = []
        self.before_answer: Callable[[str], None] = lambda path: None
        self.url = ""
        self.written = 0
        self.lists: dict[str, list[str]] = {}
        for name in (self.www / "debian", self.cwd, *(folder / "apt" / part for part in ("lists", "cache"))):
            name.mkdir(parents=True)
        (folder / "apt/status").touch()
        # SOURCES may be that of the make that runs the tests.
        self.env = {
            name: value
            for name, value in os.environ.items()
            if name != "SOURCES" and not name.lower().endswith("_proxy")
        }
        self.env |= {"APT_CONFIG": str(folder / "apt/apt.conf"), "LC_ALL": "C.UTF-8"}

    def configure(self, base: str, more: str = "") -> None:
        """Tell apt of one mirror. Nothing here is signed, so apt is told to accept that."""
        apt = self.folder / "apt"
        (apt / "sources.list").write_text(f"deb {base} stable main\n")
        (apt / "apt.conf").write_text(
            f"""
            Dir::Etc::Main "/dev/null"; Dir::Etc::Parts "/dev/null"; Dir::Etc::SourceParts "/dev/null";
            Dir::Etc::SourceList "{apt}/sources.list";
            Dir::State::lists "{apt}/lists"; Dir::Cache "{apt}/cache";
            Dir::State::status "{apt}/status"; Acquire::Retries "0"; Acquire::Languages "none";
            Acquire::AllowInsecureRepositories "true"; APT::Get::AllowUnauthenticated "true"; {more}
            """
        )

    def update(self) -> None:
        """Do what `apt-get update` of a user does."""
        subprocess.run(["apt-get", "-qq", "update"], env=self.env, check=True, capture_output=True)

    def put(self, path: str, content: bytes) -> Path:
        """Have the server serve content."""
        file = self.www / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def pool(self, path: str, content: bytes) -> Path:
        """Put a file into the pool."""
        return self.put(f"debian/pool/main/{path}", content)

    def publish(
        self,
        package: str,
        version: str,
        *,
        suite: str = "stable",
        arch: str = ARCH,
        depends: str = "",
        lists_only: bool = False,
        pool_only: bool = False,
    ) -> Path:
        """Make a package that contains its version; put it into the pool, the lists or both."""
        tree = self.folder / "tree"
        file = tree / "usr/share/version"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(version)
        control = f"Package: {package}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: nobody\n"
        control += (f"Depends: {depends}\n" if depends else "") + "Description: a thing\n"
        (tree / "DEBIAN").mkdir(exist_ok=True)
        (tree / "DEBIAN/control").write_text(control)
        path = f"pool/main/{package[0]}/thing/{package}_{version}_{arch}.deb"
        place = self.www / "debian" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "--build", tree, place], check=True, capture_output=True)
        content = place.read_bytes()
        sums = f"Filename: {path}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"
        if lists_only:
            place.unlink()
        if not pool_only:
            self.lists.setdefault(suite, []).append(control + sums)
            self.write_lists(suite)
        return place

    def write_lists(self, suite: str) -> None:
        """The lists of a suite as they stand now, for all architectures."""
        folder = f"debian/dists/{suite}"
        packages = "\n".join(self.lists[suite]).encode()
        names = [f"main/binary-{arch}/Packages" for arch in {ARCH, "arm64"}]
        for name in names:
            self.put(f"{folder}/{name}", packages)
        sums = "".join(f" {hashlib.sha256(packages).hexdigest()} {len(packages)} {name}\n" for name in names)
        head = f"Origin: Debian\nLabel: Debian\nSuite: {suite}\nCodename: {suite}\nComponents: main\n"
        head += f"Architectures: {ARCH} arm64\nDate: Sat, 01 Nov 2025 00:00:00 UTC\nSHA256:\n"
        release = self.put(f"{folder}/Release", (head + sums).encode())
        # Each list is newer than the last one by a whole second: HTTP dates have no smaller unit.
        self.written += 1
        os.utime(release, (1762000000 + self.written, 1762000000 + self.written))


@contextmanager
def mirror(folder: Path) -> Iterator[Mirror]:
    """Serve a mirror on loopback; it lists folders, as mirrors do, and answers as a proxy too."""
    it = Mirror(folder)

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            it.requests.append(self.path)
            self.path = self.path.removeprefix("http://mirror.invalid")
            it.before_answer(self.path)
            super().do_GET()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(it.www))) as server:
        it.url = f"http://127.0.0.1:{server.server_port}"
        it.configure(f"{it.url}/debian")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield it
        finally:
            server.shutdown()
            thread.join()
