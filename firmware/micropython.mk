# SPDX-License-Identifier: MIT
# The C half of the firmware around the http module, on MicroPython's unix port.
FIRMWARE_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(FIRMWARE_MOD_DIR)/,unix_main.c gc_registers.c serial_repl.c memory_limit.c rom_store.c sdk_time.c wakeup_timer.c)
# Only for boards with the stand-ins of devices (firmware/standins/devices): the host build, which has help() too.
SRC_USERMOD_C += $(if $(STANDIN_DEVICES),$(addprefix $(FIRMWARE_MOD_DIR)/,watch.c trace.c help.c))
