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

void http_response_clear(http_response_t *response) {
    http_memory_free(response->data);
    memset(response, 0, sizeof(*response));
}

const char *http_response_fields(const http_response_t *response) {
    return response->data == NULL ? NULL : response->data + strlen(response->data) + 1;
}

void http_response_move(http_response_t *response, http_result_t *result) {
    if (response->data != NULL) {
        result->reason = response->data;
        result->fields = http_response_fields(response);
        result->field_count = response->count;
        response->data = NULL;
        response->alloc = 0;
        response->count = 0; // a trailer is no field any more
    }
}

static bool reserve(http_response_t *response, size_t more) {
    if (response->len + more <= response->alloc) {
        return true;
    }
    size_t alloc = response->alloc * 2 > response->len + more ? response->alloc * 2 : response->len + more + 512;
    char *data = http_memory_realloc(response->data, alloc);
    if (data == NULL) {
        return false;
    }
    response->data = data;
    response->alloc = alloc;
    return true;
}

// Copy the line after the fields that are stored. RFC 9110 5.5: bytes that are not allowed in a field become blanks.
static char *copy_line(http_response_t *response, const char *line, size_t len) {
    char *own = response->data + response->len;
    memmove(own, line, len); // at -Os, memcpy would be byte by byte on x86
    own[len] = 0;
    for (size_t i = 0; (i += strcspn(own + i, "\r\n")) < len;) {
        own[i] = ' ';
    }
    return own;
}

// Store a part of that copy as the next string, without the blanks at its end.
static void append(http_response_t *response, const char *part, size_t len) {
    while (len > 0 && is_blank(part[len - 1])) {
        len--;
    }
    memmove(response->data + response->len, part, len);
    response->len += len;
    response->data[response->len++] = 0;
}

static bool is_interim(const http_response_t *response) {
    return response->status >= 100 && response->status <= 199;
}

#define TWO_WAYS "a response that can be read in two ways"

static CURLcode refuse(http_response_t *response, const char *why) {
    response->why = why;
    return CURLE_WEIRD_SERVER_REPLY;
}

