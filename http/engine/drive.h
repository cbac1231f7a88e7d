// SPDX-License-Identifier: MIT
// Which thread drives libcurl. Between enter and leave the caller owns the multi handle.

#ifndef HTTP_ENGINE_DRIVE_H
#define HTTP_ENGINE_DRIVE_H

#include "http/engine/state.h"

void http_drive_enter(void);
void http_drive_leave(void); // the driver thread may drive from now on
void http_drive_leave_to_wait(void); // it may not: the app thread comes again to wait
void http_drive_perform(void);
bool http_drive_poll(int64_t timeout_ms); // true: call http_drive_perform()
// Without a driver thread: drive libcurl once without waiting, and continue for up to most_us while there is work.
void http_drive_advance(int64_t most_us);
bool http_drive_has_thread(void); // true: the driver thread drives while the app does not wait
void http_drive_deinit(void);

#endif
