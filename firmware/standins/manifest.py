# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The stand-ins for the vendor's SDK, for boards where the vendor's own modules are not.
for name in (
    "datastore",
    "dock",
    "hmac",
    "image",
    "monitor",
    "network",
    "splashscreen",
    "wakeup",
):
    module(name + ".py", base_path=".", opt=3)
package("datetime", ("__init__.py", "_duration.py", "_numbers.py"), base_path=".", opt=3)
