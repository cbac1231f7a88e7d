// SPDX-License-Identifier: MIT
// Header fields: checks, and the list of fields that a request sends.

#include <string.h>
#include <strings.h>

#include "http/engine/fields.h"

bool http_is_token(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", text[i]) != NULL) {
            return false;
        }
    }
    return len > 0;
}

bool http_is_field_value(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\r' || text[i] == '\n' || text[i] == 0) {
            return false;
        }
    }
    return true;
}

bool http_name_is(const char *name, size_t len, const char *other) {
    // Most names differ in their first letter.
    bool may_be = len == 0 || ((name[0] ^ other[0]) & 0xdf) == 0;
    return may_be && strlen(other) == len && strncasecmp(name, other, len) == 0;
}

bool http_fields_begin_with(const char *text, const char *with) {
    return strncasecmp(text, with, strlen(with)) == 0;
}

// ------------------------------------------------------------------------------------------------
// Sent

static size_t line_name_len(const char *line) {
    return strcspn(line, ":;");
}

static const char *find(const struct curl_slist *list, const char *name) {
    while (list != NULL && !http_name_is(list->data, line_name_len(list->data), name)) {
        list = list->next;
    }
    return list == NULL ? NULL : list->data;
}

bool http_fields_have(const struct curl_slist *list, const char *name) {
    return find(list, name) != NULL;
}

// "Name:" without a value tells libcurl not to send the field.
static bool is_not_sent(const char *line) {
    return strcmp(line + line_name_len(line), ":") == 0;
}

bool http_fields_send(const struct curl_slist *list, const char *name) {
    const char *line = find(list, name);
    return line != NULL && !is_not_sent(line);
}

void http_fields_keep(struct curl_slist **list, bool (*keep)(const char *name, size_t len)) {
    while (*list != NULL) {
        struct curl_slist *node = *list;
        if (is_not_sent(node->data) || keep(node->data, line_name_len(node->data))) {
            list = &node->next;
        } else {
            *list = node->next;
            node->next = NULL;
            curl_slist_free_all(node);
        }
    }
}
