# SPDX-License-Identifier: MIT
# verify=False, which a board can forbid.
from asked import ask

check("verify=False", ask(TLS + "/", verify=False).events)
check("verify=False and ca_file", ask(TLS + "/", verify=False, ca_file=OTHER_CA).events)
check("verify=False for http", ask(SITE + "/", verify=False).events)
