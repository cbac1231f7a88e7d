// SPDX-License-Identifier: MIT
// The HTTP engine: at most HTTP_ENGINE_SLOTS requests at a time over one libcurl multi handle.
//
// It knows libcurl and libc and nothing of MicroPython. It never waits except in
// http_engine_wait(), allocates only C memory, and keeps a copy of everything it is given.
//
// Threads. The app's thread makes all calls. Only http_engine_interrupt() may also be called in a
// signal handler, and by other threads except during http_engine_deinit(). A caller of http_engine_wait()
// drives libcurl while it waits. While no call waits and a request with `notify` is pending, the engine's
// own thread drives libcurl (HTTP_ENGINE_THREAD=1). Without that thread (0, or when it cannot be started)
// requests make progress only in http_engine_wait() and, as far as this is possible without waiting, in
// http_engine_submit(), http_engine_is_done(), http_engine_next(0) and http_engine_stats(). They make no
// progress while an app computes or sleeps.
//
// Life of a request. http_engine_submit() gives it an id, and every id completes exactly once:
//   - with a result, which http_engine_take() moves to the caller, and, if `notify` is set, with the
//     event HTTP_EVENT_DONE, which http_engine_next() returns in the order of completion;
//   - or by http_engine_cancel(), http_engine_cancel_all() or http_engine_deinit(), after which
//     the id is unknown: there is no result and no event.
// With `pull` a request is done for the caller when its final header fields are there: HTTP_EVENT_DONE comes then, and
// http_engine_take() returns the head of the result. The caller then reads the body with http_engine_read(), takes the
// rest of the result when the request has ended and no byte waits, or closes the request.
// A request holds a slot from submit until its result is taken or it is cancelled or closed. A refused
// request (no slot, no memory) completes at once, as any other request does, but it never holds a slot.
//
// Names. When a request ends while its host name is being resolved (timeout or cancellation), libcurl's resolver
// thread stays until the system's resolver gives up. When HTTP_ENGINE_SLOTS threads have stayed within a minute,
// a request with a host name fails at once with status 6. A request with an IP address does not.

#ifndef HTTP_ENGINE_H
#define HTTP_ENGINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef HTTP_ENGINE_SLOTS
#define HTTP_ENGINE_SLOTS (16)
#endif

#ifndef HTTP_ENGINE_THREAD
#define HTTP_ENGINE_THREAD (1)
#endif

// 1: libcurl uses mbedTLS. 0: it uses another TLS library.
#ifndef HTTP_ENGINE_MBEDTLS
#define HTTP_ENGINE_MBEDTLS (0)
#endif

// The engine keeps up to this many bytes that libcurl has freed for libcurl's next requests. 0 keeps none: then
// valgrind and ASan detect every misuse of memory, and the compiler needs no _Thread_local.
#ifndef HTTP_ENGINE_KEEP_MEMORY
#ifdef __linux__
#define HTTP_ENGINE_KEEP_MEMORY (512 * 1024)
#else
#define HTTP_ENGINE_KEEP_MEMORY (0)
#endif
#endif

// The build time of the firmware in Unix seconds; 0 is unknown. A clock that is earlier than this is wrong: the device
// has no battery, and has not got the time from the network yet. The error text of a certificate that is not trusted
// (status 60) then says so.
#ifndef HTTP_ENGINE_BUILD_TIME
#define HTTP_ENGINE_BUILD_TIME (0)
#endif

// 1: a downloaded file is on the disk, under its name, before its request is done. Then a power cut leaves either the
// old file or the new one. Use it on a device with storage. While the engine writes to the disk, all requests wait, and
// so does an app that calls the engine.
#ifndef HTTP_ENGINE_SYNC_FILES
#define HTTP_ENGINE_SYNC_FILES (0)
#endif

#ifndef HTTP_ENGINE_USER_AGENT
#define HTTP_ENGINE_USER_AGENT "DL-7450"
#endif

// 1: http_engine_trace() tells what requests do, for the tools of app developers. 0: it does not exist and costs nothing.
#ifndef HTTP_ENGINE_TRACE
#define HTTP_ENGINE_TRACE (0)
#endif

// A stream (see http_request_args_t) pauses when this many bytes wait for http_engine_read().
#define HTTP_STREAM_BYTES (64 * 1024)

// Limits for response headers, reason and trailers included. Each field becomes objects in the app's heap, and libcurl
// stores all fields.
#define HTTP_FIELDS_MAX_BYTES (32 * 1024)
#define HTTP_FIELDS_MAX_LINES (100)

