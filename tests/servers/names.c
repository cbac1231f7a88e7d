// SPDX-License-Identifier: MIT
// LD_PRELOADed: a resolver that knows the hosts in the environment variable NAMES, "HOST:PORT=PORT ...", and no others.
// A connection to such a host and port goes to the second port of the loopback. Addresses are those of the system.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*getaddrinfo_t)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static bool is_address(const char *node) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, node, bytes) == 1 || inet_pton(AF_INET6, node, bytes) == 1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    getaddrinfo_t real = (getaddrinfo_t)dlsym(RTLD_NEXT, "getaddrinfo");
    if (node == NULL || is_address(node)) {
        return real(node, service, hints, res);
    }
    char wanted[300];
    snprintf(wanted, sizeof(wanted), "%s:%s=", node, service == NULL ? "" : service);
    const char *names = getenv("NAMES");
    const char *found = names == NULL ? NULL : strstr(names, wanted);
    if (found == NULL || (found != names && found[-1] != ' ')) {
        return EAI_NONAME;
    }
    char port[6];
    snprintf(port, sizeof(port), "%d", atoi(found + strlen(wanted)));
    return real("127.0.0.1", port, hints, res);
}
