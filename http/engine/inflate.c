// SPDX-License-Identifier: MIT
// Decodes compressed bodies (RFC 9110 8.4). libcurl's decoder is not used: it decodes only the first member of a gzip
// body, accepts a gzip body that is cut off, and holds all decoded bytes in memory while a stream waits.

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "http/engine/inflate.h"
#include "http/engine/response.h"
#include "http/engine/sink.h"

struct http_inflate {
    z_stream z;
    bool is_gzip;
    bool is_raw; // deflate without the zlib header and trailer
    bool has_end; // a gzip member, or the deflate stream, is complete
    bool is_over; // ignore the rest of the input
    uint8_t first; // the first byte of the input
    size_t ready; // bytes in out that the sink has not stored yet
    size_t taken; // bytes of libcurl's data that are decoded already: a full stream gets the same data again
    uint8_t out[CURL_MAX_WRITE_SIZE];
};

// ------------------------------------------------------------------------------------------------
// The list of codings

static HTTP_APART CURLcode add(http_request_t *r, const char *name, size_t len) {
    static const char names[][9] = { "gzip", "x-gzip", "deflate", "identity", "none" };
    unsigned kind = 0;
    while (kind < sizeof(names) / sizeof(names[0]) && !http_name_is(name, len, names[kind])) {
        kind++;
    }
    if (len == 0 || kind == 3 || kind == 4) {
        return CURLE_OK;
    }
    if (r->inflate != NULL || kind > 4) {
        r->abort_text = "unknown Content-Encoding";
        return CURLE_BAD_CONTENT_ENCODING;
    }
    http_inflate_t *d = calloc(1, sizeof(*d));
    if (d == NULL || inflateInit2(&d->z, kind < 2 ? 16 + MAX_WBITS : MAX_WBITS) != Z_OK) {
        free(d);
        return CURLE_OUT_OF_MEMORY;
    }
    d->is_gzip = kind < 2;
    r->inflate = d;
    return CURLE_OK;
}

CURLcode http_inflate_start(http_request_t *r) {
    const char *p = http_response_fields(&r->response);
    CURLcode code = CURLE_OK;
    for (size_t i = 0; i < r->response.count; i++) {
        size_t name_len = strlen(p);
        bool wanted = http_name_is(p, name_len, "Content-Encoding");
        p += name_len + 1;
        while (wanted && code == CURLE_OK && *p != 0) {
            size_t len = strcspn(p, ", \t");
            code = add(r, p, len);
            p += len + (p[len] != 0);
        }
        p += strlen(p) + 1;
    }
    return code;
}

void http_inflate_free(http_request_t *r) {
    if (r->inflate != NULL) {
        inflateEnd(&r->inflate->z);
        free(r->inflate);
        r->inflate = NULL;
    }
}

// ------------------------------------------------------------------------------------------------
// Decoding

// Continue after zlib stops: a member is complete, or the next bytes do not begin one.
static bool go_on(http_inflate_t *d, int status) {
    bool is_begin = d->z.total_in <= 2;
    if (status == Z_STREAM_END) {
        d->has_end = true;
        d->is_over = !d->is_gzip || inflateReset(&d->z) != Z_OK; // RFC 1952 2.2: another member may follow
        return true;
    } else if (status != Z_DATA_ERROR || !is_begin) {
        return false;
    } else if (d->has_end) {
        d->is_over = true;
        return true;
    } else if (d->is_gzip || d->is_raw || inflateReset2(&d->z, -MAX_WBITS) != Z_OK) {
        return false;
    }
    // Some servers send deflate without the zlib header. Decode it again from the first byte. zlib has read two bytes.
    inflatePrime(&d->z, 8, d->first);
    d->z.next_in--;
    d->z.avail_in++;
    d->is_raw = true;
    return true;
}

// Decode into out until out is full or the input ends.
static CURLcode decode(http_inflate_t *d) {
    d->z.next_out = d->out;
    d->z.avail_out = sizeof(d->out);
    for (;;) {
        if (d->z.total_in == 0 && d->z.avail_in > 0) {
            d->first = *d->z.next_in;
        }
        int status = Z_BUF_ERROR;
        if (d->is_over) {
            d->z.avail_in = 0;
        } else {
            status = inflate(&d->z, Z_NO_FLUSH);
        }
        d->ready = sizeof(d->out) - d->z.avail_out;
        if (status != Z_OK && status != Z_BUF_ERROR && !go_on(d, status)) {
            return status == Z_MEM_ERROR ? CURLE_OUT_OF_MEMORY : CURLE_BAD_CONTENT_ENCODING;
        }
        if (d->z.avail_out == 0 || d->z.avail_in == 0) {
            return CURLE_OK;
        }
    }
}

CURLcode http_inflate_write(http_request_t *r, const char *data, size_t len) {
    http_inflate_t *d = r->inflate;
    size_t skipped = d->taken < len ? d->taken : len;
    d->z.next_in = (Bytef *)data + skipped;
    d->z.avail_in = len - skipped;
    CURLcode code = CURLE_OK;
    do {
        if (d->ready == 0) {
            code = decode(d);
        }
        if (d->ready == 0) {
            d->taken -= skipped;
            return code;
        }
        CURLcode sink_code = http_sink_write(r, (const char *)d->out, d->ready);
        if (sink_code != CURLE_OK) {
            d->taken += len - skipped - d->z.avail_in;
            return sink_code;
        }
        d->ready = 0;
    } while (code == CURLE_OK);
    return code;
}

bool http_inflate_is_whole(const http_request_t *r) {
    const http_inflate_t *d = r->inflate;
    return d == NULL || d->is_over || (d->has_end && d->z.total_in < 2);
}
