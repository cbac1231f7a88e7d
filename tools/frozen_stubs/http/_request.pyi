# SPDX-License-Identifier: MIT
"""What the idle loop uses of `http`, beside what apps see."""

from frozen_http._request import _live as _live
