// SPDX-License-Identifier: MIT

#pragma once

#include "mbedtls/version.h"

#include <openssl/md5.h>

typedef MD5_CTX mbedtls_md5_context;

#define mbedtls_md5_init(context) ((void)(context))
#define mbedtls_md5_free(context) ((void)(context))
#define mbedtls_md5_starts(context) MD5_Init(context)
#define mbedtls_md5_update(context, data, len) MD5_Update(context, data, len)
#define mbedtls_md5_finish(context, digest) MD5_Final(digest, context)
