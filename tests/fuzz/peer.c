// SPDX-License-Identifier: MIT

#define _GNU_SOURCE // dup3, memmem
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

#define MOST_CONNECTIONS (64)

typedef struct {
    int fd; // -1: ended
    char *came;
    size_t came_len;
    char *reply; // what of an answer is still to be sent
    size_t reply_len;
    size_t sent;
} peer_t;

static peer_t peers[MOST_CONNECTIONS];
static size_t peer_count;
static peer_answer_t answer;
static size_t piece;

int connect(int fd, const struct sockaddr *address, socklen_t address_len) {
    (void)address;
    (void)address_len;
    int pair[2];
    if (peer_count == MOST_CONNECTIONS || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        errno = ECONNREFUSED;
        return -1;
    }
    HOLDS(dup3(pair[0], fd, O_CLOEXEC) == fd);
    close(pair[0]);
    peers[peer_count++] = (peer_t) { .fd = pair[1] };
    return 0;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    (void)node;
    (void)service;
    (void)hints;
    (void)result;
    return EAI_NONAME;
}

void peer_start(peer_answer_t new_answer, size_t new_piece) {
    answer = new_answer;
    piece = new_piece;
}

static void end(peer_t *peer) {
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    free(peer->came);
    free(peer->reply);
    *peer = (peer_t) { .fd = -1 };
}

static bool receive(peer_t *peer) {
    char buffer[16 * 1024];
    ssize_t n = recv(peer->fd, buffer, sizeof(buffer), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        end(peer);
        return true;
    } else if (n < 0) {
        return false;
    }
    peer->came = realloc(peer->came, peer->came_len + n + 1);
    HOLDS(peer->came != NULL);
    memcpy(peer->came + peer->came_len, buffer, n);
    peer->came_len += n;
    peer->came[peer->came_len] = 0;
    return true;
}

static bool send_piece(peer_t *peer) {
    size_t len = peer->reply_len - peer->sent;
    if (piece != 0 && len > piece) {
        len = piece;
    }
    ssize_t n = send(peer->fd, peer->reply + peer->sent, len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        end(peer);
        return true;
    } else if (n < 0) {
        return false;
    }
    peer->sent += n;
    if (peer->sent == peer->reply_len) {
        free(peer->reply);
        peer->reply = NULL;
    }
    return true;
}

static bool play(peer_t *peer) {
    if (peer->fd >= 0 && peer->reply != NULL) {
        return send_piece(peer);
    } else if (peer->fd < 0 || !receive(peer)) {
        return false;
    }
    if (peer->fd >= 0) {
        size_t len = 0;
        char *reply = answer(peer->came, peer->came_len, &len);
        if (reply == NULL) {
            end(peer);
        } else if (len > 0) {
            peer->reply = reply;
            peer->reply_len = len;
            peer->sent = 0;
            peer->came_len = 0;
        } else {
            free(reply); // not now: more has to come
        }
    }
    return true;
}

bool peer_play(void) {
    bool any = false;
    for (size_t i = 0; i < peer_count; i++) {
        any = play(&peers[i]) || any;
    }
    return any;
}

void peer_hang_up(void) {
    for (size_t i = 0; i < peer_count; i++) {
        end(&peers[i]);
    }
}

void peer_end(void) {
    for (size_t i = 0; i < peer_count; i++) {
        while (peers[i].fd >= 0) {
            HOLDS(receive(&peers[i])); // libcurl has closed it: read the rest and then the end
        }
        end(&peers[i]);
    }
    peer_count = 0;
}

unsigned peer_connections(void) {
    return peer_count;
}
