// SPDX-License-Identifier: MIT
// LD_PRELOADed for the engine's tests: the resolver hangs for one host name. ThreadSanitizer must see all other calls of
// the C library, and the simulation of tools/preload stands in front of them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

#define HANG_SECONDS (10)

typedef int (*getaddrinfo_t)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    if (node != NULL && strcmp(node, "hang.invalid") == 0) {
        struct timespec left = { .tv_sec = HANG_SECONDS };
        while (nanosleep(&left, &left) != 0) {
        }
        return EAI_AGAIN;
    }
    return ((getaddrinfo_t)dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, res);
}
