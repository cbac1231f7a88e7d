// SPDX-License-Identifier: MIT
// Conditions of the network: what a socket of the network can do, and when.

#include "sim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SOCKETS (1024)
#define RULES (64)
#define READABLE (POLLIN | POLLRDNORM)
// How long the pieces are into which a slow line cuts its bytes.
#define PIECES (20)
#define CONNECT_SECONDS (130)

typedef struct {
    struct sockaddr_storage peer;
    socklen_t peer_len;
    char address[INET6_ADDRSTRLEN];
    int port;
    bool unconnected; // nobody has answered so far
    bool sent; // anything
    int64_t received;
    int64_t readable_at; // when a slow line has the next bytes
} socket_t;

static socket_t *sockets[SOCKETS];
// Without the lock: most descriptors are none of the network, and a signal handler may write to one.
static _Atomic bool is_network[SOCKETS];

static struct {
    char host[256];
    int port;
    rule_t rule;
} rules[RULES];
static int rule_count;

static bool in_range(int fd) {
    return fd >= 0 && fd < SOCKETS;
}

// ------------------------------------------------------------------------------------------------
// Rules

void split_host(const char *text, char *host, size_t size, int *port) {
    bool in_brackets = text[0] == '[' && strchr(text, ']') != NULL;
    text += in_brackets;
    const char *colon = strrchr(text, ':');
    bool has_port = colon != NULL && (in_brackets ? colon[-1] == ']' : strchr(text, ':') == colon);
    size_t len = in_brackets ? (size_t)(strchr(text, ']') - text) : has_port ? (size_t)(colon - text) : strlen(text);
    len = len < size ? len : size - 1;
    memcpy(host, text, len);
    host[len] = 0;
    *port = has_port ? atoi(colon + 1) : 0;
}

const char *conditions_set(char **words, int count) {
    static const char *const names[] = {
        "online", "cable-out", "no-names", "hang", "refused", "no-answer", "slow", "reset",
    };
    if (count < 2 || count > 4) {
        return "network HOST CONDITION [NUMBER [NUMBER]]";
    }
    rule_t rule = { .condition = 0 };
    while (rule.condition <= RESET && strcmp(words[1], names[rule.condition]) != 0) {
        rule.condition++;
    }
    if (rule.condition > RESET) {
        return "there is no such condition";
    }
    for (int i = 2; i < count; i++) {
        char *end;
        rule.numbers[i - 2] = strtoll(words[i], &end, 10);
        if (*end != 0 || rule.numbers[i - 2] < 0) {
            return "a number must be 0 or more";
        }
    }
    char host[sizeof(rules[0].host)];
    int port;
    split_host(words[0], host, sizeof(host), &port);
    int i = 0;
    while (i < rule_count && (strcmp(rules[i].host, host) != 0 || rules[i].port != port)) {
        i++;
    }
    if (i == RULES) {
        return "there are too many hosts";
    }
    if (strcmp(words[0], "*") == 0) {
        i = rule_count = 0; // for all hosts: what was for single ones is over
    }
    strcpy(rules[i].host, host);
    rules[i].port = port;
    rules[i].rule = rule;
    rule_count += i == rule_count;
    return NULL;
}

// address: as text, or NULL. The rule of a single host comes before that for all.
static rule_t find(const char *host, const char *address, int port) {
    rule_t found = { .condition = ONLINE };
    for (int i = 0; i < rule_count; i++) {
        bool all = strcmp(rules[i].host, "*") == 0;
        bool same = (host != NULL && strcmp(rules[i].host, host) == 0)
            || (address != NULL && (strcmp(rules[i].host, address) == 0 || names_match(rules[i].host, address)));
        if ((all || same) && (rules[i].port == 0 || port == 0 || rules[i].port == port)) {
            found = rules[i].rule;
            if (!all) {
                break;
            }
        }
    }
    return found;
}

rule_t conditions_of_host(const char *host, int port) {
    return find(host, NULL, port);
}

static rule_t rule_of(const socket_t *s) {
    return find(NULL, s->address, s->port);
}

// ------------------------------------------------------------------------------------------------
// Sockets

// The socket of the network, or NULL.
static socket_t *socket_of(int fd) {
    return in_range(fd) && is_network[fd] ? sockets[fd] : NULL;
}

static bool is_silent(rule_t rule) {
    return rule.condition == CABLE_OUT || rule.condition == NO_ANSWER;
}

static bool is_reset(const socket_t *s, rule_t rule) {
    return rule.condition == REFUSED || (rule.condition == RESET && s->sent && s->received >= rule.numbers[0]);
}

// Nobody has answered so far; now somebody may.
static void connect_late(int fd, socket_t *s) {
    s->unconnected = false;
    REAL(connect)(fd, (struct sockaddr *)&s->peer, s->peer_len);
}

