// SPDX-License-Identifier: MIT
// libcurl's allocator. The engine also uses it for what every request needs.

#ifndef HTTP_ENGINE_MEMORY_H
#define HTTP_ENGINE_MEMORY_H

#include <curl/curl.h>
#include "http/engine.h"

CURLcode http_memory_init(void); // start libcurl with this allocator, once a process
bool http_memory_has(size_t len); // malloc() has so many bytes at this moment
void http_memory_deinit(void); // free what is kept for the next requests

// The allocator. Memory of it is freed with http_memory_free() and not with free().
void *http_memory_calloc(size_t count, size_t size);
void *http_memory_realloc(void *data, size_t len);
void http_memory_free(void *data);

// A copy with a NUL behind it, from malloc(): it is freed with free(). NULL without memory.
char *http_memory_copy(const void *data, size_t len);
char *http_memory_join(const char *a, size_t a_len, const char *b, const char *c); // the same of three texts
bool http_memory_copy_text(char **own, const char *text); // NULL too; false without memory
void http_memory_forget(char **own); // frees it

#endif
