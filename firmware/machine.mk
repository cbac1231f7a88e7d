# SPDX-License-Identifier: MIT
# The emulated machine: what QEMU needs besides the firmware, in build/QEMU_VIRT.

EMULATED := build/QEMU_VIRT
# The TCP port of the machine's serial line. With it the machine stays on when the app has ended.
SERIAL ?=
export SERIAL

.PHONY: emulate
emulate: ## Run: Boot the firmware in QEMU and show the same app there (APP=path URL=... ROUNDS=n SERIAL=port)
	@$(MAKE) --no-print-directory firmware BOARD=QEMU_VIRT
	@$(MAKE) --no-print-directory $(VENV)/.ready $(SLIDES) $(FONTS)
	@$(VENV)/bin/python tools/emulate.py $(SHOWN) $${SERIAL:+--serial="$$SERIAL"}

.PHONY: test-emulated
test-emulated: ## Test: Test the firmware in the emulated machine (ARGS=for-pytest)
	@$(MAKE) --no-print-directory firmware BOARD=QEMU_VIRT
	@$(MAKE) --no-print-directory $(VENV)/.ready $(NGINX) $(FONTS)
	@echo "testing $(EMULATED) in QEMU"
	@$(VENV)/bin/pytest tests/emulated $(ARGS)

ifdef FIRMWARE_BOARD

KERNEL := build/kernel-$(KERNEL_ARCH)

firmware: packages $(KERNEL)/.package
	@$(MAKE) --no-print-directory firmware BOARD=$(FIRMWARE_BOARD)
	@echo "packing $(BUILD)/initrd.img"
	@rm -rf $(BUILD)/files && mkdir -p $(BUILD)/files/lib/drivers
	@$(INIT_CC) -std=gnu11 -Wall -Wextra -Werror -Os -static -s -o $(BUILD)/files/init $(BOARD_DIR)/init.c
	@for driver in $(DRIVERS); do \
	    xz -dc $(KERNEL)/usr/lib/modules/*/kernel/$$driver.ko.xz >$(BUILD)/files/lib/drivers/$${driver##*/}.ko; done
	@tools/initramfs.sh $(BUILD)/files $(BUILD)/machine.img
	@cat build/$(FIRMWARE_BOARD)/firmware.img $(BUILD)/machine.img >$(BUILD)/initrd.img
	@cp $(KERNEL)/boot/vmlinuz-* $(BUILD)/kernel
	@cp $(BOARD_DIR)/board.json $(BUILD)/board.json
	@echo "built $(BUILD): kernel $$(cut -d' ' -f2 $(KERNEL)/.package), the firmware of $(FIRMWARE_BOARD)"

$(KERNEL)/.package: | packages
	@firmware/fetch-package.sh --any $(DEBIAN_SUITE) $(KERNEL_ARCH) $(KERNEL_PACKAGE) $(@D)

# `make sources` keeps the kernel package.
.PHONY: kernel-source
kernel-source: packages
	@firmware/fetch-package.sh --any $(DEBIAN_SUITE) $(KERNEL_ARCH) $(KERNEL_PACKAGE)

endif
