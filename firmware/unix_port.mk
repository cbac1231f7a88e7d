# SPDX-License-Identifier: MIT
# What all boards on MicroPython's unix port share. A board's mpconfigvariant.mk includes it.

PROG = dl7450
FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
INC += -I$(USER_C_MODULES)
# Shown by --version and in the banner of the REPL (unix_port.h).
CFLAGS += -DPROGRAM_VERSION=\"$(PROGRAM_VERSION)\"

# The vendor's dock has one Python thread and brings HTTP and TLS through libcurl alone.
MICROPY_PY_THREAD = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0
# Parts whose sources are submodules that the Debian tarball does not carry.
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0

# main() is ours (firmware/unix_main.c): it hands the command line to the app runner first. So is what
# MicroPython's asks for.
$(BUILD)/main.o: CFLAGS += -Dmain=micropython_main -Dgetenv=main_getenv \
    -Dmp_hal_set_interrupt_char=main_set_interrupt_char
# So is gc_collect() (firmware/gc_registers.c).
$(BUILD)/gccollect.o: CFLAGS += -Dgc_collect=micropython_gc_collect
# gc.c of 1.25 does arithmetic on void pointers when the heap may grow.
$(BUILD)/py/gc.o: CFLAGS += -Wno-pointer-arith

# The REPL of MicroPython's boards, for the serial line (firmware/serial_repl.c), to which Ctrl-C is
# up while there is one. From 1.27 on it sets the terminal's mode, in its own way.
SHARED_SRC_C_EXTRA += runtime/pyexec.c
$(BUILD)/shared/runtime/pyexec.o: CFLAGS += -include py/mpconfig.h -include extmod/modplatform.h # for the banner
$(BUILD)/shared/runtime/pyexec.o: CFLAGS += -Dmp_hal_stdio_mode_raw=serial_mode_raw -Dmp_hal_stdio_mode_orig=serial_mode_orig \
    -Dmp_hal_set_interrupt_char=main_set_interrupt_char # from 1.27 on it runs what -c says too
$(BUILD)/unix_mphal.o: CFLAGS += -Dmp_hal_set_interrupt_char=unix_set_interrupt_char

# Ours are not excepted from what MicroPython's files are (firmware/sanitize.mk).
$(BUILD)/http/%.o $(BUILD)/firmware/%.o: CFLAGS += $(SANITIZE_OURS)
