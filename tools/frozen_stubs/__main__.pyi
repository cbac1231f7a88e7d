# SPDX-License-Identifier: MIT
"""The module in which the app runs."""
