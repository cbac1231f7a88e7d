// SPDX-License-Identifier: MIT
// The clock, the interrupt that ends a wait, and descriptors that poll readable.

#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "http/engine/event.h"

// Ends the current or the next wait.
static atomic_bool interrupted;

// Polls readable when there are new events; -1 before http_event_open().
static int event_fd = -1;

int64_t http_event_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void http_engine_interrupt(void) {
    atomic_store(&interrupted, true);
    if (http_state.multi != NULL) {
        curl_multi_wakeup(http_state.multi); // one write to a pipe
    }
    http_event_notify(); // a loop that has its own poll() waits there
}

bool http_event_was_interrupted(void) {
    return atomic_exchange(&interrupted, false);
}

int http_event_new_fd(void) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd == 0) { // the app has closed its standard input
        fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        close(0);
    }
    return fd;
}

void http_event_signal(int fd) {
    if (fd > 0) {
        static const uint64_t one = 1;
        ssize_t ignored = write(fd, &one, sizeof(one)); // fails only when it is readable anyway
        (void)ignored;
    }
}

void http_event_reset(int fd) {
    uint64_t count;
    ssize_t ignored = read(fd, &count, sizeof(count));
    (void)ignored;
}

int http_event_fd(void) {
    return event_fd;
}

void http_event_open(void) {
    event_fd = http_event_new_fd();
    http_event_notify(); // there may be events already
}

void http_event_notify(void) {
    http_event_signal(event_fd);
}

void http_event_raise(http_request_t *r) {
    r->sequence = ++http_state.last_sequence;
    http_event_notify();
}

void http_event_progress(http_request_t *r, http_progress_t *progress, uint64_t count, int64_t total, bool tell) {
    progress->total = total;
    progress->count = count;
    if (!tell) {
        return;
    }
    progress->changed = true;
    int64_t now_us = http_event_now_us();
    if (now_us - progress->notified_us >= HTTP_PROGRESS_MS * 1000) {
        progress->notified_us = now_us;
        http_event_raise(r);
    }
}

void http_engine_clear_fd(void) {
    if (event_fd >= 0) {
        http_event_reset(event_fd);
    }
}

void http_event_deinit(void) {
    if (event_fd >= 0) {
        close(event_fd);
        event_fd = -1;
    }
    interrupted = false;
}
