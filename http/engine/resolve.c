// SPDX-License-Identifier: MIT
// Limits the number of name resolutions that hang. A request still ends in time: libcurl leaves its resolver thread
// alone, and this thread waits until the system's resolver gives up. During an outage of DNS, an app that tries again
// and again would leave more and more threads.

#include <string.h>

#include "http/engine/event.h"
#include "http/engine/option.h"
#include "http/engine/resolve.h"
#include "http/engine/url.h"

// How many threads may be left within the time after which every resolver has given up. With glibc, three servers, two
// attempts for each and one search domain take 50 s. The current requests may have the same number of threads again.
#define LEFT_MAX (HTTP_ENGINE_SLOTS)
#define GIVES_UP_US (60 * 1000 * 1000)

// When the last threads were left. Protected by the lock of drive.c. http_engine_deinit() does not clear it.
static int64_t left_us[LEFT_MAX];
static unsigned oldest;

// True if the host is an IP address. libcurl calls on_start() for these too.
static bool is_address(const http_request_t *r) {
    const char *host = http_url_host(&r->target);
    return !r->has_proxy && (host[0] == '[' || strchr(":/", host[strspn(host, "0123456789.")]) != NULL);
}

static int on_start(void *state, void *reserved, void *user) {
    (void)state;
    (void)reserved;
    http_request_t *r = ((http_slot_t *)user)->active;
    if (left_us[oldest] != 0 && http_event_now_us() - left_us[oldest] < GIVES_UP_US && !is_address(r)) {
        r->abort_code = CURLE_COULDNT_RESOLVE_HOST;
        r->abort_text = "name resolution hangs: too many attempts are still waiting";
        return 1;
    }
    r->resolves = true;
    return 0;
}

void http_resolve_set_options(http_request_t *r) {
    http_option_set_pointer(r, CURLOPT_RESOLVER_START_FUNCTION, (void *)on_start);
}

void http_resolve_abandon(http_request_t *r) {
    curl_off_t resolved_us = 0;
    curl_easy_getinfo(r->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    if (r->resolves && resolved_us == 0) {
        left_us[oldest] = http_event_now_us();
        oldest = (oldest + 1) % LEFT_MAX;
    }
}
