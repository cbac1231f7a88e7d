// SPDX-License-Identifier: MIT
// One hop of a request: the easy handle, what libcurl calls back, and what follows from its end.

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
#include "http/engine/upload.h"
#include "http/engine/url.h"

// A connection is not reused for longer than this, so that a certificate that is no longer
// trusted is not trusted for hours.
#define CONNECTION_LIFETIME_S (600L)

// libcurl's own limit for connecting, if it is given no other.
#define CONNECT_TIMEOUT_MS (300 * 1000)

// How much libcurl reads at a time of a body that may be large, which so arrives up to a fifth sooner. Of others it is
// a quarter.
#define DOWNLOAD_BUFFER (64 * 1024L)

#define USER_AGENT "User-Agent: " HTTP_ENGINE_USER_AGENT
#define CONTENT_LENGTH "Content-Length: 0"

// ------------------------------------------------------------------------------------------------
// Called by libcurl, in the middle of its own work: plain C memory, no call into the multi handle

static size_t abort_hop(http_transfer_t *t, CURLcode code, const char *text) {
    t->abort_code = code;
    if (text != NULL) {
        t->abort_text = text;
    }
    return 0;
}

static size_t on_header(char *line, size_t size, size_t count, void *user) {
    http_transfer_t *t = ((http_slot_t *)user)->active;
    (void)size; // always 1
    CURLcode code = http_collect_line(&t->collector, line, count);
    if (code == CURLE_OK && t->jar != NULL) {
        code = http_jar_look(t, line, count);
    }
    const char *text = t->collector.why;
    if (code == CURLE_OK && t->auth == HTTP_AUTH_DIGEST && t->collector.status == 401 && t->collector.complete) {
        text = http_digest_refusal(t);
        code = text == NULL ? CURLE_OK : CURLE_LOGIN_DENIED;
    }
    return code == CURLE_OK ? count : abort_hop(t, code, text);
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
    http_transfer_t *t = ((http_slot_t *)user)->active;
    (void)size; // always 1
    CURLcode code = CURLE_OK;
    if (t->compressed && !t->has_coding && !http_redirect_is_followed(t)) {
        t->has_coding = true;
        code = http_inflate_start(t);
    }
    if (code == CURLE_OK) {
        code = t->inflate != NULL ? http_inflate_write(t, data, count) : http_hop_take(t, data, count);
    }
    if (code == CURLE_AGAIN) {
        return CURL_WRITEFUNC_PAUSE; // and the same data comes again
    }
    return code == CURLE_OK ? count : abort_hop(t, code, NULL);
}

// ------------------------------------------------------------------------------------------------
// Setting up

typedef struct {
    uint16_t option;
    uint16_t value;
} number_t;

static void set_numbers(http_transfer_t *t, const number_t *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        http_set_long(t, numbers[i].option, numbers[i].value);
    }
}

static void set_method(http_transfer_t *t, bool upload) {
    if (upload) {
        http_upload_set(t);
    }
    if (strcmp(t->method, "HEAD") == 0) {
        http_set_long(t, CURLOPT_NOBODY, 1);
    } else if (strcmp(t->method, upload ? "POST" : "GET") != 0) {
        // A POST without data is a GET by another name: CURLOPT_POST would read the standard input.
        http_set_pointer(t, CURLOPT_CUSTOMREQUEST, t->method);
    }
}

static struct curl_slist *prepend(struct curl_slist *node, const char *line, struct curl_slist *list) {
    node->data = (char *)line; // libcurl reads it only
    node->next = list;
    return node;
}

// libcurl's own fields that must not, or must, be sent, in front of the app's; the first one comes last.
static struct curl_slist *header_list(http_transfer_t *t, bool upload) {
    struct curl_slist *list = t->fields;
    struct curl_slist *next = t->automatic;
    bool has_agent = http_fields_have(list, "User-Agent");
    if (t->compressed && !http_fields_have(list, "Accept-Encoding")) {
        list = prepend(next++, "Accept-Encoding: gzip, deflate", list);
    }
    if (upload) {
        if (!http_fields_have(t->fields, "Expect")) {
            list = prepend(next++, "Expect:", list);
        }
        if (t->part_count == 0 && !http_fields_have(t->fields, "Content-Type")) {
            list = prepend(next++, t->content_type == NULL ? "Content-Type:" : t->content_type, list);
        }
    } else if (!t->omit_content_length) {
        // libcurl sends an entry as it is, and looks for this and that in each: one for two costs less.
        return prepend(next, has_agent ? CONTENT_LENGTH : USER_AGENT "\r\n" CONTENT_LENGTH, list);
    }
    return has_agent ? list : prepend(next, USER_AGENT, list);
}