// A request has a progress event of each kind at most once in this time, and one at its end.
#define HTTP_PROGRESS_MS (100)

// Statuses that the engine itself sets. They are libcurl's codes; see libcurl-errors(3).
#define HTTP_STATUS_UNSUPPORTED_PROTOCOL (1)
#define HTTP_STATUS_OUT_OF_MEMORY (27)
#define HTTP_STATUS_NO_SLOT (89)

typedef uint32_t http_id_t; // 0 is no request

// Cookies that requests share.
typedef struct http_jar http_jar_t;

// A text or bytes, without a NUL at the end.
typedef struct {
    const char *data; // NULL is none
    size_t len;
} http_bytes_t;

// A part of a body. The engine reads a file while it sends the part.
typedef struct {
    http_bytes_t content; // absent: the file fd, from its position on; the engine duplicates the descriptor
    bool is_path; // content is the path of a file
    int fd;
} http_part_t;

// The texts of a request that may be absent, as indices.
//
// The engine writes the body of a 2xx response to FILE. It writes the body of a 206 there only if the request has a field
// Range. Until the body is complete the file has the temporary path FILE.SLOT.part. A power cut may leave such files: the
// next request for FILE removes them.
//
// When libcurl chooses a connection to reuse, it compares CERT and not KEY. With the key behind it, a request with a wrong key
// does not get the connection of the right one.
typedef enum {
    HTTP_TEXT_CACERT, // PEM; replaces the system's certificate store; absent: uses that store
    HTTP_TEXT_USER, // absent: the user info of the URL
    HTTP_TEXT_PASSWORD, // given with the user
    HTTP_TEXT_CERT, // PEM: the client's certificate, and behind it the key once more
    HTTP_TEXT_KEY, // PEM: its key; given with the certificate
    HTTP_TEXT_PROXY, // URL; "" is no proxy; absent: the proxy of the environment
    HTTP_TEXT_FILE, // a path; absent: the body goes to memory
    HTTP_TEXT_COUNT,
} http_text_t;

#define HTTP_FLAG_COUNT (10)
#define HTTP_NUMBER_COUNT (5)

// How a request is made: the part that is no text. The engine copies it as a whole.
typedef struct {
    union {
        bool flags[HTTP_FLAG_COUNT];
        struct {
            bool insecure; // the peer is not verified
            bool compressed; // request gzip or deflate, and decode it
            bool omit_content_length; // do not send the default field Content-Length (only without a body)
            bool digest; // authenticate by RFC 7616; false: by RFC 7617 (Basic)
            bool head; // the caller wants HTTP_EVENT_HEAD; not with pull
            bool pull; // http_engine_read() returns the body, and the caller waits for it. See "Life of a request"
            bool upload_progress; // the caller wants progress events of the request's body
            // http_engine_feed() gets the body piece by piece; each HTTP_EVENT_WANT asks for the next one.
            bool fed;
            bool stream; // http_engine_read() returns the body, and HTTP_EVENT_DATA says when
            bool progress; // the caller wants progress events
        };
    };
    // The caller wants HTTP_EVENT_DONE. A caller that leaves this false must call http_engine_wait(id) next: until then
    // no request makes progress.
    bool notify;
    bool max_size_in_memory; // max_size does not limit a body that goes to a file or a stream
    union {
        int32_t numbers[HTTP_NUMBER_COUNT];
        struct {
            int32_t timeout_ms; // one deadline for the whole request; 0 is none
            int32_t connect_timeout_ms; // for a hop's name, connection and TLS together; 0 is none
            int32_t stall_timeout_ms; // without a byte in either direction once connected; 0 is none
            int32_t redirects; // how many redirects to follow; -1 does not follow any
            int32_t proxy_field_count; // so many more in fields are for the proxy: in CONNECT, and in http through one
        };
    };
    uint64_t max_size; // body bytes; 0 is no limit
    int64_t fed_len; // how long the body that is fed will be; -1 is unknown: then it is sent with chunked transfer coding
} http_options_t;

// What to send. http_engine_submit() copies all of it. A string that is marked "checked" must have passed the function
// that is named there.
typedef struct {
    http_options_t options;
    const char *method; // checked: http_is_token
    const char *url; // checked: http_is_url_text
    size_t url_len;
    // Header fields, as libcurl writes them: "Name: value"; "Name;" sends the field without a value; "Name:" leaves out a
    // default field. Checked: http_is_token the name, http_is_field_value the whole.
    const char *const *fields;
    size_t field_count;
    const void *body; // NULL is no body
    size_t body_len;
    const char *content_type; // the whole line; used unless the fields have one; NULL is none
    const http_part_t *parts; // or the body consists of these
    size_t part_count;
    http_bytes_t texts[HTTP_TEXT_COUNT];
    http_jar_t *jar; // NULL is none; the engine holds a reference while it needs the jar
    uint32_t cacert_number; // of HTTP_TEXT_CACERT: texts with the same number are the same, and need not be compared
} http_request_args_t;

