# MicroPython, fetched and verified, and the host build on it.

# A user's own tree instead of the pinned one: make ... MICROPYTHON=/path/to/checkout
MICROPYTHON ?= build/micropython-$(MICROPYTHON_VERSION)
MPY_DIR := $(abspath $(MICROPYTHON))
UNIX := build/unix

# Without this MicroPython would take the version from the git checkout that it lies in: ours.
export MICROPY_GIT_TAG ?= $(if $(filter file default,$(origin MICROPYTHON)),v$(MICROPYTHON_VERSION))

build/micropython-$(MICROPYTHON_VERSION)/.verified: firmware/pins.env firmware/fetch-source.sh
	@firmware/fetch-source.sh $(MICROPYTHON_SUITE) $(MICROPYTHON_PACKAGE) $(MICROPYTHON_TARBALL) $(MICROPYTHON_SHA256) $(@D)
	@touch $@

