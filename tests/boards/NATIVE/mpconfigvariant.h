// SPDX-License-Identifier: MIT

#include "firmware/unix_port.h"
