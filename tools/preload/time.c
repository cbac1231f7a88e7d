// SPDX-License-Identifier: MIT
// The functions of the C library that read the time or wait, in terms of clock.c.

#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    struct timespec ts;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    *tv = (struct timeval) { .tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *now) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (now != NULL) {
        *now = ts.tv_sec;
    }
    return ts.tv_sec;
}

int timespec_get(struct timespec *ts, int base) {
    clock_gettime(CLOCK_REALTIME, ts);
    return base;
}

static int64_t to_ns(const struct timespec *ts) {
    return ts->tv_sec > NEVER / NS - 1 ? NEVER : ts->tv_sec *NS + ts->tv_nsec;
}

static int sleep_until(int64_t deadline, struct timespec *left) {
    int n = sim_wait(NULL, 0, deadline, NULL);
    if (n < 0 && left != NULL) {
        sim_lock();
        int64_t ns = deadline - sim_now();
        sim_unlock();
        ns = ns < 0 ? 0 : ns;
        *left = (struct timespec) { .tv_sec = ns / NS, .tv_nsec = ns % NS };
    }
    return n < 0 ? -1 : 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
    return sleep_until(sim_deadline(to_ns(wanted)), left);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left) {
    int64_t ns = to_ns(wanted);
    if (flags & TIMER_ABSTIME) {
        struct timespec now;
        clock_gettime(clock, &now);
        ns = ns < to_ns(&now) ? 0 : ns - to_ns(&now);
    }
    return sleep_until(sim_deadline(ns), left) == 0 ? 0 : errno;
}

int usleep(useconds_t us) {
    return sleep_until(sim_deadline(us * 1000LL), NULL);
}

unsigned sleep(unsigned seconds) {
    struct timespec left = { .tv_sec = 0 };
    return sleep_until(sim_deadline(seconds * NS), &left) == 0 ? 0 : left.tv_sec + 1;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    return sim_wait(fds, count, timeout == NULL ? NEVER : sim_deadline(to_ns(timeout)), mask);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    return sim_wait(fds, count, timeout_ms < 0 ? NEVER : sim_deadline(timeout_ms * MS), NULL);
}

// What a program calls that was built with _FORTIFY_SOURCE.
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t size) {
    return count * sizeof(*fds) > size ? (abort(), -1) : poll(fds, count, timeout_ms);
}

int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size) {
    return count * sizeof(*fds) > size ? (abort(), -1) : ppoll(fds, count, timeout, mask);
}

int pselect(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict err,
    const struct timespec *restrict timeout, const sigset_t *restrict mask) {
    struct pollfd fds[FD_SETSIZE];
    nfds_t count = 0;
    for (int fd = 0; fd < n; fd++) {
        short events = (in != NULL && FD_ISSET(fd, in) ? POLLIN : 0) | (out != NULL && FD_ISSET(fd, out) ? POLLOUT : 0)
            | (err != NULL && FD_ISSET(fd, err) ? POLLPRI : 0);
        if (events != 0) {
            fds[count++] = (struct pollfd) { .fd = fd, .events = events };
        }
    }
    int ready = ppoll(fds, count, timeout, mask);
    if (ready < 0) {
        return ready;
    }
    fd_set *sets[] = { in, out, err };
    static const short answers[] = { POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI };
    ready = 0;
    for (int set = 0; set < 3; set++) {
        for (nfds_t i = 0; i < count && sets[set] != NULL; i++) {
            bool wanted = FD_ISSET(fds[i].fd, sets[set]);
            if (wanted && (fds[i].revents & answers[set]) != 0) {
                ready++;
            } else if (wanted) {
                FD_CLR(fds[i].fd, sets[set]);
            }
        }
    }
    return ready;
}

int select(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict err, struct timeval *restrict timeout) {
    struct timespec ts;
    if (timeout != NULL) {
        ts = (struct timespec) { .tv_sec = timeout->tv_sec, .tv_nsec = timeout->tv_usec * 1000 };
    }
    return pselect(n, in, out, err, timeout == NULL ? NULL : &ts, NULL);
}

int epoll_pwait(int epfd, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask) {
    int64_t deadline = timeout_ms < 0 ? NEVER : sim_deadline(timeout_ms * MS);
    struct pollfd fd = { .fd = epfd, .events = POLLIN };
    for (;;) {
        int ready = sim_wait(&fd, 1, deadline, mask);
        if (ready <= 0) {
            return ready;
        }
        ready = REAL(epoll_wait)(epfd, events, most, 0);
        if (ready != 0) {
            return ready;
        }
    }
}

int epoll_wait(int epfd, struct epoll_event *events, int most, int timeout_ms) {
    return epoll_pwait(epfd, events, most, timeout_ms, NULL);
}
