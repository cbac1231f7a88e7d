#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a command that builds, alone in this checkout: another one that builds is waited for. It is the
# folder itself that is locked: nothing is left behind, and `make distclean` takes nothing away.
#
#   locked.sh COMMAND...
set -eu

export BUILD_LOCKED=1
# Not on every system that has make.
command -v flock >/dev/null || exec "$@"
exec 9<.
if ! flock --nonblock 9; then
    echo "another make builds in this checkout: waiting for its end"
    flock 9
fi
# What the command leaves running does not keep the lock.
"$@" 9<&-
