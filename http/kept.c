// SPDX-License-Identifier: MIT
// Kept connections. Before libcurl 8.0.0 one is used again though something waits in it to be read: an
// answer that nobody has asked for, and that would be taken for the one to the next request.

#include <netinet/in.h>
#include <sys/socket.h>

#include "http/engine_private.h"

// Twice as many as there can be: those of requests and those kept.
#define CONNECTIONS (4 * HTTP_ENGINE_SLOTS)

// libcurl tells a connection's socket only after a request, and its local port only before one. So both are
// remembered. Some are closed by now, and their sockets may be other ones. Port 0 is none.
static struct {
    int socket;
    long port;
} connections[CONNECTIONS];
static unsigned next_connection;

static bool is_needed(void) {
    return LIBCURL_VERSION_NUM < 0x080000 && http_engine.curl_version < 0x080000;
}

static int local_port_of(int fd) {
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        return -1;
    }
    return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port)
        : address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port) : -1;
}

void http_kept_note(http_transfer_t *t) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (is_needed()) {
        curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &socket);
    }
    if (socket == CURL_SOCKET_BAD) {
        return;
    }
    unsigned i = 0;
    while (i < CONNECTIONS && (connections[i].port == 0 || connections[i].socket != socket)) {
        i++;
    }
    if (i == CONNECTIONS) {
        i = next_connection++ % CONNECTIONS;
    }
    connections[i].socket = socket;
    curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &connections[i].port);
}

static bool has_something_to_read(int socket) {
    char byte;
    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

// Called when there is a connection, before the request is sent over it.
static int on_connection(void *user, char *ip, char *local_ip, int port, int local_port) {
    (void)ip;
    (void)local_ip;
    (void)port;
    http_transfer_t *t = user;
    long connects = 0;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    bool is_new = connects != t->connects; // and what waits in it is the end of a TLS handshake
    t->connects = connects;
    for (unsigned i = 0; !is_new && i < CONNECTIONS; i++) {
        int socket = connections[i].socket;
        if (connections[i].port == local_port && local_port_of(socket) == local_port && has_something_to_read(socket)) {
            t->is_stale = true;
            return CURL_PREREQFUNC_ABORT;
        }
    }
    return CURL_PREREQFUNC_OK;
}

CURLcode http_kept_check(http_transfer_t *t) {
    if (!is_needed()) {
        return CURLE_OK;
    }
    CURLcode code = curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
    return code == CURLE_OK ? curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, on_connection) : code;
}
