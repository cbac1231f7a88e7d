// SPDX-License-Identifier: MIT
// The trace of the host build: what the app does, one line of JSON an event (firmware/standins/TRACE.md).

#ifndef FIRMWARE_TRACE_H
#define FIRMWARE_TRACE_H

// Open what DL7450_TRACE names, if it names anything. Ends the program with exit code 2 if that is impossible.
void trace_start(void);
void trace_deinit(void);

#endif
