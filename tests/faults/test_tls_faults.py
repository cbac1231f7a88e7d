# SPDX-License-Identifier: MIT
"""TLS with an untrusted certificate, with an old version, or that ends early."""

import ssl
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.cut import Cut
from servers.signed import chain_context, sign
from servers.wire import CLOSE, RESET, Ending, WireFactory, reply
from support.fault import Fault, Survival

_ROOT = sign(ca=True)

# The certificate of the server. The app trusts _ROOT.
_CERTIFICATES = {
    "expired": sign(_ROOT, days=(-30, -1)),
    "not yet valid": sign(_ROOT, days=(1, 30)),
    "for another host": sign(_ROOT, address="127.0.0.2"),
    "self-signed": sign(),
    "of another authority": sign(sign(ca=True)),
    "intermediate is missing": sign(sign(_ROOT, ca=True)),
}

# The connection ends after this many bytes of the server. Its hello has about 100; with TLS 1.3 the whole
# handshake has about 900.
_CUTS: dict[str, tuple[int, Ending]] = {
    "closed before the server's hello": (0, CLOSE),
    "closed in the server's hello": (50, CLOSE),
    "closed in the certificate": (400, CLOSE),
    "reset before the server's hello": (0, RESET),
    "reset in the certificate": (400, RESET),
    "closed in the body": (20_000, CLOSE),
    "reset in the body": (20_000, RESET),
}
FAULTS = {
    **dict.fromkeys(_CERTIFICATES, Fault([], 60)),
    **{fault: Fault([], 35 if size < 1000 else (18, 56)) for fault, (size, _) in _CUTS.items()},
    "TLS 1.0 only": Fault([], 35),
}


@pytest.mark.parametrize("fault", _CERTIFICATES)
def test_certificate_is_refused(survive: Survival, wire: WireFactory, tmp_path: Path, fault: str) -> None:
    server = wire(reply(), chain_context([_CERTIFICATES[fault]], tmp_path))
    survive(FAULTS[fault], server.url, cacert=_ROOT.pem)
    assert server.requests == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(survive: Survival, wire: WireFactory, tmp_path: Path) -> None:
    context = chain_context([sign(_ROOT)], tmp_path)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    survive(FAULTS["TLS 1.0 only"], wire(reply(), context).url, cacert=_ROOT.pem)


@pytest.mark.parametrize("fault", _CUTS)
def test_connection_ends_early(
    survive: Survival, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, fault: str
) -> None:
    size, ending = _CUTS[fault]
    with Cut(wire(reply(200, bytes(100_000)), tls).port, size, ending) as cut:
        survive(FAULTS[fault], f"https://127.0.0.1:{cut.port}", cacert=certs.ca_pem)
