# The host build: MicroPython's unix port on which app developers run and test their apps.
include $(USER_C_MODULES)/firmware/unix_port.mk
