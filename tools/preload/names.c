// SPDX-License-Identifier: MIT
// The resolver: names that exist only here, and names that hang or do not exist.

#include "sim.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES (256)
#define GIVES_UP_SECONDS (30)

typedef struct {
    char host[256]; // or an address
    char address[INET6_ADDRSTRLEN];
    int port; // 0: that of the request
    int from_port; // for requests to this port; 0: to any
} name_t;

static name_t given[NAMES]; // by the command "name"
static int given_count;
static bool no_others; // no names
static bool no_other_peers;
static name_t resolved[NAMES]; // the last ones, in a circle
static unsigned resolved_count;

static bool is_address(const char *text) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

// name HOST[:PORT] ADDRESS [PORT]: a second one with the same name is one more address of it.
const char *names_set(char **words, int count) {
    if (count < 2 || count > 3 || !is_address(words[1])) {
        return "name HOST[:PORT] ADDRESS [PORT]";
    }
    if (given_count == NAMES || strlen(words[0]) >= sizeof(given[0].host)) {
        return "there are too many names";
    }
    name_t *name = &given[given_count++];
    *name = (name_t) { .port = count > 2 ? atoi(words[2]) : 0 };
    strcpy(name->address, words[1]);
    split_host(words[0], name->host, sizeof(name->host), &name->from_port);
    return NULL;
}

void names_only(bool peers) {
    no_others |= !peers;
    no_other_peers |= peers;
}

static bool is_loopback(const struct sockaddr *peer) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;
    return peer->sa_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET : IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

// An IPv6 socket reaches an IPv4 address too, in IPv6's form of it.
static void set_peer(struct sockaddr_storage *peer, const char *address, int port) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)peer;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)peer;
    if (peer->ss_family == AF_INET) {
        inet_pton(AF_INET, address, &v4->sin_addr);
        v4->sin_port = htons(port);
        return;
    }
    char mapped[sizeof("::ffff:") + INET6_ADDRSTRLEN];
    snprintf(mapped, sizeof(mapped), "%s%s", strchr(address, ':') == NULL ? "::ffff:" : "", address);
    inet_pton(AF_INET6, mapped, &v6->sin6_addr);
    v6->sin6_port = htons(port);
}

bool names_redirect(const char *address, int port, struct sockaddr_storage *peer) {
    bool given_to = false;
    for (int i = 0; i < given_count; i++) {
        const name_t *name = &given[i];
        bool any_port = name->from_port == 0 || name->from_port == port;
        if (any_port && strcmp(name->host, address) == 0) {
            set_peer(peer, name->address, name->port == 0 ? port : name->port);
            return true;
        }
        given_to |= strcmp(name->address, address) == 0 && (name->port == 0 || name->port == port);
    }
    return given_to || !no_other_peers || is_loopback((const struct sockaddr *)peer);
}

bool names_match(const char *host, const char *address) {
    for (unsigned i = 0; i < NAMES && i < resolved_count; i++) {
        if (strcmp(resolved[i].host, host) == 0 && strcmp(resolved[i].address, address) == 0) {
            return true;
        }
    }
    return false;
}

static void remember(const char *host, const struct addrinfo *found) {
    for (; found != NULL; found = found->ai_next) {
        char address[INET6_ADDRSTRLEN] = "";
        if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL, 0, NI_NUMERICHOST) != 0
            || names_match(host, address)) {
            continue;
        }
        name_t *name = &resolved[resolved_count++ % NAMES];
        snprintf(name->host, sizeof(name->host), "%s", host);
        snprintf(name->address, sizeof(name->address), "%s", address);
    }
}

// The addresses that were given for a name, linked; 0, or an error.
static int find_given(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    struct addrinfo **end = res;
    int error = no_others ? EAI_NONAME : 1;
    int wanted = service == NULL ? 0 : atoi(service);
    for (int i = 0; i < given_count; i++) {
        const name_t *name = &given[i];
        if (strcmp(name->host, node) != 0 || (name->from_port != 0 && name->from_port != wanted)) {
            continue;
        }
        char port[12];
        snprintf(port, sizeof(port), "%d", name->port);
        error = REAL(getaddrinfo)(name->address, name->port == 0 ? service : port, hints, end);
        if (error != 0) {
            return error;
        }
        while (*end != NULL) {
            end = &(*end)->ai_next;
        }
    }
    return error;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    if (node == NULL || is_address(node)) {
        return REAL(getaddrinfo)(node, service, hints, res);
    }
    int port = service == NULL ? 0 : atoi(service);
    sim_lock();
    rule_t rule = conditions_of_host(node, port);
    sim_unlock();
    if (rule.condition == NO_NAMES || rule.condition == CABLE_OUT) {
        return EAI_NONAME;
    } else if (rule.condition == HANG) {
        int64_t seconds = rule.numbers[0] == 0 ? GIVES_UP_SECONDS : rule.numbers[0];
        int64_t deadline = sim_deadline(seconds * NS);
        while (sim_wait(NULL, 0, deadline, NULL) < 0) {
        }
        return EAI_AGAIN;
    }
    sim_lock();
    int error = find_given(node, service, hints, res);
    sim_unlock();
    if (error == 1) {
        error = REAL(getaddrinfo)(node, service, hints, res);
    }
    if (error == 0) {
        sim_lock();
        remember(node, *res);
        sim_unlock();
    }
    return error;
}
