# SPDX-License-Identifier: MIT
"""Fixtures of the tools' tests."""

from collections.abc import Iterator

import pytest
from servers.mirror import Mirror
from servers.mirror import mirror as running_mirror


@pytest.fixture
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """An empty Debian mirror on loopback. With `mirror.env` apt uses this mirror only."""
    with running_mirror(tmp_path_factory.mktemp("mirror")) as it:
        yield it
