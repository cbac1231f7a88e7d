# SPDX-License-Identifier: MIT
"""Certificates that trustme makes for each test run. None is stored in the repository."""

import ctypes
import ctypes.util
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import trustme


def server_context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """A TLS context for a server with this leaf certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def pem(ca: trustme.CA) -> str:
    """The CA's certificate as an app passes it in cacert."""
    return ca.cert_pem.bytes().decode()


@dataclass
class Certs:
    """Two authorities, and leaves of the right one: good, for another host name, and expired."""

    folder: Path
    names: Sequence[str] = ("localhost", "127.0.0.1")  # host names of the servers
    ca: trustme.CA = field(default_factory=trustme.CA)
    other_ca: trustme.CA = field(default_factory=trustme.CA)

    @cached_property
    def leaf(self) -> trustme.LeafCert:
        """The leaf with the servers' names."""
        return self.ca.issue_cert(*self.names)

    @cached_property
    def wrong_host_leaf(self) -> trustme.LeafCert:
        """A leaf with a host name that no test server has."""
        return self.ca.issue_cert("elsewhere.invalid")

    @cached_property
    def expired_leaf(self) -> trustme.LeafCert:
        """A leaf that expired yesterday."""
        return self.ca.issue_cert(*self.names, not_after=datetime.now(UTC) - timedelta(days=1))

    @cached_property
    def ca_pem(self) -> str:
        """The CA that signed the leaves, as PEM."""
        return pem(self.ca)

    @cached_property
    def other_ca_pem(self) -> str:
        """A CA that did not sign any of the leaves, as PEM."""
        return pem(self.other_ca)

    @cached_property
    def leaf_pem(self) -> str:
        """The good leaf alone, for an app that pins it."""
        return self.leaf.cert_chain_pems[0].bytes().decode()

    @cached_property
    def ca_file(self) -> Path:
        """The right CA as a file, for SSL_CERT_FILE."""
        path = self.folder / "ca.pem"
        path.write_text(self.ca_pem)
        return path

    @cached_property
    def ca_folder(self) -> Path:
        """The right CA in a folder as OpenSSL looks it up, for SSL_CERT_DIR."""
        folder = self.folder / "ca-folder"
        folder.mkdir()
        (folder / f"{_subject_hash(self.ca_pem):08x}.0").write_text(self.ca_pem)
        return folder


def _subject_hash(certificate: str) -> int:
    """What `openssl x509 -hash` prints. The library computes it, since the command may be missing."""
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    crypto.d2i_X509.restype = ctypes.c_void_p
    crypto.d2i_X509.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long]
    crypto.X509_subject_name_hash.restype = ctypes.c_ulong
    crypto.X509_subject_name_hash.argtypes = [ctypes.c_void_p]
    crypto.X509_free.argtypes = [ctypes.c_void_p]
    der = ssl.PEM_cert_to_DER_cert(certificate)
    parsed = crypto.d2i_X509(None, ctypes.byref(ctypes.c_char_p(der)), len(der))
    assert parsed, "OpenSSL cannot read the test CA"
    try:
        return crypto.X509_subject_name_hash(parsed)
    finally:
        crypto.X509_free(parsed)
