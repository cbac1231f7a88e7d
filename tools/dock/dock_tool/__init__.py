# SPDX-License-Identifier: MIT
"""The command `dock`: apps on a board, over its serial line."""
