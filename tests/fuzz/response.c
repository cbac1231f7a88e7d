// SPDX-License-Identifier: MIT
// A whole request with its redirects; the server sends the input. Input: four bytes of options, then the
// replies one after the other, separated by FF FF. After the last reply connections end. They also end
// when the request waits for more.

#define _GNU_SOURCE // memmem
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "fuzz.h"
#include "peer.h"

#include "http/engine/memory.h"

#define MAX_SIZE (4096)
#define MAX_REDIRECTS (4)
#define MOST_ROUNDS (20000) // a request that is not done by then hangs
#define TIMEOUT_MS (20000) // much longer than any run: no status may be 28

static input_t replies;
static const char *first_host; // as its Host field says
static unsigned requests;

// ------------------------------------------------------------------------------------------------
// The requests that come

static size_t line_len(const char *line) {
    return strcspn(line, "\r");
}

static const char *field_of(const char *head, const char *name) {
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, strlen(name)) == 0 && line[2 + strlen(name)] == ':') {
            return line + 2 + strlen(name) + 1;
        }
    }
    return NULL;
}

static bool is_host(const char *value, const char *host) {
    return line_len(value) == 1 + strlen(host) && strncmp(value + 1, host, strlen(host)) == 0;
}

static void check_request(const char *head) {
    static const char *const methods[] = { "GET ", "HEAD ", "POST ", "PURGE ", "CONNECT " };
    bool known = false;
    for (size_t i = 0; i < LEN(methods); i++) {
        known = known || starts_with(head, methods[i]);
    }
    HOLDS(known);
    const char *version = head + line_len(head) - strlen(" HTTP/1.1");
    HOLDS(version > head && (starts_with(version, " HTTP/1.1\r\n") || starts_with(version, " HTTP/1.0\r\n")));
    for (const char *line = head; starts_with(line, "\r\n") == false; line += line_len(line) + 2) {
        HOLDS(line[line_len(line)] == '\r' && line[line_len(line) + 1] == '\n');
        HOLDS(memchr(line, '\n', line_len(line)) == NULL);
        HOLDS(line == head || memchr(line, ':', line_len(line)) != NULL);
    }
    // The app's credentials are for the first origin only.
    const char *host = field_of(head, "Host");
    HOLDS(host != NULL);
    if (starts_with(head, "CONNECT ") || !is_host(host, first_host)) {
        HOLDS(field_of(head, "Authorization") == NULL);
        HOLDS(field_of(head, "X-Api-Key") == NULL);
    }
    HOLDS(++requests <= MAX_REDIRECTS * 2 + 16);
}

static char *reply_to(const char *came, size_t came_len, size_t *len) {
    if (came[0] >= 0x14 && came[0] <= 0x17) {
        return take_part(&replies, len); // TLS: a handshake, or the alert that ends it
    }
    const char *end = memmem(came, came_len, "\r\n\r\n", 4);
    HOLDS(memchr(came, 0, came_len) == NULL); // the app's data has none
    const char *length = end == NULL ? NULL : field_of(came, "Content-Length");
    if (end == NULL || (length != NULL && came_len < (size_t)(end + 4 - came) + strtoul(length, NULL, 10))) {
        *len = 0;
        return http_memory_copy("", 0);
    }
    check_request(came);
    return take_part(&replies, len);
}

// ------------------------------------------------------------------------------------------------
// The request of the app

typedef struct {
    http_request_args_t request;
    char password[24]; // no input can know it
    bool stream;
    http_jar_t *jar;
} app_t;

static void make_password(app_t *app, const input_t *input) {
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < input->len; i++) {
        hash = (hash ^ (uint8_t)input->data[i]) * 1099511628211u;
    }
    snprintf(app->password, sizeof(app->password), "%016llx", (unsigned long long)hash);
}

