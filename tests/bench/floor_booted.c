// SPDX-License-Identifier: MIT
// The floor of the booted machine: HTTPS with the options that the module sets on the dock.
//
// floor_booted CACERT URL COUNT CLOSE: COUNT requests, one after the other. CLOSE=1: each on a new connection.
// floor_booted CACERT URL sixteen: IN_FLIGHT requests at a time, whose bodies are in memory together.

#include <stdlib.h>
#include <string.h>

#include <mbedtls/ssl.h>

#include "bench/floor.h"

#define IN_FLIGHT (16)
#define TIMEOUT_MS (40000L)

static struct curl_slist closes = { .data = (char *)"Connection: close" };
static struct curl_slist fields = { .data = (char *)"User-Agent: floor\r\nContent-Length: 0" };

// Without session tickets libcurl resumes no session of TLS 1.2.
static CURLcode on_config(CURL *easy, void *config, void *user) {
    (void)easy;
    (void)user;
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
    mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_default);
    return CURLE_OK;
}

static void set_up(CURL *easy) {
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, &fields);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_config);
}

static void hold_sixteen(CURLM *multi, const floor_request_t *request) {
    floor_transfer_t transfers[IN_FLIGHT] = { 0 };
    int running;
    int left;
    for (int i = 0; i < IN_FLIGHT; i++) {
        transfers[i].request = request;
        floor_start(multi, &transfers[i]);
    }
    do {
        floor_check(curl_multi_perform(multi, &running) == CURLM_OK, "curl_multi_perform");
        floor_check(curl_multi_poll(multi, NULL, 0, running > 0 ? 10000 : 0, NULL) == CURLM_OK, "curl_multi_poll");
    } while (running > 0);
    for (int i = 0; i < IN_FLIGHT; i++) {
        CURLMsg *message = curl_multi_info_read(multi, &left);
        floor_check(message != NULL && message->msg == CURLMSG_DONE, "curl_multi_info_read");
        CURLcode result = message->data.result;
        char *user;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
        floor_finish(multi, (floor_transfer_t *)user, result);
    }
}

int main(int argc, char **argv) {
    floor_check(argc >= 4, "usage: floor_booted CACERT URL COUNT CLOSE, or floor_booted CACERT URL sixteen");
    floor_request_t request = { .url = argv[2], .set_up = set_up };
    floor_read_ca(&request.ca, argv[1]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    if (strcmp(argv[3], "sixteen") == 0) {
        hold_sixteen(multi, &request);
        return 0;
    }
    fields.next = argc > 4 && strcmp(argv[4], "1") == 0 ? &closes : NULL;
    floor_transfer_t t = { .request = &request };
    for (int i = atoi(argv[3]); i > 0; i--) {
        floor_perform(multi, &t);
    }
    curl_easy_cleanup(t.easy);
    curl_multi_cleanup(multi);
    return 0;
}
