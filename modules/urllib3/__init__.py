# SPDX-License-Identifier: MIT
"""Only Retry, for requests.adapters.HTTPAdapter(max_retries=Retry(...)). The rest of urllib3 is not here."""

import sys

from requests.adapters import Retry

# Retry is imported from urllib3.util and urllib3.util.retry too, and from these below requests.packages.
util = retry = sys.modules[__name__]
for _name in ("urllib3", "urllib3.util", "urllib3.util.retry"):
    sys.modules[_name] = sys.modules["requests.packages." + _name] = util
