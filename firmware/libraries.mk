# SPDX-License-Identifier: MIT
# The libraries of boards that do not use the machine's libcurl: static musl, zlib, mbedTLS and libcurl in
# build/BOARD/sysroot. They are built for a board that sets TARGET in its board.mk.

ifdef TARGET

SYSROOT := $(abspath $(BUILD)/sysroot)
WORK := $(abspath $(BUILD)/libraries)
# Without folder names in debug information, the same source gives the same bytes in every folder.
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=.
SECTIONS := -ffunction-sections -fdata-sections
LIBRARY_CFLAGS = $(TARGET_CFLAGS) $(SECTIONS) $(PREFIX_MAP)

ifdef TARGET_GCC
# musl-gcc, which calls the cross compiler. Its tools get names that begin with the prefix CROSS_COMPILE.
CROSS_COMPILE := $(SYSROOT)/bin/$(TARGET)-
LIBC := $(SYSROOT)/lib/libc.a
endif
CROSS = CC=$(CROSS_COMPILE)gcc AR=$(CROSS_COMPILE)ar RANLIB=$(CROSS_COMPILE)ranlib

# tar needs bzip2 to unpack mbedTLS.
BOARD_PACKAGES += bzip2
LIBRARIES := $(SYSROOT)/lib/libcurl.a
PROGRAM_NEEDS += $(LIBRARIES)
# Read by http/micropython.mk.
HTTP_CURL_CFLAGS = -DCURL_STATICLIB -DHTTP_ENGINE_MBEDTLS=1 -I$(SYSROOT)/include
HTTP_CURL_LIBS = -L$(SYSROOT)/lib -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -lz
PROGRAM_MAKE_ARGS += HTTP_CURL_CFLAGS='$(HTTP_CURL_CFLAGS)' HTTP_CURL_LIBS='$(HTTP_CURL_LIBS)'

# Only HTTP and HTTPS, and only what the engine uses of them: the same on every board. A board adds options in
# CURL_OPTIONS, and sets CURL_CA_BUNDLE to the path of its certificates (empty: only `cacert` is trusted).
ENGINE_CURL_OPTIONS = \
    $(if $(CURL_CA_BUNDLE),--with-ca-bundle=$(CURL_CA_BUNDLE),--without-ca-bundle) --without-ca-path \
    --without-brotli --without-zstd --without-libpsl --without-libidn2 --without-nghttp2 \
    --without-librtmp --without-libssh2 --without-libgsasl \
    --disable-ftp --disable-file --disable-ldap --disable-ldaps --disable-rtsp --disable-dict \
    --disable-telnet --disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-smtp \
    --disable-gopher --disable-mqtt --disable-ipfs --disable-websockets \
    --disable-manual --disable-docs --disable-libcurl-option \
    --disable-get-easy-options --disable-headers-api --disable-mime --disable-form-api --disable-progress-meter \
    --disable-ntlm --disable-kerberos-auth --disable-negotiate-auth --disable-aws --disable-bearer-auth \
    --disable-tls-srp --disable-unix-sockets --disable-doh --disable-netrc --disable-alt-svc \
    --disable-hsts --disable-bindlocal

# $(call build,NAME,COMMANDS): print what is built. The output of COMMANDS is shown only when they fail.
define build
	@echo "building $(1) for $(TARGET)"
	@mkdir -p $(WORK)
	@( $(2) ) >$(WORK)/$(firstword $(1)).log 2>&1 || { tail -n 30 $(WORK)/$(firstword $(1)).log >&2; exit 1; }
endef

# When a recipe, a version or an option has changed, all libraries are built again.
LIBRARIES_KEY := $(shell cat firmware/libraries.mk firmware/pins.env $(BOARD_DIR)/board.mk $(MBEDTLS_CONFIG) | sha256sum | cut -c-64)
ifneq ($(LIBRARIES_KEY),$(shell cat $(SYSROOT)/.key 2>/dev/null))
$(shell rm -rf $(SYSROOT) $(WORK))
endif

