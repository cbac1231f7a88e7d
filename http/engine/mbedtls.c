// SPDX-License-Identifier: MIT
// Makes libcurl with mbedTLS behave as with OpenSSL: which certificates a `cacert` trusts, which keys and hashes are too weak,
// and which host a certificate is for.

#include "http/engine/fields.h"
#include "http/engine/mbedtls.h"
#include "http/engine/option.h"
#include "http/engine/url.h"

#if HTTP_ENGINE_MBEDTLS

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

// True if this certificate itself is one of the trusted certificates.
static bool is_trusted_itself(const mbedtls_ssl_config *config, const mbedtls_x509_crt *crt) {
    for (const mbedtls_x509_crt *ca = config->MBEDTLS_PRIVATE(ca_chain); ca != NULL; ca = ca->next) {
        if (ca->raw.len == crt->raw.len && memcmp(ca->raw.p, crt->raw.p, crt->raw.len) == 0) {
            return true;
        }
    }
    return false;
}

// The same order as OpenSSL's: who has signed it, when, for whom.
static http_fault_t fault_of(uint32_t flags) {
    return flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED ? HTTP_FAULT_CERT_AUTHORITY
        : flags & MBEDTLS_X509_BADCERT_REVOKED ? HTTP_FAULT_CERT_REVOKED
        : flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE) ? HTTP_FAULT_CERT_DATE
        : flags & MBEDTLS_X509_BADCERT_CN_MISMATCH ? HTTP_FAULT_CERT_NAME : HTTP_FAULT_CERT_INVALID;
}

static void describe(http_request_t *r, uint32_t flags) {
    r->fault = fault_of(flags);
    char lines[sizeof(r->own_error)] = "";
    mbedtls_x509_crt_verify_info(lines, sizeof(lines), "", flags);
    lines[strcspn(lines, "\n")] = 0; // show the first reason only
    strcpy(r->own_error, lines[0] == 0 ? "the certificate could not be verified" : lines);
    r->abort_text = r->own_error;
}

