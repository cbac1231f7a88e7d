# SPDX-License-Identifier: MIT
"""Helpers that the tests share: they start programs, machines and boards, and wait for events."""
