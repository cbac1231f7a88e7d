# SPDX-License-Identifier: MIT
include $(USER_C_MODULES)/firmware/unix_port.mk

# As the host build.
$(BUILD)/http/%.o: CFLAGS += -O2
