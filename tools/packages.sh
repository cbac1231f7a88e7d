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
# --no-remove: a conflict with what is installed is for the user to solve.
# shellcheck disable=SC2086
if ! { $as_root apt-get update && $as_root apt-get install --yes --no-install-recommends --no-remove $missing; } >"$log" 2>&1; then
    grep '^E:' "$log" >&2 || tail -n 5 "$log" >&2
    echo "error: apt could not install:$missing" >&2
    exit 1
fi