static size_t without_dot(const char *name, size_t len) {
    return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

// As libcurl does with OpenSSL: "*" is the whole first label, and at least two labels follow.
static bool is_name(const mbedtls_x509_buf *buf, const char *host, bool is_address) {
    const char *name = (const char *)buf->p;
    size_t len = without_dot(name, buf->len);
    size_t host_len = without_dot(host, strlen(host));
    const char *dot = memchr(name, '.', len);
    if (len > 2 && name[0] == '*' && dot == name + 1 && memchr(dot + 1, '.', len - 2) != NULL && !is_address) {
        size_t label = strcspn(host, ".");
        name++;
        len--;
        host += label;
        host_len -= label < host_len ? label : host_len;
    }
    return len == host_len && strncasecmp(name, host, len) == 0;
}

// True if the certificate has the name of the host. mbedTLS's own check reads a name that looks like an address as an
// address (RFC 9525 6.3), and accepts a URI as a name and the name "*.com".
static bool is_for_host(const mbedtls_x509_crt *crt, const char *host) {
    unsigned char address[16];
    size_t address_len = mbedtls_x509_crt_parse_cn_inet_pton(host, address);
    if (!mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) {
        const mbedtls_x509_name *common = NULL; // the last one
        for (const mbedtls_x509_name *name = &crt->subject; name != NULL; name = name->next) {
            common = MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0 ? name : common;
        }
        return common != NULL && is_name(&common->val, host, address_len != 0);
    }
    for (const mbedtls_x509_sequence *alt = &crt->subject_alt_names; alt != NULL; alt = alt->next) {
        int type = alt->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
        if (address_len == 0 ? type == MBEDTLS_X509_SAN_DNS_NAME && is_name(&alt->buf, host, false)
            : type == MBEDTLS_X509_SAN_IP_ADDRESS && alt->buf.len == address_len
            && memcmp(alt->buf.p, address, address_len) == 0) {
            return true;
        }
    }
    return false;
}

static void check_name(const http_request_t *r, const mbedtls_x509_crt *crt, uint32_t *flags) {
    const char *proxy = r->texts[HTTP_TEXT_PROXY].data;
    if (r->has_proxy && (proxy == NULL || http_fields_begin_with(proxy, "https"))) {
        return; // the certificate may be the proxy's: rely on mbedTLS's own check
    }
    char *text = http_url_get(&r->target, CURLUPART_HOST);
    char *host = text;
    if (host != NULL && host[0] == '[') {
        host++;
        host[strcspn(host, "]")] = 0;
    }
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (host == NULL || !is_for_host(crt, host)) {
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    }
    free(text);
}

// Called for each certificate of the chain; the peer's own certificate (depth 0) comes last. mbedTLS trusts a
// certificate that a trusted authority signed. Here the app may also trust the peer's own certificate, whoever signed
// it: this pins it, and then the rest of the chain is ignored. The dates and the name of the peer's certificate are
// always checked.
static int verify(void *user, mbedtls_x509_crt *crt, int depth, uint32_t *flags) {
    http_request_t *r = user;
    if (depth > 0) {
        r->chain_flags |= *flags;
        *flags = 0;
        return 0;
    }
    // mbedTLS would check this later and return another code.
    if (mbedtls_x509_crt_check_extended_key_usage(crt, MBEDTLS_OID_SERVER_AUTH,
        MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0) {
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    }
    check_name(r, crt, flags);
    if (is_trusted_itself(r->tls_config, crt)) {
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    } else {
        *flags |= r->chain_flags;
    }
    if (*flags != 0) {
        describe(r, *flags);
    }
    r->chain_flags = 0;
    return 0;
}

// True if the key belongs to the certificate. mbedTLS would accept any key, and then the server would refuse it.
static bool key_fits(const http_request_t *r, const mbedtls_ssl_config *config) {
    int (*f_rng)(void *, unsigned char *, size_t) = config->MBEDTLS_PRIVATE(f_rng);
    void *p_rng = config->MBEDTLS_PRIVATE(p_rng);
    mbedtls_x509_crt cert;
    mbedtls_pk_context key;
    mbedtls_x509_crt_init(&cert);
    mbedtls_pk_init(&key);
    // The lengths include the NUL at the end.
    bool fits = mbedtls_x509_crt_parse(&cert, (unsigned char *)r->texts[HTTP_TEXT_CERT].data, r->texts[HTTP_TEXT_CERT].len + 1) == 0
        && mbedtls_pk_parse_key(&key, (unsigned char *)r->texts[HTTP_TEXT_KEY].data, r->texts[HTTP_TEXT_KEY].len, NULL, 0, f_rng, p_rng) == 0
        && mbedtls_pk_check_pair(&cert.pk, &key, f_rng, p_rng) == 0;
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&cert);
    return fits;
}

// True if all of `cacert` can be read. libcurl accepts it if it can read a part.
static bool trust_is_whole(const http_request_t *r, const mbedtls_ssl_config *config) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    size_t missing = 0;
    for (const char *pem = r->texts[HTTP_TEXT_CACERT].data; (pem = strstr(pem, begin)) != NULL; pem += sizeof(begin) - 1) {
        missing++;
    }
    for (const mbedtls_x509_crt *ca = config->MBEDTLS_PRIVATE(ca_chain); ca != NULL; ca = ca->next) {
        missing--;
    }
    return missing == 0;
}

// Called once for each connection, before its handshake.
static CURLcode on_config(CURL *easy, void *config, void *user) {
    (void)easy;
    http_request_t *r = user;
    if (r->texts[HTTP_TEXT_CERT].data != NULL && !key_fits(r, config)) {
        r->abort_text = "the key does not belong to the client certificate";
        return CURLE_SSL_CERTPROBLEM;
    }
    if (r->texts[HTTP_TEXT_CACERT].data != NULL && !trust_is_whole(r, config)) {
        r->abort_text = "cacert: a certificate in it cannot be read";
        return CURLE_SSL_CACERT_BADFILE;
    }
    #ifdef MBEDTLS_SSL_SESSION_TICKETS
    // libcurl switches them off for TLS 1.2, and then most servers resume no session.
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
    #endif
    // libcurl's own profile accepts RSA keys of 1024 bits and SHA-1.
    mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_default);
    r->tls_config = config;
    r->chain_flags = 0;
    mbedtls_ssl_conf_verify(config, verify, r); // the handshake ends before r is freed
    return CURLE_OK;
}

void http_mbedtls_set_options(http_request_t *r) {
    http_option_set_pointer(r, CURLOPT_SSL_CTX_FUNCTION, (void *)on_config);
    http_option_set_pointer(r, CURLOPT_SSL_CTX_DATA, r);
}

#endif
