// SPDX-License-Identifier: MIT
// Challenges of Digest authentication.

#ifndef HTTP_ENGINE_DIGEST_H
#define HTTP_ENGINE_DIGEST_H

#include "http/engine/state.h"

// Why libcurl must not answer the challenges of this 401, for people; NULL: it may, or will not.
const char *http_digest_refusal(const http_request_t *r);

#endif
