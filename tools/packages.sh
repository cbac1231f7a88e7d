#!/bin/sh
# Install those of the named Debian packages that are missing.
#
#   packages.sh PACKAGE...
set -eu

if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian machine: make sure that what these packages hold is there: $*"
    exit 0
fi

missing=
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "error: these Debian packages are missing, and only root can install them:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive

# Another apt at work is waited for. Of the lists some may be out of reach: then the packages say whether that
# matters. --no-remove: a conflict with what is installed is for the user to solve.
refresh() {
    $as_root apt-get "$@" update || true
}

install() {
    # shellcheck disable=SC2086
    $as_root apt-get -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends --no-remove $missing
}

refresh >"$log" 2>&1
install >>"$log" 2>&1 && exit 0
if grep -q ' 404 ' "$log"; then
    echo "the mirror's lists name files that it does not have: reading them anew, past any proxy's memory"
    refresh -o Acquire::http::No-Cache=true >"$log" 2>&1
    install >>"$log" 2>&1 && exit 0
fi
why=$(grep '^E:' "$log" | grep -v 'Unable to fetch some archives' | head -n 1)
echo "error: apt could not install:$missing: ${why:-$(tail -n 1 "$log")}$(grep -q ' 404 ' "$log" &&
    echo ' (the mirror is being brought up to date: try again later, or another mirror)')" >&2
exit 1