static void set_blob(http_transfer_t *t, CURLoption option, char *data, size_t len) {
    if (data != NULL) {
        struct curl_blob blob = {
            .data = data,
            .len = len,
            .flags = CURL_BLOB_NOCOPY, // t outlives the hop
        };
        http_set_pointer(t, option, &blob);
    }
}

// Before libcurl 8.12.0 a handle keeps TLS sessions for itself alone, and each hop has its own handle: of
// no use, and freed twice when there is no memory for the first of two.
static void set_session_cache(http_transfer_t *t) {
    if (http_engine.curl_version < 0x080c00) {
        http_set_long(t, CURLOPT_SSL_SESSIONID_CACHE, 0);
    }
}

// Where the system store is, the environment may say, as it does to the curl command and to OpenSSL.
static void set_store(http_transfer_t *t, const char *where, CURLoption option, CURLoption proxy_option) {
    if (where != NULL && where[0] != 0) {
        http_set_pointer(t, option, where);
        http_set_pointer(t, proxy_option, where);
    }
}

static void set_trust(http_transfer_t *t) {
    static const number_t numbers[] = {
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 }, // without TLS libcurl speaks no other by itself
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_PROXY_SSL_VERIFYPEER, 1 },
        { CURLOPT_PROXY_SSL_VERIFYHOST, 2 },
        // The last ones, instead of those four.
        { CURLOPT_SSL_VERIFYPEER, 0 },
        { CURLOPT_SSL_VERIFYHOST, 0 },
        { CURLOPT_PROXY_SSL_VERIFYPEER, 0 },
        { CURLOPT_PROXY_SSL_VERIFYHOST, 0 },
    };
    set_numbers(t, numbers, t->insecure ? 11 : 7);
    set_session_cache(t);
    set_blob(t, CURLOPT_SSLCERT_BLOB, t->cert, t->cert_len);
    // mbedTLS wants the NUL behind the key too.
    set_blob(t, CURLOPT_SSLKEY_BLOB, t->key, t->key_len + HTTP_ENGINE_MBEDTLS);
    // An encrypted key is no use. Without this OpenSSL would ask for its password on the terminal, or
    // libcurl before 8.13.0 read one from NULL (curl#16806).
    http_set_pointer(t, CURLOPT_KEYPASSWD, "");
    #if HTTP_ENGINE_MBEDTLS
    if (!t->insecure) {
        http_mbedtls_set_up(t);
    }
    #endif
    if (t->cacert != NULL) {
        // A blob replaces CAINFO only. An https proxy is trusted by the same certificates.
        set_blob(t, CURLOPT_CAINFO_BLOB, t->cacert, t->cacert_len);
        http_set_pointer(t, CURLOPT_CAPATH, NULL);
        set_blob(t, CURLOPT_PROXY_CAINFO_BLOB, t->cacert, t->cacert_len);
        http_set_pointer(t, CURLOPT_PROXY_CAPATH, NULL);
        return;
    }
    set_store(t, getenv("SSL_CERT_FILE"), CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO);
    set_store(t, getenv("SSL_CERT_DIR"), CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH);
}

static void set_account(http_transfer_t *t) {
    if (t->target.user != NULL || t->target.password != NULL) {
        http_set_pointer(t, CURLOPT_USERNAME, t->target.user == NULL ? "" : t->target.user);
        http_set_pointer(t, CURLOPT_PASSWORD, t->target.password == NULL ? "" : t->target.password);
        http_set_long(t, CURLOPT_HTTPAUTH, t->auth == HTTP_AUTH_DIGEST ? CURLAUTH_DIGEST : CURLAUTH_BASIC);
    }
    if (t->jar != NULL) {
        http_jar_set(t);
    }
}

