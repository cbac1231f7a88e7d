# The firmware image of a board with a TARGET: build/BOARD/firmware.img, what a vendor's boot loader or
# the emulated machine starts, with a manifest (firmware.json) and an SBOM (firmware.cdx.json) beside it.

# The date of everything in the image: the same commit gives the same bytes.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

CA_CERTIFICATES := build/ca-certificates
IMAGE := $(BUILD)/firmware.img
STORE ?= firmware/apps/carousel.yaml

.PHONY: firmware
ifdef TARGET
firmware: program $(CA_CERTIFICATES)/.package $(VENV)/.ready ## Build a board's firmware image (BOARD=DL7450)
	@echo "packing $(IMAGE)"
	@rm -rf $(BUILD)/root && mkdir -p $(BUILD)/root/bin $(BUILD)/root/etc/ssl/certs
	@cp $(PROGRAM) $(BUILD)/root/bin/dl7450
	@cat $(CA_CERTIFICATES)/usr/share/ca-certificates/mozilla/*.crt >$(BUILD)/root$(CURL_CA_BUNDLE)
	@$(VENV)/bin/python tools/store.py pack $(STORE) $(BUILD)/root/rom.img
	@tools/initramfs.sh $(BUILD)/root $(IMAGE)
	@$(VENV)/bin/python tools/sbom.py --board $(BOARD) --toolchain $(CROSS_COMPILE)gcc $(BUILD)/firmware.cdx.json
	@$(VENV)/bin/python tools/manifest.py --board-file $(BOARD_DIR)/board.json $(BUILD)
else
firmware:
	@echo "error: BOARD=$(BOARD) is no board with a firmware of its own: make firmware BOARD=DL7450" >&2; exit 1
endif

.PHONY: size
size: program $(VENV)/.ready ## Where the bytes of a board's program are (BOARD=DL7450), and what changed
	@$(VENV)/bin/python tools/size.py $(PROGRAM).map $(BOARD_DIR)/size.json

$(CA_CERTIFICATES)/.package: | packages
	@firmware/fetch-package.sh $(LIBRARIES_SUITE) $(or $(DEBIAN_ARCH),arm64) ca-certificates $(@D)