LIBRARY_TREES := $(if $(TARGET_GCC),build/musl-$(MUSL_VERSION)/configure) build/zlib-$(ZLIB_VERSION)/configure \
    build/mbedtls-$(MBEDTLS_VERSION)/Makefile build/curl-$(CURL_VERSION)/configure

build/musl-$(MUSL_VERSION)/configure: | packages
	@$(call source,MUSL,$(@D))

build/zlib-$(ZLIB_VERSION)/configure: | packages
	@$(call source,ZLIB,$(@D))

build/mbedtls-$(MBEDTLS_VERSION)/Makefile: | packages
	@$(call source,MBEDTLS,$(@D))

build/curl-$(CURL_VERSION)/configure: | packages
	@$(call source,CURL,$(@D))

$(SYSROOT)/lib/libc.a: build/musl-$(MUSL_VERSION)/configure
	@mkdir -p $(WORK)/musl $(SYSROOT)/bin
	$(call build,musl $(MUSL_VERSION), cd $(WORK)/musl && \
	    $(abspath $<) --target=$(TARGET) --prefix=$(SYSROOT) --syslibdir=$(SYSROOT)/lib --disable-shared \
	        --enable-wrapper=gcc CROSS_COMPILE=$(TARGET_GCC) CFLAGS='$(LIBRARY_CFLAGS)' && \
	    $(MAKE) -j$$(nproc) install)
	@for tool in ar as ld nm objcopy objdump ranlib readelf size strip; do \
	    ln -sf "$$(command -v $(TARGET_GCC)$$tool)" $(CROSS_COMPILE)$$tool; done
	@ln -sf musl-gcc $(CROSS_COMPILE)gcc

$(SYSROOT)/lib/libz.a: build/zlib-$(ZLIB_VERSION)/configure $(LIBC)
	$(call build,zlib $(ZLIB_VERSION), rm -rf $(WORK)/zlib && cp -a $(<D) $(WORK)/zlib && cd $(WORK)/zlib && \
	    $(CROSS) CFLAGS='$(LIBRARY_CFLAGS)' ./configure --static --prefix=$(SYSROOT) && \
	    $(MAKE) -j$$(nproc) libz.a && $(MAKE) install)

$(SYSROOT)/lib/libmbedtls.a: build/mbedtls-$(MBEDTLS_VERSION)/Makefile $(MBEDTLS_CONFIG) $(LIBC)
	$(call build,mbedTLS $(MBEDTLS_VERSION), rm -rf $(WORK)/mbedtls && cp -a $(<D) $(WORK)/mbedtls && cd $(WORK)/mbedtls && \
	    $(if $(MBEDTLS_CONFIG),cat $(abspath $(MBEDTLS_CONFIG)) >>include/mbedtls/mbedtls_config.h &&) \
	    $(MAKE) -C library -j$$(nproc) static $(CROSS) CFLAGS='$(LIBRARY_CFLAGS)' && \
	    mkdir -p $(SYSROOT)/include $(SYSROOT)/lib && cp -a include/mbedtls include/psa $(SYSROOT)/include/ && \
	    cp library/libmbed*.a $(SYSROOT)/lib/)

$(SYSROOT)/lib/libcurl.a: build/curl-$(CURL_VERSION)/configure $(SYSROOT)/lib/libz.a $(SYSROOT)/lib/libmbedtls.a
	@mkdir -p $(WORK)/curl
	$(call build,libcurl $(CURL_VERSION), cd $(WORK)/curl && \
	    $(CROSS) CFLAGS='$(LIBRARY_CFLAGS)' CPPFLAGS='-I$(SYSROOT)/include' LDFLAGS='-L$(SYSROOT)/lib $(TARGET_LDFLAGS)' \
	    $(abspath $<) --host=$(TARGET) --prefix=$(SYSROOT) --disable-shared --enable-static \
	        --with-mbedtls=$(SYSROOT) --with-zlib=$(SYSROOT) \
	        $(ENGINE_CURL_OPTIONS) $(CURL_OPTIONS) && \
	    $(MAKE) -C lib -j$$(nproc) install && $(MAKE) -C include install)
	@echo $(LIBRARIES_KEY) >$(SYSROOT)/.key

endif
