// SPDX-License-Identifier: MIT
// The host build's MicroPython configuration: nothing but what all boards have.

#include "firmware/unix_port.h"
