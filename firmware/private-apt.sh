# shellcheck shell=sh
# Sourced: an apt of its own for one suite, which neither reads nor changes this machine's.
#
#   private_apt_setup FOLDER SUITE ARCH KIND    KIND: deb or deb-src; FOLDER keeps the package lists
#   private_work DEST                        $dest is absolute, $work a folder beside it until the script ends
#   private_apt COMMAND...                      as apt-get; the current folder gets what it downloads
#
# The mirror is the one this machine is configured with. Its lists are verified with the archive's key.

fail() {
    echo "error: $*" >&2
    exit 1
}

private_apt_setup() {
    state=$1
    suite=$2
    arch=$3
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/etc"
    # The main archive, not the security or backports one: the URI whose path ends in /debian/.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -E '/debian/?$' | head -n 1)
    [ -n "$mirror" ] || fail "apt on this machine knows no Debian mirror (apt-get indextargets names none)"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
    echo "$4 [signed-by=$keyring] $mirror $suite main" >"$state/etc/sources.list"
}

private_work() {
    mkdir -p "$(dirname "$1")"
    dest=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
    work=$dest.part
    rm -rf "$work"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    mkdir "$work"
}

private_apt() {
    apt-get -qq \
        -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$state/cache" \
        -o Dir::Etc::SourceList="$state/etc/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o APT::Sandbox::User="$(id -un)" -o APT::Get::List-Cleanup=false \
        -o Acquire::Retries=2 -o APT::Update::Error-Mode=any "$@"
}
