# SPDX-License-Identifier: MIT
"""What tools/help_texts.py makes."""

NAMES: dict[str, str]
TEXTS: dict[str, str]
