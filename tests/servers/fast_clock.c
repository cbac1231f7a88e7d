// SPDX-License-Identifier: MIT
// LD_PRELOADed: time runs SPEED times as fast, for clocks and for waits alike, so that a timeout of
// minutes can be seen in a second.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL

static long long start[2]; // of CLOCK_REALTIME and CLOCK_MONOTONIC, in real ns

static long long real_ns(int clock) {
    struct timespec ts;
    syscall(SYS_clock_gettime, clock, &ts);
    return ts.tv_sec * NS + ts.tv_nsec;
}

__attribute__((constructor)) static void remember_start(void) {
    start[CLOCK_REALTIME] = real_ns(CLOCK_REALTIME);
    start[CLOCK_MONOTONIC] = real_ns(CLOCK_MONOTONIC);
}

static struct timespec to_timespec(long long ns) {
    return (struct timespec) { .tv_sec = ns / NS, .tv_nsec = ns % NS };
}

static long long to_ns(const struct timespec *ts) {
    return ts->tv_sec * NS + ts->tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ts) {
    int base = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    *ts = to_timespec(start[base] + (real_ns(base) - start[base]) * SPEED);
    return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    struct timespec ts;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    *tv = (struct timeval) { .tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000 };
    return 0;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask) {
    struct timespec ts;
    if (timeout != NULL) {
        ts = to_timespec(to_ns(timeout) / SPEED);
    }
    int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *) = dlsym(RTLD_NEXT, "ppoll");
    return real(fds, n, timeout == NULL ? NULL : &ts, mask);
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms) {
    struct timespec ts = to_timespec(timeout_ms * 1000000LL);
    return ppoll(fds, n, timeout_ms < 0 ? NULL : &ts, NULL);
}

int select(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict err, struct timeval *restrict timeout) {
    struct timespec ts;
    if (timeout != NULL) {
        ts = to_timespec((timeout->tv_sec * NS + timeout->tv_usec * 1000) / SPEED);
    }
    return pselect(n, in, out, err, timeout == NULL ? NULL : &ts, NULL);
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
    struct timespec ts = to_timespec(to_ns(wanted) / SPEED);
    (void)left;
    return (int)syscall(SYS_nanosleep, &ts, NULL);
}

int usleep(useconds_t us) {
    struct timespec ts = to_timespec(us * 1000LL);
    return nanosleep(&ts, NULL);
}

// An absolute deadline. Its value tells which clock: no machine is up for 30 years.
int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
    const struct timespec *restrict deadline) {
    long long from = start[deadline->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC];
    struct timespec ts = to_timespec(from + (to_ns(deadline) - from) / SPEED);
    int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *) = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return real(cond, mutex, &ts);
}
