// SPDX-License-Identifier: MIT
// The header fields of a response, line by line as they arrive.

#include <stdlib.h>
#include <string.h>

#include "http/engine/memory.h"
#include "http/engine/response.h"

#define BLANKS " \t"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void http_response_clear(http_response_t *c) {
    http_memory_free(c->data);
    memset(c, 0, sizeof(*c));
}

static bool reserve(http_response_t *c, size_t more) {
    if (c->len + more <= c->alloc) {
        return true;
    }
    size_t alloc = c->alloc * 2 > c->len + more ? c->alloc * 2 : c->len + more + 512;
    char *data = http_memory_realloc(c->data, alloc);
    if (data == NULL) {
        return false;
    }
    c->data = data;
    c->alloc = alloc;
    return true;
}

// Copy the line behind the fields that are stored already. RFC 9110 5.5: bytes that a field must not have become blanks.
static char *copy_line(http_response_t *c, const char *line, size_t len) {
    char *own = c->data + c->len;
    memmove(own, line, len); // at -Os, memcpy would be byte by byte on x86
    own[len] = 0;
    for (size_t i = strcspn(own, "\r\n"); i < len; i += 1 + strcspn(own + i + 1, "\r\n")) {
        own[i] = ' ';
    }
    return own;
}

// Store a part of that copy as the next text, without the blanks at its end.
static void append(http_response_t *c, const char *part, size_t len) {
    while (len > 0 && is_blank(part[len - 1])) {
        len--;
    }
    if (c->data + c->len != part) {
        memmove(c->data + c->len, part, len);
    }
    c->len += len;
    c->data[c->len++] = 0;
}

static bool is_interim(const http_response_t *c) {
    return c->status >= 100 && c->status <= 199;
}

#define TWO_WAYS "a response that can be read in two ways"

static CURLcode refuse(http_response_t *c, const char *why) {
    c->why = why;
    return CURLE_WEIRD_SERVER_REPLY;
}

// Exactly RFC 9112 4: versions of libcurl read other lines differently, some as a 200. The reason may be missing together
// with its blank. 0: there is no valid status. Below 100 it would read as one of libcurl's codes, and 101 answers a
// request that was never made.
static int status_of(const char *line, size_t len) {
    int status = 0;
    if (len < 12 || memcmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) || line[8] != ' ' || (len > 12 && line[12] != ' ')) {
        return 0;
    }
    for (size_t i = 9; i < 12; i++) {
        if (!is_digit(line[i])) {
            return 0;
        }
        status = status * 10 + (line[i] - '0');
    }
    return status < 100 || status == 101 ? 0 : status;
}

// A status line starts a new message. The fields of an interim response or of an answered challenge are not part of it.
// But libcurl keeps the fields of interim responses, so they all count for the limit.
static CURLcode start_message(http_response_t *c, const char *line, size_t len) {
    c->dropped_len = is_interim(c) ? c->dropped_len + c->len : 0;
    memset(&c->len, 0, offsetof(http_response_t, status) - offsetof(http_response_t, len));
    c->messages++;
    if (c->status == 401 || c->status == 407) {
        c->challenges++;
    }
    c->body_held_back = c->body_held_back && c->status < 200;
    c->status = status_of(line, len);
    if (c->challenges > HTTP_CHALLENGES_MAX) {
        c->why = "the server asks for authentication again and again";
        return CURLE_LOGIN_DENIED;
    }
    return c->status == 0 ? refuse(c, HTTP_NO_STATUS) : CURLE_OK;
}

// A new message may come after a challenge, which libcurl answers; after a 417, when libcurl sends the request again without
// Expect; and after a 2xx to a request that was sent without its body, which libcurl sends then. Anywhere else a line
// that looks like a status line is a field, or a trailer, of a hostile server.
static bool may_start_message(const http_response_t *c) {
    bool is_challenge = c->status == 401 || c->status == 407 || c->status == 417;
    bool is_go_ahead = c->body_held_back && c->status >= 200 && c->status <= 299;
    return c->complete && (is_challenge || is_go_ahead);
}

// RFC 9110 8.6: a number, or a list that repeats it; two fields are a list too. libcurl only reads the first digits of the
// last field.
static bool read_length(http_response_t *c) {
    const char *text = c->data + c->value;
    for (;; text++) {
        text += strspn(text, BLANKS);
        char *end = (char *)text;
        uint64_t length = is_digit(*text) ? strtoull(text, &end, 10) : UINT64_MAX;
        if (length >= INT64_MAX || (c->length != 0 && c->length != length + 1)) {
            return false;
        }
        c->length = length + 1;
        text = end + strspn(end, BLANKS);
        if (*text != ',') {
            return *text == 0;
        }
    }
}

