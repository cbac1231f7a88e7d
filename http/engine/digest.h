// SPDX-License-Identifier: MIT
// Challenges of Digest authentication.

#ifndef HTTP_ENGINE_DIGEST_H
#define HTTP_ENGINE_DIGEST_H

#include "http/engine/state.h"

// True if libcurl would answer the challenges of this 401 wrongly. False: libcurl may answer, or will not answer anyway.
bool http_digest_is_wrong(const http_request_t *r);

#endif
