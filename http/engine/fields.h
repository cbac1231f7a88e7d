// SPDX-License-Identifier: MIT
// Header fields that are sent, as libcurl's list of lines.

#ifndef HTTP_ENGINE_FIELDS_H
#define HTTP_ENGINE_FIELDS_H

#include "http/engine/state.h"

bool http_fields_begin_with(const char *text, const char *with); // compared without case
bool http_fields_have(const struct curl_slist *list, const char *name); // also true for a line "Name:"
bool http_fields_send(const struct curl_slist *list, const char *name);
void http_fields_keep(struct curl_slist **list, bool (*keep)(const char *name, size_t len));

#endif
