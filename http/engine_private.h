// SPDX-License-Identifier: MIT
// What the engine's own files share. Nobody else includes this.

#ifndef HTTP_ENGINE_PRIVATE_H
#define HTTP_ENGINE_PRIVATE_H

#include <stdatomic.h>

#include <curl/curl.h>

#include "http/engine.h"

// CURLOPT_QUICK_EXIT: without it a hung resolver blocks timeouts and cancel.
#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87.0 or newer is needed"
#endif

// Response header limits of our own: every field becomes objects of the app's heap. They hold for fields
// and trailers together, which libcurl keeps all.
#define HTTP_FIELDS_MAX_BYTES (32 * 1024)
#define HTTP_FIELDS_MAX_LINES (100)

// A server may ask again with a new nonce, and a proxy may ask too; who asks more often than this would
// ask for ever.
#define HTTP_CHALLENGES_MAX (4)

typedef enum {
    HTTP_STATE_NEW, // being built, or between two hops; not on the multi handle
    HTTP_STATE_ACTIVE, // on the multi handle; belongs to whoever drives
    HTTP_STATE_DONE, // the result waits to be taken, and holds the slot
    HTTP_STATE_TAKEN, // the result is gone; the notice is still owed
} http_state_t;

// Response header fields as they arrive.
typedef struct {
    char *data; // name NUL value NUL ...
    size_t len;
    size_t alloc;
    size_t count;
    size_t lines;
    size_t trailer_len; // of the trailers so far, which are not kept here
    bool complete; // the blank line was seen: what follows are trailers
    bool has_location; // and it is not empty
    int status; // of the status line
    bool body_held_back; // until a challenge has been answered, or none came: Digest (RFC 7616)
    unsigned challenges; // that were answered on the way here
} http_collector_t;

// A body, or a part of one, that is read from a file while it is sent.
typedef struct {
    struct http_transfer *transfer; // is told when that fails
    bool open;
    int fd;
    int64_t start;
    int64_t len;
    int64_t position; // from start
} http_file_body_t;

// One part of a multipart body: own copies.
typedef struct {
    char *name;
    char *filename;
    char *type;
    char *data; // NULL: the content is in the file
    size_t data_len;
    size_t position; // how far data was read
    http_file_body_t file;
} http_own_part_t;

// A file that a body is written to: beside its name until it is complete.
typedef struct {
    bool open;
    int fd;
    char *path;
    char *beside;
} http_file_sink_t;

// A URL taken apart. Own memory, all of it.
typedef struct {
    CURLU *url; // without user info
    bool is_https; // or http
    char *user; // NULL is none
    char *password;
} http_target_t;

typedef struct http_transfer {
    struct http_transfer *next; // the engine's list: the app thread's alone
    http_id_t id;
    int slot; // index, or -1
    bool notice_owed;
    _Atomic http_state_t state;
    uint32_t sequence; // order of completion, among all events

    // What to send. Changes only between hops.
    const char *method; // method_copy or a constant
    char *method_copy;
    http_target_t target;
    struct curl_slist *fields; // the app's
    struct curl_slist automatic[4]; // ours, linked in front of the app's
    char *body;
    size_t body_len;
    char *content_type; // a whole header line, or NULL
    http_file_body_t file_body;
    http_own_part_t *parts;
    size_t part_count;
    bool omit_content_length;
    http_auth_t auth;
    char *cacert; // NULL is the system store,
    size_t cacert_len;
    char *ca_file; // which the environment may have put elsewhere
    char *ca_path;
    char *cert;
    size_t cert_len;
    char *key;
    size_t key_len;
    bool insecure;
    char *proxy;
    bool compressed;
    http_jar_t *jar;
    uint64_t max_size;
    int redirects_left; // -1 does not follow
    int64_t start_us;
    int64_t hop_start_us;
    int64_t deadline_us; // 0 is none

    // What comes back.
    CURL *easy;
    long connects; // connections that this hop has made
    bool has_proxy; // for this hop; it may be an https one
    bool is_stale; // see http_kept_check()
    curl_mime *mime;
    bool resolves; // the name of the host, or has done so
    http_collector_t collector;
    size_t body_alloc;
    http_file_sink_t file;
    uint64_t hop_received; // body bytes that went somewhere

    // What of a stream waits to be read: written and taken under the lock.
    bool stream;
    uint8_t *chunk; // HTTP_STREAM_BYTES, or NULL before there was any
    _Atomic size_t chunk_len;
    uint32_t chunk_sequence; // since when there is any
    bool paused; // it was full; until it is read

    // Progress. The driver writes the numbers and then the flag; the app thread clears it.
    bool progress;
    _Atomic bool has_progress;
    uint32_t progress_sequence;
    _Atomic uint64_t progress_received;
    _Atomic int64_t progress_total;
    int64_t notified_us;
    int64_t reported_us; // the app thread's
    bool reported_end;

    #if HTTP_ENGINE_MBEDTLS
    void *tls_config; // mbedtls_ssl_config of the handshake that runs
    uint32_t chain_flags; // what was wrong with the chain above the peer's certificate
    #endif

    CURLcode abort_code; // why a callback of ours ended the hop
    const char *abort_text; // NULL is libcurl's
    http_result_t result;
    char error_buffer[CURL_ERROR_SIZE]; // libcurl's
    char own_error[96];
} http_transfer_t;

