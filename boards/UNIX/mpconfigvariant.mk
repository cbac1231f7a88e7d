# The host build: MicroPython's unix port on which app developers run and test their apps.
include $(USER_C_MODULES)/firmware/unix_port.mk

# At the start the dynamic linker looks for each name in the libraries in the order in which the program names them.
# Half of all names are those of libcurl's TLS library: with it in front the whole start takes a tenth less work.
TLS_LIBRARY := $(shell ldd $$(gcc -print-file-name=libcurl.so) 2>/dev/null | grep -o 'libcrypto\.so[.0-9]*')
HTTP_CURL_LIBS = -Wl,--push-state,--no-as-needed $(addprefix -l:,$(TLS_LIBRARY)) -Wl,--pop-state -lcurl -lc

# On a PC speed counts more than size. For its own inner loops MicroPython thinks so anyway.
HTTP_COPT ?= -O2
$(BUILD)/http/%.o: CFLAGS += $(HTTP_COPT)
