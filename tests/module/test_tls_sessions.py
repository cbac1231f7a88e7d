# SPDX-License-Identifier: MIT
"""TLS sessions: a new connection to a server that was seen before is resumed, with the same trust only.

Before libcurl 8.12.0 none is resumed: see http/engine/hop.c. With OpenSSL, libcurl switches the
tickets of TLS 1.2 off.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from nginx_servers import nginx_servers
from servers.certs import Certs, pem
from servers.nginx import find_nginx
from servers.wire import HOLD, WireFactory, reply
from support.program import Program

# nginx says "r" for a session that was resumed, and "." for a new one.
_SERVER = """server {{
    listen 127.0.0.1:{port} ssl;
    ssl_protocols {protocol};
    ssl_session_tickets {tickets};
    ssl_session_cache {cache};
    ssl_verify_client optional_no_ca;
    location / {{ return 200 "$ssl_session_reused $ssl_client_fingerprint"; }}
}}"""
_KINDS = {
    "TLS 1.3": ("TLSv1.3", "on", "none"),
    "TLS 1.2, tickets": ("TLSv1.2", "on", "none"),
    "TLS 1.2, session ids": ("TLSv1.2", "off", "shared:ids:1m"),
}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, certs: Certs) -> Iterator[dict[str, str]]:
    """The origins of an nginx for each of the _KINDS."""

    def servers(*ports: int) -> str:
        return "".join(
            _SERVER.format(port=port, protocol=protocol, tickets=tickets, cache=cache)
            for port, (protocol, tickets, cache) in zip(ports, _KINDS.values(), strict=True)
        )

    folder: Path = tmp_path_factory.mktemp("sessions")
    with nginx_servers(find_nginx(), folder, certs.leaf, len(_KINDS), servers) as ports:
        yield {kind: f"https://127.0.0.1:{port}/" for kind, port in zip(_KINDS, ports, strict=True)}


@pytest.fixture
def again(binary: Path, kind: str) -> str:
    """What nginx says of a second connection: "r" if this libcurl resumes such sessions, else "."."""
    if b"libcurl.so.4" not in binary.read_bytes():
        return "r"  # the firmware's own libcurl
    if kind == "TLS 1.2, tickets":
        return "."  # libcurl sets SSL_OP_NO_TICKET, which OpenSSL obeys up to TLS 1.2
    library = ctypes.CDLL("libcurl.so.4")
    library.curl_version.restype = ctypes.c_char_p
    found = re.match(rb"libcurl/(\d+)\.(\d+)", library.curl_version())
    assert found
    return "r" if (int(found[1]), int(found[2])) >= (8, 12) else "."


# The connection ends with the response, so each request needs a new one.
_GET = """
        def get(**options):
            response = http.get(URL, headers={"Connection": "close"}, **options)
            return response.text()[:1] if response.ok() else response.error()
