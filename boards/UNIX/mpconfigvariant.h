// SPDX-License-Identifier: MIT
// The host build's MicroPython configuration: that of all boards, and the strict mode.

#define FIRMWARE_STRICT (1)

#include "firmware/unix_port.h"
