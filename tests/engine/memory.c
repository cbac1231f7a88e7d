// SPDX-License-Identifier: MIT
// Memory that is kept for the next request. It is the app thread's, which is the one that starts the engine.

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "harness.h"

#include "http/engine/memory.h"
#include "http/engine/state.h"

#define LARGEST (20431) // of those that are kept

static void *take(size_t len) {
    void *data = http_memory_realloc(NULL, len);
    need(data != NULL, "memory");
    return data;
}

static void what_is_given_back_is_taken_again(void) {
    need(http_state_init(), "the engine");
    int sizes = 0;
    int found = 0;
    for (size_t len = 1; len <= LARGEST; len += len / 7 + 1) {
        void *data = take(len);
        http_memory_free(data);
        void *again = take(len);
        http_memory_free(again);
        sizes++;
        found += again == data;
    }
    CHECK_INT(found, sizes);
}

// No two blocks overlap, whatever was allocated and freed before.
static void blocks_are_as_long_as_they_were_asked_for(void) {
    need(http_state_init(), "the engine");
    static struct {
        unsigned char *data;
        size_t len;
    } blocks[200];
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        random = random * 1664525 + 1013904223;
        size_t i = (random >> 8) % LEN(blocks);
        size_t len = (random >> 16) % (round % 10 == 0 ? 2 * LARGEST : 300);
        unsigned char mark = i;
        for (size_t n = 0; n < blocks[i].len; n++) {
            need(blocks[i].data[n] == mark, "a block of its own");
        }
        if (random & 0x80) {
            http_memory_free(blocks[i].data);
            blocks[i].data = NULL;
            blocks[i].len = 0;
        }
        blocks[i].data = http_memory_realloc(blocks[i].data, len + 1);
        need(blocks[i].data != NULL, "memory");
        for (size_t n = 0; n < blocks[i].len && n <= len; n++) {
            need(blocks[i].data[n] == mark, "what was in the block");
        }
        memset(blocks[i].data, mark, len + 1);
        blocks[i].len = len + 1;
    }
    for (size_t i = 0; i < LEN(blocks); i++) {
        http_memory_free(blocks[i].data);
        blocks[i].data = NULL;
        blocks[i].len = 0;
    }
}

static void cleared_memory_is_cleared(void) {
    need(http_state_init(), "the engine");
    for (size_t len = 1; len < 2000; len += 37) {
        void *dirty = take(len);
        memset(dirty, 0xff, len);
        http_memory_free(dirty);
        unsigned char *data = http_memory_calloc(len, 1);
        need(data != NULL, "memory");
        for (size_t i = 0; i < len; i++) {
            need(data[i] == 0, "a cleared byte");
        }
        http_memory_free(data);
    }
    volatile size_t many = SIZE_MAX / 2;
    CHECK(http_memory_calloc(many, 3) == NULL);
}

// malloc() counts blocks in its own bins as used.
#define MALLOCS_OWN (64 * 1024)

static size_t in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void no_more_is_kept_than_was_said(void) {
    need(http_state_init(), "the engine");
    static void *blocks[8000];
    volatile size_t most = HTTP_ENGINE_KEEP_MEMORY;
    size_t before = in_use();
    for (int round = 0; round < 3; round++) {
        size_t len = 100 + 400 * round;
        for (size_t i = 0; i < LEN(blocks); i++) {
            blocks[i] = take(len);
        }
        for (size_t i = 0; i < LEN(blocks); i++) {
            http_memory_free(blocks[i]);
        }
        // malloc() adds its own header to each block.
        CHECK(in_use() < before + most + most / 4 + MALLOCS_OWN);
        // It does not go up and down either, which would hide a leak.
        CHECK(in_use() > before + most - most / 4);
    }
    http_memory_deinit();
    CHECK(in_use() < before + MALLOCS_OWN);
}

static void *other_thread(void *kept) {
    void *data = take(1000);
    CHECK(data != kept);
    http_memory_free(data);
    return data;
}

static void another_thread_neither_takes_nor_keeps(void) {
    need(http_state_init(), "the engine");
    pthread_t thread;
    void *kept = take(1000);
    http_memory_free(kept);
    need(pthread_create(&thread, NULL, other_thread, kept) == 0, "pthread_create");
    pthread_join(thread, NULL);
    CHECK(take(1000) == kept);
    http_memory_free(kept);
}

static void requests_leave_no_more_behind(void) {
    for (int i = 0; i < 20; i++) {
        CHECK_INT(fetch_status(page("/ok")), 200);
    }
    size_t before = in_use();
    for (int i = 0; i < 200; i++) {
        CHECK_INT(fetch_status(page("/ok")), 200);
    }
    CHECK(in_use() < before + MALLOCS_OWN);
    http_engine_deinit();
    CHECK(in_use() < before);
}

static void more_than_there_can_be_is_refused(void) {
    need(http_state_init(), "the engine");
    CHECK(http_memory_realloc(NULL, SIZE_MAX) == NULL);
    CHECK(http_memory_realloc(NULL, (size_t)PTRDIFF_MAX + 1) == NULL);
    CHECK(http_memory_calloc(SIZE_MAX / 2, 3) == NULL);
    void *data = take(10);
    CHECK(http_memory_realloc(data, SIZE_MAX) == NULL);
    http_memory_free(data); // which is still there
}

const test_t memory_tests[] = {
    TEST(what_is_given_back_is_taken_again),
    TEST(blocks_are_as_long_as_they_were_asked_for),
    TEST(cleared_memory_is_cleared),
    TEST(no_more_is_kept_than_was_said),
    TEST(another_thread_neither_takes_nor_keeps),
    TEST(requests_leave_no_more_behind),
    TEST(more_than_there_can_be_is_refused),
    { NULL, NULL },
};
