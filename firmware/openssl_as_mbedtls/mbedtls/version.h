// SPDX-License-Identifier: MIT
// On the host, libcurl's TLS library is OpenSSL. MicroPython's extmod/modhashlib.c knows mbedTLS: the headers in this
// folder give it OpenSSL's hashes under mbedTLS's names.

#pragma once

#define MBEDTLS_VERSION_NUMBER 0x03060000

// The functions that OpenSSL recommends instead allocate their contexts. MicroPython's hash objects have no finaliser.
#define OPENSSL_SUPPRESS_DEPRECATED
