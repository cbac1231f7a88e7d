// SPDX-License-Identifier: MIT
// LD_PRELOADed: after getenv("NO_C_MEMORY") malloc() and its relatives return NULL, until getenv("C_MEMORY"). An app
// can call these.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static bool nothing;

static bool fails(void) {
    errno = nothing ? ENOMEM : errno;
    return nothing;
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
    if (strcmp(name, "NO_C_MEMORY") == 0 || strcmp(name, "C_MEMORY") == 0) {
        nothing = name[0] == 'N';
        return NULL;
    }
    static char *(*next)(const char *);
    if (next == NULL) {
        *(void **)&next = dlsym(RTLD_NEXT, "getenv");
    }
    return next(name);
}
