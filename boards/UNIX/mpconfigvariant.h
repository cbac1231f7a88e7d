// SPDX-License-Identifier: MIT
// The host build's MicroPython configuration: that of all boards, and nothing more.

#include "firmware/unix_port.h"
