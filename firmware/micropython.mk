# The C half of the firmware around the http module, on MicroPython's unix port.
FIRMWARE_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(FIRMWARE_MOD_DIR)/,serial_repl.c unix_main.c wakeup_timer.c)
