// SPDX-License-Identifier: MIT
// One hop of a request: its easy handle, libcurl's callbacks, and the end of the hop.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/engine/complete.h"
#include "http/engine/cookies.h"
#include "http/engine/digest.h"
#include "http/engine/errors.h"
#include "http/engine/event.h"
#include "http/engine/fields.h"
#include "http/engine/hop.h"
#include "http/engine/inflate.h"
#include "http/engine/mbedtls.h"
#include "http/engine/option.h"
#include "http/engine/proxy.h"
#include "http/engine/redirect.h"
#include "http/engine/resolve.h"
#include "http/engine/response.h"
#include "http/engine/reuse.h"
#include "http/engine/sink.h"
#include "http/engine/trace.h"
#include "http/engine/upload.h"

// The longest time for which a connection is reused. Without it a certificate that has lost its trust would still be
// used for hours.
#define CONNECTION_LIFETIME_S (600L)

// libcurl has a limit for connecting, 300 s unless another is set. This one is longer than the system's, and than that of
// any resolver.
#define CONNECT_TIMEOUT_S (65535)

// libcurl's read buffer for a body that may be large: such a body arrives up to a fifth sooner. For other bodies the
// buffer is a quarter of this.
#define DOWNLOAD_BUFFER (64 * 1024L)

#define USER_AGENT "User-Agent: " HTTP_ENGINE_USER_AGENT
#define CONTENT_LENGTH "Content-Length: 0"

// ------------------------------------------------------------------------------------------------
// Callbacks of libcurl. They use C memory only and must not call the multi handle

static size_t abort_hop(http_request_t *r, CURLcode code, const char *text) {
    r->abort_code = code;
    if (text != NULL) {
        r->abort_text = text;
    }
    return 0;
}

// The final header fields are there.
static HTTP_APART void announce_head(http_request_t *r) {
    if ((r->options.pull || r->options.head) && !r->has_head) {
        r->has_head = true;
        http_event_raise(r);
    }
}

// The body begins, or would begin. Afterwards the app may take the head.
static CURLcode begin(http_request_t *r) {
    if (r->has_begun || http_redirect_is_followed(r)) {
        return CURLE_OK;
    }
    r->has_begun = true;
    CURLcode code = r->options.compressed ? http_inflate_start(r) : CURLE_OK;
    if (code == CURLE_OK) {
        announce_head(r);
    }
    return code;
}

static size_t on_header(char *line, size_t size, size_t count, void *user) {
    http_request_t *r = ((http_slot_t *)user)->active;
    (void)size; // always 1
    CURLcode code = http_response_read_line(&r->response, line, count);
    if (code == CURLE_OK && r->jar != NULL) {
        code = http_cookies_read_line(r, line, count);
    }
    const char *text = r->response.why;
    if (code == CURLE_OK && (r->options.pull || r->options.head) && http_response_is_final(&r->response)) {
        code = begin(r);
        text = NULL;
    }
    if (code == CURLE_OK && r->options.digest && r->target.user != NULL && r->response.status == 401
        && r->response.complete && http_digest_is_wrong(r)) {
        text = "libcurl cannot answer this Digest challenge";
        code = CURLE_LOGIN_DENIED;
    }
    return code == CURLE_OK ? count : abort_hop(r, code, text);
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
    http_request_t *r = ((http_slot_t *)user)->active;
    (void)size; // always 1
    CURLcode code = begin(r);
    r->has_body = true;
    if (code == CURLE_OK) {
        code = r->inflate != NULL ? http_inflate_write(r, data, count) : http_sink_write(r, data, count);
    }
    if (code == CURLE_AGAIN) {
        return CURL_WRITEFUNC_PAUSE; // libcurl passes the same data again later
    }
    return code == CURLE_OK ? count : abort_hop(r, code, NULL);
}

// ------------------------------------------------------------------------------------------------
// Setting up

typedef struct {
    uint16_t option;
    uint16_t value;
} number_t;

