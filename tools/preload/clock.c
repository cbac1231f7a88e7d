// SPDX-License-Identifier: MIT
// The clock, and the waits of all threads.
//
// A clock that is held stands still while all threads wait. It jumps to the next deadline when that was granted, and
// nothing can happen before: no thread runs, nothing is ready at the descriptors that they wait for, and what may still
// come from a real server has had its time.

#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SMALL (16)

// Recursive: with the lock held memory is allocated, and ThreadSanitizer's allocator asks for the time.
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int64_t base_real; // the clock showed base_sim at this real time
static int64_t base_sim;
static int64_t wall_ahead; // the time of day, minus the clock
static double rate = 1;
static bool held;
static bool steered; // something may end a wait before its time: then each thread has a descriptor for that
static bool frozen; // held, and all threads wait
static int64_t grant = -1; // the clock may jump up to here
static bool single; // but only once
static bool report; // say when all threads wait
static int64_t grace = NS; // how long a real server may be silent before the clock goes on
static int64_t last_activity; // real
static int threads = 1;
static int waiting;
static waiter_t *waiters;

void sim_lock(void) {
    REAL(pthread_mutex_lock)(&lock);
}

void sim_unlock(void) {
    REAL(pthread_mutex_unlock)(&lock);
}

static int64_t raw_ns(clockid_t clock) {
    struct timespec ts;
    REAL(clock_gettime)(clock, &ts); // without a system call, in most kernels
    return ts.tv_sec * NS + ts.tv_nsec;
}

int64_t sim_real_ns(void) {
    return raw_ns(CLOCK_MONOTONIC);
}

int64_t sim_now(void) {
    return frozen ? base_sim : base_sim + (int64_t)((sim_real_ns() - base_real) * rate);
}

int64_t sim_deadline(int64_t ns) {
    sim_lock();
    int64_t now = sim_now();
    sim_unlock();
    return ns > NEVER - now ? NEVER : now + (ns < 0 ? 0 : ns);
}

__attribute__((constructor(101))) static void start(void) {
    base_real = base_sim = last_activity = sim_real_ns();
    wall_ahead = raw_ns(CLOCK_REALTIME) - base_real;
}

// From now on the clock shows the same time, and goes on from it.
static void rebase(bool stands) {
    base_sim = sim_now();
    base_real = sim_real_ns();
    frozen = stands;
}

void sim_set_rate(double wanted) {
    rebase(false);
    rate = wanted;
    held = false;
}

void sim_hold(bool jump) {
    rebase(false);
    rate = 1;
    held = steered = true;
    grant = jump ? NEVER : -1;
}

void sim_steer(void) {
    steered = true;
}

bool sim_time_is_real(void) {
    return !steered && rate == 1;
}

void sim_set_wall(int64_t seconds) {
    wall_ahead = seconds * NS - sim_now();
}

void sim_set_grace(int64_t ns) {
    grace = ns;
}

void sim_grant(int64_t ns, bool once) {
    grant = sim_now() + ns;
    single = once;
    report = true;
}

void sim_network_active(void) {
    last_activity = sim_real_ns();
}

static void wake(const waiter_t *w) {
    if (w->wake_fd >= 0) {
        uint64_t one = 1;
        syscall(SYS_write, w->wake_fd, &one, sizeof(one));
    }
}

void sim_wake_all(void) {
    for (waiter_t *w = waiters; w != NULL; w = w->next) {
        wake(w);
    }
}

// ------------------------------------------------------------------------------------------------
// Waits

static int64_t next_of(const waiter_t *w) {
    return w->deadline < w->conditions_due ? w->deadline : w->conditions_due;
}

// As poll() without a wait.
static int look(waiter_t *w) {
    static const struct timespec none;
    int forced = conditions_look(w);
    int ready = w->count == 0 ? 0 : REAL(ppoll)(w->seen, w->count, &none, NULL);
    if (forced > 0) {
        conditions_force(w);
        ready = 0;
        for (nfds_t i = 0; i < w->count; i++) {
            ready += w->seen[i].revents != 0;
        }
    }
    return ready;
}

// True if the owner of the mutex has begun to wait for a condition with it: it gives it back next, if it has not yet.
static bool gives_back(const pthread_mutex_t *mutex, int owner) {
    for (const waiter_t *w = waiters; w != NULL; w = w->next) {
        if (w->cond != NULL && w->mutex == mutex && w->thread == owner) {
            return true;
        }
    }
    return false;
}

// True if the thread is about to go on, or another one because of it: it gets the mutex, has it already, or has not given
// it back yet. own: the thread that asks; it gives its mutex back next. The owner is read once: it changes meanwhile.
static bool is_between(const waiter_t *w, const waiter_t *own) {
    if (w->mutex == NULL || (w == own && w->cond != NULL)) {
        return false;
    }
    int owner = __atomic_load_n(&w->mutex->__data.__owner, __ATOMIC_ACQUIRE);
    bool wants = w->cond == NULL || w->signalled;
    return owner == w->thread || (wants && (owner == 0 || gives_back(w->mutex, owner)));
}

