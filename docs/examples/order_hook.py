"""A web shop tells of its orders, signed as WooCommerce signs them; each is booked once on a card.

The name of what happened is the idempotency key, so that a hook that comes twice books once. WooCommerce
sends each hook a single time, so what the network loses is repeated here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

API, KEY = os.environ["WALLET_API"], os.environ["WALLET_KEY"]
SECRET, PORT = os.environ["HOOK_SECRET"].encode(), int(os.environ.get("PORT", "8080"))


def handled(order: dict[str, Any]) -> int:
    """The status for the shop: what is not 2xx stands in its log of webhooks, for a person."""
    number, status = str(order["id"]), str(order["status"])
    card = next((one["value"] for one in order["meta_data"] if one["key"] == "loyalty_card"), None)
    if card is None or status not in ("completed", "refunded"):
        return 204
    if status == "completed":
        total = int(Decimal(order["total"]) * 100)
        return press(f"order-{number}", f"/cards/{card}/purchases", {"total": total, "receipt": number})
    return press(f"order-{number}-back", f"/cards/{card}/refunds", {"receipt": number})


def press(key: str, path: str, body: dict[str, object]) -> int:
    """Repeated under one key for half a minute, which is less than the shop waits; then 503."""
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": key}
    for pause in (0.2, 1.0, 3.0, 8.0):
        try:
            answer = requests.post(f"{API}{path}", json=body, headers=headers, timeout=5)
            if answer.ok:
                return 204
            if answer.status_code != 429 and answer.status_code < 500:
                logging.warning(answer.json()["detail"])  # for a person: sending it again changes nothing
                return 204
        except requests.RequestException:
            pass  # nobody knows whether it was booked: the same key finds out
        time.sleep(pause)
    return 503


def answer_to(sent: bytes, shown: str) -> int:
    """`shown` is the signature of what was sent."""
    if sent.startswith(b"webhook_id="):
        return 200  # a shop where the hook was just saved tries the address, and signs nothing
    right = base64.b64encode(hmac.digest(SECRET, sent, hashlib.sha256))
    return handled(json.loads(sent)) if hmac.compare_digest(shown.encode(), right) else 401


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        sent = self.rfile.read(min(int(self.headers["Content-Length"]), 1_000_000))
        self.send_response(answer_to(sent, self.headers.get("X-WC-Webhook-Signature", "")))
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Hook).serve_forever()
