// SPDX-License-Identifier: MIT
// What is different over mbedTLS, made the same.

#ifndef HTTP_ENGINE_MBEDTLS_H
#define HTTP_ENGINE_MBEDTLS_H

#include "http/engine/state.h"

#if HTTP_ENGINE_MBEDTLS
void http_mbedtls_set_up(http_transfer_t *t);
#endif

#endif
