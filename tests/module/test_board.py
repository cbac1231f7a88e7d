# SPDX-License-Identifier: MIT
"""Build settings of a board, tested with the host build of a strict board."""

from servers.wire import WireFactory, reply
from support.program import Program


def test_verify_false_is_refused_by_a_board_that_forbids_it(strict: Program, refused_url: str) -> None:
    run = strict(
        """
        for call in (http.get, http.get_async):
            try:
                call(URL, verify=False)
            except ValueError as e:
                show("verify" in str(e), http.stats()["free"])
        show(http.get(URL, verify=True).status_code())
        """,
        URL=refused_url,
    )
    assert run.ok().lines == [(True, 16), (True, 16), (7,)]


def test_verify_false_of_urlrequest_is_refused_too(strict: Program, refused_url: str) -> None:
    app = """
        from urlrequest import UrlRequest

        for url in (URL, URL.replace("http:", "https:")):
            try:
                UrlRequest(url, verify=False)
            except ValueError as e:
                show(str(e), http.stats()["submitted"])
    """
    run = strict(app, URL=refused_url).ok()
    assert run.lines == [("verify=False is forbidden on this board", 0)] * 2


def test_environment_names_no_proxy_on_such_a_board(
    strict: Program, wire: WireFactory, refused_url: str
) -> None:
    server = wire(reply(200, b"direct"))
    env = {"http_proxy": refused_url}
    code = "show(http.get(URL).status_code(), http.get(URL, proxy=PROXY).status_code())"
    assert strict(code, URL=server.url, PROXY=refused_url, env=env).shown == (200, 7)
