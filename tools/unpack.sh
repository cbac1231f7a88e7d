#!/bin/sh
# SPDX-License-Identifier: MIT
# Unpack a server from a Debian package into a folder. It is not installed, because Debian would start it on this machine.
#
#   unpack.sh PACKAGE PROGRAM FOLDER      PROGRAM: path below FOLDER, must run
set -eu

package=$1 program=$2 folder=$3
firmware/fetch-package.sh --any - - "$package" "$folder"
if ldd "$folder/$program" | grep 'not found' >&2; then
    rm -rf "$folder"
    echo "error: $package does not run here: these libraries are missing" >&2
    exit 1
fi