static void choose(app_t *app, input_t *input) {
    static const char *const methods[] = { "GET", "HEAD", "POST", "PURGE" };
    static const char *const urls[] = { "http://127.0.0.1/a?q=1", "https://127.0.0.1/a", "http://[::1]:8080/", "http://localhost" };
    static const char *const hosts[] = { "127.0.0.1", "127.0.0.1", "[::1]:8080", "localhost" };
    static const char *const fields[] = { "X-Api-Key: k", "Accept:" };
    uint8_t what = take_byte(input);
    uint8_t how = take_byte(input);
    http_request_args_t *r = &app->request;
    r->method = methods[what & 3];
    r->url = urls[what >> 2 & 3];
    r->url_len = strlen(r->url);
    first_host = hosts[what >> 2 & 3];
    r->fields = fields;
    r->field_count = LEN(fields);
    if ((what & 0x10) && (what & 3) != 1) {
        r->body = "body";
        r->body_len = 4;
        r->content_type = "Content-Type: text/plain";
    }
    if (what & 0x20) {
        r->texts[HTTP_TEXT_USER] = (http_bytes_t) { "me", 2 };
        r->texts[HTTP_TEXT_PASSWORD] = (http_bytes_t) { app->password, strlen(app->password) };
        r->options.digest = what & 0x40;
    }
    const char *proxy = what & 0x80 ? "http://127.0.0.9:8080" : "";
    r->texts[HTTP_TEXT_PROXY] = (http_bytes_t) { proxy, strlen(proxy) };
    r->options.pull = (how & 0xc0) == 0x80;
    r->options.stream = (how & 1) && !r->options.pull;
    r->options.head = (how & 0xc0) == 0xc0;
    app->stream = r->options.stream || r->options.pull;
    r->options.progress = how & 2;
    r->options.compressed = how & 4;
    r->jar = how & 8 ? app->jar : NULL;
    r->options.max_size = how & 0x10 ? 0 : MAX_SIZE;
    r->options.redirects = how & 0x20 ? -1 : MAX_REDIRECTS;
    r->options.insecure = true; // otherwise the machine's certificates would be read each time
    r->options.timeout_ms = TIMEOUT_MS;
    r->options.notify = true;
}

static void read_some(http_id_t id, uint64_t *got) {
    char buffer[1000];
    HOLDS(http_engine_readable(id) <= HTTP_STREAM_BYTES);
    *got += http_engine_read(id, buffer, sizeof(buffer), -1);
}

static bool told_head; // with HTTP_EVENT_HEAD: the head is not in the result then

// Plays the app and the peer until the request is done.
static uint64_t drive(http_id_t id) {
    uint64_t streamed = 0;
    int idle = 0;
    for (int round = 0;; round++) {
        HOLDS(round < MOST_ROUNDS);
        idle = peer_play() ? 0 : idle + 1;
        if (idle >= 3) {
            peer_hang_up(); // the request waits for data that does not come
        }
        http_engine_wait(0, idle < 6 ? 0 : 1);
        http_next_t next = http_engine_next(0);
        HOLDS(next.event == HTTP_EVENT_NONE || next.id == id);
        if (next.event == HTTP_EVENT_DONE) {
            return streamed;
        } else if (next.event == HTTP_EVENT_HEAD) {
            http_result_t head;
            HOLDS(http_engine_take_head(id, &head));
            HOLDS(head.status >= 200 && head.url != NULL && head.body == NULL && head.error == NULL);
            check_result(&head);
            http_result_clear(&head);
            told_head = true;
            HOLDS(streamed == 0);
        } else if (next.event == HTTP_EVENT_DATA) {
            read_some(id, &streamed);
            idle = 0;
        }
    }
}

