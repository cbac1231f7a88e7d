# SPDX-License-Identifier: MIT
"""urlrequest, as Kivy names it."""

from urlrequest import UrlRequest as UrlRequest
from urlrequest import UrlRequestBase as UrlRequestBase
from urlrequest import UrlRequestRequests as UrlRequestRequests
from urlrequest import UrlRequestUrllib as UrlRequestUrllib
