# SPDX-License-Identifier: MIT
include $(USER_C_MODULES)/firmware/unix_port.mk
