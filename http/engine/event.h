// SPDX-License-Identifier: MIT
// The clock, and what wakes a loop: the interrupt, and the pipe of http_engine_fd().

#ifndef HTTP_ENGINE_EVENT_H
#define HTTP_ENGINE_EVENT_H

#include "http/engine/state.h"

int64_t http_event_now_us(void); // a clock that is never set back

// End the wait that runs, or else the next one. Async-signal-safe.
void http_event_interrupt(void);
bool http_event_was_interrupted(void); // was there one? It counts once

// The pipe. It is opened with the lock of drive.c, for the driver thread writes to it.
void http_event_open(void);
int http_event_fd(void); // its read end; -1 before it is open
void http_event_notify(void); // the read end polls readable from here on,
void http_event_clear(void); // and until here

void http_event_deinit(void);

#endif
