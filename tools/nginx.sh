#!/bin/sh
# Unpack Debian's nginx into a folder. Installed as a package it would start a server on port 80 of
# this machine, which nobody asked for.
#
#   nginx.sh FOLDER
set -eu

folder=$1
echo "fetching Debian's nginx into $folder"
rm -rf "$folder" "$folder.part"
mkdir -p "$folder.part"
trap 'rm -rf "$folder.part"' EXIT
user=$(id -un)
if ! (cd "$folder.part" && apt-get -qq -o APT::Sandbox::User="$user" download nginx) >"$folder.part/log" 2>&1; then
    echo "error: could not download nginx: $(grep -m 1 '^E:' "$folder.part/log" || echo 'is apt-get update needed?')" >&2
    exit 1
fi
dpkg-deb -x "$folder.part"/nginx_*.deb "$folder.part/root"
"$folder.part/root/usr/sbin/nginx" -v 2>/dev/null || {
    echo "error: nginx does not run here; a library is missing: $(ldd "$folder.part/root/usr/sbin/nginx" | grep 'not found')" >&2
    exit 1
}
mv "$folder.part/root" "$folder"
