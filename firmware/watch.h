// SPDX-License-Identifier: MIT
// Descriptors that end the wait of the idle loop (watch.c).

#ifndef FIRMWARE_WATCH_H
#define FIRMWARE_WATCH_H

// Ends the thread. Call it before http_engine_deinit(): the thread calls the engine.
void watch_deinit(void);

#endif
