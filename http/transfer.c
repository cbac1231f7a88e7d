// SPDX-License-Identifier: MIT
// One hop of a request: the easy handle, what libcurl calls back, and what follows from its end.

#include <stdlib.h>
#include <string.h>

#include "http/engine_private.h"

// A connection is not reused for longer than this, so that a certificate that is no longer
// trusted is not trusted for hours.
#define CONNECTION_LIFETIME_S (600L)

// libcurl's own limit for connecting, if it is given no other.
#define CONNECT_TIMEOUT_MS (300 * 1000)

// ------------------------------------------------------------------------------------------------
// Called by libcurl, in the middle of its own work: plain C memory, no call into the multi handle

static size_t abort_hop(http_transfer_t *t, CURLcode code, const char *text) {
    t->abort_code = code;
    if (text != NULL) {
        t->abort_text = text;
    }
    return 0;
}

static const char *why_not(CURLcode code) {
    switch (code) {
        case CURLE_RECV_ERROR:
            return "response headers too large";
        case CURLE_LOGIN_DENIED:
            return "the server asks for authentication again and again";
        case CURLE_WEIRD_SERVER_REPLY:
            return "a response that can be read in two ways";
        default:
            return NULL;
    }
}

static size_t on_header(char *line, size_t size, size_t count, void *user) {
    http_transfer_t *t = user;
    (void)size; // always 1
    CURLcode code = http_collect_line(&t->collector, line, count);
    return code == CURLE_OK ? count : abort_hop(t, code, why_not(code));
}

static bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_followed(const http_transfer_t *t) {
    return t->redirects_left >= 0 && is_redirect(t->collector.status) && t->collector.has_location;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
    http_transfer_t *t = user;
    (void)size; // always 1
    size_t len = count;
    bool too_large = t->max_size != 0 && len > t->max_size - t->hop_received;
    if (too_large) {
        len = t->max_size - t->hop_received;
    }
    // Nobody will see the body of a redirect; it is read so that the connection can be reused.
    if (is_followed(t)) {
        t->hop_received += len;
    } else {
        CURLcode code = http_sink_write(t, data, len);
        if (code == CURLE_AGAIN) {
            return CURL_WRITEFUNC_PAUSE; // and the same data comes again
        } else if (code != CURLE_OK) {
            return abort_hop(t, code, NULL);
        }
    }
    t->result.received += len;
    return too_large ? abort_hop(t, CURLE_FILESIZE_EXCEEDED, "body larger than max_size") : count;
}

// ------------------------------------------------------------------------------------------------
// Setting up

// The first option that fails decides; the rest is not set.
typedef struct {
    CURL *easy;
    CURLcode code;
} setup_t;

static void set_long(setup_t *s, CURLoption option, long value) {
    if (s->code == CURLE_OK) {
        s->code = curl_easy_setopt(s->easy, option, value);
    }
}

static void set_pointer(setup_t *s, CURLoption option, const void *value) {
    if (s->code == CURLE_OK) {
        s->code = curl_easy_setopt(s->easy, option, value);
    }
}

static void set_callback(setup_t *s, CURLoption option, size_t (*function)(char *, size_t, size_t, void *)) {
    if (s->code == CURLE_OK) {
        s->code = curl_easy_setopt(s->easy, option, function);
    }
}

static void set_method(setup_t *s, http_transfer_t *t) {
    bool upload = http_upload_any(t);
    if (upload && s->code == CURLE_OK) {
        s->code = http_upload_set(t);
    }
    if (strcmp(t->method, "HEAD") == 0) {
        set_long(s, CURLOPT_NOBODY, 1);
    } else if (strcmp(t->method, upload ? "POST" : "GET") != 0) {
        // A POST without data is a GET by another name: CURLOPT_POST would read the standard input.
        set_pointer(s, CURLOPT_CUSTOMREQUEST, t->method);
    }
}

// libcurl's own fields that must not, or must, be sent, in front of the app's.
static struct curl_slist *header_list(http_transfer_t *t) {
    bool upload = http_upload_any(t);
    const char *lines[4];
    size_t n = 0;
    if (!http_fields_have(t->fields, "User-Agent")) {
        lines[n++] = "User-Agent: " HTTP_ENGINE_USER_AGENT;
    }
    if (!upload && !t->omit_content_length) {
        lines[n++] = "Content-Length: 0";
    }
    if (upload && t->part_count == 0 && !http_fields_have(t->fields, "Content-Type")) {
        lines[n++] = t->content_type == NULL ? "Content-Type:" : t->content_type;
    }
    if (upload && !http_fields_have(t->fields, "Expect")) {
        lines[n++] = "Expect:";
    }
    struct curl_slist *list = t->fields;
    while (n > 0) {
        n--;
        t->automatic[n].data = (char *)lines[n];
        t->automatic[n].next = list;
        list = &t->automatic[n];
    }
    return list;
}

