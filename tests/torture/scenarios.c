// SPDX-License-Identifier: MIT
// A scenario checks what must be true whatever fails: each request ends, and each success has the right result.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/harness.h"
#include "scenarios.h"

#include "http/engine/drive.h"
#include "http/engine/event.h"

static const char *ok_url;
static const char *name_url;
static const char *tls_url;
static const char *redirect_url;
static const char *bytes_url;
static const char *fields_url;
static const char *gzip_url;
static const char *unsized_url;
static const char *echo_url;
static const char *cookie_url;
static const char *hold_url;
static const char *stall_url;
static const char *dead_url;
static const char *cacert;
static const char *folder;

static const char *variable(const char *name) {
    const char *value = getenv(name);
    need(value != NULL, name);
    return value;
}

void prepare_scenarios(void) {
    ok_url = page("/ok");
    const char *port = strrchr(variable("ENGINE_SITE"), ':');
    static char named[64];
    snprintf(named, sizeof(named), "http://localhost%s/ok", port);
    name_url = named;
    static char secure[64];
    snprintf(secure, sizeof(secure), "%s/ok", variable("TORTURE_TLS"));
    tls_url = secure;
    cacert = variable("TORTURE_CACERT");
    folder = variable("TORTURE_FOLDER");
    redirect_url = page_for("/to/301?/to/302%%3F%s", elsewhere("/ok"));
    bytes_url = page("/bytes/200000");
    fields_url = page("/fields/20/200");
    gzip_url = page("/gzip");
    unsized_url = page("/unsized/40000");
    echo_url = page("/echo");
    cookie_url = page("/cookies");
    hold_url = page("/hold/torture");
    stall_url = page("/stall/body");
    dead_url = dead();
}

const char *plain_url(void) {
    return ok_url;
}

// ------------------------------------------------------------------------------------------------

static http_request_args_t quiet(const char *url) {
    http_request_args_t request = get(url);
    request.options.notify = false;
    return request;
}

// Take the result; true if the request was a success. The caller clears the result.
static bool take(http_id_t id, http_result_t *result) {
    memset(result, 0, sizeof(*result));
    if (!CHECK(http_engine_take(id, result))) {
        return false;
    }
    note_status(result->status);
    return result->status == 200;
}

static bool end(http_id_t id, http_result_t *result) {
    memset(result, 0, sizeof(*result));
    if (id == 0) {
        note_status(0);
        return false;
    }
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    return take(id, result);
}

static void ends_with_hello(const http_request_args_t *request) {
    http_result_t result;
    if (end(http_engine_submit(request), &result)) {
        CHECK(body_is(&result, "hello"));
        CHECK(result.url != NULL && result.field_count > 0);
    }
    http_result_clear(&result);
}

static void sync_get(void) {
    http_request_args_t request = quiet(ok_url);
    ends_with_hello(&request);
}

static void get_by_name(void) {
    http_request_args_t request = quiet(name_url);
    ends_with_hello(&request);
}

static void get_with_everything(void) {
    static const char *const fields[] = { "X-One: 1", "Accept:", "X-Empty;" };
    http_request_args_t request = quiet(ok_url);
    request.fields = fields;
    request.field_count = LEN(fields);
    request.texts[HTTP_TEXT_USER] = bytes_of("user");
    request.texts[HTTP_TEXT_PASSWORD] = bytes_of("password");
    request.texts[HTTP_TEXT_PROXY] = bytes_of("");
    request.texts[HTTP_TEXT_CERT] = bytes_of("certificate"); // used for https only, but always copied
    request.texts[HTTP_TEXT_KEY] = bytes_of("key");
    request.options.progress = true;
    request.options.upload_progress = true;
    request.field_count = 2;
    request.options.proxy_field_count = LEN(fields) - 2;
    request.options.timeout_ms = LONG_MS;
    request.options.connect_timeout_ms = LONG_MS;
    request.options.stall_timeout_ms = LONG_MS;
    request.options.max_size = 100000;
    ends_with_hello(&request);
}

// The memory for the fields grows several times.
static void many_fields(void) {
    http_request_args_t request = quiet(fields_url);
    http_result_t result;
    if (end(http_engine_submit(&request), &result)) {
        CHECK(result.field_count >= 20);
    }
    http_result_clear(&result);
}

static void second_get_on_the_connection(void) {
    sync_get();
    sync_get();
}

