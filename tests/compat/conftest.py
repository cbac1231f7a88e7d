# SPDX-License-Identifier: MIT
"""Fixtures of the tests that compare with the originals."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.certs import Certs, server_context
from servers.site import Site, site
from support.originals import Originals, is_installed
from support.program import Program, Run

HERE = Path(__file__).parent


@pytest.fixture
def originals(binary: Path, tmp_path: Path) -> Originals:
    """Runs a script on both sides."""
    if not is_installed():
        pytest.fail("no originals in build/originals: `make test` installs them", pytrace=False)
    return Originals(Program(binary, tmp_path))


@pytest.fixture(scope="session")
def sites(certs: Certs) -> Iterator[dict[str, Site]]:
    """The same site three times: plain, at another origin, and with TLS."""
    with site() as plain, site() as other, site(server_context(certs.leaf)) as tls:
        for one in (plain, other, tls):
            one.other, one.plain = other.url, plain.url
        yield {"plain": plain, "other": other, "tls": tls}


@pytest.fixture
def names(
    sites: dict[str, Site], refused_url: str, dead_port: int, certs: Certs, tmp_path: Path
) -> dict[str, object]:
    """The globals of each script."""
    client = certs.ca.issue_cert("client@example.org")
    (tmp_path / "cert.pem").write_bytes(client.cert_chain_pems[0].bytes())
    (tmp_path / "key.pem").write_bytes(client.private_key_pem.bytes())
    (tmp_path / "both.pem").write_bytes(client.private_key_and_cert_chain_pem.bytes())
    (tmp_path / "other-ca.pem").write_text(certs.other_ca_pem)
    return {
        "SITE": sites["plain"].url,
        "HOST": "127.0.0.1",
        "TLS": sites["tls"].url,
        "REFUSED": refused_url,
        "DEAD": f"http://127.0.0.1:{dead_port}/",
        "CA": str(certs.ca_file),
        "OTHER_CA": str(tmp_path / "other-ca.pem"),
        "CERT": str(tmp_path / "cert.pem"),
        "KEY": str(tmp_path / "key.pem"),
        "BOTH": str(tmp_path / "both.pem"),
    }


@pytest.fixture
def run_web(run_app: Program) -> Callable[..., Run]:
    """As run_app, with helpers/web_client.py in front."""
    begin = (HERE / "helpers/web_client.py").read_text()
    return lambda code, **options: run_app(begin + textwrap.dedent(code), **options)
