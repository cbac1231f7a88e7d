# SPDX-License-Identifier: MIT
# TLS: what is trusted, client certificates, and redirects between http and https.
import requests

check("not trusted", lambda: requests.get(TLS))
check("file", requests.get(TLS, verify=CA).text)
check("file of another authority", lambda: requests.get(TLS, verify=OTHER_CA))
check("no such file", lambda: requests.get(TLS, verify="no/such.pem"))
check("wrong host", lambda: requests.get(TLS.replace("127.0.0.1", "127.0.0.2"), verify=CA))
s = requests.Session()
s.verify = CA
check("of a session", [s.get(TLS).status_code, s.get(TLS + "/echo").status_code])
check("request overrides", lambda: s.get(TLS, verify=OTHER_CA))
check("no such client certificate", lambda: requests.get(TLS, verify=CA, cert="no/such.pem"))
check("no such key", lambda: requests.get(TLS, verify=CA, cert=(CA, "no/such.key")))
check("client certificate", requests.get(TLS, verify=CA, cert=(CERT, KEY)).status_code)
check("client certificate in one file", requests.get(TLS, verify=CA, cert=BOTH).status_code)
check("verify of plain http", requests.get(SITE, verify=CA).status_code)
check("http to https", requests.get(SITE + "/redirect/302?to=" + TLS, verify=CA).text)
r = requests.get(TLS + "/echo", verify=CA, headers={"X": "y"})
check("header fields", r.json()["headers"]["x"])
check(
    "stream",
    b"".join(requests.get(TLS + "/bytes/1000", verify=CA, stream=True).iter_content(100))
    == bytes([i % 256 for i in range(1000)]),
)
check("https to http", lambda: requests.get(TLS + "/redirect/302?to={plain}/", verify=CA).text)