// The last field is complete: no folded line follows.
static CURLcode end_field(http_response_t *c) {
    if (c->field == HTTP_FIELD_LENGTH && !read_length(c)) {
        return refuse(c, "a Content-Length that is not one number");
    }
    if (c->field == HTTP_FIELD_LOCATION && c->location == 0 && c->data[c->value] != 0) {
        c->location = c->value;
    }
    c->field = HTTP_FIELD_NONE;
    return CURLE_OK;
}

static CURLcode fold(http_response_t *c, const char *text, size_t len) {
    size_t blanks = strspn(text, BLANKS);
    if (c->lines == 1) {
        return refuse(c, HTTP_NO_FIELD); // RFC 9112 2.2
    }
    if (c->field == HTTP_FIELD_NONE || blanks == len) {
        return CURLE_OK;
    }
    if (c->field == HTTP_FIELD_CODING) {
        return refuse(c, TWO_WAYS); // libcurl has read only the first line
    }
    c->len--; // the NUL of the value so far
    if (c->data[c->len - 1] != 0) {
        c->data[c->len++] = ' '; // RFC 9112 5.2: a fold reads as one blank
    }
    append(c, text + blanks, len - blanks);
    return CURLE_OK;
}

static http_field_t field_named(const char *name, size_t len) {
    return http_name_is(name, len, "Location") ? HTTP_FIELD_LOCATION
        : http_name_is(name, len, "Content-Length") ? HTTP_FIELD_LENGTH
        : http_name_is(name, len, "Transfer-Encoding") ? HTTP_FIELD_CODING
        : HTTP_FIELD_OTHER;
}

static CURLcode field(http_response_t *c, const char *line, size_t len) {
    const char *value = memchr(line, ':', len);
    if (value == NULL || value == line) {
        return CURLE_OK;
    }
    bool is_spaced = is_blank(value[-1]);
    const char *name = c->data + c->len;
    append(c, line, value - line);
    c->field = field_named(name, c->data + c->len - 1 - name);
    if (is_spaced) {
        // RFC 9112 5.1. libcurl reads another name here; but the field decides where the body ends.
        if (c->field >= HTTP_FIELD_LENGTH) {
            return refuse(c, TWO_WAYS);
        }
        c->field = HTTP_FIELD_OTHER;
    }
    value++;
    value += strspn(value, BLANKS);
    c->value = c->len;
    append(c, value, line + len - value);
    c->count++;
    return CURLE_OK;
}

// Trailers are read, counted and dropped. A line that cannot be a trailer may be content: libcurl reads some chunk lengths
// differently, "0x10" as 0.
static CURLcode trailer(http_response_t *c, const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    c->dropped_len += len;
    bool is_fold = is_blank(line[0]) && c->field != HTTP_FIELD_NONE;
    if (!is_fold && (colon == NULL || !http_is_token(line, colon - line))) {
        return refuse(c, TWO_WAYS);
    }
    c->field = HTTP_FIELD_OTHER;
    return CURLE_OK;
}

// Read one line as libcurl gives it, with its line end.
CURLcode http_response_read_line(http_response_t *c, const char *line, size_t len) {
    size_t text_len = len;
    while (text_len > 0 && (line[text_len - 1] == '\n' || line[text_len - 1] == '\r')) {
        text_len--;
    }
    if (c->status == 0 || (c->complete && is_interim(c))) {
        return start_message(c, line, text_len); // libcurl reads it as a status line
    }
    bool is_status_line = len >= 5 && line[0] == 'H' && memcmp(line, "HTTP/", 5) == 0;
    if (is_status_line && may_start_message(c)) {
        return start_message(c, line, text_len);
    }
    if (text_len == 0) {
        c->complete = true;
        return end_field(c);
    }
    // libcurl ends the fields at a line that begins with CR, where others read a field. And it starts the next message at a
    // status line among trailers.
    if (line[0] == '\r' || (is_status_line && c->complete)) {
        return refuse(c, TWO_WAYS);
    }
    if (++c->lines > HTTP_FIELDS_MAX_LINES || c->len + c->dropped_len + text_len > HTTP_FIELDS_MAX_BYTES) {
        c->why = HTTP_TOO_LARGE;
        return CURLE_RECV_ERROR;
    }
    if (c->complete) {
        return trailer(c, line, text_len);
    }
    if (!reserve(c, text_len + 2)) {
        return CURLE_OUT_OF_MEMORY;
    }
    const char *own = copy_line(c, line, text_len);
    if (is_blank(line[0])) {
        return fold(c, own, text_len);
    }
    CURLcode code = end_field(c);
    return code == CURLE_OK ? field(c, own, text_len) : code;
}
