# SPDX-License-Identifier: MIT
# The firmware image of a board with an IMAGE_LIMIT: build/BOARD/firmware.img, what a vendor's boot loader or
# the emulated machine starts, with a manifest (firmware.json) and an SBOM (firmware.cdx.json) beside it.

CA_CERTIFICATES := build/ca-certificates
FIRMWARE := $(BUILD)/firmware.img
# The ROM store in the image: what a new dock shows.
STORE ?= firmware/apps/carousel.yaml
export STORE

TOOL = $(VENV)/bin/python tools
TOOLCHAIN = $(CROSS_COMPILE)gcc
# For `make size`. RECORD=1 writes the figures to the board's size.json. CHECK=1 fails when a part grew beyond that record.
RECORD ?=
CHECK ?=

.PHONY: firmware
ifdef IMAGE_LIMIT
firmware: program $(CA_CERTIFICATES)/.package $(VENV)/.ready ## Build: Build the firmware image of a board (BOARD=DL7450 STORE=path.yaml)
	@echo "packing $(FIRMWARE)"
	@rm -rf $(BUILD)/files && mkdir -p $(BUILD)/files/bin $(BUILD)/files$(dir $(CURL_CA_BUNDLE))
	@cp $(PROGRAM) $(BUILD)/files/bin/dl7450
	@LC_ALL=C; cat $(CA_CERTIFICATES)/usr/share/ca-certificates/mozilla/*.crt >$(BUILD)/files$(CURL_CA_BUNDLE)
	@$(TOOL)/store.py pack "$$STORE" $(BUILD)/files/rom.img
	@tools/initramfs.sh $(BUILD)/files $(FIRMWARE)
	@$(TOOL)/sbom.py --image $(FIRMWARE) --map $(PROGRAM).map --micropython $(MPY_DIR) --toolchain $(TOOLCHAIN) \
	    --certificates $(CA_CERTIFICATES)/.package --version $(PROGRAM_VERSION) --commit $(COMMIT) $(BUILD)/firmware.cdx.json
	@$(TOOL)/manifest.py --image $(FIRMWARE) --root $(BUILD)/files --board $(BOARD_DIR)/board.json --toolchain $(TOOLCHAIN) \
	    --version $(PROGRAM_VERSION) --commit $(COMMIT) --limit $(IMAGE_LIMIT) $(BUILD)/firmware.json
else ifndef FIRMWARE_BOARD # a board with a FIRMWARE_BOARD uses the firmware of that board: machine.mk
firmware:
	@echo "error: BOARD=$(BOARD): it has no firmware of its own; make firmware BOARD=DL7450" >&2; exit 1
endif

.PHONY: size
size: program $(VENV)/.ready ## Measure: Show where the bytes of a program are, and what grew (BOARD=DL7450 RECORD=1 CHECK=1)
	@$(TOOL)/size.py --toolchain $(TOOLCHAIN) $(if $(RECORD),--record) $(if $(CHECK),--check) $(PROGRAM) $(BOARD_DIR)/size.json

# The package is the same for all architectures. arm64 is named because the kernel of the emulated machine needs these
# package lists too.
$(CA_CERTIFICATES)/.package: | packages
	@firmware/fetch-package.sh $(DEBIAN_SUITE) arm64 ca-certificates $(@D)
