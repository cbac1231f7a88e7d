// SPDX-License-Identifier: MIT
// Ends requests that connect or stall for too long. All calls need the lock of drive.c.

#ifndef HTTP_ENGINE_WATCH_H
#define HTTP_ENGINE_WATCH_H

#include "http/engine/state.h"

// Look at all active requests. Call it each time libcurl was driven.
void http_watch(void);
// Return a shorter time to wait (ms) if a request must be looked at before.
int http_watch_shorten(int ms);

#endif
