// SPDX-License-Identifier: MIT
// The app's calls for cookie jars. They hold the lock of drive.c, so libcurl's share needs no lock.

#include <stdlib.h>
#include <string.h>

#include "http/engine/cookies.h"
#include "http/engine/drive.h"
#include "http/engine/memory.h"

http_jar_t *http_jar_new(void) {
    if (!http_state_init()) {
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

void http_jar_release(http_jar_t *jar) {
    http_drive_enter();
    http_cookies_release(jar);
    http_drive_leave();
}

// libcurl has no functions for the cookies of a share. So this uses a handle that shares them. Adds the line, or
// returns all cookies.
static bool look_into(http_jar_t *jar, const char *line, char **text) {
    http_drive_enter();
    CURL *easy = curl_easy_init();
    bool done = curl_easy_setopt(easy, CURLOPT_SHARE, jar->share) == CURLE_OK
        && curl_easy_setopt(easy, CURLOPT_COOKIELIST, line) == CURLE_OK;
    if (done && text != NULL) {
        *text = http_cookies_save(easy);
    }
    curl_easy_cleanup(easy);
    http_drive_leave();
    return done;
}

// Without memory libcurl drops the cookie and returns CURLE_OK. So check first that there is memory for the cookie.
bool http_jar_load(http_jar_t *jar, const char *line) {
    return http_memory_has(2 * strlen(line) + 1024) && look_into(jar, line, NULL);
}

char *http_jar_save(http_jar_t *jar) {
    char *text = NULL;
    look_into(jar, NULL, &text);
    return text;
}
