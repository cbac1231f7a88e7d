// SPDX-License-Identifier: MIT
// LD_PRELOADed: a resolver that hangs for one host name, knows at once that another one does not exist,
// and has an IPv6 and an IPv4 address for a third. Everything else is the system's. With QUICK_THREADS in the
// environment, a thread that starts another one pauses, so that the new thread runs first.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef int (*getaddrinfo_t)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static void hang(void) {
    struct timespec left = { .tv_sec = HANG_SECONDS };
    while (nanosleep(&left, &left) != 0) {
    }
}

// libcurl holds a mutex while it starts its resolver thread: the pause comes when it unlocks it.
static __thread bool has_made_a_thread;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *arg) {
    typedef int (*create_t)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    has_made_a_thread = getenv("QUICK_THREADS") != NULL;
    return ((create_t)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, start, arg);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    typedef int (*unlock_t)(pthread_mutex_t *);
    int error = ((unlock_t)dlsym(RTLD_NEXT, "pthread_mutex_unlock"))(mutex);
    if (has_made_a_thread) {
        has_made_a_thread = false;
        nanosleep(&(struct timespec) { .tv_nsec = 50 * 1000 * 1000 }, NULL);
    }
    return error;
}

static getaddrinfo_t system_getaddrinfo(void) {
    return (getaddrinfo_t)dlsym(RTLD_NEXT, "getaddrinfo");
}

// Both loopback addresses, in the order in which most systems have them.
static int both(const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    int error = system_getaddrinfo()("::1", service, hints, res);
    return error != 0 ? error : system_getaddrinfo()("127.0.0.1", service, hints, &(*res)->ai_next);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    if (node != NULL && strcmp(node, "hang.invalid") == 0) {
        hang();
        return EAI_AGAIN;
    }
    if (node != NULL && strcmp(node, "nowhere.invalid") == 0) {
        return EAI_NONAME;
    }
    if (node != NULL && strcmp(node, "both.invalid") == 0) {
        return both(service, hints, res);
    }
    return system_getaddrinfo()(node, service, hints, res);
}