// True if nothing can happen without the clock. *next: when the first wait ends.
static bool is_quiet(const waiter_t *own, int64_t *next, bool *network, bool *between) {
    *next = NEVER;
    *between = false;
    *network = false;
    if (waiting < threads) {
        return false;
    }
    int64_t now = sim_now();
    for (waiter_t *w = waiters; w != NULL; w = w->next) {
        if (is_between(w, own)) {
            *between = true;
            return false;
        }
        if (w != own && next_of(w) <= now) {
            wake(w);
            return false;
        }
    }
    for (waiter_t *w = waiters; w != NULL; w = w->next) {
        if (look(w) != 0) {
            return false;
        }
        *next = next_of(w) < *next ? next_of(w) : *next;
        *network |= w->network;
    }
    return true;
}

// All threads may wait: let the clock jump. Returns how long (real ns) the caller may wait before it looks again; 0: at
// once.
static int64_t decide(waiter_t *own) {
    int64_t next;
    bool network;
    bool between;
    if (!is_quiet(own, &next, &network, &between)) {
        if (between && own->wake_fd < 0) {
            sim_wake_all(); // one of the others looks again
        }
        return between && own->wake_fd >= 0 ? MS : NEVER;
    }
    if (!frozen) {
        rebase(true);
    }
    int64_t silence = sim_real_ns() - last_activity;
    if (network && silence < grace && (report || grant > base_sim)) {
        if (own->network) {
            return grace - silence;
        }
        for (waiter_t *w = waiters; w != NULL; w = w->next) {
            if (w->network) {
                wake(w); // it looks again, and waits for the rest of the time
                break;
            }
        }
        return NEVER;
    }
    if (grant > base_sim && !(grant == NEVER && next == NEVER)) {
        base_sim = next < grant ? next : grant;
        grant = single ? base_sim : grant;
        bool due = false;
        for (waiter_t *w = waiters; w != NULL; w = w->next) {
            if (next_of(w) <= base_sim) {
                due = true;
                wake(w);
            }
        }
        if (due) {
            return 0;
        }
    }
    if (report && grant <= base_sim) {
        report = false;
        control_idle(base_sim, next, network);
    }
    return NEVER;
}

static void enter(waiter_t *w) {
    w->next = waiters;
    waiters = w;
    waiting++;
}

static void leave(waiter_t *w) {
    waiter_t **link = &waiters;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    waiting--;
    if (frozen) {
        rebase(false);
        for (w = waiters; w != NULL; w = w->next) { // the clock runs again, and with it the deadlines of the others
            if (next_of(w) != NEVER) {
                wake(w);
            }
        }
    }
}

// Each thread has one: it ends the real wait.
static __thread int own_fd = -1;

static void empty(int fd) {
    uint64_t count;
    if (fd >= 0) {
        syscall(SYS_read, fd, &count, sizeof(count));
    }
}

static int wait_with(waiter_t *w, const sigset_t *mask) {
    int ready;
    int error = 0;
    sim_lock();
    enter(w);
    for (;;) {
        ready = look(w);
        if (ready != 0) {
            error = errno;
            break;
        }
        int64_t now = sim_now();
        if (now >= w->deadline) {
            break;
        }
        int64_t real_ns = held ? decide(w) : NEVER;
        if (real_ns == 0) {
            continue;
        } else if (real_ns == NEVER && !frozen && next_of(w) != NEVER) {
            real_ns = (int64_t)((next_of(w) - now) / rate) + 1;
        }
        w->seen[w->count] = (struct pollfd) { .fd = w->wake_fd, .events = POLLIN };
        struct timespec ts = { .tv_sec = real_ns / NS, .tv_nsec = real_ns % NS };
        sim_unlock();
        int n = REAL(ppoll)(w->seen, w->count + 1, real_ns == NEVER ? NULL : &ts, mask);
        error = errno;
        empty(w->wake_fd);
        sim_lock();
        if (n < 0) {
            ready = -1;
            break;
        }
    }
    for (nfds_t i = 0; i < w->count && ready >= 0; i++) {
        w->fds[i].revents = w->seen[i].fd < 0 && ready == 0 ? 0 : w->seen[i].revents;
        if (w->network && ready > 0) {
            sim_network_active();
        }
    }
    leave(w);
    sim_unlock();
    errno = error;
    return ready;
}

