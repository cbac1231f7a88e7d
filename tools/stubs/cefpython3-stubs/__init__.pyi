# SPDX-License-Identifier: MIT
"""CEF Python's name for webrequest; nothing else of CEF Python is here.

Source: CEF Python 66.
"""
