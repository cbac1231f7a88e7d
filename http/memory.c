// SPDX-License-Identifier: MIT
// libcurl's memory. It takes some sixty blocks for a request and gives them back at its end; with several requests at a
// time that is more than malloc() has at hand. What the app thread gives back is kept for its next requests. No other
// thread takes or keeps any, so there is no lock.

#include <stdlib.h>
#include <string.h>

#include "http/engine_private.h"

#if HTTP_ENGINE_KEEP_MEMORY

#include <malloc.h>

// 16, 32 ... 128 bytes, and from there on eight sizes up to each doubling: 144, 160 ... 256, 288, 320 ... 20480.
// Of these glibc has some for itself, and no block is smaller than two steps.
#define STEP (16)
#define STEPS (8)
#define SIZES (STEPS * 8 + 2)
#define OVERHEAD (8)

typedef struct block {
    struct block *next;
} block_t;

static block_t *kept[SIZES];
static size_t kept_bytes;
static _Thread_local bool is_app_thread;

static size_t size_of(size_t index) {
    size_t doublings = index / STEPS;
    size_t steps = index % STEPS + 1;
    return (doublings == 0 ? steps * STEP : (STEPS + steps) * STEP << (doublings - 1)) - OVERHEAD;
}

// The smallest size that len bytes fit in; SIZES and more: what is not kept.
static size_t index_for(size_t len) {
    if (len <= 2 * STEP - OVERHEAD) {
        return 1;
    }
    len = (len + OVERHEAD - 1) / STEP;
    if (len < STEPS) {
        return len;
    }
    size_t doublings = 8 * sizeof(long) - 3 - __builtin_clzl(len);
    return (doublings - 1) * STEPS + (len >> (doublings - 1));
}

static void *take(size_t len) {
    size_t index = index_for(len);
    if (index >= SIZES) {
        return malloc(len);
    }
    block_t *block = kept[index];
    if (!is_app_thread || block == NULL) {
        return malloc(size_of(index));
    }
    kept[index] = block->next;
    kept_bytes -= size_of(index);
    return block;
}

void *http_memory_take_cleared(size_t count, size_t size) {
    size_t len;
    void *data = __builtin_mul_overflow(count, size, &len) ? NULL : take(len);
    return data == NULL ? NULL : memset(data, 0, len);
}

void *http_memory_resize(void *data, size_t len) {
    return data == NULL ? take(len) : realloc(data, len);
}

static char *copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *data = take(size);
    return data == NULL ? NULL : memcpy(data, text, size);
}

void http_memory_give_back(void *data) {
    if (data == NULL) {
        return; // which libcurl does ninety times a request
    }
    size_t index = is_app_thread ? index_for(malloc_usable_size(data) + 1) - 1 : SIZES;
    if (index < 1 || index >= SIZES) {
        free(data);
        return;
    }
    if (kept_bytes > HTTP_ENGINE_KEEP_MEMORY) {
        http_memory_release(); // some of it may be of sizes that nobody wants any more
    }
    block_t *block = data;
    block->next = kept[index];
    kept[index] = block;
    kept_bytes += size_of(index);
}

CURLcode http_memory_init(void) {
    is_app_thread = true;
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, http_memory_give_back, http_memory_resize, copy,
        http_memory_take_cleared);
}

void http_memory_release(void) {
    for (size_t index = 0; index < SIZES; index++) {
        while (kept[index] != NULL) {
            block_t *block = kept[index];
            kept[index] = block->next;
            free(block);
        }
    }
    kept_bytes = 0;
}

#else

CURLcode http_memory_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_memory_release(void) {
}

void *http_memory_take_cleared(size_t count, size_t size) {
    return calloc(count, size);
}

void *http_memory_resize(void *data, size_t len) {
    return realloc(data, len);
}

void http_memory_give_back(void *data) {
    free(data);
}

#endif
