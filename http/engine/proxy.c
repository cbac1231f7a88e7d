// SPDX-License-Identifier: MIT
// A proxy is http or https. It comes from the option or from the environment. libcurl would also use a SOCKS proxy of
// the environment.

#include <stdlib.h>
#include <string.h>

#include "http/engine/fields.h"
#include "http/engine/option.h"
#include "http/engine/proxy.h"

// The value of the first of these variables that is set and not empty. A NUL ends each name, and an empty name ends the
// list.
static const char *first_of(const char *names) {
    for (; names[0] != 0; names += strlen(names) + 1) {
        const char *value = getenv(names);
        if (value != NULL && value[0] != 0) {
            return value;
        }
    }
    return NULL;
}

// The same variables that libcurl reads. libcurl itself reads no_proxy.
static const char *of_environment(bool is_https) {
    // Not HTTP_PROXY: in a CGI program a client can set it with a header field.
    const char *proxy = first_of(is_https ? "https_proxy\0" "HTTPS_PROXY\0" : "http_proxy\0");
    return proxy == NULL ? first_of("all_proxy\0" "ALL_PROXY\0") : proxy;
}

// libcurl would use SOCKS. It also ignores a proxy whose account holds a control character: the request would go
// directly to the server. %0 and %1 begin those.
static bool is_unusable(const char *proxy) {
    return (http_fields_begin_with(proxy, "socks") && strstr(proxy, "://") != NULL)
           || strstr(proxy, "%0") != NULL || strstr(proxy, "%1") != NULL;
}

// Also true if no_proxy names the host.
bool http_proxy_any(const http_request_t *r) {
    return r->texts[HTTP_TEXT_PROXY].data == NULL ? of_environment(r->target.is_https) != NULL : r->texts[HTTP_TEXT_PROXY].data[0] != 0;
}

void http_proxy_set_options(http_request_t *r) {
    const char *proxy = r->texts[HTTP_TEXT_PROXY].data;
    const char *no_proxy = proxy == NULL ? NULL : ""; // no_proxy of the environment does not apply to the app's proxy
    const char *used = proxy == NULL ? of_environment(r->target.is_https) : proxy;
    if (used != NULL && is_unusable(used)) {
        // libcurl refuses this scheme (7), unless no_proxy names the host.
        proxy = "unsupported://proxy";
    }
    http_option_set_pointer(r, CURLOPT_PROXY, proxy);
    http_option_set_pointer(r, CURLOPT_NOPROXY, no_proxy);
    http_option_set_pointer(r, CURLOPT_PROXYHEADER, r->proxy_fields);
    // A tunnel belongs to the fields that it was made with: they may hold an account. libcurl does not compare them.
    http_option_set_long(r, CURLOPT_FORBID_REUSE, r->proxy_fields != NULL);
}
