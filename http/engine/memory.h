// SPDX-License-Identifier: MIT
// libcurl's allocator. The engine also uses it for memory that every request needs.

#ifndef HTTP_ENGINE_MEMORY_H
#define HTTP_ENGINE_MEMORY_H

#include <curl/curl.h>
#include "http/engine.h"

// The engine's copy of a text, with a NUL at the end. It has the members of libcurl's struct curl_blob.
typedef struct {
    char *data; // NULL is none
    size_t len;
    unsigned flags; // CURL_BLOB_NOCOPY: the request lives longer than the hop
} http_text_copy_t;

CURLcode http_memory_init(void); // start libcurl with this allocator, once a process
bool http_memory_has(size_t len); // true if malloc() can allocate this many bytes now
void http_memory_deinit(void); // free the blocks that wait for the next requests

// Free this memory with http_memory_free() and not with free().
void *http_memory_calloc(size_t count, size_t size);
void *http_memory_realloc(void *data, size_t len);
void http_memory_free(void *data);

// A copy, followed by a NUL, from malloc(): free it with free(). NULL without memory.
char *http_memory_copy(const void *data, size_t len);
bool http_memory_copy_text(char **own, const char *text); // text may be NULL; false without memory
void http_memory_forget(char **own); // free it and set it to NULL

#endif
