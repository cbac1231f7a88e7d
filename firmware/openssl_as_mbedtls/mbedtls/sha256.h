// SPDX-License-Identifier: MIT

#pragma once

#include "mbedtls/version.h"

#include <openssl/sha.h>

typedef SHA256_CTX mbedtls_sha256_context;

#define mbedtls_sha256_init(context) ((void)(context))
#define mbedtls_sha256_free(context) ((void)(context))
#define mbedtls_sha256_starts(context, is_sha224) SHA256_Init(context)
#define mbedtls_sha256_update(context, data, len) SHA256_Update(context, data, len)
#define mbedtls_sha256_finish(context, digest) SHA256_Final(digest, context)