// What is the same for all requests: a handle that is used again has it already.
static void set_constants(http_transfer_t *t) {
    static const number_t numbers[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_QUICK_EXIT, 1 }, // a hung resolver must not block the end of a request
        { CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFETIME_S },
    };
    http_slot_t *slot = t->slot;
    set_numbers(t, numbers, 3);
    http_set_pointer(t, CURLOPT_PRIVATE, slot);
    http_set_pointer(t, CURLOPT_ERRORBUFFER, slot->error_buffer);
    http_set_pointer(t, CURLOPT_HEADERFUNCTION, (void *)on_header);
    http_set_pointer(t, CURLOPT_HEADERDATA, slot);
    http_set_pointer(t, CURLOPT_WRITEFUNCTION, (void *)on_body);
    http_set_pointer(t, CURLOPT_WRITEDATA, slot);
    http_set_pointer(t, CURLOPT_PROTOCOLS_STR, "http,https");
    http_set_pointer(t, CURLOPT_NOPROXY, "*"); // nor has libcurl to look for proxies in the environment
    http_resolve_set_up(t);
    http_kept_check(t);
}

// What few requests have: it makes one that is not plain.
static void set_extras(http_transfer_t *t, bool fresh, bool upload, int64_t left_ms) {
    if (fresh) {
        http_set_long(t, CURLOPT_FRESH_CONNECT, 1);
    }
    if (t->has_proxy) {
        http_proxy_set(t);
        http_set_long(t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    }
    set_account(t);
    if (t->file.open || t->max_size == 0) {
        http_set_long(t, CURLOPT_BUFFERSIZE, DOWNLOAD_BUFFER);
    }
    set_method(t, upload);
    if (t->target.is_https || t->has_proxy) {
        http_set_pointer(t, CURLOPT_USERAGENT, HTTP_ENGINE_USER_AGENT); // for a proxy's CONNECT, which gets no fields
        set_trust(t);
    }
    if (left_ms > CONNECT_TIMEOUT_MS) {
        http_set_long(t, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    }
}

static void set_up(http_transfer_t *t, bool fresh) {
    bool upload = http_upload_any(t);
    int64_t left_ms = t->deadline_us == 0 ? INT32_MAX : (t->deadline_us - t->hop_start_us) / 1000;
    left_ms = left_ms < 1 ? 1 : left_ms;
    t->collector.body_held_back = upload && t->auth == HTTP_AUTH_DIGEST && t->target.user != NULL;
    http_set_pointer(t, CURLOPT_CURLU, t->target.url->handle);
    http_set_pointer(t, CURLOPT_HTTPHEADER, header_list(t, upload));
    http_set_long(t, CURLOPT_TIMEOUT_MS, t->deadline_us == 0 ? 0 : left_ms);
    t->has_proxy = http_proxy_any(t);
    t->is_plain = true;
    set_extras(t, fresh, upload, left_ms);
}

// A handle that has completed a transfer is used again, by the next one in its slot; but not before libcurl
// 8.1.0, where a server can make that a use after free (curl#11101), and never what libcurl keeps for longer than
// curl_easy_reset() says, or might: an account, a certificate, shared cookies.
static bool is_reusable(const http_transfer_t *t) {
    return http_engine.curl_version >= 0x080100 && t->jar == NULL && t->cert == NULL && t->target.user == NULL
           && t->target.password == NULL;
}

static void take_handle(http_transfer_t *t) {
    t->easy = t->slot->spare;
    t->slot->spare = NULL;
    if (t->easy == NULL) {
        t->easy = curl_easy_init();
        t->setup_code = t->easy == NULL ? CURLE_OUT_OF_MEMORY : t->setup_code;
        set_constants(t);
    }
}

static void give_handle(http_transfer_t *t, bool reusable) {
    if (reusable && !t->is_plain) {
        curl_easy_reset(t->easy);
        set_constants(t);
        reusable = t->setup_code == CURLE_OK;
    }
    if (reusable) {
        t->slot->spare = t->easy;
    } else {
        curl_easy_cleanup(t->easy);
    }
    t->easy = NULL;
    curl_mime_free(t->mime); // after the handle that uses it
    t->mime = NULL;
}

void http_hop_forget_handles(void) {
    for (int slot = 0; slot < HTTP_ENGINE_SLOTS; slot++) {
        curl_easy_cleanup(http_engine.slots[slot].spare);
        http_engine.slots[slot].spare = NULL;
    }
}

// fresh: not over a connection that was kept.
static CURLcode start(http_transfer_t *t, bool fresh) {
    http_collector_clear(&t->collector);
    http_inflate_free(t);
    t->has_coding = false;
    t->connects = 0;
    t->sent_behind = 0;
    t->is_stale = false;
    t->abort_code = CURLE_OK;
    t->abort_text = NULL;
    t->hop_received = 0;
    t->slot->error_buffer[0] = 0;
    t->hop_start_us = http_now_us();
    t->resolves = false;
    free(t->result.url);
    t->result.url = strdup(t->target.url->text);
    t->setup_code = t->result.url == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
    take_handle(t);
    set_up(t, fresh);
    CURLcode code = t->setup_code;
    if (code == CURLE_OK) {
        CURLMcode mcode = curl_multi_add_handle(http_engine.multi, t->easy);
        if (mcode == CURLM_OK) {
            t->slot->active = t;
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
    t->sent_again = false;
    return start(t, false);
}

// ------------------------------------------------------------------------------------------------
// The end of a hop

// In this order: libcurl still reads the field list and the body until the handle is removed.
static void take_off(http_transfer_t *t, bool reusable) {
    curl_multi_remove_handle(http_engine.multi, t->easy);
    give_handle(t, reusable);
    t->slot->active = NULL;
    http_engine.active_count--;
    http_transfer_set_state(t, HTTP_STATE_NEW);
}

void http_hop_abandon(http_transfer_t *t) {
    http_resolve_abandon(t);
    take_off(t, false);
}

// libcurl counts from the start of the hop and leaves 0 what did not happen.
static void collect_times(http_transfer_t *t) {
    static const CURLINFO infos[] = {
        [HTTP_TIME_DNS] = CURLINFO_NAMELOOKUP_TIME_T,
        [HTTP_TIME_CONNECT] = CURLINFO_CONNECT_TIME_T,
        [HTTP_TIME_TLS] = CURLINFO_APPCONNECT_TIME_T,
        [HTTP_TIME_FIRST_BYTE] = CURLINFO_STARTTRANSFER_TIME_T,
    };
    for (http_time_t time = HTTP_TIME_DNS; time <= HTTP_TIME_FIRST_BYTE; time++) {
        curl_off_t us = 0;
        curl_easy_getinfo(t->easy, infos[time], &us);
        t->result.time_us[time] = us == 0 ? 0 : us + (t->hop_start_us - t->start_us);
    }
}

// Nobody reads the body of a redirect: whether it is whole does not matter.
static bool is_about_body(CURLcode result) {
    return result == CURLE_PARTIAL_FILE || result == CURLE_RECV_ERROR;
}

// How a hop ended that libcurl says `result` of; OK is an answer, or a redirect that is followed.
static CURLcode judge(const http_transfer_t *t, CURLcode result, long status, const char **text) {
    *text = t->abort_text;
    if (t->abort_code != CURLE_OK) {
        return t->abort_code;
    } else if (result != CURLE_OK && !(http_redirect_is_followed(t) && t->collector.complete && is_about_body(result))) {
        return http_errors_translate(t, result, text);
    } else if (status < 200 || status != t->collector.status) {
        *text = HTTP_NO_STATUS; // 1xx is not the answer yet
        return CURLE_WEIRD_SERVER_REPLY;
    } else if (!t->collector.complete) {
        // libcurl is content with a connection that ends between two fields: RFC 9112 8 is not.
        *text = "the connection ended within the response headers";
        return CURLE_PARTIAL_FILE;
    } else if (!http_inflate_is_whole(t)) {
        *text = "the compressed body is too short";
        return CURLE_BAD_CONTENT_ENCODING;
    }
    return CURLE_OK;
}

void http_hop_end(http_transfer_t *t, CURLcode result) {
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    collect_times(t);
    if (t->progress) {
        http_sink_count(t);
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        http_resolve_abandon(t);
    }
    take_off(t, result == CURLE_OK && is_reusable(t));

    const char *text;
    CURLcode code = judge(t, result, status, &text);
    if (t->is_stale) {
        code = start(t, true);
    } else if (code == CURLE_OK && http_redirect_is_followed(t)) {
        code = http_redirect_prepare(t, t->collector.data + t->collector.location, &text);
        code = code == CURLE_OK ? http_hop_start(t) : code;
    } else if (code == CURLE_OK) {
        t->result.status = (int)status;
        code = http_sink_finish(t);
        text = t->abort_text;
    }
    if (t->state == HTTP_STATE_NEW) {
        http_transfer_complete(t, code, text);
    }
}
