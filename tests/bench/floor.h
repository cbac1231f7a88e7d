// SPDX-License-Identifier: MIT
// The floor of the benchmarks: transfers by libcurl's multi interface, and nothing else.

#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

typedef struct {
    const char *url;
    const char *file; // where the body goes; NULL is memory
    struct curl_blob ca; // data NULL: none
} floor_request_t;

typedef struct {
    const floor_request_t *request;
    CURL *easy;
    char *body;
    size_t len;
    size_t alloc;
    int fd;
} floor_transfer_t;

// These end the program when anything fails: what a benchmark measures has to work.
void floor_start(CURLM *multi, floor_transfer_t *t);
void floor_finish(CURLM *multi, floor_transfer_t *t, CURLcode result);
void floor_check(bool good, const char *what);
void floor_read_ca(struct curl_blob *ca, const char *path);

double floor_now(void);

#endif
