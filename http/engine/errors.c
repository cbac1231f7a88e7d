// SPDX-License-Identifier: MIT
// Translates libcurl's codes and messages. Only this file compares libcurl's English texts.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/engine/errors.h"
#include "http/engine/response.h"

// The code of a failure depends on libcurl's version and on the TLS library. Each row is a code that would mislead:
// libcurl's code, the code that replaces it, and a part of libcurl's message ("": any message). The comment names the
// versions that were tested.
typedef struct {
    uint8_t result;
    uint8_t code;
    uint8_t fault; // HTTP_FAULT_NONE: that of the code
    uint8_t text; // an index of texts
    char message[14];
} failure_t;

// For a person; NULL: libcurl's text.
static const char *const texts[] = { NULL, HTTP_NO_FIELD, HTTP_NO_STATUS };

static const failure_t failures[] = {
    // All versions. The engine's callbacks set abort_code, so here libcurl itself had no memory.
    { CURLE_ABORTED_BY_CALLBACK, CURLE_OUT_OF_MEMORY, 0, 0, "" },
    // 7.88 and 8.14: the URL was set, but there was no memory for its text.
    { CURLE_URL_MALFORMAT, CURLE_OUT_OF_MEMORY, 0, 0, "No URL set" },
    // 8.14 over OpenSSL.
    { CURLE_PEER_FAILED_VERIFICATION, CURLE_OUT_OF_MEMORY, 0, 0, "X509-issuer" },
    // 8.14, when the resolver answers quickly.
    { CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, 0, 0, "resolve proxy" },
    // 8.6.0 and later: CURLE_TOO_LARGE. It would look like an HTTP status. Older ones return CURLE_OUT_OF_MEMORY.
    { 100, CURLE_RECV_ERROR, HTTP_FAULT_LARGE_HEADER, 0, "" },
    // 7.88 and 8.14: every text about chunks has this word.
    { CURLE_RECV_ERROR, CURLE_RECV_ERROR, HTTP_FAULT_INVALID_CHUNK, 0, "chunk" },
    // 8.14: libcurl cannot store a header field.
    { CURLE_BAD_FUNCTION_ARGUMENT, CURLE_WEIRD_SERVER_REPLY, 0, 1, "" },
    // 7.88 and 8.14: "Unsupported HTTP version in response", "Unsupported HTTP/2 in response" and others.
    { CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, 0, 2, " response" },
    // All versions. The engine itself checks the scheme.
    { CURLE_UNSUPPORTED_PROTOCOL, CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAULT_INVALID_RESPONSE, 0, "" },
    // 8.14, over a reused connection. Over a new one libcurl's code is CURLE_UNSUPPORTED_PROTOCOL.
    { CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAULT_INVALID_RESPONSE, 0, "status line" },
    #if HTTP_ENGINE_MBEDTLS
    // 8.14: `cacert` cannot be read. The code would blame the client's certificate.
    { CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, 0, 0, "ca cert" },
    // 8.14: the peer's certificate cannot be read.
    { CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, 0, 0, ") X509 - " },
    #endif
};

CURLcode http_errors_translate(http_request_t *r, CURLcode result, const char **text) {
    for (const failure_t *failure = failures; failure < failures + sizeof(failures) / sizeof(failures[0]); failure++) {
        if (failure->result == result && strstr(r->slot->error_buffer, failure->message) != NULL) {
            *text = failure->text == 0 ? *text : texts[failure->text];
            r->fault |= failure->fault; // there is no other
            return (CURLcode)failure->code;
        }
    }
    return result;
}

// ------------------------------------------------------------------------------------------------
// Kinds

typedef struct {
    uint8_t number;
    uint8_t fault;
    uint8_t own_fault; // if the engine itself has ended the hop
} fault_of_t;

// The last row is for all other numbers.
static const fault_of_t *look_up(const fault_of_t *row, long number) {
    while (row->number != number && row->number != 0) {
        row++;
    }
    return row;
}

static const fault_of_t faults_of_codes[] = {
    { CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAULT_SCHEME, HTTP_FAULT_SCHEME },
    { CURLE_URL_MALFORMAT, HTTP_FAULT_URL, HTTP_FAULT_URL },
    { CURLE_COULDNT_RESOLVE_PROXY, HTTP_FAULT_PROXY, 0 },
    { CURLE_COULDNT_RESOLVE_HOST, HTTP_FAULT_NAME, HTTP_FAULT_RESOLVER },
    { CURLE_COULDNT_CONNECT, HTTP_FAULT_UNREACHABLE, 0 },
    { CURLE_WEIRD_SERVER_REPLY, HTTP_FAULT_INVALID_RESPONSE, HTTP_FAULT_INVALID_RESPONSE },
    { CURLE_PARTIAL_FILE, HTTP_FAULT_TRUNCATED, 0 },
    { CURLE_WRITE_ERROR, HTTP_FAULT_FILE, HTTP_FAULT_FILE },
    { CURLE_READ_ERROR, HTTP_FAULT_UPLOAD_FILE, HTTP_FAULT_UPLOAD_FILE },
    { CURLE_OUT_OF_MEMORY, HTTP_FAULT_MEMORY, HTTP_FAULT_MEMORY },
    { CURLE_OPERATION_TIMEDOUT, HTTP_FAULT_TIMEOUT, 0 },
    { CURLE_SSL_CONNECT_ERROR, HTTP_FAULT_TLS, 0 },
    { CURLE_TOO_MANY_REDIRECTS, HTTP_FAULT_MANY_REDIRECTS, 0 },
    { CURLE_GOT_NOTHING, HTTP_FAULT_CLOSED, HTTP_FAULT_CLOSED },
    { CURLE_SEND_ERROR, HTTP_FAULT_CLOSED, 0 },
    { CURLE_RECV_ERROR, HTTP_FAULT_CLOSED, HTTP_FAULT_LARGE_HEADER },
    { CURLE_SSL_CERTPROBLEM, HTTP_FAULT_CLIENT_CERT, 0 },
    { CURLE_PEER_FAILED_VERIFICATION, HTTP_FAULT_CERT_INVALID, 0 },
    { CURLE_BAD_CONTENT_ENCODING, HTTP_FAULT_ENCODING, HTTP_FAULT_ENCODING },
    { CURLE_FILESIZE_EXCEEDED, HTTP_FAULT_LARGE_BODY, HTTP_FAULT_LARGE_BODY },
    { CURLE_SEND_FAIL_REWIND, HTTP_FAULT_REWIND, HTTP_FAULT_REWIND },
    { CURLE_LOGIN_DENIED, HTTP_FAULT_AUTH, HTTP_FAULT_AUTH },
    { CURLE_SSL_CACERT_BADFILE, HTTP_FAULT_CACERT, 0 },
    { HTTP_STATUS_NO_SLOT, HTTP_FAULT_SLOTS, 0 },
    { CURLE_SSL_CLIENTCERT, HTTP_FAULT_CLIENT_CERT, 0 },
    { 0, HTTP_FAULT_OTHER, HTTP_FAULT_OTHER },
};

