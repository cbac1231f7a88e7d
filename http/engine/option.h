// SPDX-License-Identifier: MIT
// Options of a hop's handle.

#ifndef HTTP_ENGINE_OPTION_H
#define HTTP_ENGINE_OPTION_H

#include "http/engine/state.h"

// Set an option. The first one that fails is t->setup_code; what comes after it is not set.
void http_set_long(http_transfer_t *t, CURLoption option, long value);
void http_set_pointer(http_transfer_t *t, CURLoption option, const void *value); // functions too

#endif
