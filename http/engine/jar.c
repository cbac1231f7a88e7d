// SPDX-License-Identifier: MIT
// Cookie jars: a libcurl share handle that requests use together. All of them run under the lock of
// drive.c, so the share needs none of its own.

#define _GNU_SOURCE // strcasestr
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/engine/state.h"

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

void http_jar_release(http_jar_t *jar) {
    http_drive_enter();
    http_jar_unuse(jar);
    http_drive_leave(true);
}

// libcurl has no calls for a share's cookies; a handle that shares them has. NULL without memory.
static CURL *open_jar(http_jar_t *jar) {
    CURL *easy = curl_easy_init();
    if (easy != NULL && curl_easy_setopt(easy, CURLOPT_SHARE, jar->share) != CURLE_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    return easy;
}

static bool load(CURL *easy, const char *line) {
    return easy != NULL && curl_easy_setopt(easy, CURLOPT_COOKIELIST, line) == CURLE_OK;
}

bool http_jar_load(http_jar_t *jar, const char *line) {
    http_drive_enter();
    CURL *easy = open_jar(jar);
    bool done = load(easy, line);
    curl_easy_cleanup(easy);
    http_drive_leave(true);
    return done;
}

// Of a line: domain, subdomains, path, secure, expires, name, value.
static char *field(char *line, int number) {
    while (number-- > 0) {
        line = strchr(line, '\t') + 1;
    }
    return line;
}

// With the path as libcurl means it: it keeps what the server wrote.
static char *append_line(char *end, char *line) {
    const char *path = field(line, 2);
    const char *behind = strchr(path, '\t');
    int before = (int)(path - line);
    bool is_quoted = path[0] == '"';
    path += is_quoted;
    int len = (int)(behind - path) - (is_quoted && behind[-1] == '"');
    if (path[0] != '/') {
        path = "/";
        len = 1;
    }
    return end + sprintf(end, "%.*s%.*s%s\n", before, line, len, path, behind);
}

static char *join(const struct curl_slist *list) {
    size_t size = 1;
    for (const struct curl_slist *node = list; node != NULL; node = node->next) {
        size += strlen(node->data) + 2; // a path of "/" and the line's end
    }
    char *text = malloc(size);
    char *end = text;
    for (const struct curl_slist *node = list; text != NULL && node != NULL; node = node->next) {
        // libcurl takes what is too old out when it looks for cookies the next time.
        long long expires = atoll(field(node->data, 4));
        if (expires == 0 || expires >= time(NULL)) {
            end = append_line(end, node->data);
        }
    }
    if (text != NULL) {
        *end = 0;
    }
    return text;
}

static char *save(CURL *easy) {
    struct curl_slist *list = NULL;
    bool done = easy != NULL && curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list) == CURLE_OK;
    char *text = done ? join(list) : NULL;
    curl_slist_free_all(list);
    return text;
}

char *http_jar_save(http_jar_t *jar) {
    http_drive_enter();
    CURL *easy = open_jar(jar);
    char *text = save(easy);
    curl_easy_cleanup(easy);
    http_drive_leave(true);
    return text;
}

// ------------------------------------------------------------------------------------------------
// The app's own Cookie field and a jar make one field (RFC 6265 5.4)

// Has the app's field a pair of this name? name ends with a tab.
static bool has_pair(const char *own, const char *name) {
    size_t len = strcspn(name, "\t");
    for (; own != NULL; own = strchr(own, ';')) {
        own += strspn(own, "; ");
        if (strncmp(own, name, len) == 0 && own[len] == '=') {
            return true;
        }
    }
    return false;
}

// The jar's cookies but for those that the app sends by itself. NULL without memory.
static http_jar_t *without_own(http_jar_t *jar, const char *own) {
    http_jar_t *rest = http_jar_new();
    CURL *from = open_jar(jar);
    CURL *to = rest == NULL ? NULL : open_jar(rest);
    char *text = save(from);
    bool done = text != NULL && to != NULL;
    char *more = text;
    for (char *line; done && (line = strsep(&more, "\n"))[0] != 0;) {
        done = own[0] == 0 || has_pair(own, field(line, 5)) || load(to, line);
    }
    free(text);
    curl_easy_cleanup(from);
    curl_easy_cleanup(to);
    if (!done) {
        http_jar_unuse(rest);
        return NULL;
    }
    return rest;
}

