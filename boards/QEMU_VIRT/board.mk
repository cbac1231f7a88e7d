# SPDX-License-Identifier: MIT
# The dock's firmware on QEMU's machine `virt`: a kernel of Debian's, its drivers, and the first
# process (init.c). The firmware itself is the dock's, bit for bit. board.json has the command that starts QEMU.
FIRMWARE_BOARD = DL7450
KERNEL_PACKAGE = linux-image-cloud-arm64
KERNEL_ARCH = arm64
# In the order in which they are loaded. All other drivers are built into that kernel.
DRIVERS = net/core/failover drivers/net/net_failover drivers/net/virtio_net drivers/block/virtio_blk
INIT_CC = build/$(FIRMWARE_BOARD)/sysroot/bin/aarch64-linux-musl-gcc
BOARD_PACKAGES = qemu-system-arm e2fsprogs cpio xz-utils
