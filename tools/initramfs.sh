#!/bin/sh
# Pack a folder as the kernel's initial file system, a gzipped cpio archive. The same files give the
# same bytes: names are sorted, owners are root, all times are SOURCE_DATE_EPOCH.
#
#   initramfs.sh FOLDER IMAGE
set -eu

folder=$1 image=$2
find "$folder" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
(cd "$folder" && find . -mindepth 1 | LC_ALL=C sort | cpio --create --format=newc --reproducible --owner=0:0 --quiet) |
    gzip -9n >"$image.part"
mv "$image.part" "$image"