// Reads the body of a stream as a reader of the app does: in any size, up to a byte or not, waiting or not.
static uint64_t read_stream(http_id_t id, http_result_t *result) {
    char buffer[2000];
    uint64_t streamed = 0;
    int idle = 0;
    HOLDS(result->status >= 200 && result->fields != NULL && result->url != NULL && result->body == NULL);
    http_result_t rest = { 0 };
    for (int round = 0; !http_engine_take(id, &rest); round++) {
        HOLDS(round < MOST_ROUNDS);
        idle = peer_play() ? 0 : idle + 1;
        if (idle >= 3) {
            peer_hang_up();
        }
        size_t size = 1 + round * 7 % sizeof(buffer);
        bool by_line = round % 3 == 0;
        memset(buffer, 1, sizeof(buffer));
        if (!by_line) {
            http_engine_read_ahead(id, buffer, size);
            http_engine_wait(id, idle < 6 ? 0 : 1);
        }
        size_t waits = by_line ? http_engine_readable(id) : 0;
        size_t len = http_engine_read(id, buffer, size, by_line ? '\n' : -1);
        HOLDS(len <= size && (!by_line || len <= waits || waits == 0));
        HOLDS(!by_line || len == 0 || memchr(buffer, '\n', len - 1) == NULL);
        HOLDS(len == sizeof(buffer) || buffer[len] == 1); // nothing behind what was read
        streamed += len;
        idle = len > 0 ? 0 : idle;
    }
    HOLDS(rest.url == NULL && rest.fields == NULL && rest.id == 0);
    memcpy(&rest, result, HTTP_RESULT_HEAD);
    *result = rest;
    return streamed;
}

static void check_answer(const app_t *app, const http_result_t *result, uint64_t streamed) {
    check_result(result);
    HOLDS(result->status != CURLE_OPERATION_TIMEDOUT && result->status != HTTP_STATUS_NO_SLOT);
    HOLDS(result->status != HTTP_STATUS_OUT_OF_MEMORY);
    HOLDS((result->url == NULL) == told_head);
    HOLDS(result->error == NULL || strstr(result->error, app->password) == NULL);
    HOLDS(streamed == 0 || (app->stream && result->body_len == 0));
    HOLDS(app->request.options.max_size == 0 || result->body_len + streamed <= app->request.options.max_size);
    HOLDS(streamed <= result->received);
    HOLDS(strcmp(app->request.method, "HEAD") != 0 || result->body_len + streamed == 0 || result->status < 100);
}

static int lowest_free_fd(void) {
    int fd = dup(0);
    HOLDS(fd >= 0);
    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t pieces[] = { 0, 1, 7, 100 };
    input_t input = { (const char *)data, size };
    http_stats_t stats;
    int fd = lowest_free_fd();
    app_t app = { .jar = http_jar_new() };
    make_password(&app, &input);
    choose(&app, &input);
    size_t piece = pieces[take_byte(&input) % LEN(pieces)];
    bool cancels = take_byte(&input) == 'c';
    replies = input;
    requests = 0;
    told_head = false;
    peer_start(reply_to, size > 2000 && piece == 1 ? 100 : piece);

    http_id_t id = http_engine_submit(&app.request);
    HOLDS(id != 0);
    http_result_t result = { 0 };
    if (cancels) {
        for (size_t i = 0; i < size % 16; i++) {
            peer_play();
            http_engine_wait(id, 0);
        }
        HOLDS(http_engine_cancel(id));
        HOLDS(!http_engine_cancel(id));
        HOLDS(http_engine_next(0).event == HTTP_EVENT_NONE);
    } else {
        uint64_t streamed = drive(id);
        HOLDS(http_engine_next(0).event == HTTP_EVENT_NONE); // done once
        HOLDS(http_engine_take(id, &result));
        if (result.id != 0) {
            streamed += read_stream(id, &result);
        }
        check_answer(&app, &result, streamed);
        http_result_clear(&result);
    }
    HOLDS(!http_engine_take(id, &result));
    http_engine_stats(&stats);
    HOLDS(stats.in_flight == 0 && stats.bytes_held == 0);

    check_jar(app.jar);
    http_jar_release(app.jar);
    http_engine_deinit();
    peer_end();
    HOLDS(lowest_free_fd() == fd);
    return 0;
}
