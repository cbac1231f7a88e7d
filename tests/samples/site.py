# SPDX-License-Identifier: MIT
"""Doubles of the servers that the vendor's samples name: real servers on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from PIL import Image
from servers import preload
from servers.mosquitto import mosquitto
from servers.nginx import nginx

CONTENT_HOSTS = ("6pantherpublicanonymous.blob.core.windows.net", "sdkworkshop.blob.core.windows.net")
SLIDES = {"red.png": (160, 30, 30), "green.png": (30, 130, 60), "blue.png": (30, 60, 160)}
DOCK_NAME = "Test dock"


@dataclass(frozen=True)
class Site:
    """What a sample needs: its environment, the ROM store, the slides by their bytes."""

    environment: dict[str, str]
    store: Path
    slides: dict[bytes, str]
    broker: int  # the port of the MQTT broker


def _png(folder: Path, color: tuple[int, int, int]) -> bytes:
    path = folder / "slide.png"
    Image.new("RGB", (1920, 1080), color).save(path)
    return path.read_bytes()


def _make_store(folder: Path, pictures: list[bytes]) -> Path:
    images = folder / "store/images"
    images.mkdir(parents=True)
    for tag, picture in zip(("default", "screen_2", "screen_3"), pictures, strict=True):
        (images / f"{tag}.png").write_bytes(picture)
    values = {"dock_name": DOCK_NAME, "timezone": "GMT"}
    (folder / "store/kv.json").write_text(json.dumps(values))
    return folder / "store"


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Run all servers until the end of the `with`."""
    slides = {name: _png(folder, color) for name, color in SLIDES.items()}
    base = f"https://{CONTENT_HOSTS[1]}/dl-7450/"
    content = json.dumps({"data": {"base_url": base, "images": list(slides)}}).encode()
    files = {f"dl-7450/{name}": data for name, data in slides.items()}
    files |= dict.fromkeys(("dl-7450/content.json", "dl-7450/content2.json"), content)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    with (
        nginx(folder / "web", authority.issue_cert(*CONTENT_HOSTS), files) as web,
        mosquitto(folder) as broker,
    ):
        port = web.https.rpartition(":")[2]
        names = ["names only", *(f"name {host}:443 127.0.0.1 {port}" for host in CONTENT_HOSTS)]
        environment = {
            **preload.simulation(folder, "\n".join(names)),
            "SSL_CERT_FILE": str(folder / "ca.pem"),
        }
        store = _make_store(folder, list(slides.values()))
        yield Site(environment, store, {data: name for name, data in slides.items()}, broker.open)
