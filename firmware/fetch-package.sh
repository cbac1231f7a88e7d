#!/bin/sh
# Fetch one Debian binary package of a named suite and architecture and unpack it into DEST, without
# installing anything. The version is what the suite has today; apt verifies it with the archive's key.
# DEST/.package says what came: name, version, SHA-256.
#
#   fetch-package.sh SUITE ARCH PACKAGE DEST
#
# PACKAGE may be a metapackage of kernels: then it is the kernel that it depends on.
set -eu
. "${0%/*}/private-apt.sh"

suite=$1 architecture=$2 package=$3 dest=$4

private_work "$dest"
mkdir "$work/tree"
private_apt_setup "$(dirname "$dest")/apt-$suite-$architecture" "$suite" "$architecture" deb

echo "fetching $package ($suite, $architecture) from this machine's Debian mirror"
cd "$work"
download() {
    private_apt download "$1" >>log 2>&1 || fail "could not download $1: $(grep -m 1 '^E:' log || tail -n 1 log)"
}
private_apt update >log 2>&1 || fail "could not read the lists of $suite: $(grep -m 1 '^E:' log || tail -n 1 log)"
download "$package"
kernel=$(dpkg-deb --field ./*.deb Depends | grep -oE 'linux-image-[0-9][^ ,]*' | head -n 1 || true)
if [ -n "$kernel" ]; then
    rm ./*.deb
    download "$kernel"
fi
dpkg-deb --extract ./*.deb tree || fail "$package does not unpack"
printf '%s %s %s\n' "$(dpkg-deb --field ./*.deb Package)" "$(dpkg-deb --field ./*.deb Version)" \
    "$(sha256sum ./*.deb | cut -d' ' -f1)" >tree/.package
rm -rf "$dest"
mv tree "$dest"
echo "unpacked and verified: $(cut -d' ' -f1,2 "$dest/.package")"
