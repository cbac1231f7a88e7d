# SPDX-License-Identifier: MIT
"""What other frozen modules use of `http`, beside what apps see."""

from frozen_http._request import _ASYNC as _ASYNC
from frozen_http._request import _GENERATOR as _GENERATOR
from frozen_http._request import _live as _live
from frozen_http._request import _name_callback as _name_callback
