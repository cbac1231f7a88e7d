// SPDX-License-Identifier: MIT
// floor_multi URL COUNT WARM: WARM + COUNT requests, IN_FLIGHT at a time; the last COUNT are timed.
// floor_multi URL hold CACERT: the memory of IN_FLIGHT requests whose bodies the server does not finish.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/floor.h"

#define IN_FLIGHT (16)
#define HOLD_SECONDS (0.8) // after this time every request has received a part of its body

// The program's anonymous memory in KiB, counted page by page.
static long memory(void) {
    char line[256];
    long kib = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    floor_check(file != NULL, "opening smaps_rollup");
    while (fgets(line, sizeof(line), file) != NULL && sscanf(line, "Anonymous: %ld", &kib) != 1) {
    }
    fclose(file);
    return kib;
}

// Returns how many transfers are in flight.
static int perform(CURLM *multi, int timeout_ms) {
    int running;
    floor_check(curl_multi_perform(multi, &running) == CURLM_OK, "curl_multi_perform");
    if (running > 0) {
        floor_check(curl_multi_poll(multi, NULL, 0, timeout_ms, NULL) == CURLM_OK, "curl_multi_poll");
    }
    return running;
}

static floor_transfer_t *finish_next(CURLM *multi) {
    int left;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    if (message == NULL) {
        return NULL;
    }
    floor_check(message->msg == CURLMSG_DONE, "curl_multi_info_read");
    CURLcode result = message->data.result;
    char *user;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    floor_transfer_t *t = (floor_transfer_t *)user;
    floor_finish(multi, t, result);
    return t;
}

static void hold(CURLM *multi, floor_transfer_t *transfers, long before) {
    for (int i = 0; i < IN_FLIGHT; i++) {
        floor_start(multi, &transfers[i]);
    }
    double end = floor_now() + HOLD_SECONDS;
    while (floor_now() < end) {
        floor_check(perform(multi, 50) == IN_FLIGHT, "holding the requests");
    }
    printf("memory %ld\n", (memory() - before) * 1024);
}

int main(int argc, char **argv) {
    long before = memory();
    floor_check(argc == 4, "usage: floor_multi URL COUNT WARM, or floor_multi URL hold CACERT");
    floor_request_t request = { .url = argv[1] };
    floor_transfer_t transfers[IN_FLIGHT] = { 0 };
    for (int i = 0; i < IN_FLIGHT; i++) {
        transfers[i].request = &request;
    }
    if (strcmp(argv[2], "hold") == 0) {
        floor_read_ca(&request.ca, argv[3]);
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    if (strcmp(argv[2], "hold") == 0) {
        hold(multi, transfers, before);
        return 0;
    }

    int warm = atoi(argv[3]);
    int all = atoi(argv[2]) + warm;
    int started = 0;
    int done = 0;
    double start = floor_now();
    while (started < IN_FLIGHT && started < all) {
        floor_start(multi, &transfers[started++]);
    }
    while (done < all) {
        perform(multi, 10000);
        floor_transfer_t *t;
        while ((t = finish_next(multi)) != NULL) {
            if (++done == warm) {
                start = floor_now();
            }
            if (started < all) {
                floor_start(multi, t);
                started++;
            }
        }
    }
    printf("seconds %.6f\n", floor_now() - start);
    for (int i = 0; i < IN_FLIGHT; i++) {
        curl_easy_cleanup(transfers[i].easy);
    }
    curl_multi_cleanup(multi);
    return 0;
}
