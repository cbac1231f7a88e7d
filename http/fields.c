// SPDX-License-Identifier: MIT
// Header fields: checking and listing those that are sent, collecting those that arrive.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine_private.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool http_is_token(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = text[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return len > 0;
}

bool http_is_field_value(const char *text, size_t len) {
    return len == 0 || (memchr(text, '\r', len) == NULL && memchr(text, '\n', len) == NULL && memchr(text, 0, len) == NULL);
}

bool http_name_is(const char *name, size_t len, const char *other) {
    // The first letter tells most names apart.
    bool may_be = len == 0 || ((name[0] ^ other[0]) & 0xdf) == 0;
    return may_be && strlen(other) == len && strncasecmp(name, other, len) == 0;
}

// ------------------------------------------------------------------------------------------------
// Sent

static size_t line_name_len(const char *line) {
    return strcspn(line, ":;");
}

bool http_fields_have(const struct curl_slist *list, const char *name) {
    for (; list != NULL; list = list->next) {
        if (http_name_is(list->data, line_name_len(list->data), name)) {
            return true;
        }
    }
    return false;
}

void http_fields_keep(struct curl_slist **list, bool (*keep)(const char *name, size_t len)) {
    while (*list != NULL) {
        struct curl_slist *node = *list;
        size_t len = line_name_len(node->data);
        bool not_sent = strcmp(node->data + len, ":") == 0;
        if (not_sent || keep(node->data, len)) {
            list = &node->next;
        } else {
            *list = node->next;
            node->next = NULL;
            curl_slist_free_all(node);
        }
    }
}

// ------------------------------------------------------------------------------------------------
// Received

void http_collector_clear(http_collector_t *c) {
    http_memory_give_back(c->data);
    memset(c, 0, sizeof(*c));
}

static bool reserve(http_collector_t *c, size_t more) {
    if (c->len + more <= c->alloc) {
        return true;
    }
    size_t alloc = c->alloc * 2 > c->len + more ? c->alloc * 2 : c->len + more + 512;
    char *data = http_memory_resize(c->data, alloc);
    if (data == NULL) {
        return false;
    }
    c->data = data;
    c->alloc = alloc;
    return true;
}

static void blank_out(char *text, size_t len, char what) {
    char *end = text + len;
    while ((text = memchr(text, what, end - text)) != NULL) {
        *text = ' ';
    }
}

// A copy of the line behind what is there already. RFC 9110 5.5: what a field cannot hold reads as a blank.
static char *copy_line(http_collector_t *c, const char *line, size_t len) {
    char *own = c->data + c->len;
    memmove(own, line, len); // at -Os, memcpy would be byte by byte on x86
    own[len] = 0;
    if (strcspn(own, "\r\n") != len) {
        blank_out(own, len, '\r');
        blank_out(own, len, '\n');
        blank_out(own, len, 0);
    }
    return own;
}

// A part of that copy becomes what comes next.
static void append(http_collector_t *c, const char *part, size_t len) {
    if (c->data + c->len != part) {
        memmove(c->data + c->len, part, len);
    }
    c->len += len;
    c->data[c->len++] = 0;
}

static void trim(const char **text, size_t *len) {
    while (*len > 0 && is_blank(**text)) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_blank((*text)[*len - 1])) {
        (*len)--;
    }
}

static bool is_interim(const http_collector_t *c) {
    return c->status >= 100 && c->status <= 199;
}

// A status line starts a new message: what an interim response or an answered challenge brought
// is not part of it. But libcurl remembers the fields of interim responses, so all of these count as one.
static void start_message(http_collector_t *c, const char *line, size_t len) {
    c->dropped_len = is_interim(c) ? c->dropped_len + c->len : 0;
    c->len = 0;
    c->count = 0;
    c->lines = 0;
    c->length = 0;
    c->complete = false;
    c->location = 0;
    const char *digits = memchr(line, ' ', len);
    if (c->status == 401 || c->status == 407) {
        c->challenges++;
    }
    c->body_held_back = c->body_held_back && c->status < 200;
    c->status = 0;
    for (size_t i = 1; digits != NULL && i <= 3 && digits + i < line + len; i++) {
        c->status = c->status * 10 + (digits[i] - '0');
    }
}

