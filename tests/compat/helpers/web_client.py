# SPDX-License-Identifier: MIT
# In front of each app that tests webrequest: a client that shows what it is called with, by keyword only.
import idle  # noqa: F401
from cefpython3 import cefpython

STATUS = {number: name for name, number in cefpython.WebRequest.Status.items()}


class Client:
    def __init__(self, *quiet):
        self.quiet = quiet
        self.data = b""

    def _show(self, name, web_request, *values):
        if name not in self.quiet:
            show(name, *values)  # noqa: F821

    def OnUploadProgress(self, *, web_request, current, total):
        self._show("OnUploadProgress", web_request, current, total)

    def OnDownloadProgress(self, *, web_request, current, total):
        self._show("OnDownloadProgress", web_request, current, total)

    def OnDownloadData(self, *, web_request, data):
        self.data += data
        self._show("OnDownloadData", web_request, data)

    def OnRequestComplete(self, *, web_request):
        self._show(
            "OnRequestComplete",
            web_request,
            STATUS[web_request.GetRequestStatus()],
            web_request.GetRequestError(),
        )


QUIET = Client("OnUploadProgress", "OnDownloadProgress", "OnDownloadData")


def make(url, method=None, data=None, fields=None, *flags):
    request = cefpython.Request.CreateRequest()
    request.SetUrl(url)
    if method:
        request.SetMethod(method)
    if data is not None:
        request.SetPostData(data)
    if fields is not None:
        request.SetHeaderMap(fields)
    request.SetFlags(sum(cefpython.Request.Flags[name] for name in flags))
    return request


def start(*args, client=QUIET):
    return cefpython.WebRequest.Create(make(*args), client)


def fails(call, *args):
    try:
        call(*args)
    except Exception as e:
        return type(e).__name__, str(e)
    return "nothing raised"
