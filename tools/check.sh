#!/bin/sh
# SPDX-License-Identifier: MIT
# Check the values that a user gave make. Prints one line for the first wrong value, and nothing when all are right.
#
#   check.sh NAME=VALUE...
set -eu

wrong() {
    echo "$name=$value: $*"
    exit 0
}

# Paths are used in makefiles and in compiler options. There these characters have a special meaning.
plain() {
    case $1 in
    *[[:space:]\"\'\`\$\\\#%:\;,\&\|\<\>\(\)\{\}\[\]*?=]*) return 1 ;;
    esac
}

# number LEAST MOST: succeeds when $value is a number from LEAST to MOST.
number() {
    case $value in
    '' | *[!0-9]* | ??????????*) return 1 ;;
    esac
    [ "$value" -ge "$1" ] && [ "$value" -le "$2" ]
}

# url: succeeds when $value is http or https, with a host and perhaps a port.
url() {
    case $value in
    *[[:space:]\"\<\>\\^\`\{\|\}]*) return 1 ;;
    http://* | https://*) ;;
    *) return 1 ;;
    esac
    host=${value#*://} host=${host%%[/?#]*} host=${host##*@}
    case $host in
    \[*:*\]) ;;
    \[*\]:*) port_of "${host##*]:}" ;;
    \[* | :*) return 1 ;;
    *:*:*) return 1 ;;
    *:*) port_of "${host#*:}" ;;
    *) [ -n "$host" ] ;;
    esac
}

port_of() (
    value=$1
    number 1 65535
)

name=PWD value=$(pwd)
plain "$value" || {
    echo "the folder $value: a checkout's path has no blanks, quotes or other characters that a makefile or a shell reads"
    exit 0
}

for argument in "$@"; do
    name=${argument%%=*} value=${argument#*=}
    # For these an empty value means that nothing was given.
    case $name=$value in
    APP= | URL= | ROUNDS= | PORT= | OPEN= | SEED= | RUNS= | TIME= | SERIAL= | SANITIZE= | MICROPYTHON= | SOURCES= | RECORD= | CHECK= | CONFIG= | SAMPLES= | SOURCE_DATE_EPOCH=) continue ;;
    esac
    case $name in
    URL) url || wrong "URL is an address that begins with http:// or https:// and names a host (and a port, if any, of 1 to 65535)" ;;
    ROUNDS) number 0 999999 || wrong "ROUNDS is a number, 0 (for ever) to 999999" ;;
    N) number 1 999999999 || wrong "N is a number of requests, 1 to 999999999" ;;
    SEED) number 0 999999999 || wrong "SEED is a number, 0 to 999999999" ;;
    RUNS) number 1 999999999 || wrong "RUNS is a number of inputs, 1 to 999999999" ;;
    TIME) number 1 999999 || wrong "TIME is a number of seconds, 1 to 999999" ;;
    JOBS) [ "$value" = auto ] || number 0 999 || wrong "JOBS is a number of processes, 0 (none besides pytest's own) to 999, or auto" ;;
    PORT) number 0 65535 || wrong "PORT is a TCP port, 1 to 65535, or 0 (any free one)" ;;
    OPEN) [ "$value" = no ] || [ "$value" = yes ] || wrong "OPEN is yes or no: whether a browser is started" ;;
    SERIAL) number 1 65535 || wrong "SERIAL is a TCP port, 1 to 65535" ;;
    SOURCE_DATE_EPOCH)
        case $value in
        *[!0-9]* | ????????????*) wrong "SOURCE_DATE_EPOCH is a number of seconds since 1970" ;;
        esac
        ;;
    RECORD | CHECK) [ "$value" = 1 ] || wrong "$name is 1 or empty" ;;
    SANITIZE)
        case $value in
        address | undefined | address,undefined | undefined,address | thread) ;;
        *) wrong "SANITIZE is address, undefined, address,undefined or thread" ;;
        esac
        ;;
    APP) [ -f "$value" ] || wrong "APP is the file of an app, and there is no such file" ;;
    CONFIG | STORE) [ -f "$value" ] || wrong "$name is the YAML file of a store, e.g. firmware/apps/carousel.yaml, and there is no such file" ;;
    SAMPLES) [ -d "$value/samples" ] || wrong "SAMPLES is a checkout of the vendor's repository, and there is no folder samples in it" ;;
    IMAGE)
        if [ -z "$value" ] || [ -d "$value" ] || { [ ! -d "$(dirname "$value")" ] && [ "$(dirname "$value")" != build ]; }; then
            wrong "IMAGE is the file to write, in a folder that is there"
        fi
        ;;
    BOARD)
        case $value in
        '' | *[!A-Za-z0-9_-]*) wrong "BOARD is a name of letters, digits, - and _" ;;
        esac
        ;;
    BOARD_DIR)
        plain "$value" || wrong "BOARD_DIR is a path without blanks, quotes or other characters that a makefile reads"
        [ -f "$value/board.mk" ] || wrong "BOARD_DIR is the folder of a board, and there is no board.mk in it"
        ;;
    MICROPYTHON)
        plain "$value" || wrong "MICROPYTHON is a path without blanks, quotes or other characters that a makefile reads"
        [ -f "$value/py/mpconfig.h" ] || wrong "MICROPYTHON is a tree of MicroPython's, and there is no py/mpconfig.h in it"
        ;;
    SOURCES) [ -d "$value" ] || wrong "SOURCES is a folder of files as make sources fetches them, and there is no such folder" ;;
    PYTHON) command -v "$value" >/dev/null || wrong "PYTHON is a command, and there is none of that name" ;;
    esac
done
