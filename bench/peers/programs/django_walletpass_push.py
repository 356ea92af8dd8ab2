"""Wakes phones with django-walletpass: its back end makes a client for each push."""

from __future__ import annotations

import json
import ssl
import sys
from itertools import cycle
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django_walletpass_settings import STAND, set_up

KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
(STAND / "push.p8").write_bytes(KEY)
set_up(STAND, TOKEN_AUTH_KEY_PATH=str(STAND / "push.p8"))

import aioapns.connection
from django_walletpass.services import PushBackend

for protocol in vars(aioapns.connection).values():
    if hasattr(protocol, "APNS_SERVER"):
        protocol.APNS_SERVER, protocol.APNS_PORT = "localhost", int(sys.argv[4])
heard = aioapns.connection.APNsBaseClientProtocol.on_response_received


def with_its_id(self, headers):
    """The server of this bench does not say again which push it answers; there is one at a time."""
    heard(self, {**headers, b"apns-id": next(iter(self.requests)).encode()})


aioapns.connection.APNsBaseClientProtocol.on_response_received = with_its_id


def trusting() -> ssl.SSLContext:
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2"])
    return context


ssl.create_default_context = trusting

tokens = cycle((STAND / "tokens").read_text().split())
backend = PushBackend()


def wake() -> None:
    answer = backend.push_notification_with_token(next(tokens))
    assert answer is not None, "no answer"
    assert answer.status == "200", answer.status


wake()
count, began = 0, perf_counter()
while perf_counter() - began < float(sys.argv[3]):
    count += 1
    wake()
print(json.dumps({"a_second": count / (perf_counter() - began)}))
