# SPDX-License-Identifier: MIT
"""malloc() fails: a MemoryError if there is no Response yet. Afterwards everything works as before."""

import pytest
from servers import preload
from servers.wire import WireFactory, reply
from support.program import Program

_APP = """
import os


def without_c_memory(act, *args):
    os.getenv("NO_C_MEMORY")
    try:
        act(*args)
    except MemoryError:
        return True
    finally:
        os.getenv("C_MEMORY")


{prepare}
show(without_c_memory({act}))
show(http.stats()["free"], http.get(URL).status_code())
"""
_JAR = "jar = http.Cookies()\njar.load('127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\tname\\t' + 3000 * 'x')"


@pytest.fixture(scope="session")
def no_memory(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which an app can make malloc() fail."""
    return preload.build("no_memory", tmp_path_factory.mktemp("no_memory"))


@pytest.mark.needs("preload", "malloc")
@pytest.mark.parametrize(
    ("prepare", "act"),
    [
        ("", "http.get_async, URL"),
        ("", "http.get, URL"),
        ("", "http.Cookies"),
        (_JAR, "jar.save"),
        (_JAR, "jar.load, '127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\tother\\t' + 3900 * 'y'"),
    ],
)
def test_memory_error_and_nothing_is_lost(
    run_app: Program, wire: WireFactory, no_memory: dict[str, str], prepare: str, act: str
) -> None:
    run = run_app(_APP.format(prepare=prepare, act=act), URL=wire(reply()).url, env=no_memory)
    assert run.ok().lines == [(True,), (16, 200)]


@pytest.mark.needs("preload", "malloc")
def test_each_allocation_for_a_url_with_a_user_may_fail(
    run_app: Program, wire: WireFactory, no_memory: dict[str, str]
) -> None:
    """Each user is shorter than those before: the engine has kept no memory of that size."""
    run = run_app(
        """
        import os
        ends = []
        for number in range(1, 40):
            http.get(URL)  # its memory is kept, and only that for the user is new
            url = URL.replace("//", "//" + "%75" * (1000 - 16 * number) + ":" + "p" * 99 + "@")
            os.getenv("NO_C_MEMORY %d" % number)
            ends.append(http.get(url).status_code())
            os.getenv("C_MEMORY")
        show(ends, http.stats()["free"], http.get(URL).status_code())
        """,
        URL=wire(reply()).url,
        env=no_memory,
    )
    ends, free, last = run.shown
    failed = ends.count(27)
    assert failed > 10
    assert ends == [27] * failed + [200] * (39 - failed)  # it needs no more than so many
    assert (free, last) == (16, 200)
