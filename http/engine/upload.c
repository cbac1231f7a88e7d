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

static size_t read_file(char *buffer, size_t size, size_t count, void *user) {
    http_file_body_t *file = user;
    int64_t left = file->len - file->position;
    size_t len = (int64_t)(size * count) < left ? size * count : (size_t)left;
    ssize_t n = pread(file->fd, buffer, len, file->start + file->position);
    if (n < 0 || (n == 0 && len > 0)) {
        file->transfer->abort_code = CURLE_READ_ERROR;
        file->transfer->abort_text = "the file to send cannot be read to its end";
        return CURL_READFUNC_ABORT;
    }
    file->position += n;
    return n;
}

static int seek_file(void *user, curl_off_t offset, int origin) {
    http_file_body_t *file = user;
    (void)origin; // always SEEK_SET
    file->position = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t read_part(char *buffer, size_t size, size_t count, void *user) {
    http_own_part_t *part = user;
    size_t left = part->data_len - part->position;
    size_t len = size * count < left ? size * count : left;
    memcpy(buffer, part->data + part->position, len);
    part->position += len;
    return len;
}

static int seek_part(void *user, curl_off_t offset, int origin) {
    http_own_part_t *part = user;
    (void)origin; // always SEEK_SET
    part->position = offset;
    return CURL_SEEKFUNC_OK;
}

// ------------------------------------------------------------------------------------------------
// Own copies

static bool copy_text(char **own, const char *text) {
    *own = text == NULL ? NULL : http_copy(text, strlen(text));
    return text == NULL || *own != NULL;
}

// Takes the descriptor over. What cannot be read to a known end is no content.
static CURLcode use_file(http_transfer_t *t, http_file_body_t *file, int fd, int64_t start) {
    struct stat stat;
    file->transfer = t;
    file->fd = fd;
    file->open = fd >= 0;
    file->start = start;
    if (!file->open || start < 0 || fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        t->abort_text = "the file to send cannot be read";
        return CURLE_READ_ERROR;
    }
    file->len = stat.st_size > start ? stat.st_size - start : 0;
    return CURLE_OK;
}

static void close_file(http_file_body_t *file) {
    if (file->open) {
        close(file->fd);
        file->open = false;
    }
}

static CURLcode copy_part(http_transfer_t *t, http_own_part_t *own, const http_part_t *part) {
    const char *filename = part->filename;
    if (filename == NULL && part->path != NULL) {
        const char *slash = strrchr(part->path, '/');
        filename = slash == NULL ? part->path : slash + 1;
    }
    if (!copy_text(&own->name, part->name) || !copy_text(&own->filename, filename)
        || !copy_text(&own->type, part->type)) {
        return CURLE_OUT_OF_MEMORY;
    }
    if (part->path != NULL) {
        return use_file(t, &own->file, open(part->path, O_RDONLY | O_CLOEXEC), 0);
    }
    own->data = http_copy(part->data, part->data_len);
    own->data_len = part->data_len;
    return own->data == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

CURLcode http_upload_copy(http_transfer_t *t, const http_request_t *request) {
    if (request->body_fd != NULL) {
        return use_file(t, &t->file_body, dup(*request->body_fd), lseek(*request->body_fd, 0, SEEK_CUR));
    }
    if (request->body != NULL) {
        t->body = http_copy(request->body, request->body_len);
        t->body_len = request->body_len;
        bool copied = t->body != NULL && copy_text(&t->content_type, request->content_type);
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
    free(t->body);
    t->body = NULL;
    t->body_len = 0;
    free(t->content_type);
    t->content_type = NULL;
    close_file(&t->file_body);
    for (size_t i = 0; i < t->part_count; i++) {
        free(t->parts[i].name);
        free(t->parts[i].filename);
        free(t->parts[i].type);
        free(t->parts[i].data);
        close_file(&t->parts[i].file);
    }
    free(t->parts);
    t->parts = NULL;
    t->part_count = 0;
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
    own->position = 0;
    own->file.position = 0;
    if (code == CURLE_OK && own->data != NULL) {
        code = curl_mime_data_cb(part, own->data_len, read_part, seek_part, NULL, own);
    } else if (code == CURLE_OK) {
        code = curl_mime_data_cb(part, own->file.len, read_file, seek_file, NULL, &own->file);
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
    http_set_pointer(t, CURLOPT_READFUNCTION, (void *)read_file);
    http_set_pointer(t, CURLOPT_READDATA, &t->file_body);
    http_set_pointer(t, CURLOPT_SEEKFUNCTION, (void *)seek_file);
    http_set_pointer(t, CURLOPT_SEEKDATA, &t->file_body);
}
