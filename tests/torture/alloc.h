// SPDX-License-Identifier: MIT
// The allocator of the torture: the linker gives it to the engine (--wrap), which does not know, and the engine
// to libcurl: below its own (http/engine/memory.c), or, where it keeps no memory, in the place of libc's. What else
// allocates (OpenSSL, libc itself) is spared.

#ifndef TORTURE_ALLOC_H
#define TORTURE_ALLOC_H

#include <stdbool.h>

// From now on the n-th allocation fails (n = 1 is the next), or it and all behind it.
void alloc_arm(long n, bool all_behind);
long alloc_disarm(void); // how many failed
long alloc_blocks(void); // allocated and not freed

#endif
