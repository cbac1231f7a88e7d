// SPDX-License-Identifier: MIT
// The engine's state: requests, slots, and the engine itself. All files of the engine share these types.

#ifndef HTTP_ENGINE_STATE_H
#define HTTP_ENGINE_STATE_H

#include <stdatomic.h>

#include <curl/curl.h>

#include "http/engine/memory.h"

// CURLOPT_QUICK_EXIT: without it a hung resolver blocks timeouts and cancel.
#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87.0 or newer is needed"
#endif

// For functions that are larger where they are inlined.
#define HTTP_APART __attribute__((noinline))

typedef enum {
    HTTP_STATE_NEW, // being built, or between two hops; not on the multi handle
    HTTP_STATE_ACTIVE, // on the multi handle; belongs to the thread that drives
    HTTP_STATE_DONE, // has a result that was not taken yet; holds the slot
    HTTP_STATE_TAKEN, // the result was taken; HTTP_EVENT_DONE was not returned yet
} http_request_state_t;

// The last field of the response so far. A folded line continues it.
typedef enum {
    HTTP_FIELD_NONE, // there is none, or it was not stored
    HTTP_FIELD_OTHER,
    HTTP_FIELD_LOCATION,
    HTTP_FIELD_LENGTH, // Content-Length
    HTTP_FIELD_CODING, // Transfer-Encoding
} http_field_t;

// Response header fields as they arrive.
typedef struct {
    char *data; // reason NUL name NUL value NUL ...
    size_t alloc;
    const char *why; // why a line was refused, for a person to read
    size_t dropped_len; // bytes of interim responses and trailers: these are not stored
    // From here to status: the current message. start_message() clears all of it at once.
    size_t len;
    size_t count;
    size_t lines;
    size_t value; // the offset in data of the last field's value
    size_t location; // the offset of Location's value; 0: there is none, or it is empty
    uint64_t length; // Content-Length + 1; 0: there was none
    http_field_t field; // the last one
    bool complete; // the blank line has arrived: further lines are trailers
    int status; // of the status line
    unsigned messages; // how many status lines have arrived
    bool body_held_back; // Digest (RFC 7616): libcurl holds the body back until it knows whether a challenge comes
    unsigned challenges; // how many challenges libcurl has answered
} http_response_t;

// A body, or a part of one; the engine's copy.
typedef struct {
    char *data; // NULL: the content is in the file
    bool open;
    int fd;
    int64_t start;
    int64_t len;
} http_content_t;

// A file for a response's body. It has this path until the body is complete, and then HTTP_TEXT_FILE.
typedef struct {
    bool open;
    int fd;
    char *temporary_path;
} http_file_sink_t;

// A URL without user info. It is immutable, and requests share it.
typedef struct {
    CURLU *handle;
    char *text;
    atomic_uint users;
} http_url_t;

// A URL with its credentials. It owns its memory.
typedef struct {
    http_url_t *url;
    bool is_https; // false: http
    char *user; // NULL is none
    char *password;
    const char *why_not; // why the URL is refused, for a person; NULL: libcurl's text for the code
} http_target_t;

typedef struct http_inflate http_inflate_t;

// Progress of one direction. The driver writes the numbers and then the flag; the app thread clears it.
typedef struct {
    bool reported_end;
    _Atomic bool changed;
    _Atomic uint64_t count;
    _Atomic int64_t total; // -1 is unknown
    int64_t notified_us;
    int64_t reported_us; // the app thread's
} http_progress_t;

// A slot for one request. libcurl's callbacks get the slot and not the request, so the next request in the slot can use
// the handle without setting the callbacks again.
typedef struct {
    bool used; // the app thread's
    // Below: protected by the lock of drive.c.
    struct http_request *active; // the request that is on the multi handle
    CURL *spare; // a handle for the next request
    char error_buffer[CURL_ERROR_SIZE];
} http_slot_t;

