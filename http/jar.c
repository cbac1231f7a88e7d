// SPDX-License-Identifier: MIT
// Cookie jars: a libcurl share handle that requests use together. All of them run under the lock of
// drive.c, so the share needs none of its own.

#include <stdlib.h>
#include <string.h>

#include "http/engine_private.h"

struct http_jar {
    CURLSH *share;
    unsigned users; // the app, and requests
};

http_jar_t *http_jar_new(void) {
    if (!http_engine_init()) {
        return NULL;
    }
    http_jar_t *jar = malloc(sizeof(*jar));
    CURLSH *share = curl_share_init();
    if (jar == NULL || share == NULL
        || curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) != CURLSHE_OK) {
        free(jar);
        curl_share_cleanup(share);
        return NULL;
    }
    jar->share = share;
    jar->users = 1;
    return jar;
}

http_jar_t *http_jar_use(http_jar_t *jar) {
    jar->users++;
    return jar;
}

void http_jar_unuse(http_jar_t *jar) {
    if (jar != NULL && --jar->users == 0) {
        curl_share_cleanup(jar->share);
        free(jar);
    }
}

CURLSH *http_jar_share(http_jar_t *jar) {
    return jar->share;
}

void http_jar_release(http_jar_t *jar) {
    http_drive_enter();
    http_jar_unuse(jar);
    http_drive_leave(true);
}

// libcurl has no calls for a share's cookies; a handle that shares them has. NULL without memory; close_jar() in any case.
static CURL *open_jar(http_jar_t *jar) {
    http_drive_enter();
    CURL *easy = curl_easy_init();
    if (easy != NULL && curl_easy_setopt(easy, CURLOPT_SHARE, jar->share) != CURLE_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    return easy;
}

static void close_jar(CURL *easy) {
    curl_easy_cleanup(easy);
    http_drive_leave(true);
}

bool http_jar_load(http_jar_t *jar, const char *line) {
    CURL *easy = open_jar(jar);
    bool done = easy != NULL && curl_easy_setopt(easy, CURLOPT_COOKIELIST, line) == CURLE_OK;
    close_jar(easy);
    return done;
}

static char *join(const struct curl_slist *list) {
    size_t size = 1;
    for (const struct curl_slist *node = list; node != NULL; node = node->next) {
        size += strlen(node->data) + 1;
    }
    char *text = malloc(size);
    char *end = text;
    for (const struct curl_slist *node = list; text != NULL && node != NULL; node = node->next) {
        size_t len = strlen(node->data);
        memcpy(end, node->data, len);
        end[len] = '\n';
        end += len + 1;
    }
    if (text != NULL) {
        *end = 0;
    }
    return text;
}

char *http_jar_save(http_jar_t *jar) {
    struct curl_slist *list = NULL;
    CURL *easy = open_jar(jar);
    bool done = easy != NULL && curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list) == CURLE_OK;
    close_jar(easy);
    char *text = done ? join(list) : NULL;
    curl_slist_free_all(list);
    return text;
}
