# The C half of the firmware around the http module, on MicroPython's unix port.
FIRMWARE_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(FIRMWARE_MOD_DIR)/unix_main.c $(FIRMWARE_MOD_DIR)/gc_registers.c $(FIRMWARE_MOD_DIR)/wakeup_timer.c
