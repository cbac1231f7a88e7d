// SPDX-License-Identifier: MIT
// LD_PRELOADed: a resolver that hangs for one host name, knows at once that another one does not exist,
// and has an IPv6 and an IPv4 address for a third. Everything else is the system's.

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
