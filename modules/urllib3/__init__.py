# SPDX-License-Identifier: MIT
"""Only Retry, for requests.adapters.HTTPAdapter(max_retries=Retry(...)). The rest of urllib3 is not here."""

from requests.adapters import Retry
