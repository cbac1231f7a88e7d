# The http module for ports that build with make: USER_C_MODULES=<the folder above this one>.
# A board that brings its own libcurl and zlib sets HTTP_CURL_CFLAGS and HTTP_CURL_LIBS.
HTTP_MOD_DIR := $(USERMOD_DIR)
HTTP_CURL_CFLAGS ?=
HTTP_CURL_LIBS ?= -lcurl -lz

# The engine: no MicroPython in it, so there are no qstrs to look for. From bottom to top: see README.md.
SRC_USERMOD_LIB_C += $(addprefix $(HTTP_MOD_DIR)/engine/,calls.c request.c drive.c memory.c hop.c redirect.c resolve.c proxy.c reuse.c fields.c url.c sink.c inflate.c upload.c jar.c digest.c mbedtls.c)
# The binding: no libcurl in it.
SRC_USERMOD_C += $(addprefix $(HTTP_MOD_DIR)/binding/,modhttp.c bind_function.c bind_request.c bind_result.c bind_text.c bind_json.c bind_jar.c)

# Nothing is thrown through C code, and the tables for that are a fifth of it.
CFLAGS_USERMOD += -fno-asynchronous-unwind-tables -fno-unwind-tables
CFLAGS_USERMOD += -I$(HTTP_MOD_DIR)/.. $(HTTP_CURL_CFLAGS)
LDFLAGS_USERMOD += $(HTTP_CURL_LIBS)
