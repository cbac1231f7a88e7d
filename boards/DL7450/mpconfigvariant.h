// SPDX-License-Identifier: MIT
// The dock's MicroPython configuration.

#include "firmware/unix_port.h"

// The dock is shown in public, on unknown networks: certificates are always verified. Nobody sets the environment of
// the dock's process, so no proxy is taken from it.
#define HTTP_VERIFY_ALWAYS (1)
#define HTTP_PROXY_FROM_ENVIRONMENT (0)