// The most used members come first and the large ones last: then the code has short offsets.
typedef struct http_request {
    struct http_request *next; // the engine's list; belongs to the app thread
    http_slot_t *slot; // NULL: it never had one, or has left it
    http_id_t id;
    _Atomic http_request_state_t state;
    http_options_t options; // stream is also set with pull, redirects counts down
    CURL *easy;
    _Atomic uint32_t stored; // how many bytes were put into the ring; the driver's
    _Atomic uint32_t taken; // how many were taken from it; the app thread's
    _Atomic bool owes_event; // HTTP_EVENT_DONE was not returned yet
    bool owes_head; // HTTP_EVENT_HEAD was not returned yet
    bool head_taken; // the app thread's
    _Atomic bool has_head; // the final header fields are there
    _Atomic bool paused; // the stream is full; the app's next read clears this
    _Atomic bool wants; // the next piece of the body is needed. The driver sets this, http_engine_feed() clears it
    bool fed_all; // the app has ended the body that it feeds
    bool is_watched; // http_engine_stream_fd() had no descriptor to return
    bool waits; // the app thread waits for it, and drives: bytes may go to reader

    // The hop. start() in hop.c clears all from here to what is sent.
    const char *abort_text; // NULL: libcurl's text
    CURLcode abort_code; // why a callback of the engine ended the hop
    CURLcode setup_code; // the first option that could not be set
    uint8_t fault; // http_fault_t, if it is known before the end
    bool has_defaults_only; // the handle has only options that every hop sets. The setters of option.h clear this
    bool has_proxy; // the hop may use a proxy, also an https proxy
    bool has_begun; // the final header fields were read, and the decoders are set up
    bool has_body; // bytes of the body have arrived
    bool is_stale; // the reused connection could not be used: see reuse.h
    bool has_sticky_options; // no other request may use the handle. See http_option_set_sticky()
    bool resolves; // libcurl resolves the name of the host, or has resolved it
    unsigned sent_behind; // 1 + response.messages when the request was last sent; 0: it was not sent
    uint64_t moved; // how many bytes had moved when watch.c looked last; 0: the hop connects
    uint64_t hop_received; // body bytes of this hop that were stored or dropped
    long connects; // how many connections this hop has made
    long system_error; // errno of libcurl's last call that failed
    long verify_result; // of the TLS library

    // What to send. It changes only between hops.
    http_target_t target;
    bool sent_again; // the request was sent twice: the first attempt got no response
    bool has_events; // other events than HTTP_EVENT_DONE
    struct curl_slist *fields; // the app's
    const char *method; // method_copy, or "GET" after a redirect
    http_jar_t *jar;
    http_content_t *parts; // of the body: &body, or several
    size_t part_count;
    char *method_copy;
    char *content_type; // a whole header line, or NULL
    http_text_copy_t texts[HTTP_TEXT_COUNT]; // without user and password, which are in target
    struct curl_slist *proxy_fields;
    char *cookie; // the app's own Cookie field, if there is a jar; "": send no cookies
    int64_t start_us;
    int64_t hop_start_us;
    int64_t deadline_us; // 0 is none
    http_content_t body; // a body of one part, or the current piece of a body that is fed
    int64_t body_len; // of all parts
    int64_t body_position; // how many bytes of them were sent
    int64_t fed_count; // bytes that the app has fed
    struct curl_slist default_fields[4]; // the engine's fields, linked in front of the app's

    // What comes back.
    _Atomic uint32_t sequence; // the place of its newest event in the order of all events
    int socket; // of the connection; -1: unknown
    _Atomic int64_t moved_us; // when that number last changed, or the app last let the hop go on
    size_t body_alloc;
    http_inflate_t *inflate; // decodes the body; NULL: the body has no coding
    http_file_sink_t file;
    http_response_t response;
    http_result_t result;

    // Bytes of a stream that wait for http_engine_read(): stream.c.
    uint8_t *chunk; // a ring of HTTP_STREAM_BYTES; NULL before the first byte
    uint8_t *reader; // http_engine_read_ahead(); the app thread's
    uint32_t reader_size;
    uint32_t reader_len;

    http_progress_t sent;
    http_progress_t received;

    #if HTTP_ENGINE_MBEDTLS
    void *tls_config; // mbedtls_ssl_config of the current handshake
    uint32_t chain_flags; // faults of the chain above the peer's certificate
    #endif

    #if HTTP_ENGINE_TRACE
    unsigned trace_hops; // how many hops have begun
    #endif

    char own_error[96];
} http_request_t;

typedef struct {
    CURLM *multi;
    unsigned curl_version; // 0x070c03 is 7.12.3
    http_request_t *requests; // newest first; belongs to the app thread
    http_id_t last_id;
    http_slot_t slots[HTTP_ENGINE_SLOTS];
    unsigned slots_used;
    unsigned submitted;
    unsigned refused;
    // Below: protected by the lock of drive.c.
    unsigned active_count;
    int64_t watch_us; // when watch.c must look again; INT64_MAX: there is nothing to watch
    uint32_t last_sequence;
    struct pollfd *also; // http_engine_wait_also()
    unsigned also_count;
} http_state_t;

extern http_state_t http_state;

// Start libcurl and create the multi handle, unless both exist. Returns false without memory.
bool http_state_init(void);

// The only function that changes a request's state. The release order makes the result visible to the app thread, which
// reads the state without the lock.
static inline void http_state_set(http_request_t *r, http_request_state_t state) {
    atomic_store_explicit(&r->state, state, memory_order_release);
}

#endif
