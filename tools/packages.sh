#!/bin/bash
# SPDX-License-Identifier: MIT
# Install those of the named Debian packages that are missing.
#
#   packages.sh PACKAGE...
set -euo pipefail

if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian machine: make sure that what these packages hold is there: $*"
    exit 0
fi

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install=(apt-get install --yes --no-install-recommends)
# env, because sudo drops the environment.
apt_get=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get)
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "error: these Debian packages are missing, and there is no sudo here. As root: apt-get update && ${install[*]} ${missing[*]}" >&2
        exit 1
    fi
    apt_get=(sudo "${apt_get[@]}")
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Of apt's output, show how much is fetched, and why apt waits.
show_progress() {
    awk '/newly installed/ { packages = $3 }
        /^Need to get/ { print "  with all they need: " packages ", " $4 " " $5 " to fetch" }
        /^Fetched/ && packages { print "  fetched, installing" }
        /^Waiting for cache lock/ { if (!waits++) print "  waiting: another program installs packages" }
        { fflush() }'
}

# Some lists may be unreachable. If a package needs them, its installation fails.
# --no-remove: the user has to solve a conflict with an installed package.
try() {
    "${apt_get[@]}" "$@" update >"$log" 2>&1 || true
    "${apt_get[@]}" "${install[@]:1}" --no-remove -o DPkg::Lock::Timeout=600 "${missing[@]}" 2>&1 </dev/null |
        tee -a "$log" | show_progress
}

echo "installing Debian packages: ${missing[*]}"
if try; then
    exit 0
fi
hint=
if grep -q ' 404 ' "$log"; then
    echo "  the mirror's lists name files that it does not have: reading them anew, past any proxy's memory"
    if try -o Acquire::http::No-Cache=true; then
        exit 0
    fi
    hint=" (the mirror is being brought up to date: try again later, or another mirror)"
fi
# For apt a list that it could not fetch is only a warning (W:). The errors (E:) name the packages, not the reason.
{ grep -m 1 '^W: Failed to fetch' "$log" || true; grep -m 3 '^E:' "$log" || tail -n 5 "$log"; } >&2
echo "error: apt could not install: ${missing[*]}$hint" >&2
exit 1
