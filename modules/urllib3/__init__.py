# SPDX-License-Identifier: MIT
"""Only Retry, for requests.adapters.HTTPAdapter(max_retries=Retry(...)). The rest of urllib3 is not here."""

import sys

from requests.adapters import Retry

# Retry is imported from urllib3.util and urllib3.util.retry too.
util = retry = sys.modules["urllib3.util"] = sys.modules["urllib3.util.retry"] = sys.modules[__name__]