static void set_numbers(http_request_t *r, const number_t *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        http_option_set_long(r, numbers[i].option, numbers[i].value);
    }
}

static void set_method(http_request_t *r, bool upload) {
    if (upload) {
        http_upload_set_options(r);
    }
    if (strcmp(r->method, "HEAD") == 0) {
        http_option_set_long(r, CURLOPT_NOBODY, 1);
    } else if (strcmp(r->method, upload ? "POST" : "GET") != 0) {
        // A POST without a body is sent as a GET with another method: CURLOPT_POST would read the standard input.
        http_option_set_pointer(r, CURLOPT_CUSTOMREQUEST, r->method);
    }
}

static struct curl_slist *prepend(struct curl_slist *node, const char *line, struct curl_slist *list) {
    node->data = (char *)line; // libcurl does not change it
    node->next = list;
    return node;
}

// The fields that change libcurl's default fields, in front of the app's. The first one here is the last in the list.
static struct curl_slist *header_list(http_request_t *r, bool upload) {
    struct curl_slist *list = r->fields;
    struct curl_slist *next = r->default_fields;
    bool has_agent = http_fields_have(list, "User-Agent");
    if (r->options.compressed && !http_fields_have(list, "Accept-Encoding")) {
        list = prepend(next++, "Accept-Encoding: gzip, deflate", list);
    }
    if (upload) {
        if (!http_fields_have(r->fields, "Expect")) {
            list = prepend(next++, "Expect:", list);
        }
        if (!http_fields_have(r->fields, "Content-Type")) {
            list = prepend(next++, r->content_type == NULL ? "Content-Type:" : r->content_type, list);
        }
    } else if (!r->options.omit_content_length) {
        // libcurl sends an entry unchanged, but compares each with several names: one entry for two fields is faster.
        return prepend(next, has_agent ? CONTENT_LENGTH : USER_AGENT "\r\n" CONTENT_LENGTH, list);
    }
    return has_agent ? list : prepend(next, USER_AGENT, list);
}

// From libcurl 8.12.0 on, the multi handle has a cache of TLS sessions, and new connections are resumed. Before, each handle
// has its own one: that is useless here, because each hop has its own handle. A cache that handles share would work, but
// without memory for the first of two sessions libcurl frees a name twice.
static void set_session_cache(http_request_t *r) {
    if (http_state.curl_version < 0x080c00) {
        http_option_set_long(r, CURLOPT_SSL_SESSIONID_CACHE, 0);
    }
}

// The environment may name the system's certificate store. The curl command and OpenSSL read the same variables.
static void set_store(http_request_t *r, const char *where, CURLoption option, CURLoption proxy_option) {
    if (where != NULL && where[0] != 0) {
        http_option_set_pointer(r, option, where);
        http_option_set_pointer(r, proxy_option, where);
    }
}

static void set_trust(http_request_t *r) {
    static const number_t numbers[] = {
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 }, // without TLS libcurl uses no other version
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_PROXY_SSL_VERIFYPEER, 1 },
        { CURLOPT_PROXY_SSL_VERIFYHOST, 2 },
        // If r->options.insecure, these four replace the four above.
        { CURLOPT_SSL_VERIFYPEER, 0 },
        { CURLOPT_SSL_VERIFYHOST, 0 },
        { CURLOPT_PROXY_SSL_VERIFYPEER, 0 },
        { CURLOPT_PROXY_SSL_VERIFYHOST, 0 },
    };
    set_numbers(r, numbers, r->options.insecure ? 11 : 7);
    set_session_cache(r);
    if (r->texts[HTTP_TEXT_CERT].data != NULL) {
        http_option_set_sticky(r, CURLOPT_SSLCERT_BLOB, &r->texts[HTTP_TEXT_CERT]);
        http_option_set_pointer(r, CURLOPT_SSLKEY_BLOB, &r->texts[HTTP_TEXT_KEY]);
    }
    // An encrypted key is not supported. Without this option OpenSSL would ask for its password on the terminal, and
    // libcurl before 8.13.0 would read a NULL pointer (curl#16806).
    http_option_set_pointer(r, CURLOPT_KEYPASSWD, "");
    #if HTTP_ENGINE_MBEDTLS
    if (!r->options.insecure) {
        http_mbedtls_set_options(r);
    }
    #endif
    if (r->texts[HTTP_TEXT_CACERT].data != NULL) {
        // A blob replaces only CAINFO. An https proxy is verified with the same certificates.
        http_option_set_pointer(r, CURLOPT_CAINFO_BLOB, &r->texts[HTTP_TEXT_CACERT]);
        http_option_set_pointer(r, CURLOPT_CAPATH, NULL);
        if (r->has_proxy) { // libcurl copies the blob
            http_option_set_pointer(r, CURLOPT_PROXY_CAINFO_BLOB, &r->texts[HTTP_TEXT_CACERT]);
            http_option_set_pointer(r, CURLOPT_PROXY_CAPATH, NULL);
        }
        return;
    }
    set_store(r, getenv("SSL_CERT_FILE"), CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO);
    set_store(r, getenv("SSL_CERT_DIR"), CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH);
}

