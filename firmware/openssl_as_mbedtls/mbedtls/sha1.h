// SPDX-License-Identifier: MIT

#pragma once

#include "mbedtls/version.h"

#include <openssl/sha.h>

typedef SHA_CTX mbedtls_sha1_context;

#define mbedtls_sha1_init(context) ((void)(context))
#define mbedtls_sha1_free(context) ((void)(context))
#define mbedtls_sha1_starts(context) SHA1_Init(context)
#define mbedtls_sha1_update(context, data, len) SHA1_Update(context, data, len)
#define mbedtls_sha1_finish(context, digest) SHA1_Final(digest, context)
