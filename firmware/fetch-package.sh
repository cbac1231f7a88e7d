#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetch a Debian binary package and unpack it into DEST, without installing anything.
#
#   fetch-package.sh [--any] SUITE ARCH PACKAGE [DEST]
#
# SUITE is a release of Debian, or - for the releases that this machine's apt is configured with. If PACKAGE is a
# metapackage of kernels, the kernel that it depends on is fetched. DEST/.package contains name, version and SHA-256 of
# the package. Without DEST the package is only kept in build/sources.
#
# The package is looked for in $SOURCES, in build/sources, and then on the mirror. A file that the SHA256SUMS of its
# folder names must have that SHA-256. With $SOURCES nothing is fetched. apt verifies what it fetches with the archive's key.
#
# While a mirror is being updated, its lists may name files that are not in its pool. Then the lists are fetched again,
# once. After that, other versions that the lists name are tried, and for a package of all architectures also the version
# of this machine's release. --any is for packages that only tests use: as a last resort it takes the newest version in
# the pool, which no key verifies; that file is not kept.
set -eu
. "${0%/*}/fetching.sh"

any=''
unverified=''
if [ "$1" = --any ]; then
    any=1
    shift
fi
suite=$1 arch=$2 package=$3 dest=${4:-}
[ "$arch" != - ] || arch=$(dpkg --print-architecture)

# How the names of the package's files begin. The kernels of a metapackage have a version in their names.
case $package in
linux-image-[!0-9]*) names="linux-image-[0-9][0-9.]*([+][a-z0-9]+|-[0-9]+)?-${package#linux-image-}" ;;
*) names=$package ;;
esac

# Reads file names from stdin, and prints the newest one of the package.
newest() {
    grep -E "^${names}_[^_]+_($arch|all)\.deb\$" | sort -V | tail -n 1 | grep .
}

taken_from() {
    name=$(find "$1" -maxdepth 1 -name '*.deb' -exec basename {} ';' 2>/dev/null | newest) || return 1
    file=$1/$name
    pinned=$(sed -n "s/^\([0-9a-f]*\)  $(echo "$name" | sed 's/[.+]/[&]/g')\$/\1/p" "$1/SHA256SUMS" 2>/dev/null) || pinned=
    [ -z "$pinned" ] || [ "$(sha256_of "$file")" = "$pinned" ] ||
        fail "$file has the wrong SHA-256: $(sha256_of "$file"), in $1/SHA256SUMS is $pinned: replace it"
}

log() {
    grep -m 1 '^E:' "$work/log" || tail -n 1 "$work/log"
}

# get NAME[=VERSION]: download it from the place that the lists name.
get() {
    (cd "$work" && apt apt-get download "$1") >"$work/log" 2>&1
}

read_lists() {
    # Some lists of this machine's own configuration may be unreachable. If the package needs them, its download fails.
    apt apt-get "$@" update >"$work/log" 2>&1 || [ "$suite" = - ] || fail "could not read the lists of $suite: $(log)"
}

# The kernel of a metapackage, or the package itself.
wanted() {
    apt apt-cache show "$package" 2>"$work/log" | sed -n 's/^Depends: //p' | grep -oE "(^| )$names( |,|\$)" | head -n 1 |
        tr -d ' ,' | grep . || echo "$package"
}

get_other_version() {
    for version in $(apt apt-cache madison "$1" 2>/dev/null | cut -d'|' -f2 | awk '!seen[$0]++'); do
        if get "$1=$version"; then
            echo "what the mirror's lists name first is not in its pool: $1 $version is taken"
            return
        fi
    done
    return 1
}

# A package for all architectures can be taken from another release. It may be a little older.
get_of_this_machine() {
    [ "$suite" != - ] || return 1
    (cd "$work" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$1") >"$work/log" 2>&1 || return 1
    lying=$(find "$work" -maxdepth 1 -name '*.deb')
    case $lying in
    *_all.deb) echo "what the mirror's lists of $suite name is not in its pool: ${lying##*/} is taken, as this machine's release has it" ;;
    *)
        rm -f "$lying"
        return 1
        ;;
    esac
}

get_from_pool() {
    [ -n "$any" ] || return 1
    address=$(cd "$work" && apt apt-get download --print-uris "$1" 2>/dev/null | cut -d"'" -f2)
    folder=${address%/*}
    download "$folder/" "$work/index" || return 1
    lying=$(sed 's/%2[bB]/+/g; s/%7[eE]/~/g' "$work/index" | grep -oE 'href="[^"/]*"' | cut -d'"' -f2 | newest) || return 1
    download "$folder/$(echo "$lying" | sed 's/+/%2b/g')" "$work/$lying" || return 1
    echo "what the mirror's lists name is not in its pool: $lying is taken, the newest that is there (no list vouches for it)"
    unverified=1
}

fetch() {
    command -v apt-get >/dev/null ||
        fail "$package is not in $kept, and there is no apt-get here: put it into a folder and name that: make ... SOURCES=folder"
    echo "fetching $package ($(echo "$suite" | sed 's/^-$/as this machine has it/'), $arch) from this machine's Debian mirror"
    private_apt "build/apt/$suite-$arch" "$suite" "$arch"
    read_lists
    name=$(wanted)
    if ! get "$name"; then
        reason=$(log)
        # No-Cache: a proxy may have kept the old lists.
        read_lists -o Acquire::http::No-Cache=true
        name=$(wanted)
        get "$name" || get_other_version "$name" || get_of_this_machine "$name" || get_from_pool "$name" ||
            fail "could not download $name: $reason. Try again later, or put it into a folder: make ... SOURCES=folder"
    fi
    file=$(find "$work" -maxdepth 1 -name '*.deb')
    # What no key verifies is used once and not kept.
    if [ -n "$unverified" ]; then
        [ -n "$dest" ] || fail "$package: the mirror's pool has only a version that no list vouches for, which is not kept. Try again later"
        return
    fi
    mkdir -p "$kept"
    mv "$file" "$kept/"
    file=$kept/${file##*/}
}

work_beside "${dest:-$kept/$package}"
if [ -n "${SOURCES:-}" ]; then
    taken_from "$SOURCES" || taken_from "$kept" ||
        fail "there is no $package ($arch, a .deb) in $SOURCES nor in $kept, and with SOURCES= nothing is fetched:" \
            "put it there; make sources, where there is a network, fetches all such files"
else
    taken_from "$kept" || fetch
fi

if [ -n "$dest" ]; then
    dpkg-deb --extract "$file" "$work/tree" 2>/dev/null || fail "$file does not unpack"
    printf '%s %s %s\n' "$(dpkg-deb --field "$file" Package)" "$(dpkg-deb --field "$file" Version)" \
        "$(sha256_of "$file")" >"$work/tree/.package"
    unpacked_tree "$work/tree" "$dest"
    echo "unpacked: $file"
elif [ "${file%/*}" != "$kept" ]; then
    cp "$file" "$work/file"
    mv "$work/file" "$kept/${file##*/}"
fi
