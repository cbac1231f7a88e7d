// SPDX-License-Identifier: MIT

#define _GNU_SOURCE // memmem
#include <dirent.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

#include "http/engine/drive.h"
#include "http/engine/event.h"
#include "http/engine/state.h"
#include "http/engine/url.h"

int failures;
static char *texts[1024]; // the strings that page() and similar functions returned
static size_t text_count;

// ------------------------------------------------------------------------------------------------
// Checks

bool check(bool held, const char *what, const char *file, int line) {
    if (!held) {
        failures++;
        printf("%s:%d: not so: %s\n", file, line, what);
    }
    return held;
}

bool check_int(long long actual, long long expected, const char *what, const char *file, int line) {
    if (actual != expected) {
        failures++;
        printf("%s:%d: %s is %lld, not %lld\n", file, line, what, actual, expected);
    }
    return actual == expected;
}

bool check_text(const char *actual, const char *expected, const char *what, const char *file, int line) {
    bool same = actual == NULL || expected == NULL ? actual == expected : strcmp(actual, expected) == 0;
    if (!same) {
        failures++;
        printf("%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what, actual == NULL ? "(NULL)" : actual,
            expected == NULL ? "(NULL)" : expected);
    }
    return same;
}

void check_target(const http_target_t *target, const char *expected) {
    char *url = http_url_get(target, CURLUPART_URL);
    CHECK_TEXT(url, expected);
    free(url);
}

void need(bool held, const char *what) {
    if (!held) {
        perror(what);
        exit(2);
    }
}

// ------------------------------------------------------------------------------------------------
// URLs

static const char *remember(char *text) {
    need(text != NULL && text_count < LEN(texts), "too many texts");
    texts[text_count++] = text;
    return text;
}

static const char *join(const char *variable, const char *path) {
    const char *origin = getenv(variable);
    need(origin != NULL, variable);
    char *text = malloc(strlen(origin) + strlen(path) + 1);
    strcat(strcpy(text, origin), path);
    return remember(text);
}

const char *page(const char *path) {
    return join("ENGINE_SITE", path);
}

const char *elsewhere(const char *path) {
    return join("ENGINE_ELSEWHERE", path);
}

const char *dead(void) {
    return join("ENGINE_DEAD", "/");
}

const char *page_for(const char *format, ...) {
    char path[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof(path), format, arguments);
    va_end(arguments);
    return page(path);
}

const char *raw(const char *reply) {
    char *path = malloc(sizeof("/raw?") + 3 * strlen(reply));
    char *end = path + sprintf(path, "/raw?");
    for (; *reply != 0; reply++) {
        end += sprintf(end, "%%%02X", (unsigned char)*reply);
    }
    const char *url = page(path);
    free(path);
    return url;
}

// ------------------------------------------------------------------------------------------------
// The server, without the engine

static int connect_to_site(void) {
    const char *origin = getenv("ENGINE_SITE");
    need(origin != NULL, "ENGINE_SITE");
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    struct addrinfo *address;
    need(getaddrinfo("127.0.0.1", strrchr(origin, ':') + 1, &hints, &address) == 0, "getaddrinfo");
    int fd = socket(address->ai_family, address->ai_socktype, 0);
    need(fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) == 0, "connect");
    freeaddrinfo(address);
    return fd;
}

void tell(const char *path) {
    int fd = connect_to_site();
    char buffer[512];
    int len = snprintf(buffer, sizeof(buffer), "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", path);
    need(write(fd, buffer, len) == len, "write");
    need(read(fd, buffer, sizeof(buffer)) > 0, "read"); // the reply has arrived; its content does not matter
    close(fd);
}

// ------------------------------------------------------------------------------------------------
// Requests

http_request_args_t get(const char *url) {
    return (http_request_args_t) {
               .method = "GET",
               .url = url,
               .url_len = strlen(url),
               .options.redirects = 10,
               .options.notify = true,
    };
}

http_bytes_t bytes_of(const char *text) {
    return (http_bytes_t) { text, strlen(text) };
}

http_id_t submit(const char *url) {
    http_request_args_t request = get(url);
    http_id_t id = http_engine_submit(&request);
    CHECK(id != 0);
    return id;
}

http_id_t next_done(void) {
    http_next_t next = http_engine_next(0);
    CHECK(next.event == HTTP_EVENT_DONE || next.event == HTTP_EVENT_NONE);
    return next.id;
}

