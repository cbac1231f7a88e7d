#!/bin/sh
# SPDX-License-Identifier: MIT
# Unpack a server of Debian's into a folder. Installed as a package it would be started on this
# machine, which nobody asked for.
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
