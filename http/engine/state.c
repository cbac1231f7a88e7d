// SPDX-License-Identifier: MIT
// The engine's state, and the start of libcurl.

#include "http/engine/memory.h"
#include "http/engine/state.h"

// This much memory must be free when libcurl starts. Without memory OpenSSL 3.5 never returns from its start: it
// reports the error, and the report waits for the same start.
#define START_BYTES (32 * 1024)

// How many idle connections libcurl keeps.
#define CONNECTIONS_KEPT (HTTP_ENGINE_SLOTS)

http_state_t http_state;

bool http_state_init(void) {
    static bool global_init_done; // once in a process: http_engine_deinit() does not undo it
    if (http_state.multi != NULL) {
        return true;
    }
    if (!global_init_done && (!http_memory_has(START_BYTES) || http_memory_init() != CURLE_OK)) {
        return false;
    }
    global_init_done = true;
    CURLM *multi = curl_multi_init();
    if (multi != NULL) {
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    }
    http_state.curl_version = curl_version_info(CURLVERSION_NOW)->version_num;
    http_state.multi = multi;
    return multi != NULL;
}