int conditions_look(waiter_t *w) {
    int forced = 0;
    w->conditions_due = NEVER;
    w->network = false;
    for (nfds_t i = 0; i < w->count; i++) {
        w->seen[i] = w->fds[i];
        w->seen[i].revents = 0;
        int64_t due = timers_look(w->fds[i].fd);
        w->conditions_due = due < w->conditions_due ? due : w->conditions_due;
        socket_t *s = socket_of(w->fds[i].fd);
        if (s == NULL) {
            continue;
        }
        rule_t rule = rule_of(s);
        if (is_silent(rule)) {
            w->seen[i].fd = -1;
            continue;
        }
        if (s->unconnected) {
            connect_late(w->fds[i].fd, s);
        }
        if (is_reset(s, rule)) {
            forced++;
        } else if (rule.condition == SLOW && sim_now() < s->readable_at) {
            w->conditions_due = s->readable_at < w->conditions_due ? s->readable_at : w->conditions_due;
            w->seen[i].events &= ~READABLE;
            w->seen[i].fd = w->seen[i].events == 0 ? -1 : w->seen[i].fd;
        } else {
            w->network = true;
        }
    }
    return forced;
}

void conditions_force(waiter_t *w) {
    for (nfds_t i = 0; i < w->count; i++) {
        socket_t *s = socket_of(w->fds[i].fd);
        if (s != NULL && is_reset(s, rule_of(s))) {
            w->seen[i].revents |= (w->fds[i].events & (READABLE | POLLOUT)) | POLLERR;
        }
    }
}

static bool blocks(int fd, int flags) {
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0 && (flags & MSG_DONTWAIT) == 0;
}

// A blocking call on a socket of the network: wait as poll() does, so that conditions and the clock are heeded.
static void wait_for(int fd, short events, int flags) {
    if (blocks(fd, flags)) {
        struct timeval limit = { .tv_sec = 0 };
        socklen_t len = sizeof(limit);
        getsockopt(fd, SOL_SOCKET, events == POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO, &limit, &len);
        int64_t ns = limit.tv_sec * NS + limit.tv_usec * 1000;
        struct pollfd wanted = { .fd = fd, .events = events };
        sim_wait(&wanted, 1, ns == 0 ? NEVER : sim_deadline(ns), NULL);
    }
}

// May so many bytes be received, or sent? Returns how many, or -1 with errno. For a slow line the number is smaller.
static ssize_t admit(int fd, size_t size, bool receives) {
    sim_lock();
    socket_t *s = socket_of(fd);
    rule_t rule = s == NULL ? (rule_t) { .condition = ONLINE } : rule_of(s);
    ssize_t most = size;
    if (is_silent(rule)) {
        errno = EAGAIN;
        most = -1;
    } else if (s != NULL && is_reset(s, rule)) {
        errno = ECONNRESET;
        most = -1;
    } else if (receives && rule.condition == RESET && rule.numbers[0] - s->received < most) {
        most = rule.numbers[0] - s->received;
    } else if (receives && rule.condition == SLOW) {
        ssize_t piece = rule.numbers[0] == 0 ? most : rule.numbers[0] / PIECES + 1;
        most = piece < most ? piece : most;
        if (sim_now() < s->readable_at) {
            errno = EAGAIN;
            most = -1;
        }
    }
    sim_unlock();
    return most;
}

static ssize_t account(int fd, ssize_t n, bool receives, int flags) {
    int error = errno;
    sim_lock();
    socket_t *s = socket_of(fd);
    if (s != NULL && n > 0 && (flags & MSG_PEEK) == 0) {
        rule_t rule = rule_of(s);
        sim_network_active();
        s->received += receives ? n : 0;
        s->sent |= !receives;
        if (rule.condition == SLOW) {
            int64_t wait = receives ? rule.numbers[0] == 0 ? 0 : n * NS / rule.numbers[0] : rule.numbers[1] * MS;
            s->readable_at = sim_now() + wait;
        }
    }
    sim_unlock();
    errno = error;
    return n;
}

// A server that writes an answer in two pieces waits for the acknowledgement of the first one: with the kernel's delay
// of it, 40 ms of real time for each answer.
static void acknowledge_soon(int fd) {
    int on = 1;
    int error = errno;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
    errno = error;
}

static bool is_plain(int fd) {
    return !in_range(fd) || !is_network[fd];
}

