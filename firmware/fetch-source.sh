#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetch an upstream tarball that is pinned by its SHA-256, and unpack it.
#
#   fetch-source.sh TARBALL SHA256 PLACES [DEST]
#
# The tarball is looked for in $SOURCES, in build/sources, in the pool of this machine's Debian mirror, and at PLACES
# (addresses, separated by commas). With $SOURCES the mirror and PLACES are not used. No index of packages is read: an
# index changes and stops naming old files, but the files stay in the pool. A file with another SHA-256 is never used.
# DEST exists only when it is complete. Without DEST the tarball is only kept in build/sources.
set -eu
. "${0%/*}/fetching.sh"

tarball=$1 sha256=$2 places=$3 dest=${4:-}

# The path of the tarball in a Debian pool. Debian names it PACKAGE_VERSION.orig.tar.*
in_pool() {
    package=${tarball%%_*}
    case $package in
    lib?*) letter=${package%"${package#????}"} ;;
    *) letter=${package%"${package#?}"} ;;
    esac
    echo "pool/main/$letter/$package/$tarball" | sed 's/+/%2b/g'
}

# Take the tarball from a folder. A wrong file in the user's own folder is an error, even if there is a right one elsewhere.
taken_from() {
    [ -f "$1/$tarball" ] || return 1
    file=$1/$tarball
    got=$(sha256_of "$file")
    [ "$got" != "$sha256" ] || return 0
    wrong="$file has the wrong SHA-256: $got, pinned is $sha256"
    [ -z "${SOURCES:-}" ] || fail "$wrong: replace it"
    echo "$wrong: fetching it anew"
    return 1
}

fetch() {
    looked=
    for address in $(mirrors | sed "s,\$,$(in_pool),") $(echo "$places" | tr , ' '); do
        echo "fetching $tarball from ${address%/*}"
        if download "$address" "$work/file" "$sha256" && [ "$(sha256_of "$work/file")" = "$sha256" ]; then
            mkdir -p "$kept"
            mv "$work/file" "$kept/$tarball"
            file=$kept/$tarball
            return
        fi
        looked="$looked; $address: ${why:-wrong SHA-256}"
    done
    [ -n "$looked" ] || looked="; apt on this machine knows no Debian mirror, and no other place is known"
    fail "$tarball (SHA-256 $sha256) is not in $kept, and could not be fetched$looked." \
        "Put it into a folder and name that: make ... SOURCES=folder"
}

work_beside "${dest:-$kept/$tarball}"
if [ -n "${SOURCES:-}" ]; then
    taken_from "$SOURCES" || taken_from "$kept" ||
        fail "$tarball (SHA-256 $sha256) is neither in $SOURCES nor in $kept, and with SOURCES= nothing is fetched:" \
            "put it there; make sources, where there is a network, fetches all such files"
else
    taken_from "$kept" || fetch
fi

if [ -n "$dest" ]; then
    mkdir "$work/tree"
    tar -xf "$file" -C "$work/tree" --strip-components=1 2>/dev/null || fail "$file does not unpack"
    unpacked_tree "$work/tree" "$dest"
    echo "unpacked and verified: $file"
elif [ "$file" != "$kept/$tarball" ]; then
    cp "$file" "$work/file"
    mv "$work/file" "$kept/$tarball"
fi
