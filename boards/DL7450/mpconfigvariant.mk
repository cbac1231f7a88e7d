# SPDX-License-Identifier: MIT
# The dock: MicroPython's unix port, cross-compiled (board.mk says with what).
include $(USER_C_MODULES)/firmware/unix_port.mk
