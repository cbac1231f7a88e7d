// SPDX-License-Identifier: MIT
// Where the bytes of a request's body come from: memory, a file, the parts of a form, or pieces that the app feeds.

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

static size_t read_content(char *buffer, size_t size, size_t count, void *user) {
    http_content_t *content = user;
    http_request_t *r = content->request;
    int64_t left = content->len - content->position;
    // The last piece is held back until the app has ended the body: it might feed more than it has promised.
    if (r->options.fed && !r->fed_all && (left == 0 || r->fed_count == r->options.fed_len)) {
        return want(r);
    }
    ssize_t n = (int64_t)(size * count) < left ? (ssize_t)(size * count) : (ssize_t)left;
    if (content->data != NULL) {
        memcpy(buffer, content->data + content->position, n);
    } else if (n > 0) {
        n = pread(content->fd, buffer, n, content->start + content->position);
        if (n <= 0) {
            r->abort_code = CURLE_READ_ERROR;
            r->abort_text = CANNOT_READ;
            return CURL_READFUNC_ABORT;
        }
    }
    content->position += n;
    return n;
}

static int seek_content(void *user, curl_off_t offset, int origin) {
    http_content_t *content = user;
    http_request_t *r = content->request;
    (void)origin; // always SEEK_SET
    if (http_upload_is_spent(r)) {
        r->abort_code = CURLE_SEND_FAIL_REWIND;
        r->abort_text = HTTP_SPENT;
        return CURL_SEEKFUNC_FAIL;
    }
    content->position = offset;
    return CURL_SEEKFUNC_OK;
}

// ------------------------------------------------------------------------------------------------
// Copies of the caller's data

static CURLcode use_memory(http_content_t *content, const void *data, size_t len) {
    content->data = http_memory_copy(data, len);
    content->len = len;
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
    return CURLE_OK;
}

static void free_content(http_content_t *content) {
    http_memory_forget(&content->data);
    content->len = 0;
    if (content->open) {
        close(content->fd);
        content->open = false;
    }
}

static CURLcode copy_part(http_request_t *r, http_part_copy_t *own, const http_part_t *part) {
    const char *path = part->items[HTTP_PART_PATH].data;
    own->content.request = r;
    if (!http_memory_copy_texts(own->texts, part->items, HTTP_PART_CONTENT)) {
        return CURLE_OUT_OF_MEMORY;
    }
    if (path == NULL) {
        return use_memory(&own->content, part->items[HTTP_PART_CONTENT].data, part->items[HTTP_PART_CONTENT].len);
    }
    if (own->texts[HTTP_PART_FILENAME].data == NULL) {
        const char *slash = strrchr(path, '/');
        if (!http_memory_copy_text(&own->texts[HTTP_PART_FILENAME].data, slash == NULL ? path : slash + 1)) {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    // O_NONBLOCK: otherwise open() waits for the other end of a pipe.
    return use_file(r, &own->content, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

CURLcode http_upload_copy(http_request_t *r, const http_request_args_t *args) {
    r->body.request = r;
    if (args->body_fd != NULL) {
        return use_file(r, &r->body, dup(*args->body_fd)); // the duplicate shares the file's position
    }
    if (args->body != NULL) {
        bool copied = http_memory_copy_text(&r->content_type, args->content_type);
        return copied ? use_memory(&r->body, args->body, args->body_len) : CURLE_OUT_OF_MEMORY;
    }
    if (args->part_count > 0) {
        r->parts = calloc(args->part_count, sizeof(*r->parts));
        if (r->parts == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
        r->part_count = args->part_count;
    }
    CURLcode code = CURLE_OK;
    for (size_t i = 0; code == CURLE_OK && i < r->part_count; i++) {
        code = copy_part(r, &r->parts[i], &args->parts[i]);
    }
    return code;
}

void http_upload_free(http_request_t *r) {
    http_memory_forget(&r->content_type);
    free_content(&r->body);
    r->options.fed = false;
    r->wants = false;
    for (; r->part_count > 0; r->part_count--) {
        http_part_copy_t *part = &r->parts[r->part_count - 1];
        http_memory_free_texts(part->texts, HTTP_PART_CONTENT);
        free_content(&part->content);
    }
    free(r->parts);
    r->parts = NULL;
}

bool http_upload_any(const http_request_t *r) {
    return r->options.fed || r->body.len > 0 || r->part_count > 0;
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
        r->body.position = 0;
        r->fed_count += len;
        if (use_memory(&r->body, data, len) != CURLE_OK) {
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
        sent = r->fed_count - r->body.len + r->body.position; // libcurl counts the chunked coding too
    }
    if (r->options.upload_progress && (!tell || (uint64_t)sent != r->sent.count)) {
        http_event_progress(r, &r->sent, sent, total, tell);
    }
    return sent;
}

// ------------------------------------------------------------------------------------------------
// Options of a hop

static CURLcode add_part(curl_mime *mime, http_part_copy_t *own) {
    curl_mimepart *part = curl_mime_addpart(mime);
    if (part == NULL) {
        return CURLE_OUT_OF_MEMORY; // also if there was none for mime
    }
    own->content.position = 0;
    CURLcode code = curl_mime_data_cb(part, own->content.len, read_content, seek_content, NULL, &own->content);
    if (code == CURLE_OK) {
        code = curl_mime_name(part, own->texts[HTTP_PART_NAME].data);
    }
    if (code == CURLE_OK) {
        code = curl_mime_filename(part, own->texts[HTTP_PART_FILENAME].data); // NULL is none
    }
    return code == CURLE_OK ? curl_mime_type(part, own->texts[HTTP_PART_TYPE].data) : code;
}

static void add_parts(http_request_t *r) {
    r->mime = curl_mime_init(r->easy);
    for (size_t i = 0; r->setup_code == CURLE_OK && i < r->part_count; i++) {
        r->setup_code = add_part(r->mime, &r->parts[i]);
    }
    http_option_set_pointer(r, CURLOPT_MIMEPOST, r->mime);
}

void http_upload_set_options(http_request_t *r) {
    if (r->part_count > 0) {
        add_parts(r);
        return;
    }
    http_option_set_long(r, CURLOPT_POST, 1);
    if (r->setup_code == CURLE_OK) {
        r->setup_code = curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(r->options.fed ? r->options.fed_len : r->body.len));
    }
    if (!r->body.open && !r->options.fed) {
        http_option_set_pointer(r, CURLOPT_POSTFIELDS, r->body.data); // not copied: r lives longer than the hop
        return;
    }
    r->body.position = 0;
    http_option_set_pointer(r, CURLOPT_READFUNCTION, (void *)read_content);
    http_option_set_pointer(r, CURLOPT_READDATA, &r->body);
    http_option_set_pointer(r, CURLOPT_SEEKFUNCTION, (void *)seek_content);
    http_option_set_pointer(r, CURLOPT_SEEKDATA, &r->body);
}
