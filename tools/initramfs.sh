#!/bin/sh
# SPDX-License-Identifier: MIT
# Pack a folder as the kernel's initial file system, a gzipped cpio archive. The same files always give the same bytes:
# names are sorted, the owner is root, every time is SOURCE_DATE_EPOCH, and of the permissions only the executable bit is
# kept.
#
#   initramfs.sh FOLDER IMAGE
set -eu
# With the C locale, sort and cpio compare names as bytes.
LC_ALL=C
export LC_ALL

folder=$1 image=$2
chmod -R u=rwX,go=rX "$folder"
find "$folder" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
(cd "$folder" && find . -mindepth 1 | sort | cpio --create --format=newc --reproducible --owner=0:0 --quiet) |
    gzip -9n >"$image.part"
mv "$image.part" "$image"