static void set_blob(setup_t *s, CURLoption option, char *data, size_t len) {
    if (data != NULL) {
        struct curl_blob blob = {
            .data = data,
            .len = len,
            .flags = CURL_BLOB_NOCOPY, // t outlives the hop
        };
        set_pointer(s, option, &blob);
    }
}

// Before libcurl 8.12.0 a handle keeps TLS sessions for itself alone, and each hop has its own handle: of
// no use, and freed twice when there is no memory for the first of two.
static void set_session_cache(setup_t *s) {
    if (http_engine.curl_version < 0x080c00) {
        set_long(s, CURLOPT_SSL_SESSIONID_CACHE, 0);
    }
}

static void set_trust(setup_t *s, http_transfer_t *t) {
    set_session_cache(s);
    set_long(s, CURLOPT_SSL_VERIFYPEER, !t->insecure);
    set_long(s, CURLOPT_SSL_VERIFYHOST, t->insecure ? 0 : 2);
    set_long(s, CURLOPT_PROXY_SSL_VERIFYPEER, !t->insecure);
    set_long(s, CURLOPT_PROXY_SSL_VERIFYHOST, t->insecure ? 0 : 2);
    set_long(s, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set_long(s, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set_blob(s, CURLOPT_SSLCERT_BLOB, t->cert, t->cert_len);
    // mbedTLS wants the NUL behind the key too.
    set_blob(s, CURLOPT_SSLKEY_BLOB, t->key, t->key_len + HTTP_ENGINE_MBEDTLS);
    if (t->key != NULL) {
        // An encrypted key is no use. Without this OpenSSL would ask for its password on the terminal, or
        // libcurl before 8.13.0 read one from NULL (curl#16806).
        set_pointer(s, CURLOPT_KEYPASSWD, "");
    }
    #if HTTP_ENGINE_MBEDTLS
    if (s->code == CURLE_OK && !t->insecure) {
        s->code = http_mbedtls_set_up(t);
    }
    #endif
    if (t->cacert != NULL) {
        // A blob replaces CAINFO only. An https proxy is trusted by the same certificates.
        set_blob(s, CURLOPT_CAINFO_BLOB, t->cacert, t->cacert_len);
        set_pointer(s, CURLOPT_CAPATH, NULL);
        set_blob(s, CURLOPT_PROXY_CAINFO_BLOB, t->cacert, t->cacert_len);
        set_pointer(s, CURLOPT_PROXY_CAPATH, NULL);
        return;
    }
    if (t->ca_file != NULL) {
        set_pointer(s, CURLOPT_CAINFO, t->ca_file);
        set_pointer(s, CURLOPT_PROXY_CAINFO, t->ca_file);
    }
    if (t->ca_path != NULL) {
        set_pointer(s, CURLOPT_CAPATH, t->ca_path);
        set_pointer(s, CURLOPT_PROXY_CAPATH, t->ca_path);
    }
}

static void set_connection(setup_t *s, http_transfer_t *t, bool fresh) {
    set_long(s, CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFETIME_S);
    if (fresh) {
        set_long(s, CURLOPT_FRESH_CONNECT, 1);
    } else if (s->code == CURLE_OK) {
        s->code = http_kept_check(t);
    }
}

static void set_account(setup_t *s, http_transfer_t *t) {
    if (t->target.user != NULL || t->target.password != NULL) {
        set_pointer(s, CURLOPT_USERNAME, t->target.user == NULL ? "" : t->target.user);
        set_pointer(s, CURLOPT_PASSWORD, t->target.password == NULL ? "" : t->target.password);
        set_long(s, CURLOPT_HTTPAUTH, t->auth == HTTP_AUTH_DIGEST ? CURLAUTH_DIGEST : CURLAUTH_BASIC);
    }
    if (t->jar != NULL) {
        set_pointer(s, CURLOPT_SHARE, http_jar_share(t->jar));
        set_pointer(s, CURLOPT_COOKIEFILE, ""); // no file: it switches the cookie engine on
        if (s->code == CURLE_OK) {
            s->code = http_jar_limit(t->easy);
        }
    }
}

static void set_deadline(setup_t *s, http_transfer_t *t) {
    int64_t left_ms = INT32_MAX;
    if (t->deadline_us != 0) {
        left_ms = (t->deadline_us - t->hop_start_us) / 1000;
        left_ms = left_ms < 1 ? 1 : left_ms;
        set_long(s, CURLOPT_TIMEOUT_MS, left_ms);
    }
    if (left_ms > CONNECT_TIMEOUT_MS) {
        set_long(s, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    }
}

static CURLcode set_up(http_transfer_t *t, bool fresh) {
    setup_t s = { .easy = t->easy, .code = CURLE_OK };
    set_pointer(&s, CURLOPT_PRIVATE, t);
    set_pointer(&s, CURLOPT_ERRORBUFFER, t->error_buffer);
    set_long(&s, CURLOPT_NOSIGNAL, 1);
    set_long(&s, CURLOPT_QUICK_EXIT, 1); // a hung resolver must not block the end of a request
    set_pointer(&s, CURLOPT_PROTOCOLS_STR, "http,https");
    set_long(&s, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set_long(&s, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    set_connection(&s, t, fresh);
    if (s.code == CURLE_OK) {
        s.code = http_proxy_set(t);
    }
    set_pointer(&s, CURLOPT_CURLU, t->target.url);
    set_account(&s, t);
    if (t->compressed) {
        set_pointer(&s, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    }
    if (t->target.is_https) {
        set_pointer(&s, CURLOPT_USERAGENT, HTTP_ENGINE_USER_AGENT); // for a proxy's CONNECT, which gets no fields
    }
    set_method(&s, t);
    set_pointer(&s, CURLOPT_HTTPHEADER, header_list(t));
    if (t->target.is_https || t->has_proxy) {
        set_trust(&s, t);
    }
    set_deadline(&s, t);
    if (s.code == CURLE_OK) {
        s.code = http_resolve_set_up(t);
    }
    set_callback(&s, CURLOPT_HEADERFUNCTION, on_header);
    set_pointer(&s, CURLOPT_HEADERDATA, t);
    set_callback(&s, CURLOPT_WRITEFUNCTION, on_body);
    set_pointer(&s, CURLOPT_WRITEDATA, t);
    return s.code;
}

// A handle that has completed a transfer is used again, by the next one in its slot; but not before libcurl
// 8.1.0, where a server can make that a use after free (curl#11101), and never what libcurl keeps for longer than
// curl_easy_reset() says, or might: an account, a certificate, shared cookies.
static bool is_reusable(const http_transfer_t *t) {
    return http_engine.curl_version >= 0x080100 && t->jar == NULL && t->cert == NULL && t->target.user == NULL
           && t->target.password == NULL;
}

static CURL *take_handle(http_transfer_t *t) {
    CURL *easy = http_engine.handles[t->slot];
    http_engine.handles[t->slot] = NULL;
    return easy == NULL ? curl_easy_init() : easy;
}

static void give_handle(http_transfer_t *t, bool reusable) {
    if (reusable) {
        curl_easy_reset(t->easy);
        http_engine.handles[t->slot] = t->easy;
    } else {
        curl_easy_cleanup(t->easy);
    }
    t->easy = NULL;
    curl_mime_free(t->mime); // after the handle that uses it
    t->mime = NULL;
}

void http_hop_forget_handles(void) {
    for (int slot = 0; slot < HTTP_ENGINE_SLOTS; slot++) {
        curl_easy_cleanup(http_engine.handles[slot]);
        http_engine.handles[slot] = NULL;
    }
}

// fresh: not over a connection that was kept.
static CURLcode start(http_transfer_t *t, bool fresh) {
    http_collector_clear(&t->collector);
    t->collector.body_held_back = t->auth == HTTP_AUTH_DIGEST && t->target.user != NULL && http_upload_any(t);
    t->connects = 0;
    t->is_stale = false;
    t->abort_code = CURLE_OK;
    t->abort_text = NULL;
    t->hop_received = 0;
    t->error_buffer[0] = 0;
    t->hop_start_us = http_now_us();
    t->easy = take_handle(t);
    if (t->easy == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    CURLcode code = set_up(t, fresh);
    if (code == CURLE_OK) {
        CURLMcode mcode = curl_multi_add_handle(http_engine.multi, t->easy);
        if (mcode == CURLM_OK) {
            http_engine.active[t->slot] = t;
            http_engine.active_count++;
            http_transfer_set_state(t, HTTP_STATE_ACTIVE);
            return CURLE_OK;
        }
        code = mcode == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT;
    }
    give_handle(t, false);
    return code;
}

CURLcode http_hop_start(http_transfer_t *t) {
    return start(t, false);
}

// ------------------------------------------------------------------------------------------------
// The end of a hop

// In this order: libcurl still reads the field list and the body until the handle is removed.
static void take_off(http_transfer_t *t, bool reusable) {
    curl_multi_remove_handle(http_engine.multi, t->easy);
    give_handle(t, reusable);
    http_engine.active[t->slot] = NULL;
    http_engine.active_count--;
    http_transfer_set_state(t, HTTP_STATE_NEW);
}

void http_hop_abandon(http_transfer_t *t) {
    http_resolve_abandon(t);
    take_off(t, false);
}

// libcurl counts from the start of the hop and leaves 0 what did not happen.
static void collect_times(http_transfer_t *t) {
    static const struct {
        http_time_t time;
        CURLINFO info;
    } map[] = {
        { HTTP_TIME_DNS, CURLINFO_NAMELOOKUP_TIME_T },
        { HTTP_TIME_CONNECT, CURLINFO_CONNECT_TIME_T },
        { HTTP_TIME_TLS, CURLINFO_APPCONNECT_TIME_T },
        { HTTP_TIME_FIRST_BYTE, CURLINFO_STARTTRANSFER_TIME_T },
    };
    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
        curl_off_t us = 0;
        curl_easy_getinfo(t->easy, map[i].info, &us);
        t->result.time_us[map[i].time] = us == 0 ? 0 : us + (t->hop_start_us - t->start_us);
    }
}

// libcurl has it as text already.
static void collect_url(http_transfer_t *t) {
    char *url = NULL;
    curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
    t->result.url = url == NULL || url[0] == 0 ? NULL : strdup(url);
}

static void forget_url(http_transfer_t *t) {
    free(t->result.url);
    t->result.url = NULL;
}

static void start_again(http_transfer_t *t) {
    forget_url(t);
    CURLcode code = start(t, true);
    if (code != CURLE_OK) {
        http_transfer_complete(t, code, NULL);
    }
}

static void follow(http_transfer_t *t, const char *location) {
    const char *text = NULL;
    CURLcode code = http_redirect_prepare(t, location, &text);
    if (code == CURLE_OK) {
        forget_url(t);
        code = http_hop_start(t);
    }
    if (code != CURLE_OK) {
        http_transfer_complete(t, code, text);
    }
}

// How a hop ended that libcurl says `result` of; OK is an answer, or a redirect to location that is followed.
static CURLcode judge(const http_transfer_t *t, CURLcode result, long status, const char *location, const char **text) {
    *text = t->abort_text;
    if (t->abort_code != CURLE_OK) {
        return t->abort_code;
    } else if (result != CURLE_OK) {
        return result;
    } else if (status < 200 || status > 999 || (is_followed(t) && status != t->collector.status)) {
        // Below 100 it would read as one of libcurl's codes, 1xx is not the answer yet, and from a status line that
        // it does not understand libcurl reads a 200.
        *text = "no valid HTTP status";
        return CURLE_WEIRD_SERVER_REPLY;
    } else if (!t->collector.complete) {
        // libcurl is content with a connection that ends between two fields: RFC 9112 8 is not.
        *text = "the connection ended within the response headers";
        return CURLE_PARTIAL_FILE;
    } else if (t->result.url == NULL || (is_followed(t) && location == NULL)) {
        return CURLE_OUT_OF_MEMORY; // libcurl knows both
    }
    return CURLE_OK;
}

void http_hop_end(http_transfer_t *t, CURLcode result) {
    long status = 0;
    char *redirect = NULL; // libcurl's memory, gone with the handle
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &redirect);
    collect_times(t);
    collect_url(t);
    http_kept_note(t);
    http_sink_count(t);
    char *location = redirect == NULL ? NULL : strdup(redirect);
    if (result == CURLE_ABORTED_BY_CALLBACK) {
        result = CURLE_OUT_OF_MEMORY; // a callback that aborts sets abort_code: libcurl could not go on
    } else if (result == CURLE_URL_MALFORMAT && strcmp(t->error_buffer, "No URL set") == 0) {
        result = CURLE_OUT_OF_MEMORY; // it was set, and libcurl could not make text of it
    } else if (result == CURLE_OPERATION_TIMEDOUT) {
        http_resolve_abandon(t);
    }
    take_off(t, result == CURLE_OK && is_reusable(t));
    #if HTTP_ENGINE_MBEDTLS
    result = http_mbedtls_code(t, result);
    #endif

    const char *text;
    CURLcode code = judge(t, result, status, location, &text);
    if (t->is_stale) {
        start_again(t);
    } else if (code == CURLE_OK && is_followed(t)) {
        follow(t, location);
    } else {
        if (code == CURLE_OK) {
            t->result.status = (int)status;
            code = http_sink_finish(t);
            text = t->abort_text;
        }
        http_transfer_complete(t, code, text);
    }
    free(location);
}
