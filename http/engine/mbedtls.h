// SPDX-License-Identifier: MIT
// Makes libcurl with mbedTLS behave as with OpenSSL.

#ifndef HTTP_ENGINE_MBEDTLS_H
#define HTTP_ENGINE_MBEDTLS_H

#include "http/engine/state.h"

#if HTTP_ENGINE_MBEDTLS
void http_mbedtls_set_options(http_request_t *r);
#endif

#endif
