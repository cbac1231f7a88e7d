# SPDX-License-Identifier: MIT
from requests.adapters import Retry
