// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/floor.h"

void floor_check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "floor: %s failed\n", what);
        exit(1);
    }
}

double floor_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

// The data is not freed: it is used until the end of the program.
void floor_read_ca(struct curl_blob *ca, const char *path) {
    FILE *file = fopen(path, "rb");
    floor_check(file != NULL, "opening the certificates");
    char *data = malloc(FLOOR_CA_BYTES);
    floor_check(data != NULL, "room for the certificates");
    size_t len = fread(data, 1, FLOOR_CA_BYTES - 1, file);
    fclose(file);
    data[len] = 0; // mbedTLS needs the NUL
    *ca = (struct curl_blob) { .data = data, .len = len, .flags = CURL_BLOB_NOCOPY };
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
    floor_transfer_t *t = user;
    (void)size; // always 1
    if (t->request->file != NULL) {
        floor_check(write(t->fd, data, count) == (ssize_t)count, "writing the file");
        return count;
    }
    if (t->request->stream) {
        static char buffer[FLOOR_STREAM_BYTES];
        size_t n = FLOOR_STREAM_BYTES - t->len % FLOOR_STREAM_BYTES;
        n = n < count ? n : count;
        memcpy(buffer + t->len % FLOOR_STREAM_BYTES, data, n);
        memcpy(buffer, data + n, count - n);
        t->len += count;
        return count;
    }
    if (t->body == NULL) {
        curl_off_t announced = 0;
        curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
        t->alloc = announced;
        t->body = malloc(t->alloc);
    }
    floor_check(t->body != NULL && t->len + count <= t->alloc, "room for the body");
    memcpy(t->body + t->len, data, count);
    t->len += count;
    return count;
}

// Before libcurl 8.1.0 a handle that has completed a transfer must not be used again: a server can cause a use after
// free (curl#11101).
static bool handles_are_reused(void) {
    static unsigned version; // stored, because curl_version_info() is slow
    version = version == 0 ? curl_version_info(CURLVERSION_NOW)->version_num : version;
    return version >= 0x080100;
}

static CURL *new_handle(floor_transfer_t *t) {
    CURL *easy = curl_easy_init();
    floor_check(easy != NULL, "curl_easy_init");
    curl_easy_setopt(easy, CURLOPT_URL, t->request->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    if (t->request->ca.data != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &t->request->ca);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (t->request->set_up != NULL) {
        t->request->set_up(easy);
    }
    return easy;
}

// What an app gives anew with each request. The strings of the app's are ready, as its Python objects are.
static void set_options(floor_transfer_t *t) {
    static const char *const fields[] = {
        "Accept: application/json", "Authorization: Bearer 0123456789abcdef", "X-Request-Id: 42",
        "Content-Type: application/json", "Expect:",
    };
    static volatile int id = 42;
    static volatile double value = 21.5;
    size_t count = t->request->json ? 5 : 3;
    for (size_t i = 0; i < count; i++) {
        struct curl_slist *longer = curl_slist_append(t->fields, fields[i]);
        floor_check(longer != NULL, "curl_slist_append");
        t->fields = longer;
    }
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->fields);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, FLOOR_TIMEOUT_MS);
    if (t->request->json) {
        int len = snprintf(t->json, sizeof(t->json), "{\"id\": %d, \"name\": \"%s\", \"on\": %s, \"value\": %.17g}",
            id, "dock", id != 0 ? "true" : "false", value);
        curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->json);
    }
}

void floor_start(CURLM *multi, floor_transfer_t *t) {
    if (t->easy == NULL) {
        t->easy = new_handle(t);
    }
    if (t->request->fields) {
        set_options(t);
    }
    t->body = NULL;
    t->len = 0;
    if (t->request->file != NULL) {
        t->fd = open(t->request->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        floor_check(t->fd >= 0, "opening the file");
    }
    floor_check(curl_multi_add_handle(multi, t->easy) == CURLM_OK, "curl_multi_add_handle");
}

void floor_finish(CURLM *multi, floor_transfer_t *t, CURLcode result) {
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    floor_check(result == CURLE_OK && status == 200, "a request");
    curl_multi_remove_handle(multi, t->easy);
    if (!handles_are_reused()) {
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
    }
    curl_slist_free_all(t->fields);
    t->fields = NULL;
    free(t->body);
    if (t->request->file != NULL) {
        floor_check(close(t->fd) == 0, "closing the file");
    }
}

void floor_perform(CURLM *multi, floor_transfer_t *t) {
    int running = 1;
    int left;
    floor_start(multi, t);
    for (;;) {
        floor_check(curl_multi_perform(multi, &running) == CURLM_OK, "curl_multi_perform");
        if (running == 0) {
            break;
        }
        floor_check(curl_multi_poll(multi, NULL, 0, 10000, NULL) == CURLM_OK, "curl_multi_poll");
    }
    CURLMsg *message = curl_multi_info_read(multi, &left);
    floor_check(message != NULL && message->msg == CURLMSG_DONE, "curl_multi_info_read");
    floor_finish(multi, t, message->data.result);
}
