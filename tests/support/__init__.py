# SPDX-License-Identifier: MIT
"""What tests share and are no tests: they start programs, machines and boards, and wait for events."""
