#!/bin/sh
# SPDX-License-Identifier: MIT
# Take the fonts that tools/screen.py draws with out of their Debian packages, into a folder. Nothing is installed: the
# machine's own fonts differ from machine to machine.
#
#   fonts.sh FOLDER
set -eu
. firmware/fetching.sh

# take PACKAGE FILE: FILE is a path below /usr/share/fonts.
take() {
    firmware/fetch-package.sh --any - - "$1" "$work/$1"
    mv "$work/$1/usr/share/fonts/$2" "$work/fonts/"
}

work_beside "$1"
mkdir "$work/fonts"
# The dock's font, in its only face there; then Chinese, Japanese and Korean.
take fonts-noto-core truetype/noto/NotoSans-Regular.ttf
take fonts-wqy-microhei truetype/wqy/wqy-microhei.ttc
unpacked_tree "$work/fonts" "$1"
