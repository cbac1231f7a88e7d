// SPDX-License-Identifier: MIT
// Checks of the app's arguments, and the list of header fields that is sent.

#include "harness.h"

#include "http/engine/fields.h"

static void token_is_exactly_the_tchar_of_rfc_9110(void) {
    static const char tchar[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (int byte = 0; byte < 256; byte++) {
        char text[] = { 'a', (char)byte, 'b' };
        bool is_tchar = memchr(tchar, byte, sizeof(tchar) - 1) != NULL;
        if (!CHECK_INT(http_is_token(text, 3), is_tchar) || !CHECK_INT(http_is_token(text + 1, 1), is_tchar)) {
            CHECK_INT(byte, -1); // says which one
        }
    }
    CHECK(!http_is_token("", 0));
}

static void field_value_takes_every_byte_but_cr_lf_and_nul(void) {
    for (int byte = 0; byte < 256; byte++) {
        char text[] = { 'a', (char)byte, 'b' };
        bool is_allowed = byte != '\r' && byte != '\n' && byte != 0;
        if (!CHECK_INT(http_is_field_value(text, 3), is_allowed) || !CHECK_INT(http_is_url_text(text, 3), is_allowed)) {
            CHECK_INT(byte, -1);
        }
    }
    CHECK(http_is_field_value("", 0));
    CHECK(!http_is_field_value("a\r\n b", 6));
}

static void names_are_compared_without_case_and_whole(void) {
    CHECK(http_name_is("Content-Type", 12, "content-TYPE"));
    CHECK(!http_name_is("Content-Type", 11, "Content-Type"));
    CHECK(!http_name_is("Content-Types", 13, "Content-Type"));
    CHECK(http_name_is("Content-Types", 12, "Content-Type"));
    CHECK(!http_name_is("", 0, "a"));
}

static struct curl_slist *append(struct curl_slist *list, const char *line) {
    struct curl_slist *longer = curl_slist_append(list, line);
    CHECK(longer != NULL);
    return longer;
}

static void sent_fields_are_found_by_name(void) {
    struct curl_slist *list = append(NULL, "X-A: 1");
    list = append(list, "X-Empty;");
    list = append(list, "User-Agent:");
    CHECK(http_fields_have(list, "x-a"));
    CHECK(http_fields_have(list, "X-EMPTY"));
    CHECK(http_fields_have(list, "user-agent"));
    CHECK(!http_fields_have(list, "X"));
    CHECK(!http_fields_have(list, "X-A: 1"));
    CHECK(!http_fields_have(NULL, "X-A"));
    curl_slist_free_all(list);
}

static bool keep_x_b(const char *name, size_t len) {
    return http_name_is(name, len, "X-B");
}

static bool keep_nothing(const char *name, size_t len) {
    (void)name;
    (void)len;
    return false;
}

static void fields_are_kept_by_name_and_omissions_always(void) {
    struct curl_slist *list = append(NULL, "X-A: 1");
    list = append(list, "x-b: 2");
    list = append(list, "X-C;");
    list = append(list, "Accept:");
    list = append(list, "X-B;");
    http_fields_keep(&list, keep_x_b);
    if (CHECK(list != NULL && list->next != NULL && list->next->next != NULL)) {
        CHECK_TEXT(list->data, "x-b: 2");
        CHECK_TEXT(list->next->data, "Accept:");
        CHECK_TEXT(list->next->next->data, "X-B;");
        CHECK(list->next->next->next == NULL);
    }
    http_fields_keep(&list, keep_nothing);
    CHECK(list != NULL && list->next == NULL);
    curl_slist_free_all(list);
    list = append(NULL, "X-A: 1");
    http_fields_keep(&list, keep_nothing);
    CHECK(list == NULL);
}

const test_t fields_tests[] = {
    TEST(token_is_exactly_the_tchar_of_rfc_9110),
    TEST(field_value_takes_every_byte_but_cr_lf_and_nul),
    TEST(names_are_compared_without_case_and_whole),
    TEST(sent_fields_are_found_by_name),
    TEST(fields_are_kept_by_name_and_omissions_always),
    { NULL, NULL },
};
