// SPDX-License-Identifier: MIT
// LD_PRELOADed: a thread that starts another one pauses, so that the new thread runs first.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

// libcurl holds a mutex while it starts its resolver thread: the pause comes when it unlocks it.
static __thread bool has_made_a_thread;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *arg) {
    typedef int (*create_t)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    has_made_a_thread = true;
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
