// SPDX-License-Identifier: MIT
// Tells what requests do. The bytes on the wire come from libcurl's own debug callback.

#include "http/engine/option.h"
#include "http/engine/trace.h"

#if HTTP_ENGINE_TRACE

#include <stdlib.h>
#include <string.h>

static void (*tell)(const http_trace_t *event);

static http_trace_t event_of(const http_request_t *r, http_trace_kind_t kind) {
    return (http_trace_t) {
               .kind = kind,
               .id = r->id,
               .hop = r->trace_hops == 0 ? 0 : r->trace_hops - 1,
               .slot = r->slot == NULL ? -1 : (int)(r->slot - http_state.slots),
    };
}

static void tell_bytes(const http_request_t *r, http_trace_kind_t kind, const char *data, size_t len) {
    http_trace_t event = event_of(r, kind);
    event.data = data;
    event.len = len;
    tell(&event);
}

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *user) {
    const http_request_t *r = ((http_slot_t *)user)->active;
    (void)easy;
    if (tell == NULL || r == NULL) { // libcurl also has messages about a handle that has no request
        return 0;
    }
    if (type == CURLINFO_HEADER_OUT) {
        tell_bytes(r, HTTP_TRACE_SENT_HEAD, data, size);
    } else if (type == CURLINFO_DATA_OUT) {
        tell_bytes(r, HTTP_TRACE_SENT_BODY, data, size);
    } else if (type == CURLINFO_HEADER_IN) {
        tell_bytes(r, HTTP_TRACE_HEAD, data, size);
    }
    return 0;
}

void http_engine_trace(void (*function)(const http_trace_t *event)) {
    tell = function;
}

void http_trace_request(const http_request_t *r, const http_request_args_t *args) {
    if (tell == NULL) {
        return;
    }
    http_trace_t event = event_of(r, HTTP_TRACE_REQUEST);
    char *url = strndup(args->url, args->url_len); // the app's, and not checked yet
    event.method = args->method;
    event.url = url;
    tell(&event);
    free(url);
}

void http_trace_handle(http_request_t *r) {
    if (tell != NULL) {
        http_option_set_long(r, CURLOPT_VERBOSE, 1);
        http_option_set_pointer(r, CURLOPT_DEBUGDATA, r->slot);
        http_option_set_pointer(r, CURLOPT_DEBUGFUNCTION, (void *)on_debug);
    }
}

void http_trace_hop(http_request_t *r) {
    r->trace_hops++;
    if (tell != NULL) {
        http_trace_t event = event_of(r, HTTP_TRACE_HOP);
        event.method = r->method;
        event.url = r->target.url->text;
        tell(&event);
    }
}

void http_trace_body(const http_request_t *r, const char *data, size_t len) {
    if (tell != NULL) {
        tell_bytes(r, HTTP_TRACE_BODY, data, len);
    }
}

void http_trace_hop_end(const http_request_t *r, CURLcode code) {
    if (tell == NULL) {
        return;
    }
    http_trace_t event = event_of(r, HTTP_TRACE_HOP_END);
    long connects = 0;
    char *address = NULL;
    curl_easy_getinfo(r->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(r->easy, CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(r->easy, CURLINFO_PRIMARY_PORT, &event.port);
    event.address = address == NULL ? "" : address;
    event.reused = connects == 0 && event.address[0] != 0;
    event.status = r->response.status;
    event.code = code;
    event.result = &r->result;
    tell(&event);
}

void http_trace_done(const http_request_t *r) {
    if (tell != NULL) {
        http_trace_t event = event_of(r, HTTP_TRACE_DONE);
        event.result = &r->result;
        tell(&event);
    }
}

void http_trace_cancelled(const http_request_t *r) {
    if (tell != NULL) {
        http_trace_t event = event_of(r, HTTP_TRACE_CANCELLED);
        tell(&event);
    }
}

#endif
