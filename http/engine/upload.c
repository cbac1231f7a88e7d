// SPDX-License-Identifier: MIT
// Where the bytes of a request's body come from: memory, a file, or the parts of a form.

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/engine/memory.h"
#include "http/engine/option.h"
#include "http/engine/upload.h"

// ------------------------------------------------------------------------------------------------
// Called by libcurl

static size_t read_content(char *buffer, size_t size, size_t count, void *user) {
    http_content_t *content = user;
    int64_t left = content->len - content->position;
    ssize_t n = (int64_t)(size * count) < left ? (ssize_t)(size * count) : (ssize_t)left;
    if (content->data != NULL) {
        memcpy(buffer, content->data + content->position, n);
    } else if (n > 0) {
        n = pread(content->fd, buffer, n, content->start + content->position);
        if (n <= 0) {
            content->transfer->abort_code = CURLE_READ_ERROR;
            content->transfer->abort_text = "the file to send cannot be read to its end";
            return CURL_READFUNC_ABORT;
        }
    }
    content->position += n;
    return n;
}

static int seek_content(void *user, curl_off_t offset, int origin) {
    http_content_t *content = user;
    (void)origin; // always SEEK_SET
    content->position = offset;
    return CURL_SEEKFUNC_OK;
}

// ------------------------------------------------------------------------------------------------
// Own copies

// Takes the descriptor over. What cannot be read to a known end is no content.
static CURLcode use_file(http_transfer_t *t, http_content_t *content, int fd) {
    struct stat stat;
    content->transfer = t;
    content->fd = fd;
    content->open = fd >= 0;
    content->start = lseek(fd, 0, SEEK_CUR);
    if (fstat(fd, &stat) != 0 || content->start < 0 || !S_ISREG(stat.st_mode)) {
        t->abort_text = "the file to send cannot be read";
        return CURLE_READ_ERROR;
    }
    content->len = stat.st_size > content->start ? stat.st_size - content->start : 0;
    return CURLE_OK;
}

static void free_content(http_content_t *content) {
    http_forget(&content->data);
    if (content->open) {
        close(content->fd);
        content->open = false;
    }
}

static CURLcode copy_part(http_transfer_t *t, http_own_part_t *own, const http_part_t *part) {
    const char *filename = part->filename;
    if (filename == NULL && part->path != NULL) {
        const char *slash = strrchr(part->path, '/');
        filename = slash == NULL ? part->path : slash + 1;
    }
    if (!http_copy_text(&own->name, part->name) || !http_copy_text(&own->filename, filename)
        || !http_copy_text(&own->type, part->type)) {
        return CURLE_OUT_OF_MEMORY;
    }
    if (part->path != NULL) {
        return use_file(t, &own->content, open(part->path, O_RDONLY | O_CLOEXEC));
    }
    own->content.data = http_copy(part->data, part->data_len);
    own->content.len = part->data_len;
    return own->content.data == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

CURLcode http_upload_copy(http_transfer_t *t, const http_request_t *request) {
    if (request->body_fd != NULL) {
        return use_file(t, &t->file_body, dup(*request->body_fd)); // which has its position
    }
    if (request->body != NULL) {
        t->body = http_copy(request->body, request->body_len);
        t->body_len = request->body_len;
        bool copied = t->body != NULL && http_copy_text(&t->content_type, request->content_type);
        return copied ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    }
    if (request->part_count > 0) {
        t->parts = calloc(request->part_count, sizeof(*t->parts));
        if (t->parts == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
        t->part_count = request->part_count;
    }
    CURLcode code = CURLE_OK;
    for (size_t i = 0; code == CURLE_OK && i < t->part_count; i++) {
        code = copy_part(t, &t->parts[i], &request->parts[i]);
    }
    return code;
}

void http_upload_free(http_transfer_t *t) {
    http_forget(&t->body);
    t->body_len = 0;
    http_forget(&t->content_type);
    free_content(&t->file_body);
    for (; t->part_count > 0; t->part_count--) {
        http_own_part_t *part = &t->parts[t->part_count - 1];
        free(part->name);
        free(part->filename);
        free(part->type);
        free_content(&part->content);
    }
    free(t->parts);
    t->parts = NULL;
}

bool http_upload_any(const http_transfer_t *t) {
    return t->body_len > 0 || t->part_count > 0 || (t->file_body.open && t->file_body.len > 0);
}

// ------------------------------------------------------------------------------------------------
// Handing them to libcurl, for one hop

static CURLcode add_part(curl_mime *mime, http_own_part_t *own) {
    curl_mimepart *part = curl_mime_addpart(mime);
    if (part == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    CURLcode code = curl_mime_name(part, own->name);
    own->content.position = 0;
    if (code == CURLE_OK) {
        code = curl_mime_data_cb(part, own->content.len, read_content, seek_content, NULL, &own->content);
    }
    if (code == CURLE_OK && own->filename != NULL) {
        code = curl_mime_filename(part, own->filename);
    }
    return code == CURLE_OK && own->type != NULL ? curl_mime_type(part, own->type) : code;
}

static CURLcode add_parts(http_transfer_t *t) {
    t->mime = curl_mime_init(t->easy);
    CURLcode code = t->mime == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
    for (size_t i = 0; code == CURLE_OK && i < t->part_count; i++) {
        code = add_part(t->mime, &t->parts[i]);
    }
    return code;
}

void http_upload_set(http_transfer_t *t) {
    if (t->part_count > 0) {
        if (t->setup_code == CURLE_OK) {
            t->setup_code = add_parts(t);
        }
        http_set_pointer(t, CURLOPT_MIMEPOST, t->mime);
        return;
    }
    http_set_long(t, CURLOPT_POST, 1);
    if (t->setup_code == CURLE_OK) {
        int64_t len = t->file_body.open ? t->file_body.len : (int64_t)t->body_len;
        t->setup_code = curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    if (!t->file_body.open) {
        http_set_pointer(t, CURLOPT_POSTFIELDS, t->body); // not copied: t outlives the hop
        return;
    }
    t->file_body.position = 0;
    http_set_pointer(t, CURLOPT_READFUNCTION, (void *)read_content);
    http_set_pointer(t, CURLOPT_READDATA, &t->file_body);
    http_set_pointer(t, CURLOPT_SEEKFUNCTION, (void *)seek_content);
    http_set_pointer(t, CURLOPT_SEEKDATA, &t->file_body);
}
