# The http module for ports that build with make: USER_C_MODULES=<the folder above this one>.
# A board that brings its own libcurl and zlib sets HTTP_CURL_CFLAGS and HTTP_CURL_LIBS.
HTTP_MOD_DIR := $(USERMOD_DIR)
HTTP_CURL_CFLAGS ?=
HTTP_CURL_LIBS ?= -lcurl -lz

# The engine: no MicroPython in it, so there are no qstrs to look for. From bottom to top: see README.md.
SRC_USERMOD_LIB_C += $(addprefix $(HTTP_MOD_DIR)/engine/,memory.c state.c event.c option.c trace.c fields.c response.c url.c upload.c redirect.c digest.c cookies.c proxy.c reuse.c resolve.c mbedtls.c stream.c sink.c inflate.c errors.c complete.c request.c hop.c watch.c drive.c jar.c calls.c)
# The binding: no libcurl in it.
SRC_USERMOD_C += $(addprefix $(HTTP_MOD_DIR)/binding/,modhttp.c bind_function.c bind_request.c bind_result.c bind_stream.c bind_text.c bind_json.c bind_bases.c bind_jar.c bind_wait.c)

# Nothing is thrown through C code, and the tables for that are a fifth of it.
CFLAGS_USERMOD += -fno-asynchronous-unwind-tables -fno-unwind-tables
CFLAGS_USERMOD += -I$(HTTP_MOD_DIR)/.. $(HTTP_CURL_CFLAGS)
LDFLAGS_USERMOD += $(HTTP_CURL_LIBS)
