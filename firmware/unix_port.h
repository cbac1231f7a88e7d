// SPDX-License-Identifier: MIT
// MicroPython's configuration for all boards on its unix port. A board's mpconfigvariant.h includes it and adds its own
// settings.

#include <stddef.h>
#include <stdlib.h> // MP_PLAT_ALLOC_HEAP is malloc if the heap may grow

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "ports/unix/variants/mpconfigvariant_common.h"

// Ctrl-C must never longjmp out of a signal handler: libcurl may be in a call and may hold locks. Instead the exception
// becomes pending, and every wait of the firmware ends for it (firmware/unix_main.c).
#undef MICROPY_ASYNC_KBD_INTR
#define MICROPY_ASYNC_KBD_INTR (0)
#define MICROPY_WRAP_MP_SCHED_KEYBOARD_INTERRUPT(f) f##_default

// The import statement (firmware/unix_main.c).
#define mp_builtin___import__ program_import

// Called before the heap is freed: no part of the http module may run afterwards.
void http_engine_deinit(void);
#define MICROPY_PORT_DEINIT_FUNC http_engine_deinit()

// MicroPython's own printf() and snprintf() know few formats. In a static program they would replace those of the C
// library everywhere. For example, musl's strftime() needs "%lld" and would write no dates.
#define MICROPY_USE_INTERNAL_PRINTF (0)

// The heap grows unless -X heapsize is given, so a 12 MiB body needs no option.
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)

// The module time as the SDK documents it.
#undef MICROPY_PY_TIME_INCLUDEFILE
#define MICROPY_PY_TIME_INCLUDEFILE "firmware/sdk_time.h"

// MicroPython builds these with its own TLS only. unix_port.mk has where they come from.
#define MICROPY_PY_HASHLIB_MD5 (1)
#define MICROPY_PY_HASHLIB_SHA1 (1)

// The text after MicroPython's own version in --version and in the banner of the REPL.
#define MICROPY_BANNER_MACHINE "dl7450 " PROGRAM_VERSION " on " MICROPY_PY_SYS_PLATFORM " [" MICROPY_PLATFORM_COMPILER "]"

// The REPL on the serial line prints as on MicroPython's boards (firmware/serial_repl.c). The kernel stores 4095 bytes
// of input, so raw paste may send more at once than the default of 256.
void serial_print_strn(const char *str, size_t len);
#define MP_PLAT_PRINT_STRN(str, len) serial_print_strn(str, len)
#define MICROPY_REPL_STDIN_BUFFER_MAX (2048)

// What the strict mode of the host build needs (modules/_strict.py).
#ifndef FIRMWARE_STRICT
#define FIRMWARE_STRICT (0)
#endif
