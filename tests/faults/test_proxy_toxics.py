# SPDX-License-Identifier: MIT
"""Real proxies that disturb a connection: nginx in front of the server, tinyproxy with a tunnel to it.

The proxies are real; they throttle, freeze (SIGSTOP), reset, give up and die (SIGKILL). The server behind
them is scripted and decides when this happens.
"""

import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from nginx_servers import nginx_servers
from servers.certs import Certs
from servers.nginx import find_nginx
from servers.tinyproxy import find_tinyproxy, tinyproxy
from servers.wire import CLOSE, HOLD, Handler, Reply, Request, WireFactory, head, numbered_bytes, reply
from support.fault import AT_THE_DEADLINE, LONG_DEADLINE, Fault, Survival
from support.process_state import wait_for
from support.program import Program

_ALL = 3  # connections: libcurl keeps them
_BODY = numbered_bytes(1 << 20)
_HALF = head(200, f"Content-Length: {len(_BODY)}") + _BODY[: 1 << 19]
_REST = _BODY[1 << 19 :]

FAULTS = {
    "nginx throttles to 256 KiB/s": Fault(reply(200, _BODY), 28, AT_THE_DEADLINE),
    "nginx is frozen for 0.1 s": Fault([], 200, descriptors_kept=_ALL),
    "nginx is frozen": Fault([], 28, AT_THE_DEADLINE),
    "nginx resets": Fault(reply(), 56),
    "nginx, server refused": Fault(reply(), 502, descriptors_kept=_ALL),
    "nginx, server silent": Fault([HOLD], 504, descriptors_kept=_ALL),
    "nginx, server closes in the body": Fault([_HALF, CLOSE], 18),
    "nginx dies with 16 bodies in it": Fault([], (18, 56)),
    "tinyproxy dies with 16 tunnels in it": Fault([], (18, 56)),
}

# Directives of nginx, for the faults that nginx itself causes.
_PATHS = {
    "nginx throttles to 256 KiB/s": "/throttled",
    "nginx resets": "/reset",
    "nginx, server refused": "/refused",
}


@dataclass(frozen=True)
class Toxic:
    """An nginx in front of a server: its origin and the id of its only process."""

    url: str
    pid_file: Path

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(int(self.pid_file.read_text()), number)


Intoxicate = Callable[[Reply | Handler], Toxic]


@pytest.fixture
def toxic(
    wire: WireFactory, certs: Certs, refused_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Intoxicate]:
    """Starts an nginx in front of a server with this answer."""
    with ExitStack() as stack:

        def start(answer: Reply | Handler) -> Toxic:
            folder = tmp_path_factory.mktemp("toxic")
            server = wire(answer).url
            nginx = nginx_servers(
                find_nginx(),
                folder,
                certs.leaf,
                1,
                lambda port: (
                    f"""server {{
                    listen 127.0.0.1:{port};
                    proxy_buffering off;
                    proxy_read_timeout 300ms;
                    reset_timedout_connection on;
                    location / {{ proxy_pass {server}; }}
                    location /patient {{ proxy_pass {server}; proxy_read_timeout 60s; }}
                    location /throttled {{ proxy_pass {server}; limit_rate 256k; proxy_buffering on; }}
                    location /reset {{ return 444; }}
                    location /refused {{ proxy_pass http://127.0.0.1:{refused_port}; }}
                }}"""
                ),
            )
            (port,) = stack.enter_context(nginx)
            proxy = Toxic(f"http://127.0.0.1:{port}", folder / "nginx.pid")
            stack.callback(_thaw, proxy)
            return proxy

        yield start


def _thaw(proxy: Toxic) -> None:
    with suppress(OSError):  # it may have ended
        proxy.send(signal.SIGCONT)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if FAULTS[fault].answer])
def test_nginx_spoils_the_answer(survive: Survival, toxic: Intoxicate, fault: str) -> None:
    survive(FAULTS[fault], toxic(FAULTS[fault].answer).url + _PATHS.get(fault, "/"))


