"""Whom a request trusts is its own: no store, connection or terminal helps a wrong or missing one."""

import sys

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from program import Program
from servers.certs import Certs
from servers.wire import WireFactory, reply

# Runs a program on a terminal of its own, on which nobody types.
_ON_A_TERMINAL = [
    sys.executable,
    "-c",
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
]


def encrypted_key(leaf: trustme.LeafCert, form: PrivateFormat) -> str:
    """The leaf's key under a password."""
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"sesame")).decode()


def encrypted_pem(pem: str) -> str:
    """The PEM text marked as encrypted (RFC 1421 4.6.1.1)."""
    begin, *rest = pem.strip().splitlines()
    marks = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF", ""]
    return "\n".join([begin, *marks, *rest, ""])


@pytest.mark.parametrize("wrapper", [[], _ON_A_TERMINAL], ids=["no terminal", "terminal"])
@pytest.mark.parametrize("kind", ["key", "key in PKCS 8", "certificate", "cacert"])
def test_encrypted_pem_fails_and_nobody_is_asked_for_its_password(
    run_app: Program, wire: WireFactory, tls: object, certs: Certs, kind: str, wrapper: list[str]
) -> None:
    """OpenSSL would ask on the terminal; libcurl 7.88.1 crashed where there was none."""
    leaf = certs.ca.issue_cert("client")
    cert, key, ca = (
        leaf.cert_chain_pems[0].bytes().decode(),
        leaf.private_key_pem.bytes().decode(),
        certs.ca_pem,
    )
    if kind == "cacert":
        ca = encrypted_pem(ca)
    elif kind == "certificate":
        cert = encrypted_pem(cert)
    else:
        form = PrivateFormat.PKCS8 if "8" in kind else PrivateFormat.TraditionalOpenSSL
        key = encrypted_key(leaf, form)
    run = run_app(
        """
        r = http.get(URL, cacert=CA, cert=(CERT, KEY), timeout=5)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=wire(reply(), tls).url,
        CA=ca,
        CERT=cert,
        KEY=key,
        wrapper=wrapper,
    )
    assert run.shown == (77 if kind == "cacert" else 58, 16)
