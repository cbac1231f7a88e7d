// SPDX-License-Identifier: MIT
// Cookie jars: a libcurl share handle that requests use together. All of them run under the lock of
// drive.c, so the share needs none of its own.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine_private.h"

// libcurl knows no end, and looks through much of a jar for each cookie that comes.
#define COOKIES_MAX (300)

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

// libcurl has no calls for a share's cookies; a handle that shares them has.
static CURL *open_jar(http_jar_t *jar) {
    CURL *easy = curl_easy_init();
    if (easy != NULL && curl_easy_setopt(easy, CURLOPT_SHARE, jar->share) != CURLE_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    return easy;
}

static bool command(http_jar_t *jar, const char *text) {
    http_drive_enter();
    CURL *easy = open_jar(jar);
    bool done = easy != NULL && curl_easy_setopt(easy, CURLOPT_COOKIELIST, text) == CURLE_OK;
    curl_easy_cleanup(easy);
    http_drive_leave(true);
    return done;
}

bool http_jar_clear(http_jar_t *jar) {
    return command(jar, "ALL");
}

bool http_jar_load(http_jar_t *jar, const char *line) {
    return command(jar, line);
}

// The domain of a cookie's line, and behind it a tab.
static const char *domain_of(const char *line) {
    static const char http_only[] = "#HttpOnly_";
    return strncmp(line, http_only, sizeof(http_only) - 1) == 0 ? line + sizeof(http_only) - 1 : line;
}

static bool is_same_domain(const char *line, const char *other) {
    const char *domain = domain_of(line);
    return strncasecmp(domain, domain_of(other), strcspn(domain, "\t") + 1) == 0;
}

static unsigned count_domain(const struct curl_slist *list, const char *line) {
    unsigned n = 0;
    for (; list != NULL; list = list->next) {
        n += is_same_domain(list->data, line);
    }
    return n;
}

// A line of the domain that has the most cookies.
static const char *largest_domain(const struct curl_slist *list) {
    const char *line = list->data;
    unsigned most = 0;
    for (; list != NULL; list = list->next) {
        unsigned n = count_domain(list, list->data);
        if (n > most) {
            most = n;
            line = list->data;
        }
    }
    return line;
}

static bool is_too_many(const struct curl_slist *list) {
    unsigned n = 0;
    for (; list != NULL; list = list->next) {
        n++;
    }
    return n > COOKIES_MAX;
}

CURLcode http_jar_limit(CURL *easy) {
    struct curl_slist *list = NULL;
    CURLcode code = curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
    if (code == CURLE_OK && is_too_many(list)) {
        const char *flooded = largest_domain(list);
        code = curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL");
        for (struct curl_slist *node = list; code == CURLE_OK && node != NULL; node = node->next) {
            if (!is_same_domain(node->data, flooded)) {
                code = curl_easy_setopt(easy, CURLOPT_COOKIELIST, node->data);
            }
        }
    }
    curl_slist_free_all(list);
    return code;
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
    http_drive_enter();
    struct curl_slist *list = NULL;
    CURL *easy = open_jar(jar);
    bool done = easy != NULL && curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list) == CURLE_OK;
    curl_easy_cleanup(easy);
    http_drive_leave(true);
    char *text = done ? join(list) : NULL;
    curl_slist_free_all(list);
    return text;
}
