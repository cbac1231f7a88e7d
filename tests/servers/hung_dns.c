// SPDX-License-Identifier: MIT
// LD_PRELOADed: a resolver that hangs for one host name, and knows at once that another one does
// not exist. Everything else is the system's.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

typedef int (*getaddrinfo_t)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static void hang(void) {
    struct timespec left = { .tv_sec = HANG_SECONDS };
    while (nanosleep(&left, &left) != 0) {
    }
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    if (node != NULL && strcmp(node, "hang.invalid") == 0) {
        hang();
        return EAI_AGAIN;
    }
    if (node != NULL && strcmp(node, "nowhere.invalid") == 0) {
        return EAI_NONAME;
    }
    return ((getaddrinfo_t)dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, res);
}