static void set_credentials(http_request_t *r) {
    if (r->target.user != NULL || r->target.password != NULL) {
        http_option_set_sticky(r, CURLOPT_USERNAME, r->target.user == NULL ? "" : r->target.user);
        http_option_set_sticky(r, CURLOPT_PASSWORD, r->target.password == NULL ? "" : r->target.password);
        http_option_set_long(r, CURLOPT_HTTPAUTH, r->options.digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC);
    }
    if (r->jar != NULL) {
        http_cookies_set_options(r);
    }
}

// Options that are the same for all requests. A reused handle has them already.
static void set_constants(http_request_t *r) {
    static const number_t numbers[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_QUICK_EXIT, 1 }, // a resolver that hangs must not block the end of a request
        { CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFETIME_S },
        { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        { CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S },
    };
    // What libcurl passes to the callbacks.
    static const uint16_t users[] = {
        CURLOPT_PRIVATE, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_RESOLVER_START_DATA, CURLOPT_PREREQDATA,
    };
    set_numbers(r, numbers, 5);
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        http_option_set_pointer(r, users[i], r->slot);
    }
    http_option_set_pointer(r, CURLOPT_ERRORBUFFER, r->slot->error_buffer);
    http_option_set_pointer(r, CURLOPT_HEADERFUNCTION, (void *)on_header);
    http_option_set_pointer(r, CURLOPT_WRITEFUNCTION, (void *)on_body);
    http_option_set_pointer(r, CURLOPT_PROTOCOLS_STR, "http,https");
    http_option_set_pointer(r, CURLOPT_NOPROXY, "*"); // libcurl must not search the environment for proxies
    http_resolve_set_options(r);
    http_reuse_set_options(r);
    http_trace_handle(r);
}

// The options that only some requests need. The setters of option.h mark the handle, so there is no second list.
static void set_extras(http_request_t *r, bool fresh, bool upload) {
    // A body that is fed cannot be sent again when a used connection turns out to be dead.
    if (fresh || r->options.fed || r->proxy_fields != NULL) {
        http_option_set_long(r, CURLOPT_FRESH_CONNECT, 1);
    }
    if (r->has_proxy) {
        http_proxy_set_options(r);
    }
    set_credentials(r);
    if (r->file.open || r->options.pull || r->options.max_size == 0) {
        http_option_set_long(r, CURLOPT_BUFFERSIZE, DOWNLOAD_BUFFER);
    }
    set_method(r, upload);
    if (r->target.is_https || r->has_proxy) {
        http_option_set_pointer(r, CURLOPT_USERAGENT, HTTP_ENGINE_USER_AGENT); // for CONNECT, which has no r->fields
        set_trust(r);
    }
}

