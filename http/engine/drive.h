// SPDX-License-Identifier: MIT
// Which thread drives libcurl. Between enter and leave the caller owns the multi handle.

#ifndef HTTP_ENGINE_DRIVE_H
#define HTTP_ENGINE_DRIVE_H

#include "http/engine/state.h"

void http_drive_enter(void);
void http_drive_leave(bool go_on); // go_on: the driver thread may drive from here on
void http_drive_perform(void);
bool http_drive_poll(int64_t timeout_ms); // true: there is something to perform
// Without a driver thread: drive once without waiting, and go on for up to most_us while there is something to do.
void http_drive_advance(int64_t most_us);
bool http_drive_has_thread(void); // does a thread of the engine's own drive while nobody waits?
void http_drive_deinit(void);

#endif