static void tls(void) {
    http_request_args_t request = quiet(tls_url);
    request.texts[HTTP_TEXT_CACERT] = bytes_of(cacert);
    ends_with_hello(&request);
}

static void redirects(void) {
    http_request_args_t request = quiet(redirect_url);
    request.method = "POST";
    request.body = "data";
    request.body_len = 4;
    request.texts[HTTP_TEXT_CERT] = bytes_of("certificate"); // without a key
    request.texts[HTTP_TEXT_USER] = bytes_of("user");
    request.texts[HTTP_TEXT_PASSWORD] = bytes_of("password");
    ends_with_hello(&request);
}

static void compressed(void) {
    http_request_args_t request = quiet(gzip_url);
    request.options.compressed = true;
    ends_with_hello(&request);
}

static void body_of_unknown_length(void) {
    http_request_args_t request = quiet(unsized_url);
    http_result_t result;
    if (end(http_engine_submit(&request), &result)) {
        CHECK_INT(result.body_len, 40000);
    }
    http_result_clear(&result);
}

// ------------------------------------------------------------------------------------------------
// Asynchronous

// Check that every id has exactly one completion.
static void complete(unsigned count, bool wait) {
    int64_t start_us = http_event_now_us();
    while (count > 0 && CHECK(ms_since(start_us) < LONG_MS)) {
        http_engine_clear_fd();
        http_next_t next = http_engine_next(0);
        http_result_t result;
        if (next.event == HTTP_EVENT_DONE) {
            count--;
            if (take(next.id, &result)) {
                CHECK(body_is(&result, "hello"));
            }
            http_result_clear(&result);
        } else if (wait || http_engine_fd() < 0) {
            http_engine_wait(0, LONG_MS);
        } else {
            readable(http_engine_fd(), 100);
        }
    }
    CHECK(http_engine_next(0).event == HTTP_EVENT_NONE);
}

static unsigned submit_many(unsigned count) {
    unsigned submitted = 0;
    for (unsigned i = 0; i < count; i++) {
        http_request_args_t request = get(ok_url);
        if (http_engine_submit(&request) != 0) {
            submitted++;
        } else {
            note_status(0);
        }
    }
    return submitted;
}

static void sixteen(void) {
    complete(submit_many(16), true);
}

static void driven_by_the_thread(void) {
    complete(submit_many(3), false);
}

static void seventeenth(void) {
    http_id_t ids[17];
    for (int i = 0; i < 17; i++) {
        http_request_args_t request = quiet(dead_url);
        ids[i] = http_engine_submit(&request);
    }
    http_result_t result;
    if (ids[16] != 0 && http_engine_is_done(ids[16])) {
        take(ids[16], &result);
        http_result_clear(&result);
    }
    for (int i = 0; i < 17; i++) {
        http_engine_cancel(ids[i]);
    }
}

static void stream(void) {
    http_request_args_t request = get(bytes_url);
    request.options.stream = true;
    request.options.progress = true;
    http_id_t id = http_engine_submit(&request);
    if (id == 0) {
        note_status(0);
        return;
    }
    static char buffer[5000];
    size_t received = 0;
    int64_t start_us = http_event_now_us();
    for (bool done = false; !done && CHECK(ms_since(start_us) < LONG_MS);) {
        http_next_t next = http_engine_next(0);
        if (next.event == HTTP_EVENT_NONE) {
            http_engine_wait(0, LONG_MS);
        }
        received += http_engine_read(id, buffer, sizeof(buffer), -1);
        done = next.event == HTTP_EVENT_DONE;
    }
    http_result_t result;
    if (take(id, &result)) {
        CHECK_INT(received, 200000);
    }
    http_result_clear(&result);
}

// The head first, and then the body.
static void pull(void) {
    http_request_args_t request = quiet(bytes_url);
    request.options.pull = true;
    http_result_t result = { 0 };
    size_t received = 0;
    http_id_t id = http_engine_submit(&request);
    if (id == 0 || !CHECK(http_engine_wait(id, LONG_MS) == HTTP_WAIT_READY) || !take(id, &result)) {
        note_status(id == 0 ? 0 : result.status);
        http_result_clear(&result);
        return;
    }
    static char buffer[5000];
    http_result_t rest = { 0 };
    http_engine_stream_fd(id);
    while (result.id != 0 && !http_engine_take(id, &rest)) {
        http_engine_read_ahead(id, buffer, sizeof(buffer));
        CHECK(http_engine_wait(id, LONG_MS) == HTTP_WAIT_READY);
        received += http_engine_read(id, buffer, sizeof(buffer), -1);
    }
    CHECK(received == 200000 || rest.status < 100);
    note_status(rest.status);
    http_result_clear(&rest);
    http_result_clear(&result);
}

