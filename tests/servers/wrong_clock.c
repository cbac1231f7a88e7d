// SPDX-License-Identifier: MIT
// LD_PRELOADed: the time of day is that of a device whose clock was never set. All other clocks are real,
// and so waits and timeouts work as usual.

#define _GNU_SOURCE
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts) {
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        *ts = (struct timespec) { .tv_sec = WRONG_TIME };
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, ts);
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    (void)zone;
    *tv = (struct timeval) { .tv_sec = WRONG_TIME };
    return 0;
}

time_t time(time_t *now) {
    if (now != NULL) {
        *now = WRONG_TIME;
    }
    return WRONG_TIME;
}
