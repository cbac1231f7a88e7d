// SPDX-License-Identifier: MIT

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "alloc.h"

#define LIVE (0x11fe11fe)
#define DEAD (0xdeaddead)

// The header of every block. Its length is the strictest alignment.
typedef struct {
    size_t size;
    size_t mark;
} head_t;

void *__real_malloc(size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void __wrap_free(void *block);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_calloc(size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
CURLcode __wrap_curl_global_init(long flags);

// libcurl's resolver has a thread of its own, and so has the engine.
static atomic_long left; // allocations until one fails; 0 or less: not armed, or it has failed
static atomic_bool armed;
static atomic_bool all_fail;
static atomic_long failed;
static atomic_long blocks;

static bool fails(void) {
    if (!atomic_load(&armed)) {
        return false;
    }
    long now = atomic_fetch_sub(&left, 1);
    if (now == 1 || (now < 1 && atomic_load(&all_fail))) {
        atomic_fetch_add(&failed, 1);
        return true;
    }
    return false;
}

static head_t *head_of(void *block) {
    head_t *head = (head_t *)block - 1;
    if (head->mark != LIVE) {
        fprintf(stderr, "%s\n", head->mark == DEAD ? "freed twice" : "freed, but never allocated");
        abort();
    }
    return head;
}

void *__wrap_malloc(size_t size) {
    head_t *head = fails() ? NULL : __real_malloc(sizeof(head_t) + size);
    if (head == NULL) {
        return NULL;
    }
    atomic_fetch_add(&blocks, 1);
    *head = (head_t) { .size = size, .mark = LIVE };
    memset(head + 1, 0xa5, size); // so that no code relies on zeros
    return head + 1;
}

void __wrap_free(void *block) {
    if (block == NULL) {
        return;
    }
    head_t *head = head_of(block);
    memset(block, 0xdb, head->size); // so that a use after free is detected
    head->mark = DEAD;
    atomic_fetch_sub(&blocks, 1);
    __real_free(head);
}

void *__wrap_realloc(void *block, size_t size) {
    void *moved = __wrap_malloc(size);
    if (moved != NULL && block != NULL) {
        size_t had = head_of(block)->size;
        memcpy(moved, block, had < size ? had : size);
        __wrap_free(block);
    }
    return moved;
}

void *__wrap_calloc(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *block = __wrap_malloc(count * size);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

char *__wrap_strndup(const char *text, size_t most) {
    size_t len = strnlen(text, most);
    char *copy = __wrap_malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = 0;
    }
    return copy;
}

char *__wrap_strdup(const char *text) {
    return __wrap_strndup(text, strlen(text));
}

// With HTTP_ENGINE_KEEP_MEMORY=0 libcurl calls libc directly, where the linker cannot replace malloc().
CURLcode __wrap_curl_global_init(long flags) {
    return curl_global_init_mem(flags, __wrap_malloc, __wrap_free, __wrap_realloc, __wrap_strdup, __wrap_calloc);
}

void alloc_arm(long n, bool all_behind) {
    atomic_store(&failed, 0);
    atomic_store(&all_fail, all_behind);
    atomic_store(&left, n);
    atomic_store(&armed, true);
}

long alloc_disarm(void) {
    atomic_store(&armed, false);
    return atomic_load(&failed);
}

long alloc_blocks(void) {
    return atomic_load(&blocks);
}
