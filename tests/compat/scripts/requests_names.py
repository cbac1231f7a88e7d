# SPDX-License-Identifier: MIT
# Every name of the documents is there: NAMES is names/requests.txt.
import requests
import requests.adapters
import requests.auth
import requests.cookies
import requests.status_codes
import requests.structures
import requests.utils
import urllib3.util.retry
from urllib3.util import Retry


def is_there(expression):
    try:
        eval(expression)
    except AttributeError:
        return False
    except Exception:
        pass  # an attribute of an empty object may have no value
    return True


for name in NAMES:
    check("there is " + name, is_there(name))
check("there is a name that is none", is_there("requests.nonsense"))
check("Retry is one class", Retry is urllib3.util.retry.Retry is urllib3.Retry)
