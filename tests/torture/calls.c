// SPDX-License-Identifier: MIT

#include <stdarg.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "calls.h"

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLSHcode __real_curl_share_setopt(CURLSH *share, CURLSHoption option, ...);
CURLMcode __real_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __real_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __real_curl_multi_poll(CURLM *multi, struct curl_waitfd *more, unsigned count, int ms, int *ready);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLSHcode __wrap_curl_share_setopt(CURLSH *share, CURLSHoption option, ...);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *more, unsigned count, int ms, int *ready);

// Atomic, because the engine's thread calls libcurl, too.
static atomic_long left; // calls until one fails; 0 or less: not armed, or it has failed
static atomic_long failed;

static bool fails(void) {
    bool now = atomic_load(&left) > 0 && atomic_fetch_sub(&left, 1) == 1;
    failed += now;
    return now;
}

CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...) {
    if (fails()) {
        return CALL_FAILED;
    }
    va_list args;
    va_start(args, option);
    CURLcode code;
    if (option < CURLOPTTYPE_OBJECTPOINT) {
        code = __real_curl_easy_setopt(easy, option, va_arg(args, long));
    } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
        code = __real_curl_easy_setopt(easy, option, va_arg(args, curl_off_t));
    } else {
        code = __real_curl_easy_setopt(easy, option, va_arg(args, void *));
    }
    va_end(args);
    return code;
}

CURLSHcode __wrap_curl_share_setopt(CURLSH *share, CURLSHoption option, ...) {
    va_list args;
    va_start(args, option);
    CURLSHcode code = fails() ? CURLSHE_BAD_OPTION : __real_curl_share_setopt(share, option, va_arg(args, int));
    va_end(args);
    return code;
}

CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy) {
    return fails() ? CURLM_INTERNAL_ERROR : __real_curl_multi_add_handle(multi, easy);
}

CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running) {
    return fails() ? CURLM_INTERNAL_ERROR : __real_curl_multi_perform(multi, running);
}

CURLMcode __wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *more, unsigned count, int ms, int *ready) {
    return fails() ? CURLM_INTERNAL_ERROR : __real_curl_multi_poll(multi, more, count, ms, ready);
}

void calls_arm(long n) {
    atomic_store(&failed, 0);
    atomic_store(&left, n);
}

long calls_disarm(void) {
    atomic_store(&left, 0);
    return atomic_load(&failed);
}
