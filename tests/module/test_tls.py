# SPDX-License-Identifier: MIT
"""TLS and cacert: contract sections 1 and 2."""

import ssl

import pytest
from servers.certs import Certs, server_context
from servers.nginx import Nginx
from servers.wire import WireFactory, WireServer, reply
from support.program import Program


@pytest.fixture
def server(wire: WireFactory, tls: ssl.SSLContext) -> WireServer:
    """A server with the good leaf."""
    return wire(reply(200, b"secure"), tls)


def status(run_app: Program, server: WireServer, cacert: object, env: dict[str, str] | None = None) -> int:
    """The status of a GET with this cacert."""
    run = run_app("show(http.get(URL, cacert=CA).status_code())", URL=server.url, CA=cacert, env=env)
    assert isinstance(run.shown[0], int)
    return run.shown[0]


@pytest.mark.parametrize("as_type", [str, str.encode])
def test_right_ca_is_taken_as_str_and_as_bytes(
    run_app: Program, server: WireServer, certs: Certs, as_type: type
) -> None:
    assert status(run_app, server, as_type(certs.ca_pem)) == 200


@pytest.mark.parametrize("as_type", ["bytearray", "memoryview"])
def test_right_ca_is_taken_as_other_bytes_or_refused_as_an_argument(
    run_app: Program, server: WireServer, certs: Certs, as_type: str
) -> None:
    run = run_app(
        f"""
        try:
            show(http.get(URL, cacert={as_type}(CA)).status_code())
        except TypeError:
            show(200)
        """,
        URL=server.url,
        CA=certs.ca_pem.encode(),
    )
    assert run.shown == (200,)


def test_host_name_and_address_are_both_verified(run_app: Program, server: WireServer, certs: Certs) -> None:
    run = run_app(
        """
        for host in "127.0.0.1", "localhost":
            r = http.get("https://%s:%d/" % (host, PORT), cacert=CA)
            show(r.status_code(), bytes(r.body()))
        """,
        PORT=server.port,
        CA=certs.ca_pem,
    )
    assert run.ok().lines == [(200, b"secure")] * 2


def test_cacert_may_hold_several_certificates(run_app: Program, server: WireServer, certs: Certs) -> None:
    assert status(run_app, server, certs.other_ca_pem + certs.ca_pem) == 200
    assert status(run_app, server, "\n\nSome words\n" + certs.ca_pem + "\n\n" + certs.other_ca_pem) == 200


def test_leaf_certificate_pins_the_server(
    run_app: Program, server: WireServer, certs: Certs, wire: WireFactory
) -> None:
    sibling = wire(reply(), server_context(certs.ca.issue_cert("localhost", "127.0.0.1")))
    assert status(run_app, server, certs.leaf_pem) == 200
    assert status(run_app, sibling, certs.leaf_pem) == 60
    assert status(run_app, sibling, certs.ca_pem) == 200


def test_wrong_ca_is_60(run_app: Program, server: WireServer, certs: Certs) -> None:
    run = run_app(
        """
        r = http.get(URL, cacert=CA)
        show(r.status_code(), bytes(r.body()), r.headers(), bool(r.error()))
        """,
        URL=server.url,
        CA=certs.other_ca_pem,
    )
    assert run.shown == (60, b"", {}, True)
    assert server.requests == []


@pytest.mark.parametrize("trust", ["ca", "pinned leaf"])
def test_certificate_for_another_host_is_60(
    run_app: Program, wire: WireFactory, certs: Certs, trust: str
) -> None:
    leaf = certs.wrong_host_leaf
    server = wire(reply(), server_context(leaf))
    cacert = certs.ca_pem if trust == "ca" else leaf.cert_chain_pems[0].bytes().decode()
    assert status(run_app, server, cacert) == 60
    assert server.requests == []


def test_expired_certificate_is_60(run_app: Program, wire: WireFactory, certs: Certs) -> None:
    server = wire(reply(), server_context(certs.expired_leaf))
    assert status(run_app, server, certs.ca_pem) == 60


def _without_ends(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])


