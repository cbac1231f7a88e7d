# SPDX-License-Identifier: MIT
# ca_file, and proxies.
from asked import ask

check("ca_file", ask(TLS + "/", ca_file=CA).events)
check("without it", ask(TLS + "/").names())
check("another one", ask(TLS + "/", ca_file=OTHER_CA).names())
asked = ask(TLS + "/", ca_file="nowhere.pem")
check("one that is not there", [asked.names(), isinstance(asked.request.error, OSError)])
check("one that is not there, for http", ask(SITE + "/", ca_file="nowhere.pem").events)
check("one without a certificate", ask(TLS + "/", ca_file=KEY).names())

host, port = HOST, int(SITE.rpartition(":")[2])


def through(**options):
    found = ask("http://far.invalid/echo?a", proxy_host=host, **options).request.result
    return [found["path"], found["headers"]["host"], found["headers"].get("x-proxy")]


check("proxy", through(proxy_port=port))
check("proxy_headers are for CONNECT", through(proxy_port=port, proxy_headers={"X-Proxy": "1"}))
check("proxy that is not there", ask("http://far.invalid/", proxy_host=host, proxy_port=1).names())
check("proxy_port without proxy_host", ask(SITE + "/", proxy_port=1).names())
fields = {"X-Proxy": SIDE, "X-Number": "1"}
check("CONNECT", ask("https://far.invalid/", proxy_host=host, proxy_port=port, proxy_headers=fields).names())
check("fields of CONNECT", ask(SITE + "/connects/" + SIDE).request.result)
