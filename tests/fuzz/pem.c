// SPDX-License-Identifier: MIT
// PEM texts from an app, up to the first bytes of the TLS handshake. Input: a byte of options, then the
// authorities, the certificate and its key, separated by FF FF.

#define _GNU_SOURCE // memmem, RTLD_NEXT
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "peer.h"

#define MOST_ROUNDS (10000)

static bool said_hello;

// No library may ask for a password at the terminal.
FILE *fopen(const char *path, const char *mode) {
    FILE *(*real)(const char *, const char *);
    HOLDS(strcmp(path, "/dev/tty") != 0);
    *(void **)&real = dlsym(RTLD_NEXT, "fopen");
    return real(path, mode);
}

static char *hang_up(const char *came, size_t came_len, size_t *len) {
    (void)came_len;
    (void)len;
    HOLDS(came[0] == 0x16); // a TLS handshake and nothing else
    said_hello = true;
    return NULL;
}

static http_result_t perform(const http_request_args_t *request) {
    http_result_t result;
    http_id_t id = http_engine_submit(request);
    HOLDS(id != 0);
    for (int round = 0; !http_engine_is_done(id); round++) {
        HOLDS(round < MOST_ROUNDS);
        peer_play();
        http_engine_wait(id, 0);
    }
    HOLDS(http_engine_take(id, &result));
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t input = { (const char *)data, size };
    uint8_t what = take_byte(&input);
    static const char url[] = "https://127.0.0.1/";
    http_request_args_t request = {
        .method = "GET",
        .url = url,
        .url_len = strlen(url),
        .options.insecure = what & 1,
        .texts[HTTP_TEXT_PROXY] = { "", 0 },
    };
    http_bytes_t *trusted = &request.texts[HTTP_TEXT_CACERT];
    http_bytes_t *own = &request.texts[HTTP_TEXT_CERT];
    http_bytes_t *own_key = &request.texts[HTTP_TEXT_KEY];
    char *cacert = take_part(&input, &trusted->len);
    char *cert = take_part(&input, &own->len);
    char *key = take_part(&input, &own_key->len);
    trusted->data = cacert == NULL ? "" : cacert;
    if (key != NULL) {
        own->data = cert;
        own_key->data = key;
    }
    peer_start(hang_up, 0);
    said_hello = false;
    http_result_t result = perform(&request);
    check_result(&result);
    HOLDS(result.status == CURLE_SSL_CONNECT_ERROR || result.status == CURLE_SSL_CERTPROBLEM
        || result.status == CURLE_SSL_CACERT_BADFILE || result.status == CURLE_RECV_ERROR);
    // A client that has sent its hello must have a trusted certificate.
    HOLDS(!said_hello || memmem(trusted->data, trusted->len, "-----BEGIN ", 11) != NULL);
    HOLDS(said_hello == (result.status == CURLE_SSL_CONNECT_ERROR || result.status == CURLE_RECV_ERROR));
    http_result_clear(&result);
    http_engine_deinit();
    peer_end();
    free(cacert);
    free(cert);
    free(key);
    return 0;
}