typedef enum {
    HTTP_TIME_DNS,
    HTTP_TIME_CONNECT,
    HTTP_TIME_TLS,
    HTTP_TIME_FIRST_BYTE,
    HTTP_TIME_TOTAL,
    HTTP_TIME_COUNT,
} http_time_t;

// What kind of failure it was: finer than libcurl's codes, and the same for all versions and TLS libraries.
// modules/http/_response.py has the words for them.
typedef enum {
    HTTP_FAULT_NONE, // a whole response
    HTTP_FAULT_URL, // malformed
    HTTP_FAULT_SCHEME, // neither http nor https
    HTTP_FAULT_NAME, // no such host
    HTTP_FAULT_RESOLVER, // too many names wait for the resolver
    HTTP_FAULT_REFUSED,
    HTTP_FAULT_UNREACHABLE,
    HTTP_FAULT_CONNECT_TIMEOUT, // connect_timeout_ms
    HTTP_FAULT_STALL_TIMEOUT, // stall_timeout_ms
    HTTP_FAULT_TIMEOUT, // timeout_ms
    HTTP_FAULT_RESET, // the peer has reset the connection
    HTTP_FAULT_CLOSED, // the connection ended before a response
    HTTP_FAULT_TRUNCATED, // or within it
    HTTP_FAULT_INVALID_RESPONSE, // not HTTP
    HTTP_FAULT_INVALID_CHUNK, // chunked transfer coding
    HTTP_FAULT_LARGE_HEADER, // more than HTTP_FIELDS_MAX_*
    HTTP_FAULT_LARGE_BODY, // more than max_size
    HTTP_FAULT_UNSAFE_REDIRECT, // to another scheme, or from https to http
    HTTP_FAULT_INVALID_REDIRECT, // to a malformed URL
    HTTP_FAULT_MANY_REDIRECTS, // more than max_redirects
    HTTP_FAULT_PROXY, // not found, not reached, or it makes no tunnel
    HTTP_FAULT_TLS, // the handshake
    HTTP_FAULT_CERT_DATE, // expired or not yet valid
    HTTP_FAULT_CERT_NAME, // for another host
    HTTP_FAULT_CERT_AUTHORITY, // self-signed, or of an unknown authority
    HTTP_FAULT_CERT_REVOKED,
    HTTP_FAULT_CERT_INVALID, // another fault of the peer's certificate
    HTTP_FAULT_CLIENT_CERT, // unusable, or refused by the server
    HTTP_FAULT_CACERT, // unusable
    HTTP_FAULT_FILE, // the file for the response cannot be written
    HTTP_FAULT_UPLOAD_FILE, // a file to send cannot be read
    HTTP_FAULT_ITERATOR, // more or less than fed_len
    HTTP_FAULT_REWIND, // a body that is fed would have to be sent again
    HTTP_FAULT_ENCODING, // the body cannot be decompressed
    HTTP_FAULT_AUTH, // a challenge is refused
    HTTP_FAULT_MEMORY,
    HTTP_FAULT_SLOTS, // all are in use
    HTTP_FAULT_OTHER,
} http_fault_t;

// The result of a request. The caller that has taken it owns its memory, and calls http_result_clear().
typedef struct http_result {
    // The head: what is known before the body.
    char *url; // the URL of the last hop, without user info; NULL if no hop was started
    char *reason; // the reason phrase; NULL: there was no status line
    const char *fields; // behind the reason: name NUL value NUL, field_count times, in order
    struct http_result *history; // the redirects that were followed, oldest first, linked by this member
    uint32_t field_count;
    // The rest.
    int16_t status; // an HTTP status; 1 to 99 are libcurl's codes
    uint8_t fault; // http_fault_t
    bool is_stream; // the request had `pull`
    http_id_t id; // 0: the result is whole. Otherwise it is the head, and the request goes on
    int fd; // the descriptor of http_engine_stream_fd(); 0 is none
    char *error; // one line for a person to read, without secrets; NULL is none
    uint8_t *body; // NULL if body_len is 0
    size_t body_len;
    uint64_t received; // body bytes that arrived, redirects included
    int64_t time_us[HTTP_TIME_COUNT]; // from submit to the end of that phase; 0: it did not happen
} http_result_t;