int sim_wait(struct pollfd *fds, nfds_t count, int64_t deadline, const sigset_t *mask) {
    struct pollfd small[SMALL];
    if (own_fd < 0 && steered) {
        own_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    }
    int timer_fd = count == 1 ? timers_wake_fd(fds->fd) : -1;
    int wake_fd = timer_fd < 0 ? own_fd : timer_fd;
    waiter_t w = { .fds = fds, .count = count, .deadline = deadline, .conditions_due = NEVER, .wake_fd = wake_fd };
    w.seen = count < SMALL ? small : malloc((count + 1) * sizeof(*fds));
    if (w.seen == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int ready = wait_with(&w, mask);
    if (w.seen != small) {
        int error = errno;
        free(w.seen);
        errno = error;
    }
    return ready;
}

// ------------------------------------------------------------------------------------------------
// Threads, and what wakes them. The C library has two of each function for conditions; the older one is another.

#define COND(name) ({ \
        static __typeof__(&name) real_function; \
        if (real_function == NULL) { \
            real_function = (__typeof__(&name))dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2"); \
        } \
        real_function != NULL ? real_function : REAL(name); \
    })

typedef struct {
    void *(*function)(void *);
    void *argument;
} thread_start_t;

static void *run_thread(void *start_in) {
    thread_start_t start = *(thread_start_t *)start_in;
    free(start_in);
    void *result = start.function(start.argument);
    if (own_fd >= 0) {
        close(own_fd);
        own_fd = -1;
    }
    sim_lock();
    threads--;
    sim_wake_all(); // the others may be all that is left, and one of them looks
    sim_unlock();
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument) {
    thread_start_t *start = malloc(sizeof(*start));
    if (start == NULL) {
        return EAGAIN;
    }
    *start = (thread_start_t) { function, argument };
    sim_lock();
    threads++;
    sim_unlock();
    int error = REAL(pthread_create)(thread, attributes, run_thread, start);
    if (error != 0) {
        free(start);
        sim_lock();
        threads--;
        sim_unlock();
    }
    return error;
}

static void signal_one(pthread_cond_t *cond, bool all) {
    sim_lock();
    for (waiter_t *w = waiters; w != NULL; w = w->next) {
        if (w->cond == cond && !w->signalled) {
            w->signalled = true;
            if (!all) {
                break;
            }
        }
    }
    sim_unlock();
}

int pthread_cond_signal(pthread_cond_t *cond) {
    signal_one(cond, false);
    return COND(pthread_cond_signal)(cond);
}

int pthread_cond_broadcast(pthread_cond_t *cond) {
    signal_one(cond, true);
    return COND(pthread_cond_broadcast)(cond);
}

// A thread that was not meant may have got the signal: then the one that was meant still waits.
static void leave_cond(waiter_t *w) {
    sim_lock();
    for (waiter_t *other = waiters; !w->signalled && other != NULL; other = other->next) {
        if (other->cond == w->cond && other->signalled) {
            other->signalled = false;
            break;
        }
    }
    leave(w);
    sim_unlock();
}

static waiter_t new_waiter(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline) {
    return (waiter_t) {
               .cond = cond,
               .mutex = mutex,
               .thread = syscall(SYS_gettid),
               .deadline = deadline,
               .conditions_due = NEVER,
               .wake_fd = -1,
    };
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    waiter_t w = new_waiter(cond, mutex, NEVER);
    sim_lock();
    enter(&w);
    if (held) {
        decide(&w);
    }
    sim_unlock();
    int error = COND(pthread_cond_wait)(cond, mutex);
    leave_cond(&w);
    return error;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    int error = REAL(pthread_mutex_trylock)(mutex);
    if (error != EBUSY) {
        return error;
    }
    waiter_t w = new_waiter(NULL, mutex, NEVER);
    sim_lock();
    enter(&w);
    if (held) {
        decide(&w);
    }
    sim_unlock();
    error = REAL(pthread_mutex_lock)(mutex);
    sim_lock();
    leave(&w);
    sim_unlock();
    return error;
}

// In short pieces of real time: nothing else can end it when the clock has jumped.
static int wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline) {
    waiter_t w = new_waiter(cond, mutex, deadline);
    int error = ETIMEDOUT;
    sim_lock();
    enter(&w);
    while (error == ETIMEDOUT && sim_now() < deadline) {
        if (held) {
            decide(&w);
        }
        sim_unlock();
        int64_t end = raw_ns(CLOCK_MONOTONIC) + 2 * MS;
        struct timespec ts = { .tv_sec = end / NS, .tv_nsec = end % NS };
        error = REAL(pthread_cond_clockwait)(cond, mutex, CLOCK_MONOTONIC, &ts);
        sim_lock();
    }
    sim_unlock();
    leave_cond(&w);
    return error;
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *ts) {
    int64_t ahead = clock == CLOCK_REALTIME ? wall_ahead : 0;
    return wait_until(cond, mutex, ts->tv_sec * NS + ts->tv_nsec - ahead);
}

// Its value tells which clock a deadline is of: no machine is up for 30 years.
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *ts) {
    return pthread_cond_clockwait(cond, mutex, ts->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC, ts);
}

// ------------------------------------------------------------------------------------------------
// The time

int clock_gettime(clockid_t clock, struct timespec *ts) {
    bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
    bool monotonic = clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE
        || clock == CLOCK_BOOTTIME;
    if (!wall && !monotonic) {
        return REAL(clock_gettime)(clock, ts);
    }
    sim_lock();
    int64_t ns = sim_now() + (wall ? wall_ahead : 0);
    sim_unlock();
    *ts = (struct timespec) { .tv_sec = ns / NS, .tv_nsec = ns % NS };
    return 0;
}