"""


@pytest.mark.parametrize("kind", _KINDS)
def test_new_connection_is_resumed(
    run_app: Program, sites: dict[str, str], certs: Certs, kind: str, again: str
) -> None:
    run = run_app(
        _GET
        + """
        show([get(cacert=CA) for _ in range(4)])
        """,
        URL=sites[kind],
        CA=pem(certs.ca),
    )
    assert run.shown == ([".", again, again, again],)


@pytest.mark.parametrize("kind", _KINDS)
def test_concurrent_connections_are_resumed(
    run_app: Program, sites: dict[str, str], certs: Certs, kind: str, again: str
) -> None:
    run = run_app(
        _GET
        + """
        get(cacert=CA)
        headers = {"Connection": "close"}
        show([r.wait().text()[:1] for r in [http.get_async(URL, None, headers, cacert=CA) for _ in range(2)]])
        """,
        URL=sites[kind],
        CA=pem(certs.ca),
    )
    assert run.shown == ([again, again],)


@pytest.mark.parametrize("kind", _KINDS)
def test_other_authorities_get_no_session(
    run_app: Program, sites: dict[str, str], certs: Certs, kind: str, again: str
) -> None:
    run = run_app(
        _GET
        + """
        show(get(cacert=CA), get(cacert=CA))
        r = http.get(URL, cacert=OTHER)
        show(r.status_code(), get(cacert=CA + OTHER), get(cacert=CA))
        """,
        URL=sites[kind],
        CA=pem(certs.ca),
        OTHER=pem(certs.other_ca),
    )
    assert run.ok().lines == [(".", again), (60, ".", again)]


@pytest.mark.parametrize("kind", _KINDS)
def test_client_certificate_gets_its_own_session(
    run_app: Program, sites: dict[str, str], certs: Certs, kind: str, again: str
) -> None:
    client = trustme.CA().issue_cert("client@example.org")
    run = run_app(
        _GET
        + """
        show(get(cacert=CA), get(cacert=CA, cert=CERT), get(cacert=CA))
        """,
        URL=sites[kind],
        CA=pem(certs.ca),
        CERT=(client.cert_chain_pems[0].bytes().decode(), client.private_key_pem.bytes().decode()),
    )
    assert run.shown[:2] == (".", ".")
    assert run.shown[2] == again


def test_certificates_that_have_changed_are_read_again(
    run_app: Program, sites: dict[str, str], certs: Certs
) -> None:
    # The length is the same, and so is the object.
    run = run_app(
        """
        ca = bytearray(CA.encode())
        at = ca.find(b"\\n") + 40
        right = ca[at]
        statuses = []
        for byte in (right, 33, right):
            ca[at] = byte
            statuses.append(http.get(URL, cacert=ca).status_code())
        show(statuses)
        """,
        URL=sites["TLS 1.3"],
        CA=pem(certs.ca),
    )
    assert run.shown == ([200, 77, 200],)


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview"])
def test_certificates_of_another_object_are_read(run_app: Program, wire: WireFactory, kind: str) -> None:
    """The app keeps none: the next one would get the address of the last, if the module did not keep it."""
    run = run_app(
        f"""
        import gc

        def status(cacert):
            gc.collect()
            return http.get(URL, cacert={kind}(cacert + b"\\n")).status_code()

        right, wrong = b"-----BEGIN CERTIFICATE-----", b"-----BEGIN CERTIFICATE----x"
        show([status(cacert) for cacert in (right, wrong, right, right, wrong, wrong)])
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == ([200, 77, 200, 200, 77, 77],)


def test_certificates_of_a_refused_request_are_read_later(
    run_app: Program, sites: dict[str, str], wire: WireFactory, certs: Certs
) -> None:
    run = run_app(
        """
        def status(cacert):
            return http.get(URL, cacert=cacert).status_code()

        statuses = [status(CA)]
        held = [http.get_async(SLOW) for _ in range(16)]
        statuses.append(status(OTHER))
        http.cancel_all()
        statuses += status(OTHER), status(CA)
        show(statuses)
        """,
        URL=sites["TLS 1.3"],
        SLOW=wire([HOLD]).url,
        CA=pem(certs.ca),
        OTHER=pem(certs.other_ca),
    )
    assert run.shown == ([200, 89, 60, 200],)


def test_requests_share_their_certificates(run_app: Program, wire: WireFactory, certs: Certs) -> None:
    run = run_app(
        """
        def kib():
            with open("/proc/self/smaps_rollup") as file:
                return [int(line.split()[1]) for line in file if line.startswith("Anonymous:")][0]

        bundle = CA + "\\n" * (4 << 20)
        equal = CA + "\\n" * (4 << 20)
        http.get(URL, cacert=bundle, timeout=0.01)
        before = kib()
        requests = [http.get_async(URL, cacert=(bundle, equal)[i % 2]) for i in range(16)]
        show(kib() - before < 8 << 10, http.stats()["in_flight"])
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
        CA=pem(certs.ca),
    )
    assert run.shown == (True, 16)