#define HTTP_RESULT_HEAD (offsetof(http_result_t, status)) // the size of the head's members

typedef struct {
    uint64_t in_flight; // slots in use
    uint64_t free; // and not in use
    uint64_t submitted; // all requests, since the start
    uint64_t refused; // requests that got no slot, since the start
    uint64_t bytes_held; // body bytes in C memory of results not yet taken
} http_stats_t;

typedef enum {
    HTTP_EVENT_NONE,
    HTTP_EVENT_HEAD, // http_engine_take_head() has the head, unless the result was taken before
    HTTP_EVENT_DATA, // http_engine_read() has bytes
    HTTP_EVENT_WANT, // http_engine_feed() is to be called
    HTTP_EVENT_UPLOAD_PROGRESS,
    HTTP_EVENT_PROGRESS,
    HTTP_EVENT_DONE,
} http_event_t;

typedef struct {
    http_event_t event;
    http_id_t id;
    uint64_t count; // HTTP_EVENT_PROGRESS: body bytes received, decoded. HTTP_EVENT_UPLOAD_PROGRESS: body bytes sent
    int64_t total; // the size of the body; -1 is unknown
} http_next_t;

typedef enum {
    HTTP_WAIT_READY, // the request or the event that the caller waited for is ready
    HTTP_WAIT_TIMEOUT,
    HTTP_WAIT_INTERRUPTED, // http_engine_interrupt() was called. It may be returned once too often
} http_wait_t;

#define HTTP_WAIT_FOREVER (-1)

// ------------------------------------------------------------------------------------------------
// Calls in

// Start a request. Never blocks. Returns 0 only if there is no memory for the request's record: then no request was
// submitted.
http_id_t http_engine_submit(const http_request_args_t *request);

// End a request: its slot is free, and the id has no further event and no result. Returns true if the request was still
// pending, that is, its result had not been taken. Returns false for an unknown id. Never blocks. With `pull` a request
// whose head was taken goes on without its event, until http_engine_close().
bool http_engine_cancel(http_id_t id);
void http_engine_cancel_all(void);

// End a request whose head was taken: its slot is free, and http_engine_read() has no byte more. HTTP_EVENT_DONE still
// comes if it was not returned yet. Never blocks.
void http_engine_close(http_id_t id);

// True if all slots are in use, and requests whose head was taken hold some of them: the caller may close those that it
// does not need any more.
bool http_engine_lacks_slots(void);

// Wait until the request is done or has an event; with id 0, until there is any event. Drives all requests meanwhile.
// With pull: until the head is there, and once it was taken, until there are bytes or the end.
// timeout_ms < 0 waits for ever. An unknown id is ready.
http_wait_t http_engine_wait(http_id_t id, int64_t timeout_ms);

#if !HTTP_ENGINE_THREAD
// The same for a loop that has descriptors of its own: one of their events (poll()) ends the wait too. So does, once, a
// stream that http_engine_stream_fd() was asked for. fds is not NULL.
http_wait_t http_engine_wait_also(http_id_t id, int64_t timeout_ms, struct pollfd *fds, size_t count);
#endif

// End the current wait early; if there is none, the next one. The descriptor of http_engine_fd() polls readable.
// Async-signal-safe.
void http_engine_interrupt(void);

// True if http_engine_take() would return a result.
bool http_engine_is_done(http_id_t id);

// Move the result to the caller and free the slot. Returns false if there is no result: not yet, or it was taken
// before. With pull the first call may return the head, and a later one the rest: it leaves the head's members alone.
bool http_engine_take(http_id_t id, http_result_t *result);
// Move the head to the caller. Returns false if it is not there yet, or was taken.
bool http_engine_take_head(http_id_t id, http_result_t *result);

// Return the next event. With id 0: of any request, oldest first. With an id: data and progress of that request, but
// not its completion. The completion comes after all data and after the last progress. The caller may have taken the
// result before.
http_next_t http_engine_next(http_id_t id);

// http_engine_readable() returns how many bytes of a stream wait, at most HTTP_STREAM_BYTES. http_engine_read() moves
// as many as fit to the caller, up to the first byte `until` (-1: any); then the stream continues.
size_t http_engine_readable(http_id_t id);
size_t http_engine_read(http_id_t id, void *buffer, size_t size, int until);