#if !HTTP_ENGINE_MBEDTLS
// OpenSSL's X509_V_ERR_*. If there is none (1), the name is wrong: libcurl compares it.
static const fault_of_t faults_of_verification[] = {
    { 1, HTTP_FAULT_CERT_NAME, 0 },
    { 2, HTTP_FAULT_CERT_AUTHORITY, 0 }, // UNABLE_TO_GET_ISSUER_CERT
    { 9, HTTP_FAULT_CERT_DATE, 0 }, // CERT_NOT_YET_VALID
    { 10, HTTP_FAULT_CERT_DATE, 0 }, // CERT_HAS_EXPIRED
    { 18, HTTP_FAULT_CERT_AUTHORITY, 0 }, // DEPTH_ZERO_SELF_SIGNED_CERT
    { 19, HTTP_FAULT_CERT_AUTHORITY, 0 }, // SELF_SIGNED_CERT_IN_CHAIN
    { 20, HTTP_FAULT_CERT_AUTHORITY, 0 }, // UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    { 21, HTTP_FAULT_CERT_AUTHORITY, 0 }, // UNABLE_TO_VERIFY_LEAF_SIGNATURE
    { 23, HTTP_FAULT_CERT_REVOKED, 0 }, // CERT_REVOKED
    { 0, HTTP_FAULT_CERT_INVALID, 0 },
};
#endif

// libcurl's code for a failed connection says little. fault: what the code says.
static HTTP_APART http_fault_t fault_of_connection(const http_request_t *r, CURLcode code, http_fault_t fault) {
    // Only a refused client certificate has an alert after the handshake.
    if (strstr(r->slot->error_buffer, "alert") != NULL && (r->texts[HTTP_TEXT_CERT].data != NULL || fault == HTTP_FAULT_CLOSED)) {
        return HTTP_FAULT_CLIENT_CERT;
    } else if (r->has_proxy && r->sent_behind == 0 && fault != HTTP_FAULT_TLS) {
        return HTTP_FAULT_PROXY;
    } else if (r->system_error == ECONNRESET || r->system_error == EPIPE) {
        return HTTP_FAULT_RESET;
    } else if (r->system_error == ECONNREFUSED && code == CURLE_COULDNT_CONNECT) {
        return HTTP_FAULT_REFUSED;
    }
    return r->response.messages > 0 ? HTTP_FAULT_TRUNCATED : fault;
}

http_fault_t http_errors_fault(const http_request_t *r, CURLcode code) {
    if (r->fault != HTTP_FAULT_NONE) {
        return r->fault;
    }
    const fault_of_t *row = look_up(faults_of_codes, code);
    if (r->abort_code != CURLE_OK) {
        return row->own_fault;
    }
    http_fault_t fault = row->fault;
    if (fault == HTTP_FAULT_CLOSED || fault == HTTP_FAULT_UNREACHABLE || fault == HTTP_FAULT_TLS) {
        return fault_of_connection(r, code, fault);
    } else if (fault == HTTP_FAULT_MEMORY && r->response.messages > 0 && !r->response.complete) {
        return HTTP_FAULT_LARGE_HEADER; // 7.88 has this code and no text if a line is too long
    }
    #if !HTTP_ENGINE_MBEDTLS
    if (fault == HTTP_FAULT_CERT_INVALID) {
        return look_up(faults_of_verification, r->verify_result)->fault;
    }
    #endif
    return fault;
}

// ------------------------------------------------------------------------------------------------
// Error texts

static bool tells(const char *text, const char *secret) {
    return secret != NULL && secret[0] != 0 && strstr(text, secret) != NULL;
}

// libcurl's message may quote the URL or a proxy. A message that contains a secret of the app is not shown. The
// engine's own texts are constants and need no check.
static bool tells_secret(const http_request_t *r, const char *text) {
    // '?': a query. '@': credentials, also of a proxy's URL, which may come from the environment.
    return strpbrk(text, "?@") != NULL || tells(text, r->target.user) || tells(text, r->target.password);
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