static void set_up(http_request_t *r, bool fresh) {
    bool upload = http_upload_any(r);
    long left_ms = 0; // no limit
    if (r->deadline_us != 0) {
        left_ms = (r->deadline_us - r->hop_start_us) / 1000;
        left_ms = left_ms < 1 ? 1 : left_ms;
    }
    r->response.body_held_back = upload && r->options.digest && r->target.user != NULL;
    http_option_set_pointer(r, CURLOPT_CURLU, r->target.url->handle);
    http_option_set_pointer(r, CURLOPT_HTTPHEADER, header_list(r, upload));
    http_option_set_long(r, CURLOPT_TIMEOUT_MS, left_ms);
    r->has_proxy = http_proxy_any(r);
    r->has_defaults_only = true;
    set_extras(r, fresh, upload);
}

// True if the next request in the slot may use this handle: the hop had no error. Before libcurl 8.1.0 a server can
// cause a use after free in a reused handle (curl#11101).
static bool is_reusable(const http_request_t *r) {
    return http_state.curl_version >= 0x080100 && !r->has_sticky_options;
}

static void take_handle(http_request_t *r) {
    r->easy = r->slot->spare;
    r->slot->spare = NULL;
    if (r->easy == NULL) {
        r->easy = curl_easy_init();
        r->setup_code = r->easy == NULL ? CURLE_OUT_OF_MEMORY : r->setup_code;
        set_constants(r);
    }
}

static void give_handle(http_request_t *r, bool reusable) {
    if (reusable && !r->has_defaults_only) {
        curl_easy_reset(r->easy);
        set_constants(r);
        reusable = r->setup_code == CURLE_OK;
    }
    if (reusable) {
        r->slot->spare = r->easy;
    } else {
        curl_easy_cleanup(r->easy);
    }
    r->easy = NULL;
}

void http_hop_deinit(void) {
    for (int slot = 0; slot < HTTP_ENGINE_SLOTS; slot++) {
        curl_easy_cleanup(http_state.slots[slot].spare);
        http_state.slots[slot].spare = NULL;
    }
}

// fresh: open a new connection, do not reuse one.
static CURLcode start(http_request_t *r, bool fresh) {
    http_response_clear(&r->response);
    http_inflate_free(r);
    memset(&r->abort_text, 0, offsetof(http_request_t, target) - offsetof(http_request_t, abort_text));
    r->slot->error_buffer[0] = 0;
    r->hop_start_us = http_event_now_us();
    r->moved_us = r->hop_start_us;
    free(r->result.url);
    r->result.url = strdup(r->target.url->text);
    r->setup_code = r->result.url == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
    http_trace_hop(r);
    take_handle(r);
    set_up(r, fresh);
    CURLcode code = r->setup_code;
    if (code == CURLE_OK) {
        CURLMcode mcode = curl_multi_add_handle(http_state.multi, r->easy);
        if (mcode == CURLM_OK) {
            r->slot->active = r;
            http_state.active_count++;
            http_state_set(r, HTTP_STATE_ACTIVE);
            return CURLE_OK;
        }
        code = mcode == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT;
    }
    give_handle(r, false);
    return code;
}

CURLcode http_hop_start(http_request_t *r) {
    r->sent_again = false;
    return start(r, false);
}

// ------------------------------------------------------------------------------------------------
// The end of a hop

// The order matters: libcurl reads the field list and the body until the handle is removed.
static void take_off(http_request_t *r, bool reusable) {
    curl_multi_remove_handle(http_state.multi, r->easy);
    give_handle(r, reusable);
    r->slot->active = NULL;
    http_state.active_count--;
    http_state_set(r, HTTP_STATE_NEW);
}

void http_hop_abandon(http_request_t *r) {
    http_resolve_abandon(r);
    take_off(r, false);
}

