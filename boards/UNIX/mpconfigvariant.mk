# The host build: MicroPython's unix port on which app developers run and test their apps.
include $(USER_C_MODULES)/firmware/unix_port.mk

# On a PC speed counts more than size. For its own inner loops MicroPython thinks so anyway.
HTTP_COPT ?= -O2
$(BUILD)/http/%.o: CFLAGS += $(HTTP_COPT)
