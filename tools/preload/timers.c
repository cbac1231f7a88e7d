// SPDX-License-Identifier: MIT
// Timers that are descriptors (timerfd), in terms of clock.c. Each is an eventfd, which gets its count when the time has come.

#include "sim.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TIMERS (8)

// fd is read without the lock: most descriptors are none of a timer, and a signal handler may read one.
static struct {
    _Atomic int fd; // 0 is no timer
    int wake_fd; // ends the wait of a thread that reads it: it may be set anew meanwhile
    int64_t due; // simulated
} timers[TIMERS];

static int index_of(int fd) {
    int i = 0;
    while (i < TIMERS && timers[i].fd != fd) {
        i++;
    }
    return i;
}

bool timers_have(int fd) {
    return fd > 0 && index_of(fd) < TIMERS;
}

void timers_forget(int fd) {
    if (timers_have(fd)) {
        int i = index_of(fd);
        REAL(close)(timers[i].wake_fd);
        timers[i].fd = 0;
    }
}

int timers_wake_fd(int fd) {
    return timers_have(fd) ? timers[index_of(fd)].wake_fd : -1;
}

int64_t timers_look(int fd) {
    if (!timers_have(fd)) {
        return NEVER;
    }
    int64_t *due = &timers[index_of(fd)].due;
    if (*due <= sim_now()) {
        uint64_t one = 1;
        syscall(SYS_write, fd, &one, sizeof(one));
        *due = NEVER;
    }
    return *due;
}

// After the wait another thread may set the timer anew, which takes the count away: then this one waits again.
ssize_t timers_read(int fd, void *buffer, size_t size) {
    struct pollfd ended = { .fd = fd, .events = POLLIN };
    ssize_t len = -1;
    do {
        if (sim_wait(&ended, 1, NEVER, NULL) < 0) {
            return -1;
        }
        len = REAL(read)(fd, buffer, size);
    } while (len < 0 && errno == EAGAIN);
    return len;
}

int timerfd_create(int clock, int flags) {
    if (sim_time_is_real()) { // else each thread would have one descriptor more, which tests of the engine count
        return REAL(timerfd_create)(clock, flags);
    }
    int fd = eventfd(0, EFD_NONBLOCK | (flags & TFD_CLOEXEC));
    int wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sim_lock();
    int i = index_of(0);
    bool made = fd > 0 && wake_fd >= 0 && i < TIMERS;
    if (made) {
        timers[i].due = NEVER;
        timers[i].wake_fd = wake_fd;
        timers[i].fd = fd;
    }
    sim_unlock();
    if (made) {
        return fd;
    }
    REAL(close)(fd);
    REAL(close)(wake_fd);
    errno = EMFILE;
    return -1;
}

// A single time from now on: periodic timers and times of day are none of the program's.
int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old) {
    if (!timers_have(fd)) {
        return REAL(timerfd_settime)(fd, flags, wanted, old);
    }
    if (flags != 0 || old != NULL || wanted->it_interval.tv_sec != 0 || wanted->it_interval.tv_nsec != 0) {
        errno = EINVAL;
        return -1;
    }
    int64_t ns = wanted->it_value.tv_sec * NS + wanted->it_value.tv_nsec;
    int64_t due = ns == 0 ? NEVER : sim_deadline(ns);
    sim_lock();
    uint64_t count;
    syscall(SYS_read, fd, &count, sizeof(count)); // it does not wait
    timers[index_of(fd)].due = due;
    sim_wake_all();
    sim_unlock();
    return 0;
}