// libcurl's times start with the hop. A phase that did not happen is 0.
static void collect_times(http_request_t *r) {
    static const CURLINFO infos[] = {
        [HTTP_TIME_DNS] = CURLINFO_NAMELOOKUP_TIME_T,
        [HTTP_TIME_CONNECT] = CURLINFO_CONNECT_TIME_T,
        [HTTP_TIME_TLS] = CURLINFO_APPCONNECT_TIME_T,
        [HTTP_TIME_FIRST_BYTE] = CURLINFO_STARTTRANSFER_TIME_T,
    };
    for (http_time_t time = HTTP_TIME_DNS; time <= HTTP_TIME_FIRST_BYTE; time++) {
        curl_off_t us = 0;
        curl_easy_getinfo(r->easy, infos[time], &us);
        r->result.time_us[time] = us == 0 ? 0 : us + (r->hop_start_us - r->start_us);
    }
}

// The body of a redirect is not used, so it need not be complete.
static bool is_about_body(CURLcode result) {
    return result == CURLE_PARTIAL_FILE || result == CURLE_RECV_ERROR;
}

// The result of the hop. CURLE_OK: there is a final response, or a redirect to follow.
static CURLcode judge(http_request_t *r, CURLcode result, const char **text) {
    *text = r->abort_text;
    if (r->abort_code != CURLE_OK) {
        return r->abort_code;
    } else if (result != CURLE_OK && !(http_redirect_is_followed(r) && r->response.complete && is_about_body(result))) {
        return http_errors_translate(r, result, text);
    } else if (r->response.status < 200) {
        *text = HTTP_NO_STATUS; // there was none, or an interim response only
        return CURLE_WEIRD_SERVER_REPLY;
    } else if (!r->response.complete) {
        // libcurl accepts a connection that ends between two fields. RFC 9112 8 does not.
        *text = "the connection ended within the response headers";
        return CURLE_PARTIAL_FILE;
    } else if (r->has_body && !http_inflate_is_whole(r)) {
        *text = "the compressed body is too short";
        return CURLE_BAD_CONTENT_ENCODING;
    }
    return CURLE_OK;
}

// Read what libcurl knows of the hop, and remove its handle from the multi handle.
static void close_hop(http_request_t *r, CURLcode result) {
    if (result != CURLE_OK) {
        curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &r->system_error);
        curl_easy_getinfo(r->easy, CURLINFO_SSL_VERIFYRESULT, &r->verify_result);
    }
    collect_times(r);
    http_sink_count(r, false);
    if (r->options.upload_progress) {
        http_upload_sent(r, false);
    }
    http_trace_hop_end(r, result);
    if (result == CURLE_OPERATION_TIMEDOUT) {
        http_resolve_abandon(r);
    }
    take_off(r, result == CURLE_OK && is_reusable(r));
}

// The redirect is followed: keep what history() shows.
static CURLcode keep_hop(http_request_t *r) {
    http_result_t *hop = malloc(sizeof(*hop));
    http_result_t **end = &r->result.history;
    if (hop == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    *hop = r->result;
    hop->history = NULL;
    hop->is_stream = false;
    hop->fd = 0; // the final result has it
    hop->status = r->response.status;
    http_response_move(&r->response, hop);
    r->result.url = NULL;
    while (*end != NULL) {
        end = &(*end)->history;
    }
    *end = hop;
    return CURLE_OK;
}

// Follow the redirect, or store what was received.
static CURLcode go_on(http_request_t *r, const char **text) {
    CURLcode code;
    if (http_redirect_is_followed(r)) {
        code = http_redirect_prepare(r, r->response.data + r->response.location, text);
        code = code == CURLE_OK ? keep_hop(r) : code;
        return code == CURLE_OK ? http_hop_start(r) : code;
    }
    r->result.status = r->response.status;
    announce_head(r);
    code = http_sink_finish(r);
    *text = r->abort_text;
    return code;
}

// Close the hop. Then send it again, or judge it and start the next hop or complete the request.
void http_hop_end(http_request_t *r, CURLcode result) {
    const char *text = NULL;
    CURLcode code;
    close_hop(r, result);
    if (r->is_stale) {
        code = start(r, true);
    } else {
        code = judge(r, result, &text);
        code = code == CURLE_OK ? go_on(r, &text) : code;
    }
    if (r->state == HTTP_STATE_NEW) {
        http_complete(r, code, text);
    }
}
