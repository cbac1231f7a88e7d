# SPDX-License-Identifier: MIT
"""tools/server.py."""

import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from daemon import HOST
from server import serve
from servers.nginx import find_nginx

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def program() -> Path:
    return find_nginx()


@pytest.fixture
def www(tmp_path: Path) -> Path:
    folder = tmp_path / "the www"
    folder.mkdir()
    (folder / "list.json").write_text("[1]")
    return folder


def fetch(url: str, ca: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(url, timeout=5, context=ssl.create_default_context(cadata=ca)) as response:
        return response.headers["Content-Type"], response.read()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def test_serves_a_folder_over_https_to_those_who_trust_its_ca(
    program: Path, www: Path, tmp_path: Path
) -> None:
    with serve(program, tmp_path / "nginx", www) as server:
        assert fetch(server.url + "/list.json", server.ca) == ("application/json", b"[1]")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(server.url, timeout=5)


def test_two_at_a_time_have_ports_of_their_own(program: Path, www: Path, tmp_path: Path) -> None:
    with serve(program, tmp_path / "a", www) as one, serve(program, tmp_path / "b", www) as other:
        assert one.port != other.port
        assert fetch(one.url + "/list.json", one.ca) == fetch(other.url + "/list.json", other.ca)


def test_is_stopped_when_the_block_ends_with_an_error(program: Path, www: Path, tmp_path: Path) -> None:
    class ExpectedError(Exception):
        pass

    ports = []

    def fail() -> None:
        with serve(program, tmp_path / "nginx", www) as server:
            ports.append(server.port)
            assert is_listening(server.port)
            raise ExpectedError

    with pytest.raises(ExpectedError):
        fail()
    assert not is_listening(ports[0])


def test_says_so_when_it_does_not_start(www: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="false did not start"), serve(Path("/bin/false"), tmp_path, www):
        pass


def test_command_line_serves_until_ctrl_c(program: Path, www: Path, tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools/server.py", "--nginx", program, "--folder", tmp_path / "n", www]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[0]
            assert fetch(url + "/list.json", (tmp_path / "n/ca.pem").read_text())[1] == b"[1]"
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert not is_listening(int(url.rsplit(":", 1)[1]))
