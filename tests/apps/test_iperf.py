# SPDX-License-Identifier: MIT
"""The stand-in iperf: against a real iperf3, and against servers that play scripts."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from servers.iperf3 import iperf3
from support.program import Program

pytestmark = pytest.mark.needs("devices")

RUN = """
from iperf import IperfClient
def complete(result):
    print(json.dumps(result))
    sys.exit()
import json
client = IperfClient("127.0.0.1", PORT)
client.run(on_complete=complete)
"""


def measured(result: object) -> dict:
    return json.loads(result.ok().stdout.splitlines()[-1])


def test_test_against_a_real_iperf3(run_app: Program, tmp_path: Path, fast_clock: dict[str, str]) -> None:
    log = tmp_path / "log"
    with iperf3(log) as port:
        # The app's second is 10 ms long: five intervals take 50 ms.
        result = measured(run_app(RUN, PORT=port, env=fast_clock))
    assert "error" not in result
    sums = [interval["sum"] for interval in result["intervals"]]
    assert len(sums) == 5
    for total in sums:
        assert total["bits_per_second"] == pytest.approx(total["bytes"] * 8 / total["seconds"], rel=0.01)
    # An interval ends when its second is over, or later on a busy machine; the next one begins there.
    assert all(total["seconds"] > 0.9 for total in sums)
    assert [total["start"] for total in sums] == pytest.approx([0, *(total["end"] for total in sums[:-1])])
    sent = sum(total["bytes"] for total in sums)
    end = result["end"]
    assert end["sum_sent"]["bytes"] == sent > 0
    # The server counts what it has read by the end of the test, the cookie not among it.
    assert 0 < end["sum_received"]["bytes"] <= sent
    # The server's own account of the test, as JSON in its log.
    account = log.read_text()
    assert '"reverse":\t0' in account
    assert f'"bytes":\t{end["sum_received"]["bytes"]}' in account


def exactly(conn: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = conn.recv(count - len(data))
        assert more, f"the client has closed the connection after {len(data)} bytes"
        data += more
    return data


@contextmanager
def server(script: Callable[[socket.socket, socket.socket], object]) -> Iterator[int]:
    """Play script(listener, control connection); gives the port. Raises what the script raised."""
    faults: list[BaseException] = []

    def serve() -> None:
        try:
            control, _ = listener.accept()
            with control:
                control.settimeout(20)
                cookie = exactly(control, 37)
                assert cookie.endswith(b"\0")
                script(listener, control)
        except BaseException as error:
            faults.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=25)
        assert not thread.is_alive()
        if faults:
            raise faults[0]


def test_parameters_are_those_of_iperf3_without_options(run_app: Program) -> None:
    seen = []

    def script(listener: socket.socket, control: socket.socket) -> None:
        control.sendall(b"\x09")
        (length,) = struct.unpack(">I", exactly(control, 4))
        seen.append(json.loads(exactly(control, length)))
        control.sendall(b"\x0a")
        stream, _ = listener.accept()
        with stream:
            stream.settimeout(20)
            assert exactly(stream, 37).endswith(b"\0")
            control.sendall(b"\x01\x02")
            assert exactly(stream, 1 << 17) == bytes(1 << 17)
        control.sendall(b"\x0b")

    with server(script) as port:
        result = measured(run_app(RUN, PORT=port))
    assert result["intervals"] == []
    assert result["error"].startswith("error - ")
    parameters = {"tcp": True, "time": 5, "parallel": 1, "len": 131072, "omit": 0}
    assert parameters.items() <= seen[0].items()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"\xff", "error - the server is busy running a test. try again later"),
        (b"\xfe\0\0\0\1\0\0\0\2", "error - the server has reported an error"),
        (b"\x0b", "error - the server has terminated"),
        (b"\x63", "error - the server has sent an unknown state: 99"),
        (b"", "error - the peer has closed the connection"),
        (b"\x0d\0\0\0\1x", "error - the server's results cannot be read"),
        (b"\x0d\0\0\0\2{}", "error - the server's results cannot be read"),
    ],
)
def test_refusals_are_an_error_in_the_result(run_app: Program, answer: bytes, error: str) -> None:
    with server(lambda listener, control: control.sendall(answer)) as port:
        result = measured(run_app(RUN, PORT=port))
    assert (result["error"], result["intervals"]) == (error, [])


def test_nobody_listens(run_app: Program, refused_port: int) -> None:
    result = measured(run_app(RUN, PORT=refused_port))
    assert (result["error"], result["intervals"]) == ("error - ECONNREFUSED", [])


def test_server_that_does_not_answer(run_app: Program, deaf_port: int, fast_clock: dict[str, str]) -> None:
    assert (
        measured(run_app(RUN, PORT=deaf_port, env=fast_clock))["error"]
        == "error - the server does not answer"
    )


def test_unknown_name(run_app: Program, hung_dns: dict[str, str]) -> None:
    code = RUN.replace('"127.0.0.1"', '"nowhere.invalid"')
    assert measured(run_app(code, PORT=1, env=hung_dns))["error"].startswith("error - ")


def test_wrong_arguments(run_app: Program) -> None:
    result = run_app("""
        from iperf import IperfClient
        client = IperfClient("host")
        for call in (lambda: IperfClient(1), lambda: IperfClient("host", "1"), lambda: IperfClient("host", 0),
                     lambda: client.run(1)):
            try:
                call()
            except TypeError as e:
                show(str(e))
        show(repr(client))
        """)
    assert result.ok().lines == [
        ("hostname must be a str",),
        ("port must be an int from 1 to 65535",),
        ("port must be an int from 1 to 65535",),
        ("on_complete must be callable",),
        ("<stand-in for an IperfClient: host:5201>",),
    ]
