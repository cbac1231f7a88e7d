// SPDX-License-Identifier: MIT
// The allocator of the torture test. The linker gives it to the engine (--wrap). libcurl gets it through the engine's
// own allocator (http/engine/memory.c); if the engine has none, libcurl gets it instead of libc's. Other code that
// allocates (OpenSSL, libc itself) does not use it.

#ifndef TORTURE_ALLOC_H
#define TORTURE_ALLOC_H

#include <stdbool.h>

// From now on the n-th allocation fails (n = 1 is the next); with all_behind, all later ones fail, too.
void alloc_arm(long n, bool all_behind);
long alloc_disarm(void); // returns how many failed
long alloc_blocks(void); // allocated and not freed

#endif