typedef struct {
    CURLM *multi;
    unsigned curl_version; // 0x070c03 is 7.12.3
    http_transfer_t *transfers; // newest first; the app thread's alone
    http_id_t last_id;
    bool slot_used[HTTP_ENGINE_SLOTS];
    unsigned slots_used;
    unsigned submitted;
    unsigned refused;
    // Below: whoever holds the lock of drive.c.
    http_transfer_t *active[HTTP_ENGINE_SLOTS]; // by slot: transfers on the multi handle
    unsigned active_count;
    CURL *handles[HTTP_ENGINE_SLOTS]; // by slot: that completed a transfer and can be used again
    uint32_t last_sequence;
} http_engine_t;

extern http_engine_t http_engine;

// engine.c
bool http_engine_init(void);
void http_transfer_set_state(http_transfer_t *t, http_state_t state);
// The result is complete but for status and error. text NULL takes libcurl's text for the code.
void http_transfer_complete(http_transfer_t *t, CURLcode code, const char *text);

// request.c
char *http_copy(const void *data, size_t len); // with a NUL behind it; NULL without memory
CURLcode http_request_copy(http_transfer_t *t, const http_request_t *request);

// drive.c: between enter and leave the caller owns the multi handle.
void http_drive_enter(void);
void http_drive_leave(bool go_on); // go_on: requests are to make progress from here on
void http_drive_perform(void);
bool http_drive_poll(int64_t timeout_ms); // true: there is something to perform
// Without a driver thread: do once what can be done without waiting, and again for up to most_us.
void http_drive_look(int64_t most_us);
bool http_drive_take_interrupt(void);
void http_drive_notify(void);
void http_drive_stop(void);
int64_t http_now_us(void);

// transfer.c: hops. Called by the owner of the multi handle.
CURLcode http_hop_start(http_transfer_t *t);
void http_hop_end(http_transfer_t *t, CURLcode result);
void http_hop_abandon(http_transfer_t *t);
void http_hop_forget_handles(void);

// resolve.c: how many name resolutions may hang
CURLcode http_resolve_set_up(http_transfer_t *t);
void http_resolve_abandon(http_transfer_t *t); // the hop ends early: by its deadline or its cancellation

// proxy.c: which proxy the hop goes through; t->has_proxy tells whether any
CURLcode http_proxy_set(http_transfer_t *t);

// kept.c
void http_kept_note(http_transfer_t *t); // after a hop
// Before a hop: t->is_stale tells that it ended for a kept connection that is of no use.
CURLcode http_kept_check(http_transfer_t *t);

// sink.c: where bodies go. Called by the owner of the multi handle.
CURLcode http_sink_open(http_transfer_t *t, const char *path);
// Take len bytes. CURLE_AGAIN: not now, the stream is full.
CURLcode http_sink_write(http_transfer_t *t, const char *data, size_t len);
// The body is complete: the file gets its name.
CURLcode http_sink_finish(http_transfer_t *t);
void http_sink_discard(http_transfer_t *t);
void http_sink_count(http_transfer_t *t); // the numbers of the progress

// mbedtls.c: what is different over mbedTLS, made the same
#if HTTP_ENGINE_MBEDTLS
CURLcode http_mbedtls_set_up(http_transfer_t *t);
CURLcode http_mbedtls_code(const http_transfer_t *t, CURLcode result);
#endif

// upload.c: where bodies come from
CURLcode http_upload_copy(http_transfer_t *t, const http_request_t *request);
bool http_upload_any(const http_transfer_t *t);
CURLcode http_upload_set(http_transfer_t *t);
void http_upload_free(http_transfer_t *t);

// jar.c
http_jar_t *http_jar_use(http_jar_t *jar);
void http_jar_unuse(http_jar_t *jar); // by the owner of the multi handle
CURLSH *http_jar_share(http_jar_t *jar);
// A handle's jar that holds too many cookies forgets those of the domain that has most.
CURLcode http_jar_limit(CURL *easy);

// redirect.c
// Turn t into the request for the next hop. CURLE_OK, or why not, with *text for people.
CURLcode http_redirect_prepare(http_transfer_t *t, const char *location, const char **text);

// fields.c
struct curl_slist *http_field_append(struct curl_slist *list, const http_field_t *field);
bool http_fields_have(const struct curl_slist *list, const char *name);
void http_fields_keep(struct curl_slist **list, bool (*keep)(const char *name, size_t len));
void http_collector_clear(http_collector_t *c);
CURLcode http_collect_line(http_collector_t *c, const char *line, size_t len);

// url.c
CURLcode http_target_parse(http_target_t *target, const char *url, size_t len);
void http_target_clear(http_target_t *target);
// A part of the URL, or all of it, without user info: own memory. NULL: there is none, or no memory.
char *http_target_get(const http_target_t *target, CURLUPart part);
CURLcode http_target_same_origin(const http_target_t *a, const http_target_t *b, bool *same);
// Is the reference one that resolves to something else? Without memory libcurl gives it as it is.
bool http_target_is_unresolved(const http_target_t *base, const char *reference);

#endif