http_id_t submit_quiet(const char *url) {
    http_request_args_t request = get(url);
    request.options.notify = false;
    http_id_t id = http_engine_submit(&request);
    CHECK(id != 0);
    return id;
}

http_result_t perform(const http_request_args_t *request) {
    http_request_args_t quiet = *request;
    quiet.options.notify = false;
    return finish(http_engine_submit(&quiet));
}

http_result_t fetch(const char *url) {
    http_request_args_t request = get(url);
    return perform(&request);
}

http_result_t finish(http_id_t id) {
    http_result_t result = { 0 };
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    CHECK(http_engine_take(id, &result));
    return result;
}

int finish_status(http_id_t id) {
    http_result_t result = finish(id);
    int status = result.status;
    http_result_clear(&result);
    return status;
}

int fetch_status(const char *url) {
    return finish_status(submit_quiet(url));
}

const char *field_of(const http_result_t *result, const char *name) {
    const char *text = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        const char *value = text + strlen(text) + 1;
        if (http_name_is(text, strlen(text), name)) {
            return value;
        }
        text = value + strlen(value) + 1;
    }
    return NULL;
}

bool body_is(const http_result_t *result, const char *text) {
    return result->body_len == strlen(text) && (result->body_len == 0 || memcmp(result->body, text, result->body_len) == 0);
}

bool body_holds(const http_result_t *result, const char *text) {
    return memmem(result->body, result->body_len, text, strlen(text)) != NULL;
}

unsigned in_flight(void) {
    http_stats_t stats;
    http_engine_stats(&stats);
    return stats.in_flight;
}

http_request_t *request_of(http_id_t id) {
    http_request_t *r = http_state.requests;
    while (r != NULL && r->id != id) {
        r = r->next;
    }
    need(r != NULL, "no such request");
    return r;
}

static void drive_until(http_id_t id, bool (*there)(const http_request_t *r)) {
    http_request_t *r = request_of(id);
    int64_t start_us = http_event_now_us();
    bool is_there = false;
    while (!is_there && ms_since(start_us) < LONG_MS) {
        http_engine_wait(id, 5);
        http_drive_enter();
        is_there = there(r);
        http_drive_leave();
    }
    CHECK(is_there);
}

static bool has_header(const http_request_t *r) {
    return r->response.count > 0;
}

static bool has_body(const http_request_t *r) {
    return r->result.body_len > 0;
}

void drive_until_header(http_id_t id) {
    drive_until(id, has_header);
}

void drive_until_body(http_id_t id) {
    drive_until(id, has_body);
}

// ------------------------------------------------------------------------------------------------
// The rest

int64_t ms_since(int64_t start_us) {
    return (http_event_now_us() - start_us) / 1000;
}

void sleep_ms(int ms) {
    poll(NULL, 0, ms);
}

static int count_entries(const char *folder) {
    DIR *dir = opendir(folder);
    need(dir != NULL, folder);
    int n = 0;
    while (readdir(dir) != NULL) {
        n++;
    }
    closedir(dir);
    return n;
}

int count_fds(void) {
    return count_entries("/proc/self/fd");
}

int count_threads(void) {
    return count_entries("/proc/self/task");
}

bool threads_become(int count) {
    for (int ms = 0; ms < LONG_MS && count_threads() != count; ms++) {
        sleep_ms(1);
    }
    return count_threads() == count;
}

// How often the main thread has gone to sleep; -1 while it runs.
static long main_thread_waits(void) {
    char line[128];
    char state = 0;
    long waits = -1;
    FILE *file = fopen("/proc/self/status", "r");
    need(file != NULL, "/proc/self/status");
    while (fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "State: %c", &state);
        sscanf(line, "voluntary_ctxt_switches: %ld", &waits);
    }
    fclose(file);
    return state == 'S' ? waits : -1;
}

bool main_thread_blocks(void) {
    long before = -1;
    int same = 0;
    for (int ms = 0; ms < LONG_MS && same < 5; ms += 2) {
        sleep_ms(2);
        long now = main_thread_waits();
        same = now >= 0 && now == before ? same + 1 : 0;
        before = now;
    }
    return same >= 5;
}

bool readable(int fd, int timeout_ms) {
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, timeout_ms) == 1;
}

void forget_texts(void) {
    while (text_count > 0) {
        free(texts[--text_count]);
    }
}
