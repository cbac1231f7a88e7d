// SPDX-License-Identifier: MIT
// The HTTP engine: at most HTTP_ENGINE_SLOTS requests at a time over one libcurl multi handle.
//
// It knows libcurl and libc and nothing of MicroPython. It never waits except in
// http_engine_wait(), allocates only C memory, and keeps a copy of everything it is given.
//
// Threads. One thread, the app's, makes all calls. Only http_engine_interrupt() may also be called in a
// signal handler, and by other threads except during http_engine_deinit(). A caller of http_engine_wait()
// drives libcurl while it waits. While nobody waits and a request with `notify` is pending, a thread of
// the engine's own drives (HTTP_ENGINE_THREAD=1). Without that thread (0, or when it cannot be started)
// requests make progress in http_engine_wait() and, as far as that needs no waiting, in
// http_engine_submit(), http_engine_is_done(), http_engine_next(0) and http_engine_stats(). They make none
// while an app computes or sleeps.
//
// Life of a request. http_engine_submit() gives it an id, and every id completes exactly once:
//   - with a result, which http_engine_take() moves to the caller, and, if `notify` is set, with the
//     event HTTP_EVENT_DONE, which http_engine_next() returns in the order of completion;
//   - or by http_engine_cancel(), http_engine_cancel_all() or http_engine_deinit(), after which
//     the id is unknown and neither comes.
// A request holds a slot from submit until its result is taken or it is cancelled. A refused
// request (no slot, no memory) completes at once and like any other, without ever holding one.
//
// Names. A request whose name is not resolved in time, or that is cancelled meanwhile, leaves a thread of
// libcurl's behind until the system's resolver gives up. After as many as there are slots within a minute,
// further names are status 6 at once; addresses are not concerned.

#ifndef HTTP_ENGINE_H
#define HTTP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef HTTP_ENGINE_SLOTS
#define HTTP_ENGINE_SLOTS (16)
#endif

#ifndef HTTP_ENGINE_THREAD
#define HTTP_ENGINE_THREAD (1)
#endif

// libcurl is one over mbedTLS (any other TLS library: 0).
#ifndef HTTP_ENGINE_MBEDTLS
#define HTTP_ENGINE_MBEDTLS (0)
#endif

// How many bytes of memory that libcurl has freed are kept for its next requests. 0 keeps none: then valgrind and ASan
// see every misuse, and the compiler needs no _Thread_local.
#ifndef HTTP_ENGINE_KEEP_MEMORY
#ifdef __linux__
#define HTTP_ENGINE_KEEP_MEMORY (512 * 1024)
#else
#define HTTP_ENGINE_KEEP_MEMORY (0)
#endif
#endif

// When the firmware was built, in Unix seconds; 0 is unknown. A clock that is earlier than this is
// wrong: the device has no battery, and no network time yet. The error text of a certificate that is not
// trusted (status 60) then says so.
#ifndef HTTP_ENGINE_BUILD_TIME
#define HTTP_ENGINE_BUILD_TIME (0)
#endif

// 1: a downloaded file is on the disk, under its name, before its request is done. A power cut then leaves
// the old file or the new one. For a device with storage. Writing to the disk blocks all requests, and an
// app that calls the engine meanwhile.
#ifndef HTTP_ENGINE_SYNC_FILES
#define HTTP_ENGINE_SYNC_FILES (0)
#endif

#ifndef HTTP_ENGINE_USER_AGENT
#define HTTP_ENGINE_USER_AGENT "DL-7450"
#endif

// A stream (see http_request_args_t) pauses when this much waits to be read.
#define HTTP_STREAM_BYTES (64 * 1024)

// Limits for response headers. Every field becomes objects in the app's heap, and libcurl keeps them all.
// Trailers count too.
#define HTTP_FIELDS_MAX_BYTES (32 * 1024)
#define HTTP_FIELDS_MAX_LINES (100)

// Progress events of one request come at most this often, and once at the end.
#define HTTP_PROGRESS_MS (100)

