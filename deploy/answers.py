"""Whether the web service in this container answers, under the name by which phones ask for it."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

line = HTTPConnection("127.0.0.1", 8000, timeout=3)
line.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["WALLET_PUBLIC_URL"]).netloc})
sys.exit(line.getresponse().status != 200)
