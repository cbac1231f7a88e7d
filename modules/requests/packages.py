# SPDX-License-Identifier: MIT
"""requests.packages.urllib3: the module itself enters the names of its parts."""

urllib3 = __import__("urllib3")
