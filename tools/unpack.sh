#!/bin/sh
# SPDX-License-Identifier: MIT
# Unpack a server from a Debian package into a folder. It is not installed, because Debian would start it on this machine.
#
#   unpack.sh PACKAGE PROGRAM FOLDER      PROGRAM: path below FOLDER, must run
set -eu

package=$1 program=$2 folder=$3
firmware/fetch-package.sh --any - - "$package" "$folder"
# The libraries that the package names are installed. A file that is not kept names none.
for file in $(find "${SOURCES:-build/sources}" build/sources -maxdepth 1 -name "${package}_*.deb" 2>/dev/null | sort -V | tail -n 1); do
    # shellcheck disable=SC2046
    tools/packages.sh $(dpkg-deb -f "$file" Depends | tr , '\n' | sed -n 's/^ *\(lib[^ |:]*\).*/\1/p')
done
if ldd "$folder/$program" | grep 'not found' >&2; then
    rm -rf "$folder"
    echo "error: $package does not run here: these libraries are missing" >&2
    exit 1
fi
