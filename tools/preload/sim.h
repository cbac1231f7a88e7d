// SPDX-License-Identifier: MIT
// What the files of the library share. See README.md.

#ifndef PRELOAD_SIM_H
#define PRELOAD_SIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#define NS (1000000000LL)
#define MS (1000000LL)
#define NEVER (INT64_MAX)

// The function of the C library that this library stands in front of.
#define REAL(name) ({ \
        static __typeof__(&name) real_function; \
        if (real_function == NULL) { \
            real_function = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        } \
        real_function; \
    })

// A thread that waits. It is in the list as long as the wait lasts.
typedef struct waiter {
    struct waiter *next;
    struct pollfd *fds; // what it waits for, as the program wants it
    nfds_t count;
    struct pollfd *seen; // the same without what a condition hides; one entry more, for wake_fd
    int64_t deadline; // simulated
    int64_t conditions_due; // when a condition lets bytes through, or a timer ends; NEVER
    int wake_fd;
    bool network; // a socket of the network is among fds, and may become ready by itself
    pthread_cond_t *cond; // it waits for this
    bool signalled; // and will get it
    pthread_mutex_t *mutex; // and then, or only, for this
    int thread;
} waiter_t;

// One lock for everything. It is never held during a wait.
void sim_lock(void);
void sim_unlock(void);
int64_t sim_real_ns(void);
int64_t sim_now(void); // with the lock
void sim_set_rate(double rate); // with the lock; the clock runs
void sim_hold(bool jump); // with the lock; see README.md
bool sim_time_is_real(void); // and stays so: no command will come
void sim_steer(void); // before the program runs: commands may come at any time
void sim_set_wall(int64_t seconds); // with the lock
void sim_set_grace(int64_t ns); // with the lock
void sim_grant(int64_t ns, bool single); // with the lock
void sim_network_active(void); // bytes have moved, or a socket was made
void sim_wake_all(void); // with the lock: each wait looks again
// Wait until one of fds is ready, or until the deadline. As ppoll().
int sim_wait(struct pollfd *fds, nfds_t count, int64_t deadline, const sigset_t *mask);
int64_t sim_deadline(int64_t ns); // from now on

// Of conditions.c. Both with the lock.
// Fill in seen, conditions_due and network. Returns how many fds a condition makes ready.
int conditions_look(waiter_t *waiter);
void conditions_force(waiter_t *waiter); // the results of those that it makes ready

// Of timers.c.
bool timers_have(int fd);
void timers_forget(int fd); // it is closed
int timers_wake_fd(int fd); // -1: it is no timer
ssize_t timers_read(int fd, void *buffer, size_t size); // waits for its end
int64_t timers_look(int fd); // with the lock: when it ends; NEVER: it is no timer, is not set, or has just ended

// Of control.c.
const char *control_command(char *line); // with the lock; returns what is wrong, or NULL
void control_idle(int64_t now, int64_t next, bool network);

// Of conditions.c and names.c. They return what is wrong, or NULL.
const char *conditions_set(char **words, int count);
const char *names_set(char **words, int count);
void names_only(bool peers);
// Where a connection to this address goes: peer may change. Returns false if it cannot be reached.
bool names_redirect(const char *address, int port, struct sockaddr_storage *peer);
// "HOST", "HOST:PORT", "[ADDRESS]:PORT", an address. The port is 0 if there is none.
void split_host(const char *text, char *host, size_t size, int *port);
bool names_match(const char *host, const char *address); // the host was resolved to this address

typedef enum {
    ONLINE,
    CABLE_OUT,
    NO_NAMES,
    HANG,
    REFUSED,
    NO_ANSWER,
    SLOW,
    RESET,
} condition_t;

typedef struct {
    condition_t condition;
    int64_t numbers[2];
} rule_t;

// The rule for a host, as the app names it, and its port. 0 is any.
rule_t conditions_of_host(const char *host, int port);

#endif
