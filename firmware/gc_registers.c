// SPDX-License-Identifier: MIT
// What registers hold is alive, on every processor.
//
// MicroPython's unix port looks for references on the stack from the local variables of its own helper
// upwards. On Arm, gcc saves a caller's registers below a function's local variables: one that the helper
// itself uses and saves there is not seen, and what it referred to was freed while it was in use.
// So all of them are saved here first, in a frame that lies above.

#include "py/gc.h"

// MicroPython's own, renamed by unix_port.mk.
void micropython_gc_collect(void);

void gc_collect(void) {
    __builtin_unwind_init(); // makes this function save every register that a caller may use
    micropython_gc_collect();
    __asm__ volatile ("" ::: "memory"); // and keep its frame during the call
}
