// SPDX-License-Identifier: MIT
// Where the bytes of a body go: memory, a file, or chunks that the app reads.

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

// The first allocation for a body trusts Content-Length up to here; beyond, memory follows what
// arrives.
#define PRESIZE_MAX (16 * 1024 * 1024)
#define MIN_ALLOC (4096)

// ------------------------------------------------------------------------------------------------
// Memory

// -1: nothing was said.
static curl_off_t announced_size(const http_transfer_t *t) {
    curl_off_t size = -1;
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    return size;
}

static size_t first_alloc(const http_transfer_t *t) {
    curl_off_t announced = announced_size(t);
    return announced <= 0 ? MIN_ALLOC : announced < PRESIZE_MAX ? (size_t)announced : PRESIZE_MAX;
}

static bool reserve(http_transfer_t *t, size_t len) {
    size_t needed = t->result.body_len + len;
    if (needed <= t->body_alloc) {
        return true;
    }
    size_t alloc = t->body_alloc + t->body_alloc / 2;
    if (t->body_alloc == 0) {
        alloc = first_alloc(t);
    }
    if (t->max_size != 0 && alloc > t->max_size) {
        alloc = t->max_size;
    }
    if (alloc < needed) {
        alloc = needed;
    }
    uint8_t *body = realloc(t->result.body, alloc);
    if (body == NULL) {
        return false;
    }
    t->result.body = body;
    t->body_alloc = alloc;
    return true;
}

static CURLcode write_memory(http_transfer_t *t, const char *data, size_t len) {
    if (!reserve(t, len)) {
        return CURLE_OUT_OF_MEMORY;
    }
    memmove(t->result.body + t->result.body_len, data, len); // at -Os, memcpy would be byte by byte on x86
    t->result.body_len += len;
    return CURLE_OK;
}

// ------------------------------------------------------------------------------------------------
// Stream