def test_nginx_freezes_for_a_while(survive: Survival, toxic: Intoxicate) -> None:
    def answer(request: Request) -> Reply:
        return [_HALF, lambda: proxy.send(signal.SIGSTOP), 0.1, lambda: proxy.send(signal.SIGCONT), _REST]

    proxy = toxic(answer)
    # With the short limit, an nginx that thaws late on a busy machine gives the server up.
    survive(FAULTS["nginx is frozen for 0.1 s"], proxy.url + "/patient")


def test_nginx_freezes_for_ever(survive: Survival, toxic: Intoxicate) -> None:
    proxy = toxic(lambda request: [_HALF, lambda: proxy.send(signal.SIGSTOP), HOLD])
    survive(FAULTS["nginx is frozen"], proxy.url)


# GOOD sends the whole body. From URL, 16 requests have half of it when the proxy dies.
_DEATH = """
import idle
import os


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def start(number):
    def arrives(received, total):
        global complete
        arriving.add(number)
        if len(arriving) == 16 and not complete:
            complete = time.ticks_ms()
            open(ARRIVED, "w").close()

    def ended(r):
        show(number, r.status_code(), r.error(), whole.startswith(bytes(r.body())))

    http.get_async(URL, ended, on_progress=arrives, **OPTIONS)


whole = bytes(http.get_async(GOOD).wait().body())  # now the engine's thread has its descriptor
arriving = set()
complete = None
before = descriptors()
for number in range(16):
    start(number)
idle.run()
seconds = time.ticks_diff(time.ticks_ms(), complete) / 1000
left = descriptors() - before
again = http.get(URL, **OPTIONS).status_code()
show(seconds, again, http.get(GOOD).status_code(), http.stats()["in_flight"], left)
"""


def _half_of_16(arrived: Path, then: Callable[[], None]) -> Handler:
    """Each request gets half a body. When all of them have some of it, something happens."""

    def happens() -> None:
        wait_for(arrived.exists, "all bodies to begin")
        then()

    barrier = threading.Barrier(16, happens)
    return lambda request: [_HALF, lambda: barrier.wait(30), HOLD]


def _outlive(
    run_app: Program, wire: WireFactory, fault: str, url: str, arrived: Path, **options: object
) -> None:
    good = wire(reply(200, _BODY)).url
    run = run_app(
        _DEATH, URL=url, GOOD=good, ARRIVED=str(arrived), OPTIONS={"timeout": LONG_DEADLINE, **options}
    )
    *ends, (seconds, *after) = run.ok().lines
    assert sorted(number for number, *_ in ends) == list(range(16))
    for _, status, error, is_prefix in ends:
        assert status in FAULTS[fault].statuses
        assert len(error.splitlines()) == 1
        assert is_prefix
    assert seconds < LONG_DEADLINE / 4  # since all 16 had half a body
    assert after == [7, 200, 0, 0]


def test_nginx_dies(run_app: Program, wire: WireFactory, toxic: Intoxicate, tmp_path: Path) -> None:
    arrived = tmp_path / "arrived"
    proxy = toxic(_half_of_16(arrived, lambda: proxy.send(signal.SIGKILL)))
    _outlive(run_app, wire, "nginx dies with 16 bodies in it", proxy.url, arrived)


def test_tinyproxy_dies(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, tmp_path: Path
) -> None:
    with tinyproxy(find_tinyproxy(), tmp_path / "proxy") as proxy:
        arrived = tmp_path / "arrived"
        server = wire(_half_of_16(arrived, lambda: os.kill(proxy.pid, signal.SIGKILL)), tls)
        options = {"proxy": proxy.url, "cacert": certs.ca_pem}
        _outlive(run_app, wire, "tinyproxy dies with 16 tunnels in it", server.url, arrived, **options)
