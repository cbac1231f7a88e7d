// SPDX-License-Identifier: MIT
// LD_PRELOADed: after getenv("NO_C_MEMORY") malloc() and its relatives return NULL, until getenv("C_MEMORY"); after
// getenv("NO_C_MEMORY 12") the twelfth call does. An app can call these.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static bool nothing;
static atomic_int calls_left; // to the one that fails

static bool fails(void) {
    bool fails = nothing || (calls_left > 0 && atomic_fetch_sub(&calls_left, 1) == 1);
    errno = fails ? ENOMEM : errno;
    return fails;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return fails() ? NULL : __libc_realloc(block, size);
}

char *getenv(const char *name) {
    if (strncmp(name, "NO_C_MEMORY", 11) == 0 || strcmp(name, "C_MEMORY") == 0) {
        calls_left = name[0] == 'N' ? atoi(name + 11) : 0;
        nothing = name[0] == 'N' && calls_left == 0;
        return NULL;
    }
    static char *(*next)(const char *);
    if (next == NULL) {
        *(void **)&next = dlsym(RTLD_NEXT, "getenv");
    }
    return next(name);
}