ssize_t recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from, socklen_t *from_len) {
    if (is_plain(fd)) {
        return REAL(recvfrom)(fd, buffer, size, flags, from, from_len);
    }
    wait_for(fd, POLLIN, flags);
    ssize_t most = admit(fd, size, true);
    ssize_t n = most < 0 ? -1 : account(fd, REAL(recvfrom)(fd, buffer, most, flags, from, from_len), true, flags);
    if (n > 0) {
        acknowledge_soon(fd);
    }
    return n;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags) {
    return recvfrom(fd, buffer, size, flags, NULL, NULL);
}

ssize_t read(int fd, void *buffer, size_t size) {
    if (timers_have(fd)) {
        return timers_read(fd, buffer, size);
    }
    return is_plain(fd) ? REAL(read)(fd, buffer, size) : recvfrom(fd, buffer, size, 0, NULL, NULL);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t to_len) {
    if (is_plain(fd)) {
        return REAL(sendto)(fd, data, size, flags, to, to_len);
    }
    wait_for(fd, POLLOUT, flags);
    ssize_t most = admit(fd, size, false);
    return most < 0 ? -1 : account(fd, REAL(sendto)(fd, data, most, flags, to, to_len), false, flags);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    return sendto(fd, data, size, flags, NULL, 0);
}

ssize_t write(int fd, const void *data, size_t size) {
    return is_plain(fd) ? REAL(write)(fd, data, size) : sendto(fd, data, size, 0, NULL, 0);
}

// What a program calls that was built with _FORTIFY_SOURCE.
ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags) {
    return size > room ? (abort(), -1) : recv(fd, buffer, size, flags);
}

ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room) {
    return size > room ? (abort(), -1) : read(fd, buffer, size);
}

// ------------------------------------------------------------------------------------------------
// Connections

static void forget(int fd) {
    if (in_range(fd) && is_network[fd]) {
        sim_lock();
        is_network[fd] = false;
        free(sockets[fd]);
        sockets[fd] = NULL;
        sim_unlock();
    }
}

int close(int fd) {
    forget(fd);
    timers_forget(fd);
    return REAL(close)(fd);
}

// A stream to an address of the internet. Returns false without memory.
static socket_t *remember(int fd, const struct sockaddr *peer, socklen_t len) {
    socket_t *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return NULL;
    }
    memcpy(&s->peer, peer, len < sizeof(s->peer) ? len : sizeof(s->peer));
    s->peer_len = len;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;
    bool is_v4 = peer->sa_family == AF_INET;
    inet_ntop(peer->sa_family, is_v4 ? (const void *)&v4->sin_addr : &v6->sin6_addr, s->address, sizeof(s->address));
    s->port = ntohs(is_v4 ? v4->sin_port : v6->sin6_port);
    free(sockets[fd]);
    sockets[fd] = s;
    is_network[fd] = true;
    return s;
}

// The peer may be another one than the program named. Returns false if it cannot be reached.
static bool redirect(socket_t *s) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)&s->peer;
    bool reached = names_redirect(s->address, s->port, &s->peer);
    s->peer_len = v4->sin_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    return reached;
}

static bool is_stream(int fd, const struct sockaddr *peer) {
    int type = 0;
    socklen_t len = sizeof(type);
    bool internet = peer != NULL && (peer->sa_family == AF_INET || peer->sa_family == AF_INET6);
    return internet && in_range(fd) && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

int connect(int fd, const struct sockaddr *peer, socklen_t len) {
    if (!is_stream(fd, peer)) {
        return REAL(connect)(fd, peer, len);
    }
    sim_lock();
    socket_t *s = socket_of(fd);
    s = s == NULL ? remember(fd, peer, len) : s;
    rule_t rule = s == NULL ? (rule_t) { .condition = ONLINE } : rule_of(s);
    struct sockaddr_storage to;
    if (s != NULL && !redirect(s)) {
        rule.condition = CABLE_OUT;
    } else if (s != NULL) {
        to = s->peer;
        peer = (struct sockaddr *)&to;
        len = s->peer_len;
    }
    sim_network_active();
    if (rule.condition == NO_ANSWER) {
        s->unconnected = true;
    } else if (rule.condition == SLOW) {
        s->readable_at = sim_now() + rule.numbers[1] * MS;
    }
    sim_unlock();
    if (rule.condition == REFUSED || rule.condition == CABLE_OUT) {
        errno = rule.condition == REFUSED ? ECONNREFUSED : ENETUNREACH;
        return -1;
    }
    if (rule.condition != NO_ANSWER) {
        return REAL(connect)(fd, peer, len);
    }
    if (!blocks(fd, 0)) {
        errno = EINPROGRESS;
        return -1;
    }
    struct pollfd answer = { .fd = fd, .events = POLLOUT };
    if (sim_wait(&answer, 1, sim_deadline(CONNECT_SECONDS * NS), NULL) <= 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    int error = 0;
    socklen_t error_len = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len);
    errno = error;
    return error == 0 ? 0 : -1;
}
