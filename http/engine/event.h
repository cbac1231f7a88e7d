// SPDX-License-Identifier: MIT
// The clock, the interrupt that ends a wait, and descriptors that poll readable.

#ifndef HTTP_ENGINE_EVENT_H
#define HTTP_ENGINE_EVENT_H

#include "http/engine/state.h"

int64_t http_event_now_us(void); // a clock that is never set back

bool http_event_was_interrupted(void); // true once for each http_engine_interrupt()

// A descriptor that polls readable from signal to reset. -1 and 0 are none: then both do nothing.
int http_event_new_fd(void);
void http_event_signal(int fd);
void http_event_reset(int fd);

// The descriptor of http_engine_fd(). Open it with the lock of drive.c held, because the driver thread signals it.
void http_event_open(void);
int http_event_fd(void); // -1 before it is open
// Store new numbers of progress; if tell, wake the app up for them, at most once in HTTP_PROGRESS_MS.
void http_event_progress(http_request_t *r, http_progress_t *progress, uint64_t count, int64_t total, bool tell);
// The request has a new event: put it behind the others, and notify.
void http_event_raise(http_request_t *r);
void http_event_notify(void); // the descriptor polls readable until http_engine_clear_fd()

void http_event_deinit(void);

#endif
