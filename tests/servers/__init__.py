# SPDX-License-Identifier: MIT
"""The servers and devices that the tests run against; all of them listen on loopback only."""
