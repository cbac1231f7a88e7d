#!/bin/sh
# Fetch one Debian source package of a named suite and unpack its upstream tarball.
#
#   fetch-source.sh SUITE PACKAGE=VERSION TARBALL SHA256 DEST
#
# The mirror is the one this machine is configured with; the package lists live in a private
# apt state beside DEST, so the machine's own apt configuration is neither read for suites nor
# changed. The tarball is checked against SHA256 before anything of it is unpacked, and DEST
# appears only when it is complete.
set -eu

suite=$1 package=$2 tarball=$3 sha256=$4 dest=$5

fail() {
    echo "error: $*" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here to fetch $package with: name your own tree, make ... MICROPYTHON=/path/to/checkout"

mkdir -p "$(dirname "$dest")"
dest=$(cd "$(dirname "$dest")" && pwd)/$(basename "$dest")
state=$(dirname "$dest")/apt-$suite
work=$dest.part
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work" "$state/lists/partial" "$state/cache/archives/partial" "$state/etc"

# The main archive, not the security or backports one: the URI whose path ends in /debian/.
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -E '/debian/?$' | head -n 1)
[ -n "$mirror" ] || fail "apt on this machine knows no Debian mirror (apt-get indextargets names none)"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$state/etc/sources.list"

private_apt() {
    apt-get -qq \
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$state/cache" \
        -o Dir::Etc::SourceList="$state/etc/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o APT::Sandbox::User="$(id -un)" -o APT::Get::List-Cleanup=false \
        -o Acquire::Retries=2 -o APT::Update::Error-Mode=any "$@"
}

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
