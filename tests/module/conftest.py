"""Fixtures of the module's tests: the parties that only they talk to, and wrong calls."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from program import Program
from servers.httpbin import httpbin as run_httpbin

# What wrong() gives for each call: the exception's name and its message.
Raised = list[tuple[str, str]]


@pytest.fixture(scope="session")
def httpbin() -> Iterator[str]:
    """The origin of a real httpbin, without a slash at the end."""
    with run_httpbin() as url:
        yield url


@pytest.fixture
def wrong(run_app: Program, refused_url: str) -> Callable[..., Raised]:
    """Makes calls that must raise at once, wrong(["http.get(URL, colour=1)"]): what each raised.

    Each call is made more often than there are slots, and must not have taken one.
    """

    def run(calls: Sequence[str], **names: object) -> Raised:
        attempts = "\n".join(f"attempt(lambda: {call})" for call in calls)
        code = f"""\
def attempt(call):
    for _ in range(17):
        try:
            call()
            result = "no exception", ""
        except Exception as e:
            result = type(e).__name__, str(e)
    show(*result)

{attempts}
show(http.stats()["free"])
"""
        *raised, free = run_app(code, URL=refused_url, **names).ok().lines
        assert free == (16,)
        return raised

    return run
