// SPDX-License-Identifier: MIT
// The floor of the benchmarks: transfers with libcurl's multi interface, and no other code.

#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#define FLOOR_STREAM_BYTES (64 * 1024)
#define FLOOR_CA_BYTES (1024 * 1024)
#define FLOOR_POLL_MS (100)
#define FLOOR_TIMEOUT_MS (10000L)

typedef struct {
    const char *url;
    const char *file; // the file for the body; NULL is memory
    bool stream; // the body goes to the same FLOOR_STREAM_BYTES again and again
    bool fields; // with FLOOR_TIMEOUT_MS and three header fields, as apps send them
    bool json; // a POST of an object with four members, also with these
    struct curl_blob ca; // its data is NULL: none
    void (*set_up)(CURL *easy); // sets further options of a new handle; NULL: there are none
} floor_request_t;

typedef struct {
    const floor_request_t *request;
    CURL *easy;
    char *body;
    size_t len;
    size_t alloc;
    int fd;
    struct curl_slist *fields;
    char json[128];
} floor_transfer_t;

// These functions end the program on any failure: a benchmark must measure only what works.
void floor_start(CURLM *multi, floor_transfer_t *t);
void floor_finish(CURLM *multi, floor_transfer_t *t, CURLcode result);
void floor_perform(CURLM *multi, floor_transfer_t *t); // all of a request
void floor_check(bool good, const char *what);
void floor_read_ca(struct curl_blob *ca, const char *path);

double floor_now(void);

#endif
