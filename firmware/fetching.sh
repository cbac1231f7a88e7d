# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034
# Sourced by fetch-source.sh and fetch-package.sh: where files come from, and an apt that fetches them.
#
# With $SOURCES, a folder of the user, the network is not used. Files that were fetched are kept in build/sources, below
# the current folder.

kept=build/sources
helper=/usr/lib/apt/apt-helper

fail() {
    echo "error: $*" >&2
    exit 1
}

sha256_of() {
    sha256sum <"$1" | cut -d' ' -f1
}

# work_beside PATH: make the folder $work next to PATH. It is removed when the script ends.
work_beside() {
    mkdir -p "$(dirname "$1")"
    work=$(cd "$(dirname "$1")" && pwd)/$(basename "$1").part
    rm -rf "$work"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    mkdir "$work"
}

# unpacked_tree TREE DEST: rename TREE to DEST, so that DEST is never incomplete.
unpacked_tree() {
    rm -rf "$2"
    mv "$1" "$2"
}

# Print the base addresses of Debian's main archive, one a line, as this machine's apt is configured.
mirrors() {
    command -v apt-get >/dev/null || return 0
    # Before the lists were fetched, apt does not know their origin. Then the address tells it.
    # shellcheck disable=SC2016
    {
        apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' | sed -n 's/^Debian|Debian|//p'
        apt-get indextargets --no-release-info --format '$(REPO_URI)' | grep -E '/debian/?$|^mirror\+file:'
    } 2>/dev/null | awk '!seen[$0]++' | while read -r base; do
        case $base in
        mirror+file:*) # a file that lists mirrors, in the order in which they are tried
            list=${base#mirror+file:} list=${list%/}
            sed -n '/^[a-z]/{s/[[:space:]].*//;p}' "$list" 2>/dev/null || true
            ;;
        cdrom:*) ;;
        *) echo "$base" ;;
        esac
    done | sed 's,/*$,/,'
}

# download ADDRESS FILE [SHA256]: uses apt's own program, so that apt's configuration and proxies apply. After a failure
# $why is the reason that apt printed.
download() {
    why="no $helper here"
    [ -x "$helper" ] || return 1
    rm -f "$2.got"
    if "$helper" -o APT::Sandbox::User="$(id -un)" download-file "$1" "$2.got" ${3:+"SHA256:$3"} >"$2.log" 2>&1; then
        # For a file: address apt makes a link. Copy the file behind it.
        cp -L "$2.got" "$2" && rm -f "$2.got"
        return 0
    fi
    why=$(sed -n 's/^E: Failed to fetch [^ ]* *//p' "$2.log" | head -n 1)
    why=${why:-$(tail -n 1 "$2.log")}
    return 1
}

# private_apt FOLDER SUITE ARCH: after this, `apt PROGRAM ARGUMENT...` uses package lists in FOLDER. It neither reads nor
# changes those of this machine. The lists are verified with the archive's key. SUITE - means the sources that this
# machine's apt is configured with.
private_apt() {
    state=$1 suite=$2 arch=$3
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    state=$(cd "$state" && pwd)
    [ "$suite" != - ] || return 0
    mirror=$(mirrors | head -n 1)
    [ -n "$mirror" ] || fail "apt on this machine knows no Debian mirror (apt-get indextargets names none)"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
}

apt() {
    program=$1
    shift
    set -- -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@"
    [ "$suite" = - ] || set -- -o APT::Update::Error-Mode=any -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
        -o Dir::State::status=/dev/null -o Dir::Etc::SourceList="$state/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null "$@"
    "$program" -qq "$@"
}
