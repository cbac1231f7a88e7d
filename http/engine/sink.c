// SPDX-License-Identifier: MIT
// Stores the body of a response: in memory, in a file, or in a chunk that the app reads.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/engine/event.h"
#include "http/engine/fields.h"
#include "http/engine/memory.h"
#include "http/engine/redirect.h"
#include "http/engine/sink.h"
#include "http/engine/stream.h"
#include "http/engine/trace.h"

// The first allocation is Content-Length, up to this. Later the memory grows with the bytes that arrive.
#define PRESIZE_MAX (16 * 1024 * 1024)
#define MIN_ALLOC (4096)

// ------------------------------------------------------------------------------------------------
// Memory

// The length that the server has sent; -1: it has sent none.
static HTTP_APART curl_off_t announced_size(const http_request_t *r) {
    curl_off_t size = -1;
    curl_easy_getinfo(r->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    return size;
}

static size_t first_alloc(const http_request_t *r) {
    curl_off_t announced = announced_size(r);
    return announced <= 0 ? MIN_ALLOC : announced < PRESIZE_MAX ? (size_t)announced : PRESIZE_MAX;
}

static bool reserve(http_request_t *r, size_t len) {
    size_t needed = r->result.body_len + len;
    if (needed <= r->body_alloc) {
        return true;
    }
    size_t alloc = r->body_alloc + r->body_alloc / 2;
    if (r->body_alloc == 0) {
        alloc = first_alloc(r);
    }
    if (r->options.max_size != 0 && alloc > r->options.max_size) {
        alloc = r->options.max_size;
    }
    if (alloc < needed) {
        alloc = needed;
    }
    uint8_t *body = realloc(r->result.body, alloc);
    if (body == NULL) {
        return false;
    }
    r->result.body = body;
    r->body_alloc = alloc;
    return true;
}

static CURLcode write_memory(http_request_t *r, const char *data, size_t len) {
    if (!reserve(r, len)) {
        return CURLE_OUT_OF_MEMORY;
    }
    memmove(r->result.body + r->result.body_len, data, len); // at -Os, memcpy would be byte by byte on x86
    r->result.body_len += len;
    return CURLE_OK;
}

// ------------------------------------------------------------------------------------------------
// File

static CURLcode file_error(http_request_t *r, const char *what) {
    snprintf(r->own_error, sizeof(r->own_error), "file: cannot %s: %s", what, strerror(errno));
    r->abort_text = r->own_error;
    return CURLE_WRITE_ERROR;
}

// Open the file before the request is sent: with a wrong path no request is sent.
CURLcode http_sink_open(http_request_t *r) {
    const char *path = r->texts[HTTP_TEXT_FILE].data;
    size_t size = strlen(path) + sizeof(".4294967295.part");
    r->file.temporary_path = malloc(size);
    if (r->file.temporary_path == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    // The slot's number makes the temporary path unique. If such a file exists for this slot or for a free slot, a
    // power cut has left it, or it is a link that another program has made: remove it. The path of this slot comes
    // last.
    unsigned own = r->slot - http_state.slots;
    for (unsigned i = 1; i <= HTTP_ENGINE_SLOTS; i++) {
        unsigned slot = (own + i) % HTTP_ENGINE_SLOTS;
        if (slot == own || !http_state.slots[slot].used) {
            snprintf(r->file.temporary_path, size, "%s.%u.part", path, slot);
            unlink(r->file.temporary_path);
        }
    }
    r->file.fd = open(r->file.temporary_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    r->file.open = r->file.fd >= 0;
    return r->file.open ? CURLE_OK : file_error(r, "open");
}

// A 206 that the app did not request is not the whole file.
static bool goes_to_file(const http_request_t *r) {
    int status = r->response.status;
    return r->file.open && status >= 200 && status <= 299 && (status != 206 || http_fields_send(r->fields, "Range"));
}

static CURLcode write_file(http_request_t *r, const char *data, size_t len) {
    while (len > 0) {
        ssize_t n = write(r->file.fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return file_error(r, "write");
        }
        data += n;
        len -= n;
    }
    return CURLE_OK;
}

// Write the folder to the disk, and with it the new name. The path is not needed afterwards.
static CURLcode sync_folder(http_request_t *r) {
    char *path = r->texts[HTTP_TEXT_FILE].data;
    char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? "." : slash == path ? "/" : path;
    if (slash != NULL) {
        *slash = 0;
    }
    int fd = open(folder, O_RDONLY | O_CLOEXEC);
    CURLcode code = fd >= 0 && fsync(fd) == 0 ? CURLE_OK : file_error(r, "sync the folder");
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

CURLcode http_sink_finish(http_request_t *r) {
    if (!goes_to_file(r)) {
        return CURLE_OK;
    }
    CURLcode code = CURLE_OK;
    // Before the rename: otherwise a power cut could leave a part of the bytes under the new name.
    if (HTTP_ENGINE_SYNC_FILES && fsync(r->file.fd) != 0) {
        code = file_error(r, "write");
    }
    r->file.open = false;
    if (close(r->file.fd) != 0 && code == CURLE_OK) {
        code = file_error(r, "write");
    }
    if (code == CURLE_OK && rename(r->file.temporary_path, r->texts[HTTP_TEXT_FILE].data) != 0) {
        code = file_error(r, "rename");
    }
    if (code != CURLE_OK) {
        unlink(r->file.temporary_path);
        return code;
    }
    return HTTP_ENGINE_SYNC_FILES ? sync_folder(r) : CURLE_OK;
}

void http_sink_discard(http_request_t *r) {
    if (r->file.open) {
        close(r->file.fd);
        unlink(r->file.temporary_path);
        r->file.open = false;
    }
    http_memory_forget(&r->file.temporary_path);
}

// ------------------------------------------------------------------------------------------------

void http_sink_count(http_request_t *r, bool tell) {
    if (r->options.progress) {
        // The size of a decoded body is not known.
        http_event_progress(r, &r->received, r->hop_received, r->options.compressed ? -1 : announced_size(r), tell);
    }
}

static CURLcode write_to_sink(http_request_t *r, const char *data, size_t len) {
    CURLcode code = r->options.stream ? http_stream_write(r, data, len)
        : goes_to_file(r) ? write_file(r, data, len)
        : write_memory(r, data, len);
    if (code == CURLE_OK) {
        r->hop_received += len;
        http_sink_count(r, true);
    }
    return code;
}

static bool is_too_large(const http_request_t *r, size_t len) {
    if (r->options.max_size == 0 || len <= r->options.max_size - r->hop_received) {
        return false;
    }
    return !r->options.max_size_in_memory || http_redirect_is_followed(r) || !(r->options.stream || goes_to_file(r));
}

CURLcode http_sink_write(http_request_t *r, const char *data, size_t len) {
    bool too_large = is_too_large(r, len);
    if (too_large) {
        len = r->options.max_size - r->hop_received;
    }
    // The body of a redirect is dropped. It is read so that the connection can be reused.
    if (http_redirect_is_followed(r)) {
        r->hop_received += len;
    } else {
        CURLcode code = write_to_sink(r, data, len);
        if (code != CURLE_OK) {
            return code;
        }
    }
    r->result.received += len;
    http_trace_body(r, data, len);
    if (too_large) {
        snprintf(r->own_error, sizeof(r->own_error), "body larger than max_size (%llu bytes)", (unsigned long long)r->options.max_size);
        r->abort_text = r->own_error;
        return CURLE_FILESIZE_EXCEEDED;
    }
    return CURLE_OK;
}
