// SPDX-License-Identifier: MIT
// The host build's MicroPython configuration: that of all boards, the strict mode, and the stand-ins of devices.

#define FIRMWARE_STRICT (1)

#include "firmware/unix_port.h"
#include "firmware/trace.h"
#include "firmware/watch.h"

#undef MICROPY_PORT_DEINIT_FUNC
#define MICROPY_PORT_DEINIT_FUNC (watch_deinit(), http_engine_deinit(), trace_deinit())
