#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a command that builds. While another command builds in this checkout, it waits. The lock is on the folder itself:
# there is no lock file that could be left behind, or that `make distclean` could remove.
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
