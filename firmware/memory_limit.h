// SPDX-License-Identifier: MIT
// The limit of the program's memory (firmware/memory_limit.c).

#ifndef FIRMWARE_MEMORY_LIMIT_H
#define FIRMWARE_MEMORY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

// Set the limit, before other code allocates memory. Returns false if DL7450_MEMORY is not a size.
bool memory_limit_start(void);

// How many bytes MicroPython's heap may still grow by.
size_t memory_limit_left(void);

#endif