// Statuses that the engine itself gives, all libcurl's numbers; see libcurl-errors(3).
#define HTTP_STATUS_UNSUPPORTED_PROTOCOL (1)
#define HTTP_STATUS_OUT_OF_MEMORY (27)
#define HTTP_STATUS_NO_SLOT (89)

typedef uint32_t http_id_t; // 0 is no request

// One part of a multipart/form-data body (RFC 7578).
typedef struct {
    const char *name;
    const char *filename; // NULL is none
    const char *type; // media type; NULL is none
    const void *data; // the content, or NULL: it is read from the file path while it is sent
    size_t data_len;
    const char *path;
} http_part_t;

typedef enum {
    HTTP_AUTH_BASIC, // RFC 7617
    HTTP_AUTH_DIGEST, // RFC 7616
} http_auth_t;

// Cookies that requests share.
typedef struct http_jar http_jar_t;

// What to send. All of it is copied by http_engine_submit(). The strings named "checked" must have
// passed the check of that name below.
typedef struct {
    // HTTP_EVENT_DONE is wanted. A caller that leaves this false must call http_engine_wait(id) next: until
    // then no request makes progress.
    bool notify;
    bool stream; // the body goes to http_engine_read()
    bool progress; // progress events are wanted
    bool compressed; // ask for and decode gzip and deflate
    bool insecure; // the peer is not verified
    bool omit_content_length; // no default field Content-Length (only without a body)
    bool max_size_in_memory; // max_size holds for what is kept in memory or dropped: not for a file or a stream
    const char *method; // checked: http_is_token
    const char *url; // checked: http_is_url_text
    size_t url_len;
    // Header fields, as libcurl writes them: "Name: value"; "Name;" sends the field without a value; "Name:" leaves out a
    // default field. Checked: http_is_token the name, http_is_field_value the whole.
    const char *const *fields;
    size_t field_count;
    const void *body; // NULL is no body
    size_t body_len;
    const int *body_fd; // or the body is what this file holds from its position on; duplicated
    const char *content_type; // of the body, unless the fields have one: the whole line; NULL is none
    const http_part_t *parts; // or the body is multipart/form-data
    size_t part_count;
    const char *user; // NULL: what the URL says
    const char *password;
    http_auth_t auth;
    const char *cacert; // PEM; replaces the system store; NULL is the system store
    size_t cacert_len;
    const char *cert; // PEM: the client's certificate, NULL is none, and its key
    size_t cert_len;
    const char *key;
    size_t key_len;
    const char *proxy; // URL; "" is no proxy, NULL the environment's
    http_jar_t *jar; // NULL is none; kept as long as it is needed
    // The body of a 2xx goes into this file; NULL is memory. The body of a 206 goes there only if the request has a field
    // Range. Until the body is complete it has the temporary path FILE.SLOT.part. A power cut may leave such files: the
    // next request for FILE removes them.
    const char *file;
    uint32_t timeout_ms; // one deadline over everything; 0 is none
    uint64_t max_size; // body bytes; 0 is no limit
    int max_redirects; // hops to follow; -1 does not follow
} http_request_args_t;

typedef enum {
    HTTP_TIME_DNS,
    HTTP_TIME_CONNECT,
    HTTP_TIME_TLS,
    HTTP_TIME_FIRST_BYTE,
    HTTP_TIME_TOTAL,
    HTTP_TIME_COUNT,
} http_time_t;

// What came back. The memory belongs to whoever took it, until http_result_clear().
typedef struct {
    int status; // HTTP status, or 1..99: libcurl's code
    char *error; // one line for people, without secrets; NULL is none
    char *url; // the URL that answered, without user info; NULL before there was one
    char *fields; // name NUL value NUL, field_count times, in order
    size_t field_count;
    uint8_t *body; // NULL if body_len is 0
    size_t body_len;
    uint64_t received; // body bytes that arrived, redirects included
    int64_t time_us[HTTP_TIME_COUNT]; // since submit until that was done; 0 did not happen
} http_result_t;