static void head(void) {
    http_request_args_t request = quiet(redirect_url);
    request.options.head = true;
    http_id_t id = http_engine_submit(&request);
    http_result_t result = { 0 };
    if (id != 0 && CHECK(http_engine_wait(id, LONG_MS) == HTTP_WAIT_READY)
        && http_engine_next(id).event == HTTP_EVENT_HEAD && CHECK(http_engine_take_head(id, &result))) {
        CHECK(result.history != NULL || result.status / 100 == 3); // libcurl may lose a Location
        http_result_clear(&result);
    }
    if (end(id, &result)) {
        CHECK(body_is(&result, "hello"));
    }
    http_result_clear(&result);
}

// ------------------------------------------------------------------------------------------------
// Files and bodies that are sent

static void file(void) {
    char path[256];
    char beside[300];
    struct stat stat_buffer;
    snprintf(path, sizeof(path), "%s/%d", folder, (int)getpid());
    snprintf(beside, sizeof(beside), "%s.0.part", path);
    http_request_args_t request = quiet(bytes_url);
    request.texts[HTTP_TEXT_FILE] = bytes_of(path);
    http_result_t result;
    bool success = end(http_engine_submit(&request), &result);
    CHECK((stat(path, &stat_buffer) == 0) == success);
    CHECK(!success || stat_buffer.st_size == 200000);
    CHECK(stat(beside, &stat_buffer) != 0);
    unlink(path);
    http_result_clear(&result);
}

static void echoes(http_request_args_t *request, const char *text) {
    http_result_t result;
    request->method = "POST";
    if (end(http_engine_submit(request), &result)) {
        CHECK(body_holds(&result, text));
    }
    http_result_clear(&result);
}

// A body that is fed, in two pieces; fed_len is its length or -1.
static void feed(int64_t fed_len) {
    http_request_args_t request = quiet(echo_url);
    request.method = "POST";
    request.options.fed = true;
    request.options.fed_len = fed_len;
    request.options.upload_progress = true;
    http_id_t id = http_engine_submit(&request);
    if (id == 0) {
        note_status(0);
        return;
    }
    unsigned fed = 0;
    while (!http_engine_is_done(id) && CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY)) {
        if (http_engine_next(id).event == HTTP_EVENT_WANT) {
            http_engine_feed(id, "some bytes", fed < 2 ? 5 : 0);
            fed++;
        }
    }
    http_result_t result;
    if (take(id, &result)) {
        CHECK_INT(fed, 3);
        CHECK(body_holds(&result, "some"));
    }
    http_result_clear(&result);
}

static void upload_that_is_fed(void) {
    feed(-1);
    feed(10);
}

static void upload_of_memory(void) {
    http_request_args_t request = quiet(echo_url);
    request.body = "some bytes";
    request.body_len = 10;
    request.content_type = "Content-Type: text/plain";
    echoes(&request, "some bytes");
}

static void upload_of_a_file(void) {
    http_request_args_t request = quiet(echo_url);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat stat_buffer;
    need(fd >= 0 && fstat(fd, &stat_buffer) == 0, "the file to send");
    lseek(fd, stat_buffer.st_size > 3000 ? stat_buffer.st_size - 3000 : 0, SEEK_SET);
    http_part_t part = { .fd = fd };
    request.parts = &part;
    request.part_count = 1;
    echoes(&request, "Content-Length: 3000");
    close(fd);
}

static void upload_of_a_form(void) {
    static const http_part_t parts[] = {
        { .content = { "some bytes", 10 } },
        { .content = { "/proc/self/exe", 14 }, .is_path = true },
        { .content = { "", 0 } },
        { .content = { "/proc/self/exe", 14 }, .is_path = true },
    };
    http_request_args_t request = quiet(echo_url);
    request.parts = parts;
    request.part_count = LEN(parts);
    request.content_type = "Content-Type: multipart/form-data; boundary=b";
    echoes(&request, "some bytes");
}

