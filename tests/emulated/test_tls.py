# SPDX-License-Identifier: MIT
"""TLS in the booted machine: mbedTLS, the firmware's certificates, and the machine's clock."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from servers.certs import Certs, server_context
from servers.nginx import Nginx
from servers.wire import WireFactory, WireServer, reply
from support.emulated_machine import Boots, OnMachine

_STATUS = "show(http.get(URL, cacert=CA).status_code())"


@pytest.fixture
def server(wire: WireFactory, tls: ssl.SSLContext) -> WireServer:
    """A server with the good leaf."""
    return wire(reply(200, b"secure"), tls)


def test_right_ca_is_200_from_nginx_too(
    run_app: OnMachine, server: WireServer, web: Nginx, certs: Certs
) -> None:
    run = run_app(
        """
        for url in URLS:
            r = http.get(url, cacert=CA)
            show(r.status_code(), len(r.body()))
        """,
        URLS=[server.url, web.https + "/1k"],
        CA=certs.ca_pem,
    )
    assert run.ok().lines == [(200, 6), (200, 1024)]


def test_wrong_ca_is_60(run_app: OnMachine, server: WireServer, certs: Certs) -> None:
    run = run_app(
        """
        r = http.get(URL, cacert=CA)
        show(r.status_code(), bytes(r.body()), r.headers(), bool(r.error()), "clock" in r.error())
        """,
        URL=server.url,
        CA=certs.other_ca_pem,
    )
    assert run.shown == (60, b"", {}, True, False)
    assert server.requests == []


def test_leaf_certificate_pins_the_server(
    run_app: OnMachine, server: WireServer, certs: Certs, wire: WireFactory
) -> None:
    sibling = wire(reply(), server_context(certs.ca.issue_cert(*certs.names)))
    run = run_app(
        "show([http.get(url, cacert=ca).status_code() for url, ca in CALLS])",
        CALLS=[(server.url, certs.leaf_pem), (sibling.url, certs.leaf_pem), (sibling.url, certs.ca_pem)],
    )
    assert run.shown == ([200, 60, 200],)


def test_certificate_of_another_host_and_an_expired_one_are_60(
    run_app: OnMachine, certs: Certs, wire: WireFactory
) -> None:
    servers = [wire(reply(), server_context(leaf)) for leaf in (certs.wrong_host_leaf, certs.expired_leaf)]
    run = run_app(
        "show([http.get(url, cacert=CA).status_code() for url in URLS])",
        URLS=[server.url for server in servers],
        CA=certs.ca_pem,
    )
    assert run.shown == ([60, 60],)
    assert [server.requests for server in servers] == [[], []]


def test_firmwares_own_certificates_do_not_trust_a_private_ca(run_app: OnMachine, server: WireServer) -> None:
    """They are there, and are read: without them it would be 77."""
    run = run_app(
        """
        with open("/etc/ssl/certs/ca-certificates.crt") as f:
            show(f.read().count("BEGIN CERTIFICATE") > 100)
        show(http.get(URL).status_code())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(True,), (60,)]
    assert server.requests == []


def test_cacert_without_a_certificate_is_77(run_app: OnMachine, server: WireServer) -> None:
    assert run_app(_STATUS, URL=server.url, CA="").shown == (77,)


def test_verify_false_is_a_valueerror(run_app: OnMachine, server: WireServer) -> None:
    run = run_app(
        """
        try:
            http.get(URL, verify=False)
        except ValueError as e:
            show("verify" in str(e), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (True, 16)
    assert server.requests == []


def test_clock_before_the_build_is_60_and_named(boots: Boots, wire: WireFactory, certs: Certs) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    server = wire(reply(), server_context(certs.ca.issue_cert(*certs.names, not_before=yesterday)))
    run = boots(
        "r = http.get(URL, cacert=CA); show(r.status_code(), r.error())",
        URL=server.url,
        CA=certs.ca_pem,
        arguments=("-rtc", "base=2020-01-01"),
    )
    status, error = run.shown
    assert status == 60
    assert error.endswith("; the clock says 2020-01-01, before this firmware was built")
