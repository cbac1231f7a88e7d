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

// Response header limits of our own: every field becomes objects of the app's heap.
#define HTTP_FIELDS_MAX_BYTES (32 * 1024)
#define HTTP_FIELDS_MAX_LINES (100)

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
    bool complete; // the blank line was seen: what follows are trailers
    bool has_location; // and it is not empty
    int status; // of the status line
} http_collector_t;

// A URL taken apart. Own memory, all of it.
typedef struct {
    char *url; // without user info
    char *origin; // scheme://host:port
    char *user; // NULL is none
    char *password;
} http_target_t;

typedef struct http_transfer {
    struct http_transfer *next; // the engine's list: the app thread's alone
    http_id_t id;
    int slot; // index, or -1
    bool notice_owed;
    _Atomic http_state_t state;
    uint32_t sequence; // order of completion

    // What to send. Changes only between hops.
    const char *method; // method_copy or a constant
    char *method_copy;
    http_target_t target;
    struct curl_slist *fields; // the app's
    struct curl_slist automatic[3]; // ours, linked in front of the app's
    char *body;
    size_t body_len;
    bool has_body;
    bool omit_content_length;
    char *cacert; // NULL is the system store,
    size_t cacert_len;
    char *ca_file; // which the environment may have put elsewhere
    char *ca_path;
    uint64_t max_size;
    int redirects_left; // -1 does not follow
    int64_t start_us;
    int64_t hop_start_us;
    int64_t deadline_us; // 0 is none

    // What comes back.
    CURL *easy;
    http_collector_t collector;
    size_t body_alloc;
    CURLcode abort_code; // why a callback of ours ended the hop
    const char *abort_text;
    http_result_t result;
    char error_buffer[CURL_ERROR_SIZE];
} http_transfer_t;

typedef struct {
    CURLM *multi;
    http_transfer_t *transfers; // newest first; the app thread's alone
    http_id_t last_id;
    bool slot_used[HTTP_ENGINE_SLOTS];
    unsigned slots_used;
    unsigned submitted;
    unsigned refused;
    // Below: whoever holds the lock of drive.c.
    http_transfer_t *active[HTTP_ENGINE_SLOTS]; // by slot: transfers on the multi handle
    unsigned active_count;
    uint32_t last_sequence;
} http_engine_t;

extern http_engine_t http_engine;

// engine.c
void http_transfer_set_state(http_transfer_t *t, http_state_t state);
// The result is complete but for status and error. text NULL takes libcurl's text for the code.
void http_transfer_complete(http_transfer_t *t, CURLcode code, const char *text);

// drive.c: between enter and leave the caller owns the multi handle.
void http_drive_enter(void);
void http_drive_leave(bool go_on); // go_on: requests are to make progress from here on
void http_drive_perform(void);
void http_drive_poll(int64_t timeout_ms);
bool http_drive_take_interrupt(void);
void http_drive_notify(void);
void http_drive_stop(void);
int64_t http_now_us(void);

// transfer.c: hops. Called by the owner of the multi handle.
CURLcode http_hop_start(http_transfer_t *t);
void http_hop_end(http_transfer_t *t, CURLcode result);
void http_hop_abandon(http_transfer_t *t);

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

#endif
