# The firmware image of a board with an IMAGE_LIMIT: build/BOARD/firmware.img, what a vendor's boot loader or
# the emulated machine starts, with a manifest (firmware.json) and an SBOM (firmware.cdx.json) beside it.

CA_CERTIFICATES := build/ca-certificates
IMAGE := $(BUILD)/firmware.img
# The store that a dock has out of the box.
STORE ?= firmware/apps/carousel.yaml
STORE_TOOL := $(wildcard tools/store.py)

TOOL = $(VENV)/bin/python tools
TOOLCHAIN = $(CROSS_COMPILE)gcc
# Of `make size`: RECORD=1 makes these figures the board's record, CHECK=1 fails when one grew over it.
RECORD ?=
CHECK ?=

.PHONY: firmware
ifdef IMAGE_LIMIT
firmware: program $(CA_CERTIFICATES)/.package $(VENV)/.ready ## Build a board's firmware image (BOARD=DL7450)
	@echo "packing $(IMAGE)"
	@rm -rf $(BUILD)/root && mkdir -p $(BUILD)/root/bin $(BUILD)/root$(dir $(CURL_CA_BUNDLE))
	@cp $(PROGRAM) $(BUILD)/root/bin/dl7450
	@LC_ALL=C; cat $(CA_CERTIFICATES)/usr/share/ca-certificates/mozilla/*.crt >$(BUILD)/root$(CURL_CA_BUNDLE)
	@$(if $(STORE_TOOL),$(VENV)/bin/python $(STORE_TOOL) pack $(STORE) $(BUILD)/root/rom.img)
	@tools/initramfs.sh $(BUILD)/root $(IMAGE)
	@$(TOOL)/sbom.py --image $(IMAGE) --map $(PROGRAM).map --micropython $(MPY_DIR) --toolchain $(TOOLCHAIN) \
	    --certificates $(CA_CERTIFICATES)/.package --commit $(COMMIT) $(BUILD)/firmware.cdx.json
	@$(TOOL)/manifest.py --image $(IMAGE) --root $(BUILD)/root --board $(BOARD_DIR)/board.json --toolchain $(TOOLCHAIN) \
	    --commit $(COMMIT) --limit $(IMAGE_LIMIT) $(BUILD)/firmware.json
else
firmware:
	@echo "error: BOARD=$(BOARD) is no board with a firmware of its own: make firmware BOARD=DL7450" >&2; exit 1
endif

.PHONY: size
size: program $(VENV)/.ready ## Where the bytes of a board's program are (BOARD=DL7450), and what changed
	@$(TOOL)/size.py --toolchain $(TOOLCHAIN) $(if $(RECORD),--record) $(if $(CHECK),--check) $(PROGRAM) $(BOARD_DIR)/size.json

# It is for all architectures; the list that names it here is the one that the emulated kernel needs too.
$(CA_CERTIFICATES)/.package: | packages
	@firmware/fetch-package.sh $(LIBRARIES_SUITE) arm64 ca-certificates $(@D)
