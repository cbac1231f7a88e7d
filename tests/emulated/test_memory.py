"""What sixteen bodies over TLS cost the booted machine."""

import pytest
from emulated_machine import Boots
from servers.certs import Certs
from servers.nginx import Nginx

_SIZE = 1 << 20
_MOST = 24 * 1000 * 1000
_SIXTEEN = """
def peak():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024

def done(r):
    codes.append(r.status_code())
    sizes.append(len(r.body()))
    if len(codes) == 16:
        show(set(codes), set(sizes), peak())

codes, sizes = [], []
before = peak()
for _ in range(16):
    http.get_async(URL, done, cacert=CA, timeout=50)
# Nothing is handed over before all sixteen are complete.
while http.stats()["bytes_held"] < 16 * SIZE and http.stats()["in_flight"] == 16:
    time.sleep_ms(20)
show(before, http.stats()["bytes_held"], peak())
"""


def test_16_https_requests_of_1_mb_at_once_take_at_most_24_mb(
    boots: Boots, web: Nginx, certs: Certs, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program's memory, not the machine's."""
    run = boots(_SIXTEEN, URL=web.https + "/1m", CA=certs.ca_pem, SIZE=_SIZE)
    (before, held, complete), (codes, sizes, peak) = run.ok().lines
    with capsys.disabled():
        print(f"\n16 HTTPS requests of 1 MiB: {complete:,} bytes when all are complete,")
        print(f"{peak:,} when their bodies were read one after the other, {before:,} before them")
    assert (held, codes, sizes) == (16 * _SIZE, {200}, {_SIZE})
    assert peak <= _MOST
