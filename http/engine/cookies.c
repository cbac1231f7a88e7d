// SPDX-License-Identifier: MIT
// Cookie jars as hops use them. Each jar is a share handle of libcurl.

#define _GNU_SOURCE // strcasestr
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/engine/cookies.h"
#include "http/engine/fields.h"
#include "http/engine/option.h"
#include "http/engine/url.h"

void http_cookies_release(http_jar_t *jar) {
    if (jar != NULL && --jar->users == 0) {
        curl_share_cleanup(jar->share);
        free(jar);
    }
}

// A field of a line by its number: domain, subdomains, path, secure, expires, name, value.
static char *field(char *line, int number) {
    while (number-- > 0) {
        line = strchr(line, '\t') + 1;
    }
    return line;
}

// Append the line with the path that libcurl matches. libcurl stores the path that the server wrote.
static char *append_line(char *end, char *line) {
    char *path = field(line, 2);
    char *behind = strchr(path, '\t');
    path[-1] = 0;
    *behind = 0;
    if (path[0] == '"') {
        path++;
        if (behind[-1] == '"') {
            behind[-1] = 0;
        }
    }
    return end + sprintf(end, "%s\t%s\t%s\n", line, path[0] == '/' ? path : "/", behind + 1);
}

// The cookies that the handle uses, one on each line. NULL without memory.
char *http_cookies_save(CURL *easy) {
    struct curl_slist *list = NULL;
    curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
    size_t size = 1;
    for (const struct curl_slist *node = list; node != NULL; node = node->next) {
        size += strlen(node->data) + 2; // space for a path "/" and the line's end
    }
    char *text = malloc(size);
    char *end = text;
    for (const struct curl_slist *node = list; text != NULL && node != NULL; node = node->next) {
        // libcurl removes expired cookies only at its next search for cookies.
        long long expires = atoll(field(node->data, 4));
        if (expires == 0 || expires >= time(NULL)) {
            end = append_line(end, node->data);
        }
    }
    if (text != NULL) {
        *end = 0;
    }
    curl_slist_free_all(list);
    return text;
}

// ------------------------------------------------------------------------------------------------
// The app's own Cookie field and the jar's cookies become one field (RFC 6265 5.4)

// Load again the lines of the handle's cookies for which is_wanted() is true. is_wanted() may change the line.
static void load_again(http_request_t *r, CURLSH *share, const char *with,
    bool (*is_wanted)(http_request_t *r, char *line, const char *with)) {
    char *text = http_cookies_save(r->easy);
    http_option_set_pointer(r, CURLOPT_SHARE, share);
    if (text == NULL) {
        r->setup_code = CURLE_OUT_OF_MEMORY;
    }
    char *more = text;
    for (char *line; r->setup_code == CURLE_OK && (line = strsep(&more, "\n"))[0] != 0;) {
        if (is_wanted(r, line, with)) {
            http_option_set_pointer(r, CURLOPT_COOKIELIST, line);
        }
    }
    free(text);
}

// True if the app's field has no pair with the line's name. An empty field has every name: then no cookie is sent.
static bool is_rest(http_request_t *r, char *line, const char *own) {
    (void)r;
    const char *name = field(line, 5);
    size_t len = strcspn(name, "\t");
    while (own != NULL && own[0] != 0) {
        own += strspn(own, "; ");
        if (strncmp(own, name, len) == 0 && own[len] == '=') {
            return false;
        }
        own = strchr(own, ';');
    }
    return own == NULL;
}

// libcurl sends the cookies of the jar and then CURLOPT_COOKIE. If the app has its own Cookie field, the handle stops
// sharing the jar while it sends: it gets copies of the jar's cookies, without those whose names the app sends. When a
// response arrives, the handle shares the jar again.
static void share_to_send(http_request_t *r) {
    http_option_set_sticky(r, CURLOPT_SHARE, r->jar->share);
    if (r->cookie != NULL) {
        load_again(r, NULL, r->cookie, is_rest);
    }
}

void http_cookies_set_options(http_request_t *r) {
    http_option_set_pointer(r, CURLOPT_COOKIEFILE, ""); // no file name: only switches the cookie engine on
    http_option_set_pointer(r, CURLOPT_COOKIE, r->cookie == NULL || r->cookie[0] == 0 ? NULL : r->cookie);
    share_to_send(r);
}

// ------------------------------------------------------------------------------------------------
// Cookies that libcurl reads differently from RFC 6265

// True if the domain of this line is the host or a parent domain of it.
static bool is_for_host(const char *line, const char *host) {
    line += line[0] == '#' ? strlen("#HttpOnly_") : 0;
    line += line[0] == '.';
    host += host[0] == '[';
    size_t len = strcspn(line, "\t");
    size_t more = strcspn(host, host[-1] == '[' ? "%]" : ":/") - len;
    return (ssize_t)more >= 0 && strncasecmp(host + more, line, len) == 0 && (more == 0 || host[more - 1] == '.');
}

// True if libcurl has made this cookie of the text. Then the line gets a date in the past, which removes the cookie from
// the jar.
static bool is_forgotten(http_request_t *r, char *line, const char *text) {
    char *expires = field(line, 4);
    char *name = field(expires, 1);
    char *tab = strchr(name, '\t');
    *tab = '='; // as in the Set-Cookie field
    const char *at = strstr(text, name); // a NUL is before the text
    bool is_it = at != NULL && strchr(" \t;", at[-1]) != NULL && strchr(" \t;", at[strlen(name)]) != NULL
        && is_for_host(line, http_url_host(&r->target));
    *tab = '\t';
    memset(expires, '0', name - 1 - expires);
    name[-2] = '1';
    return is_it;
}

// True if these attributes have a date in the past that libcurl reads differently. libcurl ignores dates before 1970,
// and reads the two digits 70 as 2070 (RFC 6265 5.1.1). Max-Age has precedence over Expires.
static bool is_past(const char *attributes) {
    char *date = strcasestr(attributes, "Expires=");
    if (date == NULL || strcasestr(attributes, "Max-Age=") != NULL) {
        return false;
    }
    date += strlen("Expires=");
    char *end = date + strcspn(date, ";");
    char behind = *end;
    *end = 0;
    time_t time = curl_getdate(date, NULL);
    bool is_70 = (uint64_t)time - 3155760000 < 31536000 && strstr(date, "2070") == NULL;
    *end = behind;
    return time < -1 || is_70;
}

CURLcode http_cookies_read_line(http_request_t *r, const char *line, size_t len) {
    const http_response_t *response = &r->response;
    if (r->cookie != NULL && response->complete) {
        share_to_send(r); // libcurl may send the request again
    } else if (r->cookie != NULL && response->lines == 0) {
        http_option_set_pointer(r, CURLOPT_SHARE, r->jar->share);
    }
    // libcurl reads no cookies from trailers.
    if (len > 11 && !response->complete && http_fields_begin_with(line, "Set-Cookie:")) {
        const char *text = response->data + response->value;
        // A cookie without a name is ignored (5.2). libcurl reads the next attribute as its name.
        if (text[0] == '=' || text[0] == ';' || is_past(text)) {
            load_again(r, r->jar->share, text, is_forgotten);
        }
    }
    return r->setup_code;
}