static void cookies(void) {
    http_jar_t *jar = http_jar_new();
    if (jar == NULL) {
        note_status(0);
        return;
    }
    http_request_args_t request = quiet(cookie_url);
    request.jar = jar;
    ends_with_hello(&request);
    request.url = ok_url;
    request.url_len = strlen(ok_url);
    ends_with_hello(&request);
    static const char *const own[] = { "Cookie: own=1" }; // the handle gets copies of the jar's cookies
    request.fields = own;
    request.field_count = 1;
    ends_with_hello(&request);
    char *text = http_jar_save(jar);
    free(text);
    http_jar_load(jar, "127.0.0.1\tFALSE\t/\tFALSE\t0\tc\t3");
    if (http_jar_load(jar, "ALL")) {
        text = http_jar_save(jar);
        CHECK(text == NULL || text[0] == 0);
        free(text);
    }
    http_jar_release(jar);
}

// ------------------------------------------------------------------------------------------------
// Ends

// Drive until the request is done or the body has begun to arrive.
static void drive(http_id_t id, bool to_body) {
    int64_t start_us = http_event_now_us();
    for (bool there = false; id != 0 && !there && ms_since(start_us) < LONG_MS;) {
        there = http_engine_wait(id, to_body ? 2 : 10) == HTTP_WAIT_READY || !to_body;
        http_drive_enter();
        there = there || request_of(id)->result.body_len > 0;
        http_drive_leave();
    }
}

static void cancel_at(const char *url, bool to_body) {
    http_request_args_t request = get(url);
    http_id_t id = http_engine_submit(&request);
    drive(id, to_body);
    CHECK_INT(http_engine_cancel(id), id != 0);
    CHECK(http_engine_next(0).event == HTTP_EVENT_NONE);
}

static void cancel_at_once(void) {
    http_request_args_t request = get(ok_url);
    http_id_t id = http_engine_submit(&request);
    CHECK_INT(http_engine_cancel(id), id != 0);
}

static void cancel_connecting(void) {
    cancel_at(dead_url, false);
}

static void cancel_waiting(void) {
    cancel_at(hold_url, false);
}

static void cancel_amid_the_body(void) {
    cancel_at(stall_url, true);
}

static void cancel_done(void) {
    http_request_args_t request = get(ok_url);
    http_id_t id = http_engine_submit(&request);
    while (id != 0 && !http_engine_is_done(id)) {
        http_engine_wait(id, LONG_MS);
    }
    CHECK_INT(http_engine_cancel(id), id != 0);
    CHECK(http_engine_next(0).event == HTTP_EVENT_NONE);
}

static void cancel_taken(void) {
    http_request_args_t request = get(ok_url);
    http_id_t id = http_engine_submit(&request);
    http_result_t result;
    if (end(id, &result)) {
        CHECK(body_is(&result, "hello"));
    }
    http_result_clear(&result);
    CHECK(!http_engine_cancel(id));
    CHECK(http_engine_next(0).event == HTTP_EVENT_NONE);
}

static void shutdown_with_work_pending(void) {
    const char *const urls[] = { ok_url, dead_url, hold_url, stall_url, redirect_url, name_url };
    for (size_t i = 0; i < LEN(urls); i++) {
        http_request_args_t request = get(urls[i]);
        request.options.stream = i == 3;
        http_id_t id = http_engine_submit(&request);
        if (i == 0) {
            drive(id, false);
        }
    }
    http_engine_deinit();
}

const scenario_t scenarios[] = {
    { "sync get", sync_get },
    { "get by name", get_by_name },
    { "get with every option", get_with_everything },
    { "second get on the connection", second_get_on_the_connection },
    { "tls", tls },
    { "redirects", redirects },
    { "compressed", compressed },
    { "body of unknown length", body_of_unknown_length },
    { "16 async", sixteen },
    { "driven by the thread", driven_by_the_thread },
    { "seventeenth", seventeenth },
    { "stream", stream },
    { "pull", pull },
    { "head", head },
    { "file", file },
    { "upload of memory", upload_of_memory },
    { "upload that is fed", upload_that_is_fed },
    { "upload of a file", upload_of_a_file },
    { "upload of a form", upload_of_a_form },
    { "many fields", many_fields },
    { "cookies", cookies },
    { "cancel at once", cancel_at_once },
    { "cancel while connecting", cancel_connecting },
    { "cancel while waiting", cancel_waiting },
    { "cancel amid the body", cancel_amid_the_body },
    { "cancel when done", cancel_done },
    { "cancel when taken", cancel_taken },
    { "shutdown with work pending", shutdown_with_work_pending },
    { NULL, NULL },
};
