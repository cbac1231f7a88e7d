# The host build: this machine's compiler and this machine's libcurl.
BOARD_PACKAGES = libcurl4-openssl-dev