// libcurl puts CURLOPT_COOKIE behind what it takes of a jar. While it sends, that is not the one that it puts cookies into.
static void share_to_send(http_transfer_t *t) {
    http_jar_t *jar = t->jar;
    if (t->cookie != NULL) {
        jar = without_own(jar, t->cookie);
        if (jar == NULL) {
            t->setup_code = CURLE_OUT_OF_MEMORY;
            return;
        }
    }
    http_set_pointer(t, CURLOPT_SHARE, jar->share);
    http_jar_unuse(t->cookie_rest); // the handle has left it
    t->cookie_rest = jar == t->jar ? NULL : jar;
}

void http_jar_set(http_transfer_t *t) {
    share_to_send(t);
    http_set_pointer(t, CURLOPT_COOKIEFILE, ""); // no file: it switches the cookie engine on
    http_set_pointer(t, CURLOPT_COOKIE, t->cookie == NULL || t->cookie[0] == 0 ? NULL : t->cookie);
}

// ------------------------------------------------------------------------------------------------
// Cookies that libcurl reads otherwise than RFC 6265

// Is the domain of this line the host's, or above it?
static bool is_for_host(const char *line, const char *host) {
    line += strncmp(line, "#HttpOnly_", 10) == 0 ? 10 : 0;
    line += line[0] == '.';
    size_t len = strcspn(line, "\t");
    size_t more = strlen(host) - len;
    return len <= strlen(host) && strncasecmp(host + more, line, len) == 0 && (more == 0 || host[more - 1] == '.');
}

// The cookie that libcurl has just made of this pair goes out of the jar again, by making it one that is too old.
static void forget(http_transfer_t *t, char *pair) {
    char *value = strchr(pair, '=');
    for (size_t len = strlen(pair); len > 0 && (pair[len - 1] == ' ' || pair[len - 1] == '\t'); len--) {
        pair[len - 1] = 0;
    }
    char *host = http_target_get(&t->target, CURLUPART_HOST);
    CURL *easy = open_jar(t->jar);
    char *text = save(easy);
    if (value != NULL && host != NULL && text != NULL) {
        value[0] = '\t'; // as it stands in a line
        char *more = text;
        for (char *line; (line = strsep(&more, "\n"))[0] != 0;) {
            char *expires = field(line, 4);
            char *name = field(expires, 1);
            if (strcmp(name, pair) == 0 && is_for_host(line, host)) {
                expires[0] = '1';
                memmove(expires + 1, name - 1, strlen(name) + 2);
                load(easy, line);
            }
        }
    }
    free(text);
    curl_easy_cleanup(easy);
    free(host);
}

// Is the date of this attribute over, though libcurl says otherwise? It takes what is before 1970 for no date at all,
// and the two digits 70 for 2070 (RFC 6265 5.1.1).
static bool is_past(const char *date) {
    time_t time = curl_getdate(date, NULL);
    return time < -1 || (time >= 3155760000 && time < 3187296000 && strstr(date, "2070") == NULL);
}

static void check_cookie(http_transfer_t *t, char *text) {
    bool is_wrong = false;
    for (char *pair; (pair = strsep(&text, ";")) != NULL;) {
        pair += strspn(pair, " \t");
        if (pair[0] != 0 && pair[0] != '=') {
            // Max-Age counts more.
            char *date = text == NULL || strcasestr(text, "Max-Age=") != NULL ? NULL : strcasestr(text, "Expires=");
            if (date != NULL) {
                date[strcspn(date, ";")] = 0;
            }
            if (is_wrong || (date != NULL && is_past(date + strlen("Expires=")))) {
                forget(t, pair);
            }
            return;
        }
        // A cookie without a name is none (5.2). libcurl takes it, and 7.88 what stands behind it, for its name.
        forget(t, pair);
        is_wrong = true;
    }
}

CURLcode http_jar_look(http_transfer_t *t, const char *line, size_t len) {
    const http_collector_t *c = &t->collector;
    if (t->cookie != NULL && c->complete) {
        share_to_send(t); // it may be asked again
    } else if (t->cookie != NULL && c->lines == 0) {
        http_set_pointer(t, CURLOPT_SHARE, t->jar->share);
    }
    if (len > 11 && strncasecmp(line, "Set-Cookie:", 11) == 0) {
        char *text = http_copy(line + 11, len - 11);
        if (text == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
        text[strcspn(text, "\r\n")] = 0;
        check_cookie(t, text);
        free(text);
    }
    return t->setup_code;
}
