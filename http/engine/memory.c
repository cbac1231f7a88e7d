// SPDX-License-Identifier: MIT
// libcurl's allocator. libcurl allocates about sixty blocks for a request and frees them at its end. With several
// requests at a time malloc() becomes slow. So the blocks that the app thread frees are stored for its next requests.
// Other threads use only malloc() and free(), so no lock is needed.

#include <stdlib.h>
#include <string.h>

#include "http/engine/memory.h"

bool http_memory_has(size_t len) {
    void *room = malloc(len);
    free(room);
    return room != NULL;
}

#if HTTP_ENGINE_KEEP_MEMORY

// Sizes are rounded up to steps. Only blocks of fewer than SIZES steps are stored: these are nearly all blocks of a
// request.
#define STEP (32)
#define SIZES (640)

// The header of each block. It is two words long, so the memory after it has the alignment of malloc().
typedef struct block {
    struct block *next; // the next stored block
    size_t steps; // including this header
} block_t;

static block_t *kept[SIZES];
static size_t kept_steps;
static _Thread_local bool is_app_thread;

static void *take(size_t len) {
    if (len > PTRDIFF_MAX) {
        return NULL;
    }
    size_t steps = (sizeof(block_t) + len) / STEP + 1;
    block_t *block = is_app_thread && steps < SIZES ? kept[steps] : NULL;
    if (block != NULL) {
        kept[steps] = block->next;
        kept_steps -= steps;
        return block + 1;
    }
    block = malloc(steps * STEP);
    if (block == NULL) {
        return NULL;
    }
    block->steps = steps;
    return block + 1;
}

void *http_memory_calloc(size_t count, size_t size) {
    size_t len;
    void *data = __builtin_mul_overflow(count, size, &len) ? NULL : take(len);
    return data == NULL ? NULL : memset(data, 0, len);
}

void *http_memory_realloc(void *data, size_t len) {
    if (data == NULL) {
        return take(len);
    }
    size_t had = ((block_t *)data)[-1].steps * STEP - sizeof(block_t);
    if (len <= had) {
        return data;
    }
    void *more = take(len);
    if (more != NULL) {
        memcpy(more, data, had);
        http_memory_free(data);
    }
    return more;
}

static char *copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *data = take(size);
    return data == NULL ? NULL : memcpy(data, text, size);
}

void http_memory_free(void *data) {
    if (data == NULL) {
        return; // libcurl frees NULL ninety times in a request
    }
    block_t *block = (block_t *)data - 1;
    if (!is_app_thread || block->steps >= SIZES || kept_steps + block->steps > HTTP_ENGINE_KEEP_MEMORY / STEP) {
        free(block);
        return;
    }
    block->next = kept[block->steps];
    kept[block->steps] = block;
    kept_steps += block->steps;
}

CURLcode http_memory_init(void) {
    is_app_thread = true;
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, http_memory_free, http_memory_realloc, copy,
        http_memory_calloc);
}

void http_memory_deinit(void) {
    for (size_t steps = 0; steps < SIZES; steps++) {
        while (kept[steps] != NULL) {
            block_t *block = kept[steps];
            kept[steps] = block->next;
            free(block);
        }
    }
    kept_steps = 0;
}

#else

CURLcode http_memory_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_memory_deinit(void) {
}

void *http_memory_calloc(size_t count, size_t size) {
    return calloc(count, size);
}

void *http_memory_realloc(void *data, size_t len) {
    return realloc(data, len);
}

void http_memory_free(void *data) {
    free(data);
}

#endif

// malloc(0) may return NULL, so one byte is added. It is the NUL that ends strings.
char *http_memory_copy(const void *data, size_t len) {
    char *own = malloc(len + 1);
    if (own != NULL) {
        if (len > 0) {
            memcpy(own, data, len); // data may be NULL if len is 0
        }
        own[len] = 0;
    }
    return own;
}

bool http_memory_copy_text(char **own, const char *text) {
    if (text != NULL) {
        *own = http_memory_copy(text, strlen(text));
    }
    return text == NULL || *own != NULL;
}

void http_memory_forget(char **own) {
    free(*own);
    *own = NULL;
}
