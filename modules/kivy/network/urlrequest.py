# SPDX-License-Identifier: MIT
"""urlrequest, as Kivy names it."""

from urlrequest import UrlRequest, UrlRequestBase, UrlRequestRequests, UrlRequestUrllib
