// SPDX-License-Identifier: MIT
// Translates libcurl's codes and messages. Only this file compares libcurl's English texts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/engine/errors.h"
#include "http/engine/response.h"
#include "http/engine/url.h"

// The code of a failure depends on libcurl's version and on the TLS library. Each row is a code that would mislead:
// libcurl's code, the code that replaces it, and a part of libcurl's message ("": any message). The comment names the
// versions that were tested.
typedef struct {
    uint8_t result;
    uint8_t code;
    const char *message;
    const char *text; // for a person; NULL: libcurl's text
} failure_t;

static const failure_t failures[] = {
    // All versions. The engine's callbacks set abort_code, so here libcurl itself had no memory.
    { CURLE_ABORTED_BY_CALLBACK, CURLE_OUT_OF_MEMORY, "", NULL },
    // 7.88 and 8.14: the URL was set, but there was no memory for its text.
    { CURLE_URL_MALFORMAT, CURLE_OUT_OF_MEMORY, "No URL set", NULL },
    // 8.14 over OpenSSL.
    { CURLE_PEER_FAILED_VERIFICATION, CURLE_OUT_OF_MEMORY, "get X509-issuer", NULL },
    // 8.14, when the resolver answers quickly.
    { CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, "resolve proxy", NULL },
    // 8.6.0 and later: CURLE_TOO_LARGE. It would look like an HTTP status. Older ones return CURLE_OUT_OF_MEMORY.
    { 100, CURLE_RECV_ERROR, "", HTTP_TOO_LARGE },
    // 8.14: libcurl cannot store a header field.
    { CURLE_BAD_FUNCTION_ARGUMENT, CURLE_WEIRD_SERVER_REPLY, "", HTTP_NO_FIELD },
    // 7.88 and 8.14: "Unsupported HTTP version in response", "Unsupported HTTP/2 in response" and others.
    { CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, " response", HTTP_NO_STATUS },
    // 8.14, over a reused connection. Over a new one libcurl's code is CURLE_UNSUPPORTED_PROTOCOL.
    { CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, "Invalid status line", NULL },
    #if HTTP_ENGINE_MBEDTLS
    // 8.14: `cacert` cannot be read. The code would blame the client's certificate.
    { CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, "ca cert", NULL },
    // 8.14: the peer's certificate cannot be read.
    { CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, ") X509 - ", NULL },
    #endif
};

CURLcode http_errors_translate(const http_request_t *r, CURLcode result, const char **text) {
    for (const failure_t *failure = failures; failure < failures + sizeof(failures) / sizeof(failures[0]); failure++) {
        if (failure->result == result && strstr(r->slot->error_buffer, failure->message) != NULL) {
            *text = failure->text == NULL ? *text : failure->text;
            return failure->code;
        }
    }
    return result;
}

// ------------------------------------------------------------------------------------------------
// Error texts

static bool tells(const char *text, const char *secret) {
    return secret != NULL && secret[0] != 0 && strstr(text, secret) != NULL;
}

// libcurl's message may quote the URL or a proxy. A message that contains a secret of the app is not shown. The
// engine's own texts are constants and need no check.
static bool tells_secret(const http_request_t *r, const char *text) {
    char *query = http_url_get(&r->target, CURLUPART_QUERY);
    bool is_told = strchr(text, '@') != NULL // credentials: libcurl quotes a proxy's URL, also that of the environment
        || tells(text, query) || tells(text, r->target.user) || tells(text, r->target.password);
    free(query);
    return is_told;
}

// With a wrong clock a valid certificate looks expired, or not valid yet. The text says so, because people suspect the
// certificate first.
static void describe_clock(char *text, size_t size) {
    time_t now = time(NULL);
    struct tm date;
    if (now < (time_t)HTTP_ENGINE_BUILD_TIME && gmtime_r(&now, &date) != NULL) {
        // strftime() would add 3 KB of the C library to the program.
        snprintf(text, size, "; the clock says %d-%02d-%02d, before this firmware was built",
            date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
    }
}

// One line of printable ASCII, allocated; NULL without memory.
char *http_errors_text(const http_request_t *r, CURLcode code, const char *text) {
    // When the engine has ended the hop, libcurl only says that a callback has failed.
    if (text == NULL && r->abort_code == CURLE_OK && r->slot->error_buffer[0] != 0 && !tells_secret(r, r->slot->error_buffer)) {
        text = r->slot->error_buffer;
    }
    if (text == NULL) {
        text = curl_easy_strerror(code);
    }
    char line[CURL_ERROR_SIZE + 128];
    size_t len = code < 100 ? 0 : snprintf(line, sizeof(line), "libcurl error %d: ", (int)code);
    for (; *text != 0 && *text != '\r' && *text != '\n' && len < CURL_ERROR_SIZE + 32; text++) {
        line[len++] = *text < 0x20 || *text > 0x7e ? '?' : *text;
    }
    line[len] = 0;
    if (HTTP_ENGINE_BUILD_TIME != 0 && code == CURLE_PEER_FAILED_VERIFICATION) {
        describe_clock(line + len, sizeof(line) - len);
    }
    return strdup(line);
}
