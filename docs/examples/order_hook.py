"""A web shop tells of its orders, signed as WooCommerce signs them; each is booked once on a card.

The name of what happened is the idempotency key, so that a hook that comes twice books once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

API, KEY = os.environ["WALLET_API"], os.environ["WALLET_KEY"]
SECRET, PORT = os.environ["HOOK_SECRET"].encode(), int(os.environ.get("PORT", "8080"))


def handled(order: dict[str, Any]) -> int:
    """The status for the shop: it sends the hook again after anything but 2xx."""
    number, status = str(order["id"]), str(order["status"])
    card = next((one["value"] for one in order["meta_data"] if one["key"] == "loyalty_card"), None)
    if card is None or status not in ("completed", "refunded"):
        return 204
    if status == "completed":
        total = int(Decimal(order["total"]) * 100)
        return press(f"order-{number}", f"/cards/{card}/purchases", {"total": total, "receipt": number})
    return press(f"order-{number}-back", f"/cards/{card}/refunds", {"receipt": number})


def press(key: str, path: str, body: dict[str, object]) -> int:
    """Without an answer, or told to come back later, 503: then the shop comes back, with the same key."""
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": key}
    try:
        answer = requests.post(f"{API}{path}", json=body, headers=headers, timeout=10)
    except requests.RequestException:
        return 503
    later = answer.status_code == 429 or answer.status_code >= 500
    if not later and not answer.ok:
        logging.warning(answer.json()["detail"])  # for a person: sending it again changes nothing
    return 503 if later else 204


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        sent = self.rfile.read(min(int(self.headers["Content-Length"]), 1_000_000))
        right = base64.b64encode(hmac.digest(SECRET, sent, hashlib.sha256))
        shown = self.headers.get("X-WC-Webhook-Signature", "").encode()
        signed = hmac.compare_digest(shown, right)
        self.send_response(handled(json.loads(sent)) if signed else 401)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Hook).serve_forever()
