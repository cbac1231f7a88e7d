#!/bin/sh
# Unpack a server of Debian's into a folder. Installed as a package it would be started on this
# machine, which nobody asked for.
#
#   unpack.sh PACKAGE PROGRAM FOLDER      PROGRAM: path below FOLDER, must run
set -eu

package=$1 program=$2 folder=$3
echo "fetching Debian's $package into $folder"
rm -rf "$folder" "$folder.part"
mkdir -p "$folder.part/root"
trap 'rm -rf "$folder.part"' EXIT
user=$(id -un)
if ! (cd "$folder.part" && apt-get -qq -o APT::Sandbox::User="$user" download "$package") >"$folder.part/log" 2>&1; then
    echo "error: could not download $package: $(grep -m 1 '^E:' "$folder.part/log" || echo 'is apt-get update needed?')" >&2
    exit 1
fi
dpkg-deb -x "$folder.part/$package"_*.deb "$folder.part/root"
if ldd "$folder.part/root/$program" | grep 'not found' >&2; then
    echo "error: $package does not run here: these libraries are missing" >&2
    exit 1
fi
mv "$folder.part/root" "$folder"
