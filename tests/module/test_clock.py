# SPDX-License-Identifier: MIT
"""A clock that was never set: the text of status 60 names it, on a board with a build time (engine.h)."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from servers import preload
from servers.certs import Certs, server_context
from servers.wire import WireFactory, reply
from support.program import Program

_GET = "r = http.get(URL, cacert=CA); show(r.status_code(), r.error())"
_CLAUSE = "; the clock says 1970-01-02, before this firmware was built"


@pytest.fixture(scope="session")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the date is 1970-01-02."""
    return preload.simulation(tmp_path_factory.mktemp("wrong_clock"), preload.WRONG_CLOCK)


def test_certificate_that_is_not_valid_yet_is_60_and_names_the_clock(
    strict: Program, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, wrong_clock: dict[str, str]
) -> None:
    server = wire(reply(), tls)
    status, error = strict(_GET, URL=server.url, CA=certs.ca_pem, env=wrong_clock).shown
    assert status == 60
    assert "not yet valid" in error
    assert error.endswith(_CLAUSE)
    assert error.count(_CLAUSE) == 1
    assert "\n" not in error
    # Only the clock is wrong.
    assert strict(_GET, URL=server.url, CA=certs.ca_pem).shown == (200, "")


def test_clock_is_named_after_a_redirect_and_to_callbacks_too(
    strict: Program, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, wrong_clock: dict[str, str]
) -> None:
    secure = wire(reply(), tls)
    server = wire(reply(302, b"", f"Location: {secure.url}/?secret=1"))
    run = strict(
        """
        def done(r):
            show(r.status_code(), r.error().endswith(CLAUSE), "secret" in r.error())

        http.get_async(URL, done, cacert=CA)
        """,
        URL=server.url,
        CA=certs.ca_pem,
        CLAUSE=_CLAUSE,
        env=wrong_clock,
    )
    assert run.shown == (60, True, False)


def test_board_that_knows_no_date_names_no_clock(
    run_app: Program, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, wrong_clock: dict[str, str]
) -> None:
    status, error = run_app(_GET, URL=wire(reply(), tls).url, CA=certs.ca_pem, env=wrong_clock).shown
    assert status == 60
    assert "clock" not in error


def test_right_clock_is_not_named(
    strict: Program, wire: WireFactory, certs: Certs, tls: ssl.SSLContext
) -> None:
    soon = certs.ca.issue_cert("127.0.0.1", not_before=datetime.now(UTC) + timedelta(days=1))
    for ca, context in ((certs.other_ca_pem, tls), (certs.ca_pem, server_context(soon))):
        status, error = strict(_GET, URL=wire(reply(), context).url, CA=ca).shown
        assert status == 60
        assert "clock" not in error


def test_other_errors_name_no_clock(
    strict: Program, wire: WireFactory, refused_url: str, wrong_clock: dict[str, str]
) -> None:
    server = wire(reply())
    run = strict(
        """
        show(http.get(URL).status_code())
        for url, cacert in ((REFUSED, None), ("https" + REFUSED[4:], None), ("https" + REFUSED[4:], "")):
            r = http.get(url, cacert=cacert)
            show(r.status_code(), "clock" in r.error())
        """,
        URL=server.url,
        REFUSED=refused_url,
        env=wrong_clock,
    )
    assert run.ok().lines == [(200,), (7, False), (7, False), (77, False)]
