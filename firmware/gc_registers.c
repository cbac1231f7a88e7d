// SPDX-License-Identifier: MIT
// The garbage collector must see references that are only in registers, on every processor.
//
// MicroPython's unix port scans the stack from a local variable of its own helper function upwards. On Arm,
// gcc saves the caller's registers below the local variables of a function. So a register that the helper
// saves there is not scanned, and its object would be freed while it is in use. This function saves all
// registers first, in a frame above the helper's.

#include "py/gc.h"

// MicroPython's function, renamed by unix_port.mk.
void micropython_gc_collect(void);

void gc_collect(void) {
    __builtin_unwind_init(); // makes this function save every register that a caller may use
    micropython_gc_collect();
    __asm__ volatile ("" ::: "memory"); // keeps the frame of this function during the call
}
