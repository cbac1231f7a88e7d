// SPDX-License-Identifier: MIT
// The dock's MicroPython configuration.

#include "firmware/unix_port.h"

// Shown in public, on networks that nobody chose: certificates are always verified, and what the
// environment says is nobody's decision.
#define HTTP_VERIFY_ALWAYS (1)
#define HTTP_PROXY_FROM_ENVIRONMENT (0)