static CURLcode write_stream(http_transfer_t *t, const char *data, size_t len) {
    // libcurl gives at most CURL_MAX_WRITE_SIZE at a time: an empty chunk takes it.
    if (t->chunk_len + len > HTTP_STREAM_BYTES) {
        t->paused = true;
        return CURLE_AGAIN;
    }
    if (t->chunk == NULL) {
        t->chunk = malloc(HTTP_STREAM_BYTES);
        if (t->chunk == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    size_t had = t->chunk_len;
    memcpy(t->chunk + had, data, len);
    if (had == 0) {
        t->chunk_sequence = ++http_engine.last_sequence;
    }
    atomic_store(&t->chunk_len, had + len);
    if (had == 0) {
        http_drive_notify();
    }
    return CURLE_OK;
}

// ------------------------------------------------------------------------------------------------
// File

static CURLcode file_error(http_transfer_t *t, const char *what) {
    snprintf(t->own_error, sizeof(t->own_error), "file: cannot %s: %s", what, strerror(errno));
    t->abort_text = t->own_error;
    return CURLE_WRITE_ERROR;
}

// At the start already, so that a name that cannot be written costs no request.
CURLcode http_sink_open(http_transfer_t *t, const char *path) {
    size_t size = strlen(path) + sizeof(".4294967295.part");
    t->file.path = http_copy(path, strlen(path));
    t->file.beside = malloc(size);
    if (t->file.path == NULL || t->file.beside == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    // The slot makes it one request's own. What is there of it or of a free slot was left by a power cut, or
    // is a link that somebody has put there. Its own comes last.
    unsigned own = t->slot - http_engine.slots;
    for (unsigned i = 1; i <= HTTP_ENGINE_SLOTS; i++) {
        unsigned slot = (own + i) % HTTP_ENGINE_SLOTS;
        if (slot == own || !http_engine.slots[slot].used) {
            snprintf(t->file.beside, size, "%s.%u.part", path, slot);
            unlink(t->file.beside);
        }
    }
    t->file.fd = open(t->file.beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    t->file.open = t->file.fd >= 0;
    return t->file.open ? CURLE_OK : file_error(t, "open");
}

// A part that the app has not asked for is not the file.
static bool goes_to_file(const http_transfer_t *t) {
    int status = t->collector.status;
    return t->file.open && status >= 200 && status <= 299 && (status != 206 || http_fields_send(t->fields, "Range"));
}

static CURLcode write_file(http_transfer_t *t, const char *data, size_t len) {
    while (len > 0) {
        ssize_t n = write(t->file.fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return file_error(t, "write");
        }
        data += n;
        len -= n;
    }
    return CURLE_OK;
}

// The new name is on the disk when its folder is. Nobody needs the path any more.
static CURLcode sync_folder(http_transfer_t *t) {
    char *slash = strrchr(t->file.path, '/');
    const char *folder = slash == NULL ? "." : slash == t->file.path ? "/" : t->file.path;
    if (slash != NULL) {
        *slash = 0;
    }
    int fd = open(folder, O_RDONLY | O_CLOEXEC);
    CURLcode code = fd >= 0 && fsync(fd) == 0 ? CURLE_OK : file_error(t, "sync the folder");
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

CURLcode http_sink_finish(http_transfer_t *t) {
    if (!goes_to_file(t)) {
        return CURLE_OK;
    }
    CURLcode code = CURLE_OK;
    // Before the rename: else a power cut could leave the new name with a part of the bytes.
    if (HTTP_ENGINE_SYNC_FILES && fsync(t->file.fd) != 0) {
        code = file_error(t, "write");
    }
    t->file.open = false;
    if (close(t->file.fd) != 0 && code == CURLE_OK) {
        code = file_error(t, "write");
    }
    if (code == CURLE_OK && rename(t->file.beside, t->file.path) != 0) {
        code = file_error(t, "rename");
    }
    if (code != CURLE_OK) {
        unlink(t->file.beside);
        return code;
    }
    return HTTP_ENGINE_SYNC_FILES ? sync_folder(t) : CURLE_OK;
}

void http_sink_discard(http_transfer_t *t) {
    if (t->file.open) {
        close(t->file.fd);
        unlink(t->file.beside);
        t->file.open = false;
    }
    free(t->file.path);
    free(t->file.beside);
    t->file.path = NULL;
    t->file.beside = NULL;
}

// ------------------------------------------------------------------------------------------------

void http_sink_count(http_transfer_t *t) {
    // What is decoded has no announced size.
    atomic_store(&t->progress_total, t->compressed ? -1 : announced_size(t));
    atomic_store(&t->progress_received, t->hop_received);
}

static void note_progress(http_transfer_t *t) {
    http_sink_count(t);
    if (!t->has_progress) {
        t->progress_sequence = ++http_engine.last_sequence;
        atomic_store(&t->has_progress, true);
    }
    int64_t now_us = http_now_us();
    if (now_us - t->notified_us >= HTTP_PROGRESS_MS * 1000) {
        t->notified_us = now_us;
        http_drive_notify();
    }
}

static CURLcode write_to_sink(http_transfer_t *t, const char *data, size_t len) {
    CURLcode code = t->stream ? write_stream(t, data, len)
        : goes_to_file(t) ? write_file(t, data, len)
        : write_memory(t, data, len);
    if (code == CURLE_OK) {
        t->hop_received += len;
        if (t->progress) {
            note_progress(t);
        }
    }
    return code;
}

static bool is_too_large(const http_transfer_t *t, size_t len) {
    if (t->max_size == 0 || len <= t->max_size - t->hop_received) {
        return false;
    }
    return !t->max_size_in_memory || http_redirect_is_followed(t) || !(t->stream || goes_to_file(t));
}

CURLcode http_hop_take(http_transfer_t *t, const char *data, size_t len) {
    bool too_large = is_too_large(t, len);
    if (too_large) {
        len = t->max_size - t->hop_received;
    }
    // Nobody will see the body of a redirect; it is read so that the connection can be reused.
    if (http_redirect_is_followed(t)) {
        t->hop_received += len;
    } else {
        CURLcode code = write_to_sink(t, data, len);
        if (code != CURLE_OK) {
            return code;
        }
    }
    t->result.received += len;
    if (too_large) {
        snprintf(t->own_error, sizeof(t->own_error), "body larger than max_size (%llu bytes)", (unsigned long long)t->max_size);
        t->abort_text = t->own_error;
        return CURLE_FILESIZE_EXCEEDED;
    }
    return CURLE_OK;
}
