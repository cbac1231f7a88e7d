#!/bin/sh
# SPDX-License-Identifier: MIT
# Pack a folder as the kernel's initial file system, a gzipped cpio archive. The same files give the
# same bytes, whoever packs them and when: names are sorted, owners are root, all times are
# SOURCE_DATE_EPOCH, and of the permissions only whether a file can be executed counts.
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
