// SPDX-License-Identifier: MIT
// LD_PRELOADed: no thread can be started. (A resolver of libcurl that needs one fails too.)

#include <errno.h>
#include <pthread.h>

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *),
    void *restrict argument) {
    (void)thread;
    (void)attributes;
    (void)start;
    (void)argument;
    return EAGAIN;
}
