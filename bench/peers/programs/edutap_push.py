"""Wakes phones with edutap.wallet_apple: one call for each card, which opens a connection of its own."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from itertools import cycle
from pathlib import Path
from time import perf_counter

STAND, PORT = Path(sys.argv[2]), sys.argv[4]
os.environ["EDUTAP_WALLET_APPLE_PRIVATE_KEY"] = str(STAND / "leaf.key")
os.environ["EDUTAP_WALLET_APPLE_CERT_DIR"] = str(STAND)

import structlog
from edutap.wallet_apple import api, plugins
from edutap.wallet_apple.models.handlers import PushToken

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
TOKENS = cycle((STAND / "tokens").read_text().split())
TRUST = ssl._create_unverified_context()
TRUST.load_cert_chain(STAND / "leaf.pem", STAND / "leaf.key")
post = api.httpx.AsyncClient.post


async def here(self, url, **more):
    return await post(self, url.replace("api.push.apple.com", f"localhost:{PORT}"), **more)


api.httpx.AsyncClient.post = here


class Acquisition:
    async def get_pass_data(self, *, pass_type_id, serial_number, update=False):
        raise NotImplementedError

    async def get_push_tokens(self, device_library_id, pass_type_id, serial_number):
        return [PushToken(pushToken=next(TOKENS))]

    async def get_update_serial_numbers(self, device_library_id, pass_type_id, last_updated=None):
        raise NotImplementedError

    async def check_authentication_token(self, pass_type_id, serial_number, token):
        return True


plugins.get_pass_data_acquisitions = api.get_pass_data_acquisitions = lambda: [Acquisition()]


async def main() -> float:
    count, began = 0, perf_counter()
    while perf_counter() - began < float(sys.argv[3]):
        count += 1
        told = await api.trigger_update("pass.example", "card", ssl_context=TRUST)
        assert len(told) == 1, "not accepted"
    return count / (perf_counter() - began)


print(json.dumps({"a_second": asyncio.run(main())}))