def _encrypt(pem: str) -> str:
    """Encrypted by RFC 1421: a reader needs a password, and no library may ask for one."""
    begin, rest = pem.split("\n", 1)
    return f"{begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{'00' * 16}\n\n{rest}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pem: "",
        lambda pem: b"",
        lambda pem: " \n",
        lambda pem: "no certificate",
        lambda pem: b"\x00\xff\x30\x82",
        lambda pem: "/etc/ssl/certs/ca-certificates.crt",
        lambda pem: pem[: len(pem) // 2],
        _without_ends,
        lambda pem: pem.replace("CERTIFICATE", "PUBLIC KEY"),
        lambda pem: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        _encrypt,
    ],
    ids=[
        "empty",
        "empty bytes",
        "blank",
        "words",
        "binary",
        "path",
        "half",
        "no BEGIN",
        "other label",
        "empty certificate",
        "encrypted",
    ],
)
def test_cacert_without_a_usable_certificate_is_77(
    run_app: Program, server: WireServer, certs: Certs, spoil: type
) -> None:
    """Even though the system store would accept the server."""
    system_store = {"SSL_CERT_FILE": str(certs.ca_file), "SSL_CERT_DIR": str(certs.ca_folder)}
    assert status(run_app, server, spoil(certs.ca_pem), env=system_store) == 77
    assert server.requests == []


def test_private_key_as_cacert_is_77(run_app: Program, server: WireServer, certs: Certs) -> None:
    assert status(run_app, server, certs.leaf.private_key_pem.bytes()) == 77


@pytest.fixture(params=["SSL_CERT_FILE", "SSL_CERT_DIR"])
def trusting_system(request: pytest.FixtureRequest, certs: Certs) -> dict[str, str]:
    """The environment in which the system store holds the right CA."""
    return {request.param: str(certs.ca_file if request.param == "SSL_CERT_FILE" else certs.ca_folder)}


def test_none_is_the_system_store(
    run_app: Program, server: WireServer, trusting_system: dict[str, str]
) -> None:
    assert status(run_app, server, None, env=trusting_system) == 200


def test_cacert_replaces_the_system_store(
    run_app: Program, server: WireServer, certs: Certs, trusting_system: dict[str, str]
) -> None:
    """The system store must not be used when cacert is wrong."""
    assert status(run_app, server, certs.other_ca_pem, env=trusting_system) == 60


def test_none_does_not_trust_what_the_system_store_does_not_hold(
    run_app: Program, server: WireServer
) -> None:
    assert status(run_app, server, None) == 60


def test_wrong_ca_after_a_good_pooled_connection_is_60(
    run_app: Program, server: WireServer, certs: Certs
) -> None:
    run = run_app(
        """
        codes = [http.get(URL, cacert=ca).status_code() for ca in (CA, CA, OTHER, None, "", CA)]
        codes += [http.get_async(URL, cacert=ca).wait().status_code() for ca in (CA, OTHER)]
        show(codes)
        """,
        URL=server.url,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.shown == ([200, 200, 60, 60, 77, 200, 200, 60],)
    first, second = server.requests[:2]
    assert first.connection == second.connection  # there was a pooled connection that could have been used


def test_right_ca_after_a_wrong_one_is_taken(run_app: Program, server: WireServer, certs: Certs) -> None:
    run = run_app(
        "show([http.get(URL, cacert=ca).status_code() for ca in (OTHER, CA)])",
        URL=server.url,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.shown == ([60, 200],)


def test_cacert_is_copied_at_the_call(run_app: Program, server: WireServer, certs: Certs) -> None:
    run = run_app(
        """
        ca = "".join(CA)
        request = http.get_async(URL, cacert=ca)
        ca = None
        for _ in range(10):
            gc.collect()
            rubbish = [bytes(1000) for _ in range(50)]
        show(request.wait().status_code())
        """,
        URL=server.url,
        CA=certs.ca_pem.splitlines(keepends=True),
    )
    assert run.shown == (200,)


def test_cacert_does_not_disturb_plain_http(run_app: Program, wire: WireFactory, certs: Certs) -> None:
    assert status(run_app, wire(reply()), certs.other_ca_pem) == 200


def test_server_without_tls_is_35(run_app: Program, web: Nginx, certs: Certs) -> None:
    run = run_app(
        "show(http.get(URL, cacert=CA).status_code())",
        URL=web.http.replace("http", "https"),
        CA=certs.ca_pem,
    )
    assert run.shown == (35,)


def test_timings_know_the_tls_handshake(run_app: Program, server: WireServer, certs: Certs) -> None:
    run = run_app("show(http.get(URL, cacert=CA).timings())", URL=server.url, CA=certs.ca_pem)
    timings = run.shown[0]
    assert 0 < timings["connect"] <= timings["tls"] <= timings["first_byte"] <= timings["total"]
