// SPDX-License-Identifier: MIT
// floor_sync URL COUNT WARM [FILE [CACERT]]: WARM + COUNT requests, one after the other; the last COUNT are timed. FILE
// may be "stream": the body goes to the same 64 KiB again and again; or "memory"; or "fields" or "json": what an app sends; or
// "poll": with FLOOR_POLL_MS between two requests.
// floor_sync version: prints the version of libcurl.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/floor.h"

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts(curl_version_info(CURLVERSION_NOW)->version);
        return 0;
    }
    floor_check(argc >= 4, "usage: floor_sync URL COUNT WARM [FILE [CACERT]]");
    const char *kind = argc > 4 ? argv[4] : "memory";
    floor_request_t request = { .url = argv[1] };
    request.stream = strcmp(kind, "stream") == 0;
    request.json = strcmp(kind, "json") == 0;
    request.fields = request.json || strcmp(kind, "fields") == 0;
    bool polls = strcmp(kind, "poll") == 0;
    request.file = request.stream || polls || request.fields || strcmp(kind, "memory") == 0 ? NULL : kind;
    if (argc > 5) {
        floor_read_ca(&request.ca, argv[5]);
    }
    int count = atoi(argv[2]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    floor_transfer_t t = { .request = &request };
    for (int i = atoi(argv[3]); i > 0; i--) {
        floor_perform(multi, &t);
    }
    double start = floor_now();
    for (int i = 0; i < count; i++) {
        floor_perform(multi, &t);
        if (polls) {
            poll(NULL, 0, FLOOR_POLL_MS);
        }
    }
    printf("seconds %.6f\n", floor_now() - start);
    curl_easy_cleanup(t.easy);
    curl_multi_cleanup(multi);
    return 0;
}
