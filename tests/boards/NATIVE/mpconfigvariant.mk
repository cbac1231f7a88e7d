# SPDX-License-Identifier: MIT
include $(USER_C_MODULES)/firmware/unix_port.mk

# As the host build.
HTTP_COPT ?= -O2
$(BUILD)/http/%.o: CFLAGS += $(HTTP_COPT)
