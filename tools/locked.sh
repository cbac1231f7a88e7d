#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a command that builds, alone in this checkout: another one that builds is waited for. It is the
# folder itself that is locked: nothing is left behind, and `make distclean` takes nothing away.
#
#   locked.sh COMMAND...
set -eu

export BUILD_LOCKED=1
# Some systems have make and no flock.
command -v flock >/dev/null || exec "$@"
exec 9<.
if ! flock --nonblock 9; then
    echo "another make builds in this checkout: waiting for its end"
    flock 9
fi
# 9<&-: a process that the command leaves running must not keep the lock.
"$@" 9<&-