// Anywhere else what looks like a status line is a field, or a trailer, of a server that means harm. libcurl
// asks again behind a challenge; behind a 417, without Expect; and with the body, when a server has not
// challenged the request that went ahead without it.
static bool may_start_message(const http_collector_t *c) {
    bool is_challenge = c->status == 401 || c->status == 407 || c->status == 417;
    bool is_go_ahead = c->body_held_back && c->status >= 200 && c->status <= 299;
    return c->status == 0 || (c->complete && (is_interim(c) || is_challenge || is_go_ahead));
}

static void fold(http_collector_t *c, const char *text, size_t len) {
    if (c->count == 0) {
        return; // nothing to continue: RFC 9112 2.2 lets a client ignore such a line
    }
    trim(&text, &len);
    if (len == 0) {
        return;
    }
    c->len--; // the NUL of the value so far
    if (c->data[c->len - 1] != 0) {
        c->data[c->len++] = ' '; // RFC 9112 5.2: a fold reads as one blank
    }
    append(c, text, len);
}

// RFC 9112 6.3: with two lengths nobody knows where the body ends. libcurl takes the last one.
static bool is_another_length(const http_collector_t *c, const char *value, size_t len) {
    if (c->length == 0) {
        return memchr(value, ',', len) != NULL;
    }
    const char *before = c->data + c->length;
    return strlen(before) != len || memcmp(before, value, len) != 0;
}

static CURLcode field(http_collector_t *c, const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    if (colon == NULL) {
        return CURLE_OK;
    }
    const char *name = line;
    size_t name_len = colon - line;
    const char *value = colon + 1;
    size_t value_len = len - name_len - 1;
    trim(&name, &name_len);
    trim(&value, &value_len);
    if (name_len == 0) {
        return CURLE_OK;
    }
    // As libcurl reads it: a blank in front of the colon makes it another field.
    bool is_location = name == line && colon == line + name_len && name_len == 8 && http_name_is(name, name_len, "Location");
    bool is_length = name_len == 14 && http_name_is(name, name_len, "Content-Length");
    if (is_length && is_another_length(c, value, value_len)) {
        return CURLE_WEIRD_SERVER_REPLY;
    }
    append(c, name, name_len);
    c->length = is_length ? c->len : c->length;
    c->location = is_location && value_len > 0 && c->location == 0 ? c->len : c->location;
    append(c, value, value_len);
    c->count++;
    return CURLE_OK;
}

// One line as libcurl gives it, with its line end. Trailers are read, counted and dropped.
CURLcode http_collect_line(http_collector_t *c, const char *line, size_t len) {
    size_t text_len = len;
    while (text_len > 0 && (line[text_len - 1] == '\n' || line[text_len - 1] == '\r')) {
        text_len--;
    }
    bool is_status_line = len >= 5 && line[0] == 'H' && memcmp(line, "HTTP/", 5) == 0;
    if (is_status_line && may_start_message(c)) {
        start_message(c, line, text_len);
        return c->challenges > HTTP_CHALLENGES_MAX ? CURLE_LOGIN_DENIED : CURLE_OK;
    }
    if (text_len == 0) {
        c->complete = true;
        return CURLE_OK;
    }
    if (line[0] == '\r') {
        return CURLE_WEIRD_SERVER_REPLY; // the end of the fields for libcurl, and for others one of them
    }
    if (is_status_line && c->complete) {
        return CURLE_WEIRD_SERVER_REPLY; // libcurl takes it for the next message, and no trailer looks like that
    }
    if (++c->lines > HTTP_FIELDS_MAX_LINES || c->len + c->dropped_len + text_len > HTTP_FIELDS_MAX_BYTES) {
        return CURLE_RECV_ERROR;
    }
    if (c->complete) {
        c->dropped_len += text_len;
        return CURLE_OK;
    }
    if (!reserve(c, text_len + 2)) {
        return CURLE_OUT_OF_MEMORY;
    }
    const char *own = copy_line(c, line, text_len);
    if (is_blank(line[0])) {
        fold(c, own, text_len);
        return CURLE_OK;
    }
    return field(c, own, text_len);
}
