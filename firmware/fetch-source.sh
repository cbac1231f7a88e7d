#!/bin/sh
# Fetch one Debian source package of a named suite and unpack its upstream tarball.
#
#   fetch-source.sh SUITE PACKAGE[=VERSION] TARBALL SHA256 DEST
#
# The tarball is checked against SHA256 before anything of it is unpacked, and DEST appears only when
# it is complete.
set -eu
. "${0%/*}/private-apt.sh"

suite=$1 package=$2 tarball=$3 sha256=$4 dest=$5

command -v apt-get >/dev/null || fail "no apt-get here to fetch $package with: name your own tree, make ... MICROPYTHON=/path/to/checkout"

private_work "$dest"
private_apt_setup "$(dirname "$dest")/apt-$suite" "$suite" "$(dpkg --print-architecture)" deb-src

echo "fetching $package ($suite) from this machine's Debian mirror"
cd "$work"
if ! private_apt update >log 2>&1 || ! private_apt source --download-only "$package" >>log 2>&1; then
    fail "could not download $package: $(grep -m 1 '^E:' log || tail -n 1 log)"
fi
[ -f "$tarball" ] || fail "$package holds no $tarball"
echo "$sha256  $tarball" | sha256sum --check --status 2>/dev/null ||
    fail "$tarball has the wrong SHA-256: $(sha256sum "$tarball" | cut -d' ' -f1), pinned is $sha256"

mkdir tree
tar -xf "$tarball" -C tree --strip-components=1 || fail "$tarball does not unpack"
rm -rf "$dest"
mv tree "$dest"
echo "unpacked and verified: $tarball"
