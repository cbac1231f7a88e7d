# SPDX-License-Identifier: MIT
"""A real MQTT broker, Debian's mosquitto, on loopback."""

import getpass
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon import Command, daemon, find_program

_ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = ("user", "pass word")

_CONFIG = """
user {user}
log_type all
listener {port} 127.0.0.1
allow_anonymous true
password_file {passwords}
"""


@dataclass(frozen=True)
class Mosquitto:
    """A running broker, for clients without a name and for ACCOUNT."""

    port: int
    log: Path


@contextmanager
def mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """Run the broker until the end of the `with`; all its files are in the folder."""
    program = find_program("MOSQUITTO", _ROOT / "build/mosquitto/usr/sbin/mosquitto")
    passwords = folder / "passwords"
    make_password = program.parent.parent / "bin/mosquitto_passwd"
    subprocess.run([make_password, "-c", "-b", passwords, *ACCOUNT], check=True, capture_output=True)

    def command(port: int) -> Command:
        config = folder / "mosquitto.conf"
        config.write_text(_CONFIG.format(user=getpass.getuser(), port=port, passwords=passwords))
        return [program, "-c", config]

    log = folder / "mosquitto.log"
    with daemon(1, command, log) as (port,):
        yield Mosquitto(port, log)