// Let the next http_engine_wait(id), and no later one, put bytes into this buffer, without a copy in between. When that
// is ready, the caller calls http_engine_read() with the same buffer: it says how many bytes there are.
void http_engine_read_ahead(http_id_t id, void *buffer, size_t size);

// What a stream has left goes to memory: max_size limits it from now on.
void http_engine_limit(http_id_t id);

// Return a descriptor that polls readable while a stream has bytes or has ended. It moves to the result when the request
// has ended. Returns 0 if there is none, as without a driver thread.
int http_engine_stream_fd(http_id_t id);

// Pass the next piece of a body that is fed; len 0 is its end. It counts only after HTTP_EVENT_WANT, which is returned
// until then. A piece is copied. More or less than fed_len ends the request with status 26. A body that has begun
// cannot be sent again: a redirect or a challenge that needs this ends the request with status 65.
void http_engine_feed(http_id_t id, const void *data, size_t len);

// Return a descriptor that polls readable when http_engine_next() has a new event. It is for a loop that has its own
// poll(). It may poll readable once too often. The loop calls http_engine_clear_fd() first, and then
// http_engine_next(0) until there is no event. http_engine_deinit() closes the descriptor. Returns -1 if there is no
// driver thread: then the loop must wait in http_engine_wait() or http_engine_wait_also(). Call it before each wait.
int http_engine_fd(void);
void http_engine_clear_fd(void);

void http_engine_stats(http_stats_t *stats);

// Cookie jars: RFC 6265, by libcurl's cookie engine. The text format is Netscape's, one cookie on each line. A jar has
// no limit.
http_jar_t *http_jar_new(void); // NULL without memory
void http_jar_release(http_jar_t *jar); // requests that still use it hold a reference
char *http_jar_save(http_jar_t *jar); // the caller frees the text; NULL without memory
bool http_jar_load(http_jar_t *jar, const char *line); // one line; "ALL" removes all cookies; false without memory

// Cancel all requests, end the thread, close all connections. The next submit starts the engine again.
void http_engine_deinit(void);

void http_result_clear(http_result_t *result);
// Move a result of `history` to result. Returns the next one.
http_result_t *http_result_take_hop(http_result_t *hop, http_result_t *result);
void http_result_clear_body(http_result_t *result);

// RFC 9110 5.6.2; for methods and field names.
bool http_is_token(const char *text, size_t len);
// True if there is no CR, LF or NUL: these could end the field or the request line early.
bool http_is_field_value(const char *text, size_t len);
bool http_is_url_text(const char *text, size_t len);
// Field names are compared without case (RFC 9110 5.1).
bool http_name_is(const char *name, size_t len, const char *other);

// ------------------------------------------------------------------------------------------------
// There are no callbacks. The caller polls for completion, so libcurl's callbacks never run the app's code.

#if HTTP_ENGINE_TRACE

// ------------------------------------------------------------------------------------------------
// The trace

typedef enum {
    HTTP_TRACE_REQUEST, // it was submitted
    HTTP_TRACE_HOP, // a hop begins; also when a request is sent again over another connection
    HTTP_TRACE_SENT_HEAD, // the bytes of a message, as they were on the wire
    HTTP_TRACE_SENT_BODY,
    HTTP_TRACE_HEAD,
    HTTP_TRACE_BODY, // decoded, as the app gets it
    HTTP_TRACE_HOP_END,
    HTTP_TRACE_DONE, // it is complete
    HTTP_TRACE_CANCELLED, // the app has ended it before
} http_trace_kind_t;

typedef struct {
    http_trace_kind_t kind;
    http_id_t id;
    unsigned hop; // from 0
    int slot; // -1: none was free
    const char *method; // HTTP_TRACE_REQUEST, HTTP_TRACE_HOP
    const char *url; // the same two
    const char *data; // the four with bytes of a message
    size_t len;
    int status; // HTTP_TRACE_HOP_END: of the response; 0: there was none
    int code; // HTTP_TRACE_HOP_END: of libcurl
    bool reused; // HTTP_TRACE_HOP_END: it used a connection of an earlier hop
    const char *address; // HTTP_TRACE_HOP_END: of the peer
    long port;
    const http_result_t *result; // HTTP_TRACE_HOP_END: only its times; HTTP_TRACE_DONE: all of it
} http_trace_t;

// Call function(event) for all that happens from now on; NULL ends it. Call it before the first request. The function
// runs with the engine's lock held, in the thread that drives: it makes no call of the engine, and should not wait. What
// the event points to is valid during the call.
void http_engine_trace(void (*function)(const http_trace_t *event));

#endif

#endif
