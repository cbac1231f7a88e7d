// SPDX-License-Identifier: MIT
// Challenges of Digest authentication.

#ifndef HTTP_ENGINE_DIGEST_H
#define HTTP_ENGINE_DIGEST_H

#include "http/engine/state.h"

// The reason why libcurl must not answer the challenges of this 401, as text for a person. NULL: libcurl may answer, or
// will not answer anyway.
const char *http_digest_refusal(const http_request_t *r);

#endif
