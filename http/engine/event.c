// SPDX-License-Identifier: MIT
// The clock, the interrupt that ends a wait, and the pipe that an app's own loop polls.

#define _GNU_SOURCE // pipe2()

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "http/engine/event.h"

// Ends the current or the next wait.
static atomic_bool interrupted;

// [0] polls readable when there are new events. The engine writes to [1].
static int event_pipe[2] = { -1, -1 };

int64_t http_event_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void http_event_interrupt(void) {
    atomic_store(&interrupted, true);
    if (http_state.multi != NULL) {
        curl_multi_wakeup(http_state.multi); // one write to a pipe
    }
    http_event_notify(); // a loop that has its own poll() waits there
}

bool http_event_was_interrupted(void) {
    return atomic_exchange(&interrupted, false);
}

int http_event_fd(void) {
    return event_pipe[0];
}

void http_event_open(void) {
    if (pipe2(event_pipe, O_NONBLOCK | O_CLOEXEC) == 0) {
        http_event_notify(); // there may be events already
    }
}

void http_event_notify(void) {
    if (event_pipe[1] >= 0) {
        // A full pipe is readable anyway.
        ssize_t ignored = write(event_pipe[1], "", 1);
        (void)ignored;
    }
}

void http_event_clear(void) {
    char buffer[64];
    while (event_pipe[0] >= 0 && read(event_pipe[0], buffer, sizeof(buffer)) > 0) {
    }
}

void http_event_deinit(void) {
    for (int i = 0; i < 2; i++) {
        if (event_pipe[i] >= 0) {
            close(event_pipe[i]);
            event_pipe[i] = -1;
        }
    }
    interrupted = false;
}