typedef struct {
    unsigned in_flight; // slots in use
    unsigned refused; // requests that found no slot, since the start
    unsigned submitted; // all requests, since the start
    uint64_t bytes_held; // body bytes in C memory of results not yet taken
} http_stats_t;

typedef enum {
    HTTP_EVENT_NONE,
    HTTP_EVENT_DATA, // http_engine_read() has something
    HTTP_EVENT_PROGRESS,
    HTTP_EVENT_DONE,
} http_event_t;

typedef struct {
    http_event_t event;
    http_id_t id;
    uint64_t received; // HTTP_EVENT_PROGRESS: body bytes, decoded
    int64_t total; // of so many, or -1
} http_next_t;

typedef enum {
    HTTP_WAIT_READY, // what was waited for is there
    HTTP_WAIT_TIMEOUT,
    HTTP_WAIT_INTERRUPTED, // http_engine_interrupt(); may come once without a cause
} http_wait_t;

#define HTTP_WAIT_FOREVER (-1)

// ------------------------------------------------------------------------------------------------
// Calls in

// Start a request. Never blocks. 0 only when there is no memory for the request's own record: then
// nothing was submitted.
http_id_t http_engine_submit(const http_request_args_t *request);

// End a request: nothing comes of this id any more, its slot is free. True if it was still pending,
// that is, its result had not been taken. Unknown ids are false. Never blocks.
bool http_engine_cancel(http_id_t id);
void http_engine_cancel_all(void);

// Wait until the request is done or has an event (id), or until there is any event (id 0), and drive
// all requests meanwhile. timeout_ms < 0 waits for ever. An unknown id is ready.
http_wait_t http_engine_wait(http_id_t id, int64_t timeout_ms);

// End the wait that runs, or else the next one, early. Async-signal-safe.
void http_engine_interrupt(void);

// Is there a result to take?
bool http_engine_is_done(http_id_t id);

// Move the result to the caller and free the slot. False if there is none (yet, or any more).
bool http_engine_take(http_id_t id, http_result_t *result);

// The next event: with id 0 of any request, in the order in which they came up; with an id the data
// and progress of that request, and not its completion. A request's completion comes after all its
// data and its last progress; its result may have been taken before.
http_next_t http_engine_next(http_id_t id);

// How much of a stream waits, at most HTTP_STREAM_BYTES; and move as much as fits to the caller, which
// lets the stream go on.
size_t http_engine_readable(http_id_t id);
size_t http_engine_read(http_id_t id, void *buffer, size_t size);

// A descriptor that polls readable when http_engine_next() has something new, for loops that wait
// by themselves; http_engine_deinit() closes it. It may poll readable once too often. The loop calls
// http_engine_clear_fd() first and then http_engine_next(0) until there is none. -1: no thread drives
// while a loop waits by itself, so it has to wait in http_engine_wait(); ask before each wait.
int http_engine_fd(void);
void http_engine_clear_fd(void);

void http_engine_stats(http_stats_t *stats);

// Cookie jars: RFC 6265 by libcurl's cookie engine. Text is in the Netscape format, a line a cookie. There is no limit.
http_jar_t *http_jar_new(void); // NULL without memory
void http_jar_release(http_jar_t *jar); // requests that still use it keep it
char *http_jar_save(http_jar_t *jar); // the caller frees it; NULL without memory
bool http_jar_load(http_jar_t *jar, const char *line); // one line, or "ALL" to forget all; false without memory

// Cancel everything, end the thread, close all connections. The next submit starts anew.
void http_engine_deinit(void);

void http_result_clear(http_result_t *result);
void http_result_clear_body(http_result_t *result);

// RFC 9110 5.6.2; for methods and field names.
bool http_is_token(const char *text, size_t len);
// No CR, LF or NUL: nothing that could end the field or the request line early.
bool http_is_field_value(const char *text, size_t len);
bool http_is_url_text(const char *text, size_t len);
// Field names are compared without case (RFC 9110 5.1).
bool http_name_is(const char *name, size_t len, const char *other);

// ------------------------------------------------------------------------------------------------
// Callbacks out: none. The caller polls for completion, so the engine never re-enters it.

#endif
