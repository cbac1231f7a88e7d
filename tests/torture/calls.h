// SPDX-License-Identifier: MIT
// Makes calls of libcurl fail: the calls that set something up, and those that drive libcurl. The linker replaces
// libcurl's functions with these (--wrap).

#ifndef TORTURE_CALLS_H
#define TORTURE_CALLS_H

#include <stdbool.h>

#define CALL_FAILED (CURLE_UNKNOWN_OPTION) // calls for a multi handle or a share have their own codes

// From now on the n-th call fails (n = 1 is the next).
void calls_arm(long n);
long calls_disarm(void); // returns how many failed

#endif
