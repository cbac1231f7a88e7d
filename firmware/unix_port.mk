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
# Their sources are git submodules, which the Debian tarball does not contain.
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0

# The main() of this program is in firmware/unix_main.c. It passes the command line to the app runner, and then calls
# MicroPython's main() under another name. Two functions that MicroPython's main() calls are replaced too.
$(BUILD)/main.o: CFLAGS += -Dmain=micropython_main -Dgetenv=main_getenv \
    -Dmp_hal_set_interrupt_char=main_set_interrupt_char
# gc_collect() is in firmware/gc_registers.c, and calls MicroPython's under another name.
$(BUILD)/gccollect.o: CFLAGS += -Dgc_collect=micropython_gc_collect
# hashlib is MicroPython's, with the hashes of the TLS library that libcurl brings.
$(BUILD)/extmod/modhashlib.o: CFLAGS += -DMICROPY_SSL_MBEDTLS=1
# In 1.25, gc.c does arithmetic on void pointers when the heap can grow.
$(BUILD)/py/gc.o: CFLAGS += -Wno-pointer-arith

# The REPL of MicroPython's boards, for the serial line (firmware/serial_repl.c). While there is a serial line, Ctrl-C is
# handled there. From 1.27 on the REPL sets the mode of the terminal itself; serial_repl.c replaces that.
SHARED_SRC_C_EXTRA += runtime/pyexec.c
$(BUILD)/shared/runtime/pyexec.o: CFLAGS += -include py/mpconfig.h -include extmod/modplatform.h # the banner needs it
$(BUILD)/shared/runtime/pyexec.o: CFLAGS += -Dmp_hal_stdio_mode_raw=serial_mode_raw -Dmp_hal_stdio_mode_orig=serial_mode_orig \
    -Dmp_hal_set_interrupt_char=main_set_interrupt_char # from 1.27 on it also runs the code of -c
$(BUILD)/py/repl.o: CFLAGS += -include firmware/private_names.h
$(BUILD)/unix_mphal.o: CFLAGS += -Dmp_hal_set_interrupt_char=unix_set_interrupt_char

# The files of this project get the check that is off for MicroPython's files (firmware/sanitize.mk).
$(BUILD)/http/%.o $(BUILD)/firmware/%.o: CFLAGS += $(SANITIZE_OURS)
