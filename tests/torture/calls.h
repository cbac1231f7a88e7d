// SPDX-License-Identifier: MIT
// Calls of libcurl's that fail: all through which the engine sets something up, and those that drive it. The linker puts
// these in front of libcurl's (--wrap).

#ifndef TORTURE_CALLS_H
#define TORTURE_CALLS_H

#include <stdbool.h>

#define CALL_FAILED (CURLE_UNKNOWN_OPTION) // what such a call says; a multi handle's or a share's has its own codes

// From now on the n-th call fails (n = 1 is the next).
void calls_arm(long n);
long calls_disarm(void); // how many failed

#endif
