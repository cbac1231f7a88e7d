// SPDX-License-Identifier: MIT
// Checks connections that libcurl reuses. If one ends before a response, libcurl sends the request again, whatever its
// method is. This file allows it once, and only if the method is idempotent. Before 8.0.0 libcurl also reuses a
// connection that has unread bytes. These would be read as the response to the next request.

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/engine/option.h"
#include "http/engine/reuse.h"

// More sockets than libcurl can have open: two for each request, which may try two addresses at a time, and the idle
// ones.
#define SOCKETS (4 * HTTP_ENGINE_SLOTS)

// All open sockets of libcurl. libcurl's callback before a request gives the local port, but not the socket.
static struct {
    int fd;
    int port; // local; 0: not asked for yet, or the socket has none yet
} sockets[SOCKETS];
static unsigned socket_count;

static bool is_needed(void) {
    return LIBCURL_VERSION_NUM < 0x080000 && http_state.curl_version < 0x080000;
}

static int on_open(void *user, curl_socket_t fd, curlsocktype purpose) {
    (void)user;
    (void)purpose;
    if (socket_count < SOCKETS) {
        sockets[socket_count].fd = fd;
        sockets[socket_count++].port = 0;
    }
    return CURL_SOCKOPT_OK;
}

static int on_close(void *user, curl_socket_t fd) {
    (void)user;
    for (unsigned i = 0; i < socket_count; i++) {
        if (sockets[i].fd == fd) {
            sockets[i] = sockets[--socket_count];
            break;
        }
    }
    return close(fd);
}

// The port is asked for once: sixteen sockets for each request would be slow.
static int port_of(unsigned i) {
    struct sockaddr_in6 address; // an IPv4 address has its port at the same offset
    socklen_t len = sizeof(address);
    if (sockets[i].port == 0 && getsockname(sockets[i].fd, (struct sockaddr *)&address, &len) == 0) {
        sockets[i].port = ntohs(address.sin6_port);
    }
    return sockets[i].port;
}

// True if the connection has no unread bytes. Two connections to different peers may have the same port: then both are
// checked. An unknown connection is not used.
static bool is_silent(int port) {
    bool known = false;
    for (unsigned i = 0; i < socket_count; i++) {
        char byte;
        if (port_of(i) == port) {
            known = true;
            if (recv(sockets[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN) {
                return false; // readable: there are bytes, or the connection has ended
            }
        }
    }
    return known;
}

// The socket with this port, or -1.
static int with_port(int port) {
    unsigned i = 0;
    while (i < socket_count && port_of(i) != port) {
        i++;
    }
    return i < socket_count ? sockets[i].fd : -1;
}

// True if a request with this method may be sent twice (RFC 9110 9.2.2).
static bool is_idempotent(const char *method) {
    const char *known = "GET\0HEAD\0PUT\0DELETE\0OPTIONS\0TRACE\0";
    while (*known != 0 && strcmp(known, method) != 0) {
        known += strlen(known) + 1;
    }
    return *known != 0;
}

// Called when libcurl has a connection, before it sends the request.
static int on_connection(void *user, char *ip, char *local_ip, int port, int local_port) {
    (void)ip;
    (void)local_ip;
    (void)port;
    http_request_t *r = ((http_slot_t *)user)->active;
    long connects = 0;
    curl_easy_getinfo(r->easy, CURLINFO_NUM_CONNECTS, &connects);
    bool is_new = connects != r->connects;
    r->connects = connects;
    if (r->sent_behind == r->response.messages + 1) {
        // The request was sent before and got no response. (After a challenge there is one more message.)
        if (r->sent_again || !is_idempotent(r->method)) {
            r->abort_code = CURLE_GOT_NOTHING;
            r->abort_text = "the connection ended before an answer, and the request was not sent again";
            return CURL_PREREQFUNC_ABORT;
        }
        r->sent_again = true;
        r->is_stale = !is_new; // another reused connection might end as well
    }
    r->sent_behind = r->response.messages + 1;
    r->socket = r->options.stall_timeout_ms == 0 ? -1 : with_port(local_port);
    // Bytes on a new connection belong to its TLS handshake.
    if (is_needed() && !is_new && !is_silent(local_port)) {
        r->is_stale = true;
    }
    return r->is_stale ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void http_reuse_set_options(http_request_t *r) {
    http_option_set_pointer(r, CURLOPT_PREREQFUNCTION, (void *)on_connection);
    http_option_set_pointer(r, CURLOPT_SOCKOPTFUNCTION, (void *)on_open);
    http_option_set_pointer(r, CURLOPT_CLOSESOCKETFUNCTION, (void *)on_close);
}
