# SPDX-License-Identifier: MIT
"""Certificates of many kinds, good and bad, and TLS contexts for servers with them."""

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption())


def sign(
    issuer: Signed | None = None,
    *extensions: x509.ExtensionType,
    ca: bool = False,
    days: tuple[int, int] = (-1, 30),
    address: str = "127.0.0.1",
    key: Key | None = None,
    names: Sequence[x509.GeneralName] | str | None = None,
) -> Signed:
    """Make a certificate, valid between two days that count from now; without an issuer it is self-signed.

    names: instead of the address: alternative names, or a common name and no alternatives.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    common = names if isinstance(names, str) else f"test {x509.random_serial_number()}"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    builder = (
        x509.CertificateBuilder(issuer.certificate.subject if issuer else name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days[0]))
        .not_valid_after(now + datetime.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if not ca and not isinstance(names, str):
        alternatives = x509.SubjectAlternativeName(names or [x509.IPAddress(ipaddress.ip_address(address))])
        builder = builder.add_extension(alternatives, critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.NameConstraints))
    return Signed(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def chain_context(chain: Sequence[Signed], folder: Path) -> ssl.SSLContext:
    """A TLS context for a server with this chain, its own certificate first. It is written to the folder."""
    (folder / "chain").write_bytes(b"".join(one.pem for one in chain))
    (folder / "key").write_bytes(chain[0].key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")  # the client under test decides what is too weak
    context.load_cert_chain(folder / "chain", folder / "key")
    return context
