// SPDX-License-Identifier: MIT
// Where the bytes of a request's body come from: memory, files, or pieces that the app feeds.

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/engine/event.h"
#include "http/engine/memory.h"
#include "http/engine/option.h"
#include "http/engine/upload.h"

#define CANNOT_READ "the file to send cannot be read to its end"

// ------------------------------------------------------------------------------------------------
// Callbacks of libcurl

// The app is to feed the next piece.
static size_t want(http_request_t *r) {
    if (!r->wants) {
        r->wants = true;
        http_event_raise(r);
    }
    return CURL_READFUNC_PAUSE;
}

// Read from the part at the position, at most to its end. Not positive: a file cannot be read.
static ssize_t read_part(http_request_t *r, char *buffer, size_t size) {
    const http_content_t *part = r->parts;
    int64_t at = r->body_position;
    while (at >= part->len) {
        at -= part++->len;
    }
    int64_t left = part->len - at;
    size = (int64_t)size < left ? size : (size_t)left;
    if (part->data == NULL) {
        return pread(part->fd, buffer, size, part->start + at);
    }
    memcpy(buffer, part->data + at, size);
    return size;
}

static size_t read_body(char *buffer, size_t size, size_t count, void *user) {
    http_request_t *r = user;
    // The last piece is held back until the app has ended the body: it might feed more than it has promised.
    if (r->options.fed && !r->fed_all && (r->body_position == r->body_len || r->fed_count == r->options.fed_len)) {
        return want(r);
    }
    // libcurl sends what one call gives: many small parts would be many small packets.
    size_t len = 0;
    while (len < size * count && r->body_position < r->body_len) {
        ssize_t n = read_part(r, buffer + len, size * count - len);
        if (n <= 0) {
            r->abort_code = CURLE_READ_ERROR;
            r->abort_text = CANNOT_READ;
            return CURL_READFUNC_ABORT;
        }
        len += n;
        r->body_position += n;
    }
    return len;
}

static int seek_body(void *user, curl_off_t offset, int origin) {
    http_request_t *r = user;
    (void)origin; // always SEEK_SET
    if (http_upload_is_spent(r)) {
        r->abort_code = CURLE_SEND_FAIL_REWIND;
        r->abort_text = HTTP_SPENT;
        return CURL_SEEKFUNC_FAIL;
    }
    r->body_position = offset;
    return CURL_SEEKFUNC_OK;
}

// ------------------------------------------------------------------------------------------------
// Copies of the caller's data

static CURLcode use_memory(http_request_t *r, http_content_t *content, const void *data, size_t len) {
    content->data = http_memory_copy(data, len);
    content->len = len;
    r->body_len += len;
    return content->data == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

// Take ownership of the descriptor. Only a regular file is accepted, because its length is known.
static CURLcode use_file(http_request_t *r, http_content_t *content, int fd) {
    struct stat stat;
    content->fd = fd;
    content->open = fd >= 0;
    content->start = lseek(fd, 0, SEEK_CUR);
    if (fstat(fd, &stat) != 0 || content->start < 0 || !S_ISREG(stat.st_mode)) {
        r->abort_text = CANNOT_READ;
        return CURLE_READ_ERROR;
    }
    content->len = stat.st_size > content->start ? stat.st_size - content->start : 0;
    r->body_len += content->len;
    return CURLE_OK;
}

static void free_content(http_content_t *content) {
    http_memory_forget(&content->data);
    if (content->open) {
        close(content->fd);
        content->open = false;
    }
}

CURLcode http_upload_copy(http_request_t *r, const http_request_args_t *args) {
    r->parts = &r->body;
    r->part_count = 1;
    if (!http_memory_copy_text(&r->content_type, args->content_type)) {
        return CURLE_OUT_OF_MEMORY;
    }
    if (args->body != NULL) {
        return use_memory(r, &r->body, args->body, args->body_len);
    }
    if (args->part_count > 0) {
        r->parts = calloc(args->part_count, sizeof(*r->parts));
        r->part_count = r->parts == NULL ? 0 : args->part_count;
    }
    CURLcode code = r->parts == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
    for (size_t i = 0; code == CURLE_OK && i < args->part_count; i++) {
        const http_part_t *part = &args->parts[i];
        if (part->content.data != NULL && !part->is_path) {
            code = use_memory(r, &r->parts[i], part->content.data, part->content.len);
        } else {
            // O_NONBLOCK: otherwise open() waits for the other end of a pipe. A duplicate shares the file's position.
            int fd = part->is_path ? open(part->content.data, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : dup(part->fd);
            code = use_file(r, &r->parts[i], fd);
        }
    }
    return code;
}

void http_upload_free(http_request_t *r) {
    http_memory_forget(&r->content_type);
    r->options.fed = false;
    r->wants = false;
    r->body_len = 0;
    while (r->part_count > 0) {
        free_content(&r->parts[--r->part_count]);
    }
    if (r->parts != &r->body) {
        free(r->parts);
    }
    r->parts = NULL;
}

bool http_upload_any(const http_request_t *r) {
    return r->options.fed || r->body_len > 0;
}

bool http_upload_is_spent(const http_request_t *r) {
    return r->options.fed && (r->fed_count > 0 || r->fed_all);
}

CURLcode http_upload_feed(http_request_t *r, const void *data, size_t len) {
    int64_t left = r->options.fed_len < 0 ? INT64_MAX : r->options.fed_len - r->fed_count;
    r->fed_all = len == 0;
    if ((int64_t)len > left || (r->fed_all && r->options.fed_len >= 0 && left > 0)) {
        r->fault = HTTP_FAULT_ITERATOR;
        r->abort_text = "data: the iterator contradicts Content-Length";
        return CURLE_READ_ERROR;
    }
    if (len > 0) {
        free_content(&r->body);
        r->body_len = r->body_position = 0;
        r->fed_count += len;
        if (use_memory(r, &r->body, data, len) != CURLE_OK) {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    r->wants = r->fed_count == r->options.fed_len && !r->fed_all;
    return CURLE_OK;
}

int64_t http_upload_sent(http_request_t *r, bool tell) {
    curl_off_t sent = 0;
    curl_off_t total = -1;
    curl_easy_getinfo(r->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(r->easy, CURLINFO_CONTENT_LENGTH_UPLOAD_T, &total);
    if (r->options.fed) {
        sent = r->fed_count - r->body_len + r->body_position; // libcurl counts the chunked coding too
    }
    if (r->options.upload_progress && (!tell || (uint64_t)sent != r->sent.count)) {
        http_event_progress(r, &r->sent, sent, total, tell);
    }
    return sent;
}

// ------------------------------------------------------------------------------------------------
// Options of a hop

void http_upload_set_options(http_request_t *r) {
    http_option_set_long(r, CURLOPT_POST, 1);
    if (r->setup_code == CURLE_OK) {
        r->setup_code = curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(r->options.fed ? r->options.fed_len : r->body_len));
    }
    if (r->body.data != NULL && !r->options.fed) {
        http_option_set_pointer(r, CURLOPT_POSTFIELDS, r->body.data); // not copied: r lives longer than the hop
        return;
    }
    r->body_position = 0;
    http_option_set_pointer(r, CURLOPT_READFUNCTION, (void *)read_body);
    http_option_set_pointer(r, CURLOPT_READDATA, r);
    http_option_set_pointer(r, CURLOPT_SEEKFUNCTION, (void *)seek_body);
    http_option_set_pointer(r, CURLOPT_SEEKDATA, r);
}
