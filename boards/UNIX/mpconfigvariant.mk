# SPDX-License-Identifier: MIT
# The host build: MicroPython's unix port on which app developers run and test their apps.
include $(USER_C_MODULES)/firmware/unix_port.mk

# The stand-ins of devices (firmware/standins/devices) are only for the PC.
STANDIN_DEVICES = 1

# The trace of requests for the tools of app developers (firmware/standins/TRACE.md). HTTP_TRACE=0 leaves it out: the size and the
# speed of http/ are measured without it.
HTTP_TRACE ?= 1
CFLAGS += -DHTTP_ENGINE_TRACE=$(HTTP_TRACE)

# help() and tab completion (firmware/help.c).
$(BUILD)/py/modbuiltins.o: CFLAGS += -Dmp_builtin_help_obj=firmware_help_obj
$(BUILD)/py/repl.o: CFLAGS += -include firmware/help.h

# At the start the dynamic linker looks up each symbol in the libraries, in the order in which the program lists them. With
# those in front that have most of libcurl's symbols and of its libraries', this takes a fifth less work.
FIRST_LIBRARIES := $(shell env LD_BIND_NOW=1 LD_DEBUG=bindings LD_PRELOAD="$$(gcc -print-file-name=libcurl.so)" /bin/true 2>&1 \
    | sed -n 's|.* to /[^ ]*/\(lib[^ /]*\) \[0\]: normal.*|\1|p' | sort | uniq -c | sort -rn | awk 'NR <= 12 { print $$2 }')
HTTP_CURL_LIBS = -Wl,--push-state,--no-as-needed $(addprefix -l:,$(FIRST_LIBRARIES)) -Wl,--pop-state -lcurl -lcrypto -lz -lc

$(BUILD)/extmod/modhashlib.o: CFLAGS += -iquote $(USER_C_MODULES)/firmware/openssl_as_mbedtls

# On a PC speed counts more than size. MicroPython compiles its own inner loops for speed too.
HTTP_COPT ?= -O2
$(BUILD)/http/%.o: CFLAGS += $(HTTP_COPT)
