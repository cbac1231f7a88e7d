# SPDX-License-Identifier: MIT
"""Host names that cannot be resolved, and addresses that do not answer."""

import socket

import pytest
from servers.blackhole import blackhole
from servers.wire import WireFactory, reply
from support.fault import AT_THE_DEADLINE, Fault, Survival

FAULTS = {
    "refused port": Fault([], 7),
    "no such host": Fault([], 6),
    "resolver that hangs": Fault([], 28, AT_THE_DEADLINE, descriptors_kept=3),  # until the resolver returns
    "IPv6 refused, IPv4 alive": Fault([], 200, descriptors_kept=3),
    "IPv6 dead, IPv4 alive": Fault([], 200, descriptors_kept=3),
}


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


_HAS_IPV6 = _has_ipv6()


def test_refused_port(survive: Survival, refused_url: str) -> None:
    survive(FAULTS["refused port"], refused_url)


def test_no_such_host(survive: Survival, hung_dns: dict[str, str]) -> None:
    survive(FAULTS["no such host"], "http://nowhere.invalid/", env=hung_dns)


def test_resolver_that_hangs(survive: Survival, hung_dns: dict[str, str]) -> None:
    survive(FAULTS["resolver that hangs"], "http://hang.invalid/", env=hung_dns)


def test_refused_ipv6(survive: Survival, wire: WireFactory, hung_dns: dict[str, str]) -> None:
    port = wire(reply()).port
    survive(FAULTS["IPv6 refused, IPv4 alive"], f"http://both.invalid:{port}/", env=hung_dns)


@pytest.mark.skipif(not _HAS_IPV6, reason="this machine has no ::1")
def test_dead_ipv6(survive: Survival, wire: WireFactory, hung_dns: dict[str, str]) -> None:
    """libcurl tries the other address after 0.2 s (RFC 8305)."""
    port = wire(reply()).port
    with blackhole("::1", port):
        survive(FAULTS["IPv6 dead, IPv4 alive"], f"http://both.invalid:{port}/", env=hung_dns)
