// SPDX-License-Identifier: MIT
// The allocator of the torture: libcurl is given it by curl_global_init_mem(), the engine by the linker
// (--wrap), so that neither knows. What else allocates (OpenSSL, libc itself) is spared.

#ifndef TORTURE_ALLOC_H
#define TORTURE_ALLOC_H

#include <stdbool.h>

bool alloc_init(void); // libcurl's global init

// From now on the n-th allocation fails (n = 1 is the next), or it and all behind it.
void alloc_arm(long n, bool all_behind);
long alloc_disarm(void); // how many failed
long alloc_blocks(void); // allocated and not freed

#endif