// The status of a status line, exactly as in RFC 9112 4; 0: it is not valid. Versions of libcurl read other lines
// differently, some as a 200. The reason may be missing together with the blank before it. A status below 100 would
// look like one of libcurl's codes. 101 answers a request that the engine never sends.
static HTTP_APART int status_of(const char *line, size_t len) {
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

// A status line starts a new message. The fields of an interim response, or of a challenge that libcurl has answered,
// are not part of it. But libcurl stores the fields of interim responses, so they count for the limit. The reason is in
// front of the fields.
static CURLcode start_message(http_response_t *response, const char *line, size_t len) {
    response->dropped_len = is_interim(response) ? response->dropped_len + response->len : 0;
    memset(&response->len, 0, offsetof(http_response_t, status) - offsetof(http_response_t, len));
    response->messages++;
    if (response->status == 401 || response->status == 407) {
        response->challenges++;
    }
    response->body_held_back = response->body_held_back && response->status < 200;
    response->status = status_of(line, len);
    if (len > HTTP_FIELDS_MAX_BYTES) {
        response->why = HTTP_TOO_LARGE;
        return CURLE_RECV_ERROR;
    }
    size_t reason = len < 13 || response->status == 0 ? len : 13; // after "HTTP/1.1 200 "
    if (!reserve(response, len - reason + 1)) {
        return CURLE_OUT_OF_MEMORY;
    }
    append(response, copy_line(response, line + reason, len - reason), len - reason);
    if (response->challenges > HTTP_CHALLENGES_MAX) {
        response->why = "the server asks for authentication again and again";
        return CURLE_LOGIN_DENIED;
    }
    return response->status == 0 ? refuse(response, HTTP_NO_STATUS) : CURLE_OK;
}

// True if a new message may start here: after a challenge, which libcurl answers; after a 417, because libcurl sends
// the request again without Expect; after a 2xx to a request without its body, because libcurl sends the body then.
// Anywhere else a line that looks like a status line is a field, or a trailer, of a hostile server.
static bool may_start_message(const http_response_t *response) {
    bool is_challenge = response->status == 401 || response->status == 407 || response->status == 417;
    bool is_go_ahead = response->body_held_back && response->status >= 200 && response->status <= 299;
    return response->complete && (is_challenge || is_go_ahead);
}

bool http_response_is_final(const http_response_t *response) {
    return response->complete && !is_interim(response) && !may_start_message(response);
}

// Content-Length (RFC 9110 8.6) is a number, or a list that repeats the same number. Two fields are a list, too.
// libcurl reads only the first digits of the last field.
static bool read_length(http_response_t *response) {
    const char *text = response->data + response->value;
    for (;; text++) {
        text += strspn(text, BLANKS);
        char *end = (char *)text;
        uint64_t length = is_digit(*text) ? strtoull(text, &end, 10) : UINT64_MAX;
        if (length >= INT64_MAX || (response->length != 0 && response->length != length + 1)) {
            return false;
        }
        response->length = length + 1;
        text = end + strspn(end, BLANKS);
        if (*text != ',') {
            return *text == 0;
        }
    }
}

// Check the last field. It is complete: no folded line follows.
static CURLcode end_field(http_response_t *response) {
    if (response->field == HTTP_FIELD_LENGTH && !read_length(response)) {
        return refuse(response, "a Content-Length that is not one number");
    }
    if (response->field == HTTP_FIELD_LOCATION && response->location == 0 && response->data[response->value] != 0) {
        response->location = response->value;
    }
    response->field = HTTP_FIELD_NONE;
    return CURLE_OK;
}

static CURLcode fold(http_response_t *response, const char *text, size_t len) {
    size_t blanks = strspn(text, BLANKS);
    if (response->lines == 1) {
        return refuse(response, HTTP_NO_FIELD); // RFC 9112 2.2
    }
    if (response->field == HTTP_FIELD_NONE || blanks == len) {
        return CURLE_OK;
    }
    if (response->field == HTTP_FIELD_CODING) {
        return refuse(response, TWO_WAYS); // libcurl reads only the first line
    }
    response->len--; // remove the NUL of the value
    if (response->data[response->len - 1] != 0) {
        response->data[response->len++] = ' '; // RFC 9112 5.2: a fold becomes one blank
    }
    append(response, text + blanks, len - blanks);
    return CURLE_OK;
}

static http_field_t field_named(const char *name, size_t len) {
    static const char names[][18] = { "Location", "Content-Length", "Transfer-Encoding" };
    for (int i = 0; i < 3; i++) {
        if (http_name_is(name, len, names[i])) {
            return HTTP_FIELD_LOCATION + i;
        }
    }
    return HTTP_FIELD_OTHER;
}

static CURLcode field(http_response_t *response, const char *line, size_t len) {
    size_t blanks = strspn(line, BLANKS); // bytes that a field cannot have, as a NUL, are blanks here
    line += blanks;
    len -= blanks;
    const char *value = memchr(line, ':', len);
    if (value == NULL || value == line) {
        return CURLE_OK;
    }
    bool is_spaced = blanks > 0 || is_blank(value[-1]);
    const char *name = response->data + response->len;
    append(response, line, value - line);
    response->field = field_named(name, response->data + response->len - 1 - name);
    if (is_spaced) {
        // RFC 9112 5.1: no blank before the colon. libcurl reads another name here. But this field decides where the
        // body ends.
        if (response->field >= HTTP_FIELD_LENGTH) {
            response->len = name - response->data; // no name without a value
            return refuse(response, TWO_WAYS);
        }
        response->field = HTTP_FIELD_OTHER;
    }
    value++;
    value += strspn(value, BLANKS);
    response->value = response->len;
    append(response, value, line + len - value);
    response->count++;
    return CURLE_OK;
}

// Trailers are counted and dropped. A line that cannot be a trailer may be content, because libcurl reads some chunk
// lengths differently: "0x10" as 0.
static CURLcode trailer(http_response_t *response, const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    response->dropped_len += len;
    bool is_fold = is_blank(line[0]) && response->field != HTTP_FIELD_NONE;
    if (memchr(line, 0, len) != NULL || (!is_fold && (colon == NULL || !http_is_token(line, colon - line)))) {
        return refuse(response, TWO_WAYS);
    }
    response->field = HTTP_FIELD_OTHER;
    return CURLE_OK;
}

// Read one line of the header, with its line end.
CURLcode http_response_read_line(http_response_t *response, const char *line, size_t len) {
    size_t text_len = len;
    while (text_len > 0 && (line[text_len - 1] == '\n' || line[text_len - 1] == '\r')) {
        text_len--;
    }
    if (response->status == 0 || (response->complete && is_interim(response))) {
        return start_message(response, line, text_len); // libcurl reads it as a status line
    }
    bool is_status_line = len >= 5 && line[0] == 'H' && memcmp(line, "HTTP/", 5) == 0;
    if (is_status_line && may_start_message(response)) {
        return start_message(response, line, text_len);
    }
    if (text_len == 0) {
        response->complete = true;
        return end_field(response);
    }
    // At a line that begins with CR, libcurl ends the header, and other recipients read a field. At a status line among
    // trailers, libcurl starts the next message.
    if (line[0] == '\r' || (is_status_line && response->complete)) {
        return refuse(response, TWO_WAYS);
    }
    if (++response->lines > HTTP_FIELDS_MAX_LINES || response->len + response->dropped_len + text_len > HTTP_FIELDS_MAX_BYTES) {
        response->why = HTTP_TOO_LARGE;
        return CURLE_RECV_ERROR;
    }
    if (response->complete) {
        return trailer(response, line, text_len);
    }
    if (!reserve(response, text_len + 2)) {
        return CURLE_OUT_OF_MEMORY;
    }
    const char *own = copy_line(response, line, text_len);
    if (is_blank(line[0])) {
        return fold(response, own, text_len);
    }
    CURLcode code = end_field(response);
    return code == CURLE_OK ? field(response, own, text_len) : code;
}
